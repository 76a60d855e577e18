import { Arrears } from './model/arrears.ts';
import type { Revision, Subscription } from './model/arrears.ts';
import { Book } from './model/book.ts';
import type { Step } from './model/book.ts';
import { Zone, floor, next, nextDay, plusInterval } from './model/dates.ts';
import type { Grid, Range } from './model/dates.ts';
import { ZERO, exact, same } from './model/exact.ts';
import type { Exact } from './model/exact.ts';
import { OneTimes, happened } from './model/one-time.ts';
import { priced } from './model/price.ts';
import { alike, earliestEnd, endOfTerm, later } from './model/terms.ts';
import type * as types from './model/types.ts';
import type { Interval, LocalDate, Variant } from './model/types.ts';

export type * from './model/types.ts';

/** What a contract is billed, line by line, by its life: day after day, and in each day command after command. */
export function bill(catalogue: types.Catalogue, life: types.Life): types.Line[] {
  return new Contract(catalogue, life).live();
}

interface Phase {
  from: number;
  variant: Variant;
}

class Contract {
  private readonly catalogue: types.Catalogue;
  private readonly life: types.Life;
  private readonly zone: Zone;
  private readonly book: Book;
  private readonly arrears: Arrears;
  private readonly oneTimes: OneTimes;
  private readonly startDay: LocalDate;
  private readonly firstDay: LocalDate;
  private anchor: LocalDate;
  private termStart: LocalDate;
  private phases: Phase[] = [];
  /** What it was before the step: its variant says how arrears are prorated. */
  private before: { variant: Variant; paused: boolean };
  /** Phases and revisions that the step has ended. */
  private readonly retired = new Set<object>();
  private subscriptions: Subscription[] = [];
  private scheduled: { day: LocalDate; number: number; body: types.Body }[] = [];
  private readonly reasons = new Set<string>();
  private readonly pauses: Range[] = [];
  private setUp = false;
  private begun = false;
  private ended = false;
  private withheld = false;

  constructor(catalogue: types.Catalogue, life: types.Life) {
    this.catalogue = catalogue;
    this.life = life;
    this.zone = Zone.named(life.zone);
    this.book = new Book(this.zone, life.currencyDigits);
    this.arrears = new Arrears(this.zone, this.book, life.currencyDigits);
    this.oneTimes = new OneTimes(life.oneTime, this.book);
    const { order } = life;
    const variant = this.variantOf(order.variant);
    this.startDay = order.start;
    this.firstDay = variant.trial === null ? order.start : plusInterval(order.start, variant.trial);
    this.anchor = order.anchor ?? this.firstDay;
    this.termStart = this.firstDay;
    this.phases = [{ from: this.zone.start(order.start), variant }];
    this.before = { variant, paused: false };
    for (const booking of order.components) this.add(booking, order.start, this.zone.start(order.start));
  }

  live(): types.Line[] {
    const ordered = Date.parse(this.life.order.at);
    const until = Date.parse(this.life.until);
    for (let day = this.zone.dayOf(ordered); this.zone.start(day) <= until; day = nextDay(day)) {
      const start = Math.max(this.zone.start(day), ordered);
      if (!this.ended) this.begin({ at: start, day: later(day, this.startDay), decided: null }, day);
      this.life.commands.forEach((command, number) => {
        const at = Date.parse(command.at);
        const today = at >= start && at < this.zone.start(nextDay(day)) && at <= until;
        if (today && !this.ended)
          this.decide(command, number, { at, day: later(day, this.startDay), decided: number }, day);
      });
    }
    this.oneTimes.now(until);
    return this.book.lines;
  }

  /** What a day brings: what was scheduled for it, the end of the term, then the bill. */
  private begin(step: Step, today: LocalDate): void {
    const lines = this.look();
    for (const { day, body } of this.scheduled) if (day === today && !this.ended) this.apply(step, body);
    this.scheduled = this.scheduled.filter(({ day }) => day !== today);
    if (!this.ended && this.variant.renewal === null && endOfTerm(this.variant, this.termStart) === today)
      this.end(step, true);
    this.giveBack(step, this.start(step.day));
    if (this.ended || today < this.firstDay) return;
    const first = today === this.firstDay && this.reasons.size === 0;
    const run = first || floor(this.grid(this.variant.billingInterval), today) === today;
    this.settle(step, this.start(today), run, lines);
    this.begun = true;
  }

