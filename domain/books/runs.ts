import {
  type Instant,
  type Interval,
  type LocalDate,
  dateAt,
  periodOf,
  startOfDay,
} from '../arithmetic/calendar.ts';
import type { BilledCharge, ChargeGroup } from './charge.ts';

/** The days on which a collective account makes its documents: anchor + n × interval, from the anchor on. */
export interface RunCalendar {
  readonly anchor: LocalDate;
  readonly every: Interval;
}

/** The first run of a calendar after an instant: the first instant of a day, in the account's zone. */
export function nextRun({ anchor, every }: RunCalendar, after: Instant, zone: string): Instant {
  const first = startOfDay(anchor, zone);
  if (after < first) return first;
  return startOfDay(periodOf(anchor, every, dateAt(after, zone)).end, zone);
}

/**
 * The next run of an account whose calendar changes at `now`. A run that is due already stays due. Null if documents are made by
 * hand only.
 */
export function runAfterChange(
  due: Instant | null,
  calendar: RunCalendar | null,
  now: Instant,
  zone: string,
): Instant | null {
  if (due !== null && due <= now) return due;
  return calendar && nextRun(calendar, now, zone);
}

/** A charge with its contract; null for a charge of the account itself. */
type Owned<C> = C & { readonly contractId: string | null };

/** Groups charges by contract. Those of the account itself come first, then the contracts by their ids, oldest first. */
export function groupByContract<C extends BilledCharge>(charges: readonly Owned<C>[]): ChargeGroup<C>[] {
  const groups = new Map<string | null, C[]>();
  for (const charge of charges) {
    const group = groups.get(charge.contractId) ?? [];
    group.push(charge);
    groups.set(charge.contractId, group);
  }
  return [...groups]
    .map(([contractId, members]) => ({ contractId, charges: members }))
    .toSorted((a, b) => ((a.contractId ?? '') < (b.contractId ?? '') ? -1 : 1));
}

/** The title of a collective document names the plan if all of its contracts have the same one, otherwise the account. */
export function subjectOf(plans: readonly string[], accountName: string): string {
  const [plan, ...others] = new Set(plans);
  return plan === undefined || others.length > 0 ? accountName : plan;
}

/** A run that is not done: the next one of the calendar, or one that was asked for by hand. */
export interface OpenRun {
  readonly until: Instant;
  /** The id of a run by hand; null for the calendar's. */
  readonly plannedId: string | null;
}

/** The run of an account that is done next: the earliest; of two at one instant, the calendar's. Null if there is none. */
export function earliestRun(
  nextRunAt: Instant | null,
  planned: { readonly id: string; readonly until: Instant } | null,
): OpenRun | null {
  if (planned !== null && (nextRunAt === null || planned.until < nextRunAt))
    return { until: planned.until, plannedId: planned.id };
  return nextRunAt === null ? null : { until: nextRunAt, plannedId: null };
}
