import { type Instant, type LocalDate, addInterval, dateAt, startOfDay } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { Terms } from './state.ts';

/** Where a contract begins: its days are the customer's, and its trial is granted once, here. */
export interface Beginning {
  readonly startDate: LocalDate;
  readonly startsAt: Instant;
  readonly anchor: LocalDate;
  readonly trialEndsAt: Instant | null;
  /** The first day that is billed; terms are counted from it. */
  readonly termStart: LocalDate;
}

/** @throws DomainError date_in_the_past for a start before today */
export function beginningOf(
  terms: Terms,
  now: Instant,
  zone: string,
  { start, anchor }: { start: LocalDate | null; anchor: LocalDate | null },
): Beginning {
  const today = dateAt(now, zone);
  const startDate = start ?? today;
  if (startDate < today)
    throw new DomainError('date_in_the_past', `${startDate} is past; today is ${today}`, { field: 'start' });
  const trialEnd = terms.trial === null ? null : addInterval(startDate, terms.trial, 1);
  return {
    startDate,
    startsAt: startOfDay(startDate, zone),
    anchor: anchor ?? trialEnd ?? startDate,
    trialEndsAt: trialEnd === null ? null : startOfDay(trialEnd, zone),
    termStart: trialEnd ?? startDate,
  };
}
