import { type Instant, dateAt, later, localDate, periodOf, startOfDay } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { ContractState, Effective, PendingCommand } from './state.ts';
import { cancelledAt, endOfTerm } from './term.ts';

/** The instant at which a request counts: now, but never before the instant through which the contract is settled. */
export function countsAt(now: Instant, settledThrough: Instant): Instant {
  return later(now, settledThrough);
}

/** The instant from which a command counts; a cancellation waits for the end of the term. */
export function countsFrom(state: ContractState, { body, effective, askedAt }: PendingCommand): Instant {
  const at = effectiveAt(state, effective, askedAt);
  const end = endOfTerm(state);
  if (end !== null && at >= end) {
    throw new DomainError(
      'after_cancellation',
      `the contract ends with its term on ${dateAt(end, state.zone)}`,
      { field: 'effective' },
    );
  }
  if (body.kind !== 'cancel') return at;
  return cancelledAt(state, { at, effective, askedAt, waived: body.waiveTerm === true });
}

/** The end of the fee's period that contains `at`; during the trial, the end of the trial. */
function periodEnd(state: ContractState, at: Instant): Instant {
  if (state.trialEndsAt !== null && at < state.trialEndsAt) return state.trialEndsAt;
  const { end } = periodOf(state.anchor, state.terms.feeInterval, dateAt(at, state.zone));
  return startOfDay(end, state.zone);
}

/**
 * The instant that a command asks for with `effective`. `at` is now. Today's date is now, and an earlier one is refused.
 * @throws DomainError date_in_the_past, before_contract_start, invalid_date
 */
function effectiveAt(state: ContractState, effective: Effective, at: Instant): Instant {
  if (effective === 'now') return at;
  if (effective === 'period_end') return periodEnd(state, at > state.startsAt ? at : state.startsAt);
  const [date, today] = [localDate(effective), dateAt(at, state.zone)];
  if (date < state.startDate) {
    throw new DomainError('before_contract_start', `the contract starts on ${state.startDate}`, {
      field: 'effective',
    });
  }
  if (date < today)
    throw new DomainError('date_in_the_past', `${date} is past; today is ${today}`, { field: 'effective' });
  return date === today ? at : startOfDay(date, state.zone);
}