  private decide(command: types.Command, number: number, step: Step, today: LocalDate): void {
    const { body } = command;
    if (body.kind === 'withdraw') {
      this.scheduled = this.scheduled.filter((one) => one.number !== body.command);
      return;
    }
    const day = this.dayOf(command, step.day, today);
    if (day > today) {
      this.scheduled.push({ day, number, body });
      return;
    }
    const lines = this.look();
    const { instant, run } = this.apply(step, body);
    this.giveBack(step, instant);
    if (!this.ended && today >= this.firstDay) this.settle(step, instant, run, lines);
  }

  /** Takes down what is before a step, and answers how many lines there are. */
  private look(): number {
    this.before = { variant: this.variant, paused: this.reasons.size > 0 };
    this.retired.clear();
    return this.book.lines.length;
  }

  /** Credits what is covered and not due any more: by what was before the step and what is after it, however it came. */
  private giveBack(step: Step, instant: number): void {
    const { before, variant } = this;
    if (before.variant.proration === 'none' || variant.proration === 'none' || this.withheld) return;
    const pauses = !before.paused && this.reasons.size > 0;
    const all = this.ended || (pauses && variant.creditOnPause);
    this.book.credit(step, instant, ({ item }) => all || this.retired.has(item));
  }

  /** The day on which a command counts. */
  private dayOf({ effective, body }: types.Command, day: LocalDate, today: LocalDate): LocalDate {
    if (effective === 'now') return today;
    if (effective !== 'period_end') return effective;
    if (day < this.firstDay) return this.firstDay;
    const fee = this.grid(this.variant.feeInterval);
    if (body.kind !== 'cancel' || body.waiveTerm === true) return next(fee, day);
    const earliest = earliestEnd(this.variant, this.termStart, fee, day);
    return earliest === day ? next(fee, day) : earliest;
  }

  /** Does it; says from which instant it counts, and whether it is a bill run by itself. */
  private apply(step: Step, body: types.Body): { instant: number; run: boolean } {
    if (body.kind === 'change') return this.change(step, body);
    const { variant } = this;
    const instant = this.cut(step, variant, variant);
    if (body.kind === 'pause') {
      if (this.reasons.size === 0) this.pauses.push({ from: instant, to: Infinity });
      this.reasons.add(body.reason);
    }
    if (body.kind === 'resume' && this.reasons.delete(body.reason) && this.reasons.size === 0) {
      this.pauses[this.pauses.length - 1]!.to = instant;
    }
    if (body.kind === 'cancel') this.end(step, body.credit ?? variant.creditOnCancel);
    return { instant, run: false };
  }

  private change(step: Step, { variant: to, components }: types.Change): { instant: number; run: boolean } {
    const old = this.variant;
    const variant = to === undefined ? old : this.variantOf(to);
    const instant = this.cut(step, old, variant);
    const intervals =
      alike(old.feeInterval, variant.feeInterval) && alike(old.billingInterval, variant.billingInterval);
    const run = !intervals && this.begun;
    const moved = run && this.anchor !== step.day;
    if (moved) {
      for (const one of this.subscriptions.filter(({ component }) => !component.standalone)) {
        const removed = components?.remove?.includes(one.name) === true;
        const metered = removed ? this.lastUsage(step) : this.start(step.day);
        if (removed) one.to = Math.min(one.to, one.component.kind === 'metered' ? metered : instant);
        this.lookBack(step, one, { postPaid: instant, metered });
      }
      this.anchor = step.day;
    }
    if (variant !== old) this.changeVariant(step, variant, instant, moved, components?.remove ?? []);
    for (const name of components?.remove ?? []) {
      const one = this.named(name);
      one.to = Math.min(one.to, one.component.kind === 'metered' ? this.lastUsage(step) : instant);
      this.retired.add(one.revisions.at(-1)!);
    }
    for (const { subscription, quantity } of components?.set ?? []) {
      const one = this.named(subscription);
      const last = one.revisions.at(-1)!;
      if (!same(last.quantity, exact(quantity))) {
        this.revise(one, { ...last, quantity: exact(quantity) }, instant);
      }
    }
    for (const booking of components?.add ?? []) this.add(booking, step.day, instant);
    return { instant, run };
  }

