import type { Revision, Subscription } from './arrears.ts';
import type { Step } from './book.ts';
import type { Grid } from './dates.ts';
import { ZERO, exact, same } from './exact.ts';
import type { Exact } from './exact.ts';
import type { Closes, Fixed, Item, State } from './state.ts';
import { alike, endOfTerm, later, reach } from './terms.ts';
import type { Booking, Change, Component, Interval, LocalDate, Variant } from './types.ts';
import { includedName } from './types.ts';
import type { Components, Pinned } from './versions.ts';

/** The terms and bookings of a contract, and how commands change them. It bills nothing by itself. */
export class Agreement {
  readonly fixed: Fixed;
  readonly state: State;

  constructor(fixed: Fixed, state: State) {
    this.fixed = fixed;
    this.state = state;
  }

  /** A copy that can be changed on its own. Its phases and revisions are the same objects. */
  copy(): Agreement {
    const { phases, subscriptions, reasons, pauses, retired, ...rest } = this.state;
    return new Agreement(
      { ...this.fixed, close: () => undefined },
      {
        ...rest,
        phases: [...phases],
        subscriptions: subscriptions.map((one) => ({ ...one, revisions: [...one.revisions] })),
        reasons: new Set(reasons),
        retired: new Set(retired),
        pauses: pauses.map((pause) => ({ ...pause })),
      },
    );
  }

  get variant(): Variant {
    return this.state.phases.at(-1)!.variant;
  }

  get paused(): boolean {
    return this.state.reasons.size > 0;
  }

  /** The day on which the contract ends by itself, or null. */
  get ends(): LocalDate | null {
    return this.variant.renewal === null ? endOfTerm(this.variant, this.state.termStart) : null;
  }

  grid(interval: Interval): Grid {
    return { anchor: this.state.anchor, interval };
  }

  gridOf({ component, anchor }: Subscription): Grid {
    return { anchor: component.standalone ? anchor : this.state.anchor, interval: component.interval };
  }

  start(day: LocalDate): number {
    return this.fixed.zone.start(day);
  }

  named(name: string): Subscription {
    return this.state.subscriptions.find((one) => one.name === name)!;
  }

  /** Whether an item is in force, or one with equal variant, or equal quantity and included units. */
  stands(subject: string, item: Item, instant: number): boolean {
    const last = this.newest(subject);
    if (last.cuts !== item.cuts) return false;
    if ('variant' in item || 'variant' in last)
      return 'variant' in item && 'variant' in last && last.variant === item.variant;
    const alikes = same(last.quantity, item.quantity) && same(last.included, item.included);
    return this.named(subject).to > instant && alikes;
  }

  newest(subject: string): Item {
    return subject === 'fee' ? this.state.phases.at(-1)! : this.named(subject).revisions.at(-1)!;
  }

  /** Performs what is due on a day: scheduled changes, and the end of the term. */
  pass(step: Step, due: readonly Pinned[]): void {
    for (const each of due) if (!this.state.ended) this.apply(step, each);
    if (!this.state.ended && this.ends === step.day) this.end(step, true);
  }

  /** Performs a command. Returns the instant from which it counts, and whether it makes a bill run. */
  apply(step: Step, asked: Pinned): { instant: number; run: boolean } {
    const { body } = asked;
    if (body.kind === 'change') return this.change(step, body, asked);
    const { state, variant } = this;
    const { instant, run } = this.stay(step);
    if (body.kind === 'pause') {
      if (!this.paused) state.pauses.push({ from: instant, to: Infinity });
      state.reasons.add(body.reason);
    }
    if (body.kind === 'resume' && state.reasons.delete(body.reason) && !this.paused) {
      state.pauses.at(-1)!.to = instant;
    }
    if (body.kind === 'cancel') this.end(step, body.credit ?? variant.creditOnCancel);
    return { instant, run };
  }

  /** A step in which the terms stay as they are. */
  stay(step: Step): { instant: number; run: boolean } {
    return { instant: this.cut(step, this.variant, this.variant), run: false };
  }

  private change(step: Step, { components }: Change, asked: Pinned): { instant: number; run: boolean } {
    const { state, variant: old } = this;
    const variant = asked.variant ?? old;
    const set = components?.set ?? [];
    const zeros = set.filter(({ quantity }) => same(exact(quantity), ZERO));
    const removed = [...(components?.remove ?? []), ...zeros.map(({ subscription }) => subscription)];
    const instant = this.cut(step, old, variant);
    const intervals =
      alike(old.feeInterval, variant.feeInterval) && alike(old.billingInterval, variant.billingInterval);
    const run = !intervals && state.begun;
    const moved = run && state.anchor !== step.day;
    if (moved) this.move(step, instant, removed);
    if (variant !== old) this.changeVariant(step, variant, instant, moved, removed);
    for (const name of removed) this.remove(step, this.named(name), instant);
    for (const { subscription, quantity } of set.filter((each) => !zeros.includes(each))) {
      const one = this.named(subscription);
      const last = one.revisions.at(-1)!;
      if (!same(last.quantity, exact(quantity)))
        this.revise(one, { ...last, quantity: exact(quantity) }, instant);
    }
    for (const booking of components?.add ?? []) {
      this.add(booking, asked.components.get(booking.component)!, step.day, instant);
    }
    if (asked.variant !== null) this.addIncluded(step, String(asked.number), asked.components, instant);
    return { instant, run };
  }

  /** Closes components in arrears, under the old terms. The day becomes the new anchor. */
  private move(step: Step, instant: number, removed: readonly string[]): void {
    for (const one of this.state.subscriptions.filter(({ component }) => !component.standalone)) {
      const goes = removed.includes(one.name);
      const metered = goes ? this.lastUsage(step) : this.start(step.day);
      this.close(step, one, { postPaid: instant, metered }, goes ? instant : null);
    }
    this.state.anchor = step.day;
    this.state.cuts += 1;
  }

