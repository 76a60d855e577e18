import {
  type Instant,
  dateAt,
  earlier,
  later,
  localDate,
  periodOf,
  startOfDay,
} from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { endOfBooking, isOpen, nextOf, runsOf, runsUntilBilled } from './grids.ts';
import type { ContractState, Effective } from './state.ts';
import { endOfTerm } from './term.ts';

/** The contract's first bill run after the day of an instant. */
function nextRun(state: ContractState, after: Instant): Instant {
  return startOfDay(nextOf(runsOf(state), dateAt(after, state.zone)), state.zone);
}

/**
 * The next bills: the next run of everything that is billed, and the start of what begins between runs. While the
 * contract is paused only what is paid in arrears is billed.
 */
function nextBills(state: ContractState): Instant[] {
  const paused = state.pauseReasons.length > 0;
  const settled = dateAt(state.settledThrough, state.zone);
  const open = [...state.items, ...state.past].filter((item) => isOpen(state, item));
  const billed = paused ? open.filter((item) => item.pricing.mode === 'post_paid') : open;
  const runs = billed.flatMap((item) => runsUntilBilled(state, item, endOfBooking(state, item)));
  const starts = paused ? [] : open.map((item) => item.effectiveAt);
  const waiting = [
    ...state.reopened.map((each) => each.reportedAt),
    ...(paused ? [] : state.oneTime.map((each) => each.madeAt)),
  ];
  return [
    ...runs.map((grid) => startOfDay(nextOf(grid, settled), state.zone)),
    ...waiting.map((since) => nextRun(state, later(since, state.settledThrough))),
    ...starts.filter((start) => start > state.settledThrough),
  ].map((bill) => later(bill, state.trialEndsAt ?? bill));
}

/**
 * The next instant at which something becomes due by itself, or null when nothing ever will: a scheduled change, the
 * start, the end of the trial, a bill, the end of a term that does not renew.
 */
export function nextDue(state: ContractState): Instant | null {
  if (state.phase === 'ended') return null;
  const due = state.scheduled.map((change) => change.dueAt);
  if (state.phase === 'ordered') {
    if (state.items.length > 0 || state.startsAt > state.settledThrough) due.push(state.startsAt);
  } else if (state.phase === 'trial' && state.trialEndsAt !== null) {
    due.push(state.trialEndsAt);
  } else {
    due.push(...nextBills(state));
  }
  const end = endOfTerm(state);
  if (end !== null && state.phase !== 'ordered') due.push(end);
  return due.length === 0 ? null : due.reduce(earlier);
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
