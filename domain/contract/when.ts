import { type Instant, dateAt, localDate, nextBoundary, periodOf, startOfDay } from '../calendar.ts';
import { DomainError } from '../errors.ts';
import type { ContractState, Effective } from './state.ts';

/** First instant of the local day on which `at` lies: where the new side of a change begins. */
export function dayOf(state: Pick<ContractState, 'zone'>, at: Instant): Instant {
  return startOfDay(dateAt(at, state.zone), state.zone);
}

/** Whether anything is billed at the contract's boundaries. */
function recurs(state: ContractState): boolean {
  return state.items.length > 0 && state.pauseReasons.length === 0;
}

/** The next boundary of the billing interval after what is settled: anchor + n × interval, never chained. */
function nextBill(state: ContractState): Instant {
  const settled = dateAt(state.settledThrough, state.zone);
  const boundary = startOfDay(nextBoundary(state.anchor, state.terms.billingInterval, settled), state.zone);
  return state.trialEndsAt !== null && boundary < state.trialEndsAt ? state.trialEndsAt : boundary;
}

/**
 * The next instant at which something becomes due by itself, or null when nothing ever will: a scheduled change, the
 * start, the end of the trial, a bill. While paused only scheduled changes are.
 */
export function nextDue(state: ContractState): Instant | null {
  if (state.phase === 'ended') return null;
  const due = state.scheduled.map((change) => change.dueAt);
  if (state.phase === 'ordered') {
    if (state.items.length > 0 || state.startsAt > state.settledThrough) due.push(state.startsAt);
  } else if (state.phase === 'trial' && state.trialEndsAt !== null) {
    due.push(state.trialEndsAt);
  } else if (recurs(state)) {
    due.push(nextBill(state));
  }
  return due.length === 0 ? null : due.reduce((a, b) => (a < b ? a : b));
}

/** End of the fee's period that contains `at`; in the trial, its end. */
function periodEnd(state: ContractState, at: Instant): Instant {
  if (state.trialEndsAt !== null && at < state.trialEndsAt) return state.trialEndsAt;
  const { end } = periodOf(state.anchor, state.terms.feeInterval, dateAt(at, state.zone));
  return startOfDay(end, state.zone);
}

/**
 * The instant from which a command counts; `at` means now. A date of today is now; an earlier one is refused.
 * @throws DomainError date_in_the_past, before_contract_start, invalid_date
 */
export function effectiveAt(state: ContractState, effective: Effective, at: Instant): Instant {
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