  /**
   * Ends the fee, and the revision of each booking whose terms differ now. A moved anchor ends all revisions that are not
   * standalone. If the anchor stays, revisions that are billed further ahead than under the new variant end, too.
   */
  private changeVariant(
    step: Step,
    variant: Variant,
    instant: number,
    moved: boolean,
    removed: readonly string[],
  ): void {
    const { state, variant: old } = this;
    const sameTerm = alike(old.term, variant.term) && alike(old.renewal, variant.renewal);
    if (!sameTerm) state.termStart = later(step.day, this.fixed.firstDay);
    state.retired.add(state.phases.at(-1)!);
    state.phases.push({ from: instant, variant, cuts: state.cuts });
    const staying = state.subscriptions.filter(
      (one) => this.goesOn(one, step) && !removed.includes(one.name),
    );
    for (const one of staying) {
      const last = one.revisions.at(-1)!;
      const included = this.included(one.component);
      const less = isAhead(one) && this.reach(one, variant, step.day) < this.reach(one, old, step.day);
      const cut = !one.component.standalone && (moved || less);
      if (cut || !same(last.included, included))
        this.revise(one, { ...last, included, cuts: last.cuts + (cut ? 1 : 0) }, instant);
    }
  }

  /** Closes a component and, if `removed` is given, removes it from then on. One that has ended is closed at its end. */
  private close(step: Step, one: Subscription, closes: Closes, removed: number | null): void {
    const over = this.goesOn(one, step) ? -Infinity : one.to;
    if (over === -Infinity && removed !== null) this.remove(step, one, removed);
    const postPaid = Math.max(closes.postPaid, over);
    this.fixed.close(step, one, { postPaid, metered: Math.max(closes.metered, over) });
  }

  private remove(step: Step, one: Subscription, instant: number): void {
    one.to = Math.min(one.to, one.component.kind === 'metered' ? this.lastUsage(step) : instant);
    this.state.retired.add(one.revisions.at(-1)!);
  }

  private revise(one: Subscription, terms: Revision, instant: number): void {
    this.state.retired.add(one.revisions.at(-1)!);
    one.revisions.push({ ...terms, from: Math.max(instant, one.from) });
  }

  /** Books the components that the variant includes and that are not booked, named with the command that brought them. */
  addIncluded(step: Step, by: string, components: Components, instant: number): void {
    for (const { id, rule, quantity } of this.variant.components) {
      const booked = this.state.subscriptions.some(
        (one) => one.component.id === id && this.goesOn(one, step),
      );
      if (rule === 'optional' || booked) continue;
      const booking = { component: id, quantity, subscription: includedName(id, by) };
      this.add(booking, components.get(id)!, step.day, instant);
    }
  }

  /** Books a component from an instant on. A metered or standalone one begins at the first instant of the day. */
  add(booking: Booking, component: Component, day: LocalDate, instant: number): void {
    const wholeDay = component.kind === 'metered' || component.standalone;
    const today = wholeDay ? this.start(day) : instant;
    const from = booking.start === undefined ? today : Math.max(this.start(booking.start), today);
    const firstBilled = Math.max(from, this.start(this.fixed.firstDay));
    const included = this.included(component);
    this.state.subscriptions.push({
      name: booking.subscription,
      component,
      from,
      to: booking.end === undefined ? Infinity : this.start(booking.end),
      anchor: this.fixed.zone.dayOf(firstBilled),
      revisions: [{ from, quantity: exact(booking.quantity), included, cuts: 0 }],
      billedTo: firstBilled,
      paidTo: -Infinity,
      rated: [],
    });
  }

  /** Ends the contract, and closes its components in arrears. */
  private end(step: Step, credit: boolean): void {
    const { state, variant } = this;
    const instant = this.cut(step, variant, variant);
    const closes = { postPaid: instant, metered: this.lastUsage(step) };
    for (const one of state.subscriptions) this.close(step, one, closes, instant);
    state.withheld = !credit;
    state.ended = true;
  }

  /** How far ahead a component is billed on a day under a variant. */
  reach(one: Subscription, variant: Variant, day: LocalDate): LocalDate {
    return reach(one.component, this.gridOf(one).anchor, variant, this.grid(variant.billingInterval), day);
  }

  private included(component: Component): Exact {
    const listed = this.variant.components.find(({ id }) => id === component.id);
    const units = listed?.included ?? component.included;
    return units === null ? ZERO : exact(units);
  }

  /** The instant of a step. A scheduled change happens when its day begins. Nothing happens before the contract starts. */
  moment(step: Step): number {
    return Math.max(step.decided === null ? this.start(step.day) : step.at, this.start(this.fixed.startDay));
  }

  /** The end of the usage that counts before a step. It includes the instant of the step, unless that begins a day. */
  private lastUsage(step: Step): number {
    const moment = this.moment(step);
    return moment === this.start(step.day) ? moment : moment + 1;
  }

  /** The instant from which a step counts: its own if both variants prorate by seconds, otherwise the first of its day. */
  cut(step: Step, old: Variant, variant: Variant): number {
    const seconds = old.proration === 'seconds' && variant.proration === 'seconds';
    return seconds ? this.moment(step) : this.start(step.day);
  }

  /** Whether a booking goes on after a step. */
  goesOn({ component, to }: Subscription, step: Step): boolean {
    return to > (component.kind === 'metered' ? this.lastUsage(step) : this.moment(step));
  }
}

export const isAhead = ({ component }: Subscription): boolean =>
  component.kind !== 'metered' && component.mode !== 'post_paid';
