import type { Book, Step } from './book.ts';
import { floor, meet, next, without } from './dates.ts';
import type { Grid, Range, Zone } from './dates.ts';
import { toMinor } from './exact.ts';
import type { Exact } from './exact.ts';
import { priced, totalOf } from './price.ts';
import type { Component, LocalDate, Usage, Variant } from './types.ts';

/** The terms of a booking. `cuts` counts the cuts of its periods before this revision. */
export interface Revision {
  from: number;
  quantity: Exact;
  included: Exact;
  cuts: number;
}

/** A metered period that was rated: its included units, and the amount that was billed by key. */
interface Rated extends Range {
  included: Exact;
  billed: Map<string, bigint>;
}

/**
 * A booking. Periods in arrears and metered periods are billed up to `billedTo`. Whole periods in arrears were charged up
 * to `paidTo`, which may be after a change of the interval.
 */
export interface Subscription extends Range {
  name: string;
  component: Component;
  anchor: LocalDate;
  revisions: Revision[];
  billedTo: number;
  paidTo: number;
  rated: Rated[];
}

/** The range in which each revision was in force: up to the start of a later one, and within the booking. */
function inForce(subscription: Subscription): (Range & { revision: Revision })[] {
  const { revisions } = subscription;
  return revisions.map((revision, i) => {
    const to = Math.min(Infinity, ...revisions.slice(i + 1).map((later) => later.from));
    return { ...meet({ from: revision.from, to }, subscription), revision };
  });
}

/** Bills post-paid and metered components, which are paid in arrears. */
export class Arrears {
  private readonly zone: Zone;
  private readonly book: Book;
  private readonly digits: number;

  constructor(zone: Zone, book: Book, digits: number) {
    this.zone = zone;
    this.book = book;
    this.digits = digits;
  }

  /** Bills the time up to `to` without the pauses, by revision. `unit` is the proration of the variant in force until then. */
  postPaid(
    step: Step,
    subscription: Subscription,
    grid: Grid,
    to: number,
    pauses: readonly Range[],
    unit: Variant['proration'],
  ): void {
    const open = { from: subscription.billedTo, to };
    if (open.from >= open.to) return;
    subscription.billedTo = to;
    let day = floor(grid, this.zone.dayOf(open.from));
    while (this.zone.start(day) < to) {
      const full = { from: this.zone.start(day), to: this.zone.start(next(grid, day)) };
      for (const force of inForce(subscription)) {
        const first = without(meet(force, { from: full.from, to: full.from + 1 }), pauses);
        const begins = full.from >= open.from && full.from >= subscription.paidTo;
        const whole = first.length > 0 && begins ? [full] : [];
        const paid = { from: -Infinity, to: subscription.paidTo };
        const parts = unit === 'none' ? whole : without(meet(meet(force, full), open), [...pauses, paid]);
        if (unit === 'none' && whole.length > 0) subscription.paidTo = full.to;
        const { quantity, included } = force.revision;
        for (const range of parts) {
          const prices = priced(subscription.component, quantity, included, this.digits);
          const { name, component } = subscription;
          for (const share of this.book.shares({ range, full, unit }, prices, component.cap))
            this.book.charge(step, name, range, share);
        }
      }
      day = next(grid, day);
    }
  }

  /** Records the periods that end by `to` as rated. If `closing`, the current period ends there, too. */
  private closePeriods(subscription: Subscription, grid: Grid, to: number, closing: boolean): void {
    while (subscription.billedTo < Math.min(to, subscription.to)) {
      const from = subscription.billedTo;
      const boundary = this.zone.start(next(grid, this.zone.dayOf(from)));
      const end = Math.min(boundary, subscription.to, closing ? to : Infinity);
      if (end > to) return;
      const last = inForce(subscription).findLast((force) => force.from < end && force.from < force.to);
      if (last === undefined) throw new Error(`no revision of ${subscription.name} before ${end}`);
      subscription.rated.push({ from, to: end, included: last.revision.included, billed: new Map() });
      subscription.billedTo = end;
    }
  }

  /** Rates every period that has ended and, on a bill run, those that were rated before. Differences become lines. */
  metered(
    step: Step,
    subscription: Subscription,
    grid: Grid,
    to: number,
    how: { closing: boolean; again: boolean },
    usage: readonly Usage[],
  ): void {
    const { component, name: subject } = subscription;
    const known = new Set(subscription.rated);
    this.closePeriods(subscription, grid, to, how.closing);
    const reported = usage
      .filter((event) => event.subscription === subject)
      .map((event) => ({ event, at: Date.parse(event.at) }));
    for (const period of subscription.rated) {
      if (known.has(period) && !how.again) continue;
      const within = reported.filter(({ at }) => at >= period.from && at < period.to);
      const events = within.map(({ event }) => event);
      const now = priced(component, totalOf(component.aggregation, events), period.included, this.digits);
      for (const key of new Set([...period.billed.keys(), ...now.map((price) => price.key)])) {
        const price = now.find((one) => one.key === key);
        const amount = price === undefined ? 0n : toMinor(price.amount, this.digits);
        const minor = amount - (period.billed.get(key) ?? 0n);
        const tier = key.startsWith('tier ') ? Number(key.slice(5)) : null;
        this.book.add(step, { subject, kind: 'usage', ...this.book.dates(period), tier, minor });
        period.billed.set(key, amount);
      }
    }
  }
}
