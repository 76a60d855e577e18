import { Agreement, isAhead } from './model/agreement.ts';
import { Arrears } from './model/arrears.ts';
import type { Subscription } from './model/arrears.ts';
import { Book } from './model/book.ts';
import type { Step } from './model/book.ts';
import { Zone, floor, next, nextDay, plusInterval } from './model/dates.ts';
import { exact } from './model/exact.ts';
import { foresee } from './model/foresight.ts';
import type { Bound, Scheduled } from './model/foresight.ts';
import { OneTimes, happened } from './model/one-time.ts';
import { priced } from './model/price.ts';
import type { Closes, Item } from './model/state.ts';
import { earliestEnd, later } from './model/terms.ts';
import type * as types from './model/types.ts';
import type { LocalDate, Variant } from './model/types.ts';
import { Versions } from './model/versions.ts';

export * from './model/types.ts';

/** Computes the lines that a contract is billed for its life, day by day and, within a day, command by command. */
export function bill(catalogue: types.Catalogue, life: types.Life): types.BilledLine[] {
  return new Contract(catalogue, life).live();
}

class Contract {
  private readonly life: types.Life;
  private readonly versions: Versions;
  private readonly zone: Zone;
  private readonly book: Book;
  private readonly arrears: Arrears;
  private readonly oneTimes: OneTimes;
  private readonly agreement: Agreement;
  private readonly startDay: LocalDate;
  private readonly firstDay: LocalDate;
  private readonly setupFee: string | null;
  /** The state before the step. Its variant decides how arrears are prorated. */
  private before: { variant: Variant; paused: boolean; retired: ReadonlySet<Item> };
  private scheduled: Scheduled[] = [];
  private setUp = false;

  constructor(catalogue: types.Catalogue, life: types.Life) {
    this.life = life;
    this.versions = new Versions(catalogue, life.published);
    this.zone = Zone.named(life.zone);
    this.book = new Book(this.zone, life.currencyDigits);
    this.arrears = new Arrears(this.zone, this.book, life.currencyDigits);
    this.oneTimes = new OneTimes(life.oneTime, this.book);
    const { order } = life;
    const variant = catalogue.variants.find(({ id }) => id === order.variant)!;
    this.setupFee = variant.setupFee;
    this.startDay = order.start;
    this.firstDay = variant.trial === null ? order.start : plusInterval(order.start, variant.trial);
    this.before = { variant, paused: false, retired: new Set() };
    const from = this.zone.start(order.start);
    const { zone, startDay, firstDay } = this;
    this.agreement = new Agreement(
      { zone, startDay, firstDay, close: (...closed) => this.lookBack(...closed) },
      {
        anchor: order.anchor ?? firstDay,
        termStart: firstDay,
        phases: [{ from, variant, cuts: 0 }],
        subscriptions: [],
        reasons: new Set(),
        pauses: [],
        cuts: 0,
        retired: new Set(),
        begun: false,
        ended: false,
        withheld: false,
      },
    );
    const components = new Map(catalogue.components.map((each) => [each.id, each]));
    const ordered = { at: Date.parse(order.at), day: order.start, decided: null };
    for (const booking of order.components)
      this.agreement.add(booking, components.get(booking.component)!, order.start, from);
    this.agreement.addIncluded(ordered, 'order', components, from);
  }

