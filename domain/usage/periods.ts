import {
  type Instant,
  type Interval,
  type LocalDate,
  dateAt,
  periodOf,
  startOfDay,
} from '../arithmetic/calendar.ts';
import type { Range } from '../arithmetic/ranges.ts';
import { meteredPeriod } from '../contracts/grids.ts';

/** A revision of a metered component subscription, and its grid. */
export interface GriddedUsage {
  readonly subscriptionId: string;
  readonly anchor: LocalDate;
  readonly interval: Interval;
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

/** The anchor and intervals from which the metered periods of a contract are counted. */
export interface UsageGrids {
  readonly zone: string;
  readonly trialEndsAt: Instant | null;
  /** The revisions of a subscription are in order. */
  readonly revisions: readonly GriddedUsage[];
}

/** The metered period in which an instant of a subscription lies, as it will be rated. Null in the trial, or if not booked. */
export function periodOfUsage(
  { zone, trialEndsAt, revisions }: UsageGrids,
  { subscriptionId, at }: { readonly subscriptionId: string; readonly at: Instant },
): Range | null {
  const own = revisions.filter((each) => each.subscriptionId === subscriptionId);
  const item = own.findLast(({ startsAt, endsAt }) => startsAt <= at && (endsAt === null || at < endsAt));
  if (item === undefined || (trialEndsAt !== null && at < trialEndsAt)) return null;
  const { anchor, interval } = item;
  const { start, end } = periodOf(anchor, interval, dateAt(at, zone));
  const sameGrid = own
    .filter((each) => each.anchor === anchor)
    .map(({ startsAt, endsAt }) => ({ effectiveAt: startsAt, endsAt }));
  return meteredPeriod({ start: startOfDay(start, zone), end: startOfDay(end, zone) }, sameGrid, trialEndsAt);
}