  /**
   * Ends the fee, and every booking's terms that are others now. A moved anchor ends all that is not standalone; where it
   * stays, what is billed further ahead than the new variant would ends, too.
   */
  private changeVariant(
    step: Step,
    variant: Variant,
    instant: number,
    moved: boolean,
    removed: readonly string[],
  ): void {
    if (this.variant.proration === 'none' && variant.proration !== 'none') this.book.keep();
    const old = this.variant;
    const sameTerm = alike(old.term, variant.term) && alike(old.renewal, variant.renewal);
    if (!sameTerm) this.termStart = later(step.day, this.firstDay);
    this.retired.add(this.phases.at(-1)!);
    this.phases.push({ from: instant, variant });
    const staying = this.subscriptions.filter((one) => this.goesOn(one, step) && !removed.includes(one.name));
    for (const one of staying) {
      const last = one.revisions.at(-1)!;
      const included = this.included(one.component);
      const less = isAhead(one) && this.reach(one, variant, step.day) < this.reach(one, old, step.day);
      const cut = !one.component.standalone && (moved || less);
      if (cut || !same(last.included, included)) this.revise(one, { ...last, included }, instant);
    }
  }

  private revise(subscription: Subscription, terms: Revision, instant: number): void {
    this.retired.add(subscription.revisions.at(-1)!);
    subscription.revisions.push({ ...terms, from: Math.max(instant, subscription.from) });
  }

  private add(booking: types.Booking, day: LocalDate, instant: number): void {
    const component = this.catalogue.components.find(({ id }) => id === booking.component)!;
    const wholeDay = component.kind === 'metered' || component.standalone;
    const today = wholeDay ? this.start(day) : instant;
    const from = booking.start === undefined ? today : Math.max(this.start(booking.start), today);
    const firstBilled = Math.max(from, this.start(this.firstDay));
    this.subscriptions.push({
      name: booking.subscription,
      component,
      from,
      to: booking.end === undefined ? Infinity : this.start(booking.end),
      anchor: this.zone.dayOf(firstBilled),
      revisions: [{ from, quantity: exact(booking.quantity), included: this.included(component) }],
      billedTo: firstBilled,
      paidTo: -Infinity,
      rated: [],
    });
  }

  /** Ends everything: what is open is billed, what is covered is credited if it may be, what waits is billed. */
  private end(step: Step, credit: boolean): void {
    const { variant } = this;
    const instant = this.cut(step, variant, variant);
    for (const one of this.subscriptions) {
      one.to = Math.min(one.to, one.component.kind === 'metered' ? this.lastUsage(step) : instant);
      this.lookBack(step, one, { postPaid: instant, metered: this.lastUsage(step) });
    }
    this.withheld = !credit;
    this.oneTimes.waiting(step);
    this.ended = true;
  }

  /** Bills what is due from the instant on; on a bill run what lies back, too. `lines` is where the step began. */
  private settle(step: Step, instant: number, run: boolean, lines: number): void {
    const paused = this.reasons.size > 0;
    const { setupFee } = this.variantOf(this.life.order.variant);
    if (setupFee !== null && !paused && !this.setUp) {
      this.setUp = true;
      this.book.once(step, 'setup', step.day, exact(setupFee));
    }
    if (!paused) this.feeAhead(step, instant);
    for (const one of this.subscriptions) if (isAhead(one) && !paused) this.ahead(step, one, instant);
    const running = this.subscriptions.filter((one) => {
      if (!one.component.standalone) return run;
      if (run && one.component.kind === 'metered') return true;
      // What is over comes with the contract's run, also where that has come on this day already.
      if (one.to <= this.start(run ? step.day : floor(this.grid(this.variant.billingInterval), step.day)))
        return true;
      return step.decided === null && floor(this.gridOf(one), step.day) === step.day;
    });
    for (const one of running) this.lookBack(step, one, undefined, run);
    const arrears = running.filter((one) => !one.component.standalone && !isAhead(one));
    const booked = (one: Subscription): boolean => one.from <= instant && this.goesOn(one, step);
    const ran = run && (!paused || arrears.some(booked));
    if (ran || this.book.lines.length > lines) this.oneTimes.waiting(step);
  }

  private feeAhead(step: Step, instant: number): void {
    const { variant } = this;
    if (variant.fee === null) return;
    const grid = this.grid(variant.feeInterval);
    const to = this.start(later(next(grid, step.day), next(this.grid(variant.billingInterval), step.day)));
    const prices = [{ key: 'all', tier: null, amount: exact(variant.fee) }];
    const unit = variant.proration;
    this.book.ahead(
      step,
      { subject: 'fee', item: this.phases.at(-1)!, grid, from: instant, to, unit, prices },
      this.pauses,
    );
  }