  live(): types.BilledLine[] {
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

  /** Performs what is due on a day: scheduled changes, the end of the term, and then the bill. */
  private begin(step: Step, today: LocalDate): void {
    const lines = this.look();
    const due = this.scheduled.filter(({ day }) => day === today);
    this.scheduled = this.scheduled.filter(({ day }) => day !== today);
    this.agreement.pass(
      step,
      due.map(({ asked }) => asked),
    );
    this.giveBack(step, this.start(step.day));
    if (this.ended || today < this.firstDay) return;
    const first = today === this.firstDay && !this.agreement.paused;
    const run = first || floor(this.agreement.grid(this.variant.billingInterval), today) === today;
    this.settle(step, this.start(today), run, lines);
    this.agreement.state.begun = true;
  }

  /** Decides a command. A scheduled command or a withdrawal changes only the known ends of items (rule 9). */
  private decide(command: types.Command, number: number, step: Step, today: LocalDate): void {
    const { body } = command;
    const asked = this.versions.pin(body, number);
    const day = this.dayOf(command, step.day, today);
    const lines = this.look();
    if (body.kind === 'withdraw')
      this.scheduled = this.scheduled.filter((one) => one.number !== body.command);
    if (day > today) this.scheduled.push({ day, number, asked });
    const { instant, run } = day > today ? this.agreement.stay(step) : this.agreement.apply(step, asked);
    this.giveBack(step, instant);
    if (!this.ended && today >= this.firstDay) this.settle(step, instant, run, lines);
  }

  /** Stores the state before a step, and returns the number of lines. */
  private look(): number {
    const { variant, agreement } = this;
    if (!agreement.paused) agreement.state.retired.clear();
    this.before = { variant, paused: agreement.paused, retired: new Set(agreement.state.retired) };
    return this.book.lines.length;
  }

  /**
   * Credits what is covered and no longer due, by comparing the state before the step with the state after it. While the
   * contract is paused, superseded items count as in force (rule 25).
   */
  private giveBack(step: Step, instant: number): void {
    const { agreement, before, variant } = this;
    if (this.ended) this.oneTimes.waiting(step);
    // A line stays if a variant without proration supersedes its item. If another change did so before, in the pause, it does not.
    if (before.variant.proration !== 'none' && variant.proration === 'none')
      this.book.keep(({ owner }) => !before.retired.has(owner));
    if (before.variant.proration === 'none' || variant.proration === 'none' || agreement.state.withheld)
      return;
    const all = this.ended || (!before.paused && agreement.paused && variant.creditOnPause);
    if (agreement.paused && !all) return;
    const { retired } = agreement.state;
    const stands = (subject: string, item: Item) => agreement.stands(subject, item, instant);
    this.book.credit(
      step,
      instant,
      ({ subject, owner }) => all || (retired.has(owner) && !stands(subject, owner)),
    );
    this.book.own(({ subject, owner }) =>
      retired.has(owner) && stands(subject, owner) ? agreement.newest(subject) : owner,
    );
  }

  /** The day on which a command counts. */
  private dayOf({ effective, body }: types.Command, day: LocalDate, today: LocalDate): LocalDate {
    if (effective === 'now' || body.kind === 'withdraw') return today;
    if (effective !== 'period_end') return effective;
    if (day < this.firstDay) return this.firstDay;
    const fee = this.agreement.grid(this.variant.feeInterval);
    if (body.kind !== 'cancel' || body.waiveTerm === true) return next(fee, day);
    const earliest = earliestEnd(this.variant, this.agreement.state.termStart, fee, day);
    return earliest === day ? next(fee, day) : earliest;
  }

  /** Bills what is due from the instant on and, on a bill run, arrears. `lines` is the number of lines before the step. */
  private settle(step: Step, instant: number, run: boolean, lines: number): void {
    const { agreement } = this;
    const { paused } = agreement;
    const { subscriptions } = agreement.state;
    if (this.setupFee !== null && !paused && !this.setUp) {
      this.setUp = true;
      this.book.once(step, 'setup', step.day, exact(this.setupFee));
    }
    if (!paused) this.lookAhead(step, instant);
    const running = subscriptions.filter((one) => {
      if (!one.component.standalone) return run;
      if (run && one.component.kind === 'metered') return true;
      // A booking that has ended is billed with the contract's bill run, even if that has passed earlier on this day.
      const runs = agreement.grid(this.variant.billingInterval);
      if (one.to <= this.start(run ? step.day : floor(runs, step.day))) return true;
      return step.decided === null && floor(agreement.gridOf(one), step.day) === step.day;
    });
    for (const one of running) this.lookBack(step, one, undefined, run);
    const arrears = running.filter((one) => !one.component.standalone && !isAhead(one));
    const booked = (one: Subscription): boolean => one.from <= instant && agreement.goesOn(one, step);
    const ran = run && (!paused || arrears.some(booked));
    if (ran || this.book.lines.length > lines) this.oneTimes.waiting(step);
  }

  /** Bills the fee and the components that are paid in advance, up to their known ends. */
  private lookAhead(step: Step, instant: number): void {
    const { subscriptions } = this.agreement.state;
    const bound = foresee(this.agreement, this.scheduled, step.day);
    this.feeAhead(step, instant, bound);
    for (const one of subscriptions) if (isAhead(one)) this.ahead(step, one, instant, bound);
  }

  private feeAhead(step: Step, instant: number, bound: Bound): void {
    const { agreement, variant } = this;
    if (variant.fee === null) return;
    const grid = agreement.grid(variant.feeInterval);
    const until = later(next(grid, step.day), next(agreement.grid(variant.billingInterval), step.day));
    const prices = [{ key: 'all', tier: null, amount: exact(variant.fee) }];
    const { pauses, phases } = agreement.state;
    const item = phases.at(-1)!;
    const to = Math.min(this.start(until), bound('fee', item));
    const due = { subject: 'fee', item, grid, from: instant, to, unit: variant.proration, prices, cap: null };
    this.book.ahead(step, due, pauses);
  }

  private ahead(step: Step, one: Subscription, instant: number, bound: Bound): void {
    const { agreement, variant } = this;
    const { component, name } = one;
    const item = one.revisions.findLast(({ from }) => from <= Math.max(instant, agreement.moment(step)));
    if (item === undefined || instant >= one.to) return;
    const grid = agreement.gridOf(one);
    const from = component.standalone && one.anchor === step.day ? this.start(step.day) : instant;
    const until = this.start(agreement.reach(one, variant, step.day));
    const due = { from: Math.max(from, item.from), to: Math.min(until, bound(name, item)) };
    const prices = priced(component, item.quantity, item.included, this.life.currencyDigits);
    const { proration: unit } = variant;
    const { cap } = component;
    this.book.ahead(step, { subject: name, item, grid, ...due, unit, prices, cap }, agreement.state.pauses);
  }

  /** Bills a component in arrears up to its last boundary or, if it is closed, up to that instant. */
  private lookBack(step: Step, one: Subscription, closes?: Closes, again = true): void {
    if (isAhead(one)) return;
    const grid = this.agreement.gridOf(one);
    if (one.component.kind === 'metered') {
      const to = closes?.metered ?? this.start(step.day);
      const how = { closing: closes !== undefined, again };
      this.arrears.metered(step, one, grid, to, how, this.known(step));
      return;
    }
    const boundary = this.start(floor(grid, step.day));
    const to = closes?.postPaid ?? (one.to <= this.start(step.day) ? Math.max(boundary, one.to) : boundary);
    const { pauses } = this.agreement.state;
    this.arrears.postPaid(step, one, grid, to, pauses, this.before.variant.proration);
  }

  private get variant(): Variant {
    return this.agreement.variant;
  }

  private get ended(): boolean {
    return this.agreement.state.ended;
  }

  private start(day: LocalDate): number {
    return this.zone.start(day);
  }

  private known(step: Step): types.Usage[] {
    return this.life.usage.filter(({ recordedAt, after }) => happened(step, Date.parse(recordedAt), after));
  }
}
