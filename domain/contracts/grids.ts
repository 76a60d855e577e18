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

/** The fields of a contract that its bill runs depend on. */
type Anchored = Pick<ContractState, 'anchor' | 'zone'> & {
  readonly terms: Pick<Terms, 'billingInterval' | 'feeInterval'>;
};

/** The fields of an item that its periods and bill runs depend on. */
export type Gridded = Pick<Item, 'anchor'> & {
  readonly pricing: Pick<Pricing, 'interval' | 'mode' | 'standalone'>;
};

/** The last boundary on or before the day. */
export const floorOf = ({ anchor, interval }: Grid, day: LocalDate): LocalDate =>
  periodOf(anchor, interval, day).start;

/** The first boundary after the day. */
export const nextOf = ({ anchor, interval }: Grid, day: LocalDate): LocalDate =>
  periodOf(anchor, interval, day).end;

/** The grid of the periods that an item's price is for. */
export const gridOf = ({ anchor, pricing }: Gridded): Grid => ({ anchor, interval: pricing.interval });

/** The grid of the contract's bill runs. */
export const billRunsOf = ({ anchor, terms }: Anchored): Grid => ({
  anchor,
  interval: terms.billingInterval,
});

/** The grid of the fee's periods, up to which a *billed until* component is paid. */
const feeGrid = ({ anchor, terms }: Anchored): Grid => ({ anchor, interval: terms.feeInterval });

/** The grid of an item's bill runs: the contract's, or its own if it is standalone. */
export function billRunsFor(state: Anchored, item: Gridded): Grid {
  if (!item.pricing.standalone) return billRunsOf(state);
  return item.pricing.mode === 'billed_until' ? feeGrid({ ...state, anchor: item.anchor }) : gridOf(item);
}

/** The date up to which an item paid in advance is due on a day. */
export function advancePaidUntil(state: Anchored, item: Gridded, day: LocalDate): LocalDate {
  if (item.pricing.mode === 'billed_until') {
    return nextOf(item.pricing.standalone ? billRunsFor(state, item) : feeGrid(state), day);
  }
  return later(nextOf(gridOf(item), day), nextOf(billRunsFor(state, item), day));
}

/**
 * The instant up to which bill runs until a day have billed an item paid in arrears: the end of the last period that one
 * of them closed, or the end of the booking if one came at or after it. After the end of its booking, the contract's bill
 * runs bill a standalone item, too.
 * @param end the end of the booking; null if none is known
 */
export function arrearsBilledUntil(
  state: Anchored,
  item: Gridded,
  end: Instant | null,
  day: LocalDate,
): Instant {
  const last = (grid: Grid): Instant => startOfDay(floorOf(grid, day), state.zone);
  if (end !== null && billRunsUntilBilled(state, item, end).some((grid) => end <= last(grid))) return end;
  return earlier(last(gridOf(item)), last(billRunsFor(state, item)));
}

/** The bill runs that bill an item's arrears: its own, and also the contract's for a standalone item whose booking ends. */
export function billRunsUntilBilled(state: Anchored, item: Gridded, end: Instant | null): Grid[] {
  const over = item.pricing.standalone && end !== null;
  return over ? [billRunsFor(state, item), billRunsOf(state)] : [billRunsFor(state, item)];
}

type Revisions = Anchored & Pick<ContractState, 'items' | 'past'>;

/** The end of the booking that an item belongs to; null if none is known, or if it is not booked yet. */
export function endOfBooking({ items, past }: Revisions, { subject }: Item): Instant | null {
  const current = items.find((each) => each.subject === subject);
  if (current !== undefined) return current.endsAt;
  const ends = past.flatMap((each) =>
    each.subject === subject && each.endsAt !== null ? [each.endsAt] : [],
  );
  return ends.length === 0 ? null : ends.reduce(later);
}

/** Whether a change of the interval has ended an item, which closes its open periods. */
export const wasCut = (state: Pick<ContractState, 'anchor'>, item: Gridded): boolean =>
  !item.pricing.standalone && item.anchor !== state.anchor;

/** Whether an item may still be billed after the settled instant: it has not ended, or its arrears are not billed. */
export function isOpen(state: Revisions & Pick<ContractState, 'settledThrough'>, item: Item): boolean {
  if (item.endsAt === null) return true;
  if (item.pricing.mode !== 'post_paid') return item.endsAt > state.settledThrough;
  if (wasCut(state, item)) return false;
  const settledDay = dateAt(state.settledThrough, state.zone);
  return item.endsAt > arrearsBilledUntil(state, item, endOfBooking(state, item), settledDay);
}

/** The first instant of the local day of `at`, at which the new side of a change begins. */
export function dayOf({ zone }: Pick<ContractState, 'zone'>, at: Instant): Instant {
  return startOfDay(dateAt(at, zone), zone);
}

/** The instant from which a change counts: its own if all variants in it prorate by seconds, else the start of its day. */
export function sideOf(
  state: Pick<ContractState, 'zone'>,
  at: Instant,
  ...terms: readonly Pick<Terms, 'proration'>[]
): Instant {
  return terms.every((each) => each.proration === 'seconds') ? at : dayOf(state, at);
}

/**
 * A metered period: a period of a grid, cut short by the start of the first revision, the end of the last one, and the
 * trial. It is empty if all of it lies outside of them.
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