  private ahead(step: Step, one: Subscription, instant: number): void {
    const { component } = one;
    const revision = one.revisions.findLast(({ from }) => from <= Math.max(instant, this.moment(step)));
    if (revision === undefined || instant >= one.to) return;
    const grid = this.gridOf(one);
    const until = this.reach(one, this.variant, step.day);
    const from = component.standalone && one.anchor === step.day ? this.start(step.day) : instant;
    const due = { from: Math.max(from, revision.from), to: Math.min(this.start(until), one.to) };
    const prices = priced(component, revision.quantity, revision.included, this.life.currencyDigits);
    const unit = this.variant.proration;
    this.book.ahead(step, { subject: one.name, item: revision, grid, ...due, unit, prices }, this.pauses);
  }

  /** How far ahead a component is billed on a day under a variant. */
  private reach(one: Subscription, variant: Variant, day: LocalDate): LocalDate {
    const { mode, standalone, interval } = one.component;
    const { anchor } = this.gridOf(one);
    const own = next({ anchor, interval: mode === 'billed_until' ? variant.feeInterval : interval }, day);
    const alone = standalone || mode === 'billed_until';
    return alone ? own : later(own, next(this.grid(variant.billingInterval), day));
  }

  /** Bills one component up to its last boundary or, where it is closed, up to there. */
  private lookBack(
    step: Step,
    one: Subscription,
    closes?: { postPaid: number; metered: number },
    again = true,
  ): void {
    if (isAhead(one)) return;
    const grid = this.gridOf(one);
    if (one.component.kind === 'metered') {
      const to = closes?.metered ?? this.start(step.day);
      const how = { closing: closes !== undefined, again };
      this.arrears.metered(step, one, grid, to, how, this.known(step));
      return;
    }
    const boundary = this.start(floor(grid, step.day));
    const to = closes?.postPaid ?? (one.to <= this.start(step.day) ? Math.max(boundary, one.to) : boundary);
    this.arrears.postPaid(step, one, grid, to, this.pauses, this.before.variant.proration);
  }

  private get variant(): Variant {
    return this.phases.at(-1)!.variant;
  }

  private variantOf(id: string): Variant {
    return this.catalogue.variants.find((variant) => variant.id === id)!;
  }

  private named(name: string): Subscription {
    return this.subscriptions.find((one) => one.name === name)!;
  }

  private included(component: types.Component): Exact {
    const listed = this.variant.components.find(({ id }) => id === component.id);
    const units = listed?.included ?? component.included;
    return units === null ? ZERO : exact(units);
  }

  private grid(interval: Interval): Grid {
    return { anchor: this.anchor, interval };
  }

  private gridOf({ component, anchor }: Subscription): Grid {
    return { anchor: component.standalone ? anchor : this.anchor, interval: component.interval };
  }

  private start(day: LocalDate): number {
    return this.zone.start(day);
  }

  /** When a step happens; what was scheduled happens when its day begins, and nothing before the contract starts. */
  private moment(step: Step): number {
    return Math.max(step.decided === null ? this.start(step.day) : step.at, this.start(this.startDay));
  }

  /** Until when usage counts that was reported before a step: its own instant is in it, the first of a day is not. */
  private lastUsage(step: Step): number {
    const moment = this.moment(step);
    return moment === this.start(step.day) ? moment : moment + 1;
  }

  /** The instant from which a step counts: its own where old and new terms go by seconds, else its day's first. */
  private cut(step: Step, old: Variant, variant: Variant): number {
    const seconds = old.proration === 'seconds' && variant.proration === 'seconds';
    return seconds ? this.moment(step) : this.start(step.day);
  }

  /** Whether a booking is not over with a step, or before it. */
  private goesOn({ component, to }: Subscription, step: Step): boolean {
    return to > (component.kind === 'metered' ? this.lastUsage(step) : this.moment(step));
  }

  private known(step: Step): types.Usage[] {
    return this.life.usage.filter(({ recordedAt, after }) => happened(step, Date.parse(recordedAt), after));
  }
}

const isAhead = ({ component }: Subscription): boolean =>
  component.kind !== 'metered' && component.mode !== 'post_paid';
