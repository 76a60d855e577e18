import {
  FOREVER,
  type Instant,
  type Interval,
  type LocalDate,
  dateAt,
  earlier,
  later,
  periodOf,
  startOfDay,
} from '../arithmetic/calendar.ts';
import type { Range } from '../arithmetic/ranges.ts';
import type { ContractState, Item, Pricing, Terms } from './state.ts';

/** Boundaries at anchor + n × interval. */
export interface Grid {
  readonly anchor: LocalDate;
  readonly interval: Interval;
}

/** A contract whose bill runs can be told. */
type Anchored = Pick<ContractState, 'anchor' | 'zone'> & {
  readonly terms: Pick<Terms, 'billingInterval' | 'feeInterval'>;
};

/** An item whose periods and bill runs can be told. */
export type Gridded = Pick<Item, 'anchor'> & {
  readonly pricing: Pick<Pricing, 'interval' | 'mode' | 'standalone'>;
};

/** The last boundary on or before the day. */
export const floorOf = ({ anchor, interval }: Grid, day: LocalDate): LocalDate =>
  periodOf(anchor, interval, day).start;

/** The first boundary after the day. */
export const nextOf = ({ anchor, interval }: Grid, day: LocalDate): LocalDate =>
  periodOf(anchor, interval, day).end;

/** The periods that an item's price is for. */
export const gridOf = ({ anchor, pricing }: Gridded): Grid => ({ anchor, interval: pricing.interval });

/** The contract's bill runs. */
export const runsOf = ({ anchor, terms }: Anchored): Grid => ({ anchor, interval: terms.billingInterval });

/** As far as *billed until* goes. */
const feeGrid = ({ anchor, terms }: Anchored): Grid => ({ anchor, interval: terms.feeInterval });

/** The bill runs of an item: the contract's, or its own where it stands alone. */
export function runsFor(state: Anchored, item: Gridded): Grid {
  if (!item.pricing.standalone) return runsOf(state);
  return item.pricing.mode === 'billed_until' ? feeGrid({ ...state, anchor: item.anchor }) : gridOf(item);
}

/** Up to where what is paid in advance is due on a day. */
export function aheadOf(state: Anchored, item: Gridded, day: LocalDate): LocalDate {
  if (item.pricing.mode === 'billed_until') {
    return nextOf(item.pricing.standalone ? runsFor(state, item) : feeGrid(state), day);
  }
  return later(nextOf(gridOf(item), day), nextOf(runsFor(state, item), day));
}

/**
 * Up to where what is paid in arrears is billed by the bill runs until a day: its last period that one has closed; all
 * of it, once one has come at or after the end of its booking. What stands alone then comes with the contract's, too.
 * @param end of the booking; null while it goes on
 */
export function behindOf(state: Anchored, item: Gridded, end: Instant | null, day: LocalDate): Instant {
  const last = (grid: Grid): Instant => startOfDay(floorOf(grid, day), state.zone);
  if (end !== null && runsUntilBilled(state, item, end).some((grid) => end <= last(grid))) return end;
  return earlier(last(gridOf(item)), last(runsFor(state, item)));
}

/** The bill runs with which an item's arrears come. */
export function runsUntilBilled(state: Anchored, item: Gridded, end: Instant | null): Grid[] {
  const over = item.pricing.standalone && end !== null;
  return over ? [runsFor(state, item), runsOf(state)] : [runsFor(state, item)];
}

type Booked = Anchored & Pick<ContractState, 'items' | 'past'>;

/** Where the booking that an item is a revision of ends; null while it goes on, or is not made yet. */
export function endOfBooking({ items, past }: Booked, { subject }: Item): Instant | null {
  const current = items.find((each) => each.subject === subject);
  if (current !== undefined) return current.endsAt;
  const ends = past.flatMap((each) =>
    each.subject === subject && each.endsAt !== null ? [each.endsAt] : [],
  );
  return ends.length === 0 ? null : ends.reduce(later);
}

/** Whether an item was ended by a change of the interval, which closes what it owes. */
export const wasCut = (state: Pick<ContractState, 'anchor'>, item: Gridded): boolean =>
  !item.pricing.standalone && item.anchor !== state.anchor;

/** Whether an item has something to be billed after what is settled: it is not over, or owes a part of its past. */
export function isOpen(state: Booked & Pick<ContractState, 'settledThrough'>, item: Item): boolean {
  if (item.endsAt === null) return true;
  if (item.pricing.mode !== 'post_paid') return item.endsAt > state.settledThrough;
  if (wasCut(state, item)) return false;
  const settled = dateAt(state.settledThrough, state.zone);
  return item.endsAt > behindOf(state, item, endOfBooking(state, item), settled);
}

/** First instant of the local day on which `at` lies: where the new side of a change begins. */
export function dayOf({ zone }: Pick<ContractState, 'zone'>, at: Instant): Instant {
  return startOfDay(dateAt(at, zone), zone);
}

/** From when a change counts: from its instant where all variants in it prorate by seconds, else from its day. */
export function sideOf(
  state: Pick<ContractState, 'zone'>,
  at: Instant,
  ...terms: readonly Pick<Terms, 'proration'>[]
): Instant {
  return terms.every((each) => each.proration === 'seconds') ? at : dayOf(state, at);
}

/**
 * A metered period: one of a grid, cut short by the first and the last of the revisions on it, and by the trial. Empty
 * where all of it lies outside of them.
 */
export function meteredPeriod(
  { start, end }: Range,
  revisions: readonly Pick<Item, 'effectiveAt' | 'endsAt'>[],
  trialEndsAt: Instant | null,
): Range {
  const first = revisions.map(({ effectiveAt }) => effectiveAt).reduce(earlier);
  const last = revisions.map(({ endsAt }) => endsAt ?? FOREVER).reduce(later);
  return { start: later(later(start, first), trialEndsAt ?? ''), end: earlier(end, last) };
}
