import { type Instant, dateAt, earlier, later, startOfDay } from '../arithmetic/calendar.ts';
import { endOfBooking, isOpen, nextOf, billRunsOf, billRunsUntilBilled } from './grids.ts';
import type { ContractState } from './state.ts';
import { endOfTerm } from './term.ts';

/** The contract's first bill run after the day of an instant. */
function nextBillRun(state: ContractState, after: Instant): Instant {
  return startOfDay(nextOf(billRunsOf(state), dateAt(after, state.zone)), state.zone);
}

/**
 * The instants of the next bills: the next bill run of each open item, the start of items that begin between bill runs,
 * and the next bill run for late usage and one-time charges. In a pause, only arrears and late usage are billed.
 */
function nextBills(state: ContractState): Instant[] {
  const paused = state.pauseReasons.length > 0;
  const settledDay = dateAt(state.settledThrough, state.zone);
  const open = [...state.items, ...state.past].filter((item) => isOpen(state, item));
  const billed = paused ? open.filter((item) => item.pricing.mode === 'post_paid') : open;
  const runs = billed.flatMap((item) => billRunsUntilBilled(state, item, endOfBooking(state, item)));
  const starts = paused ? [] : open.map((item) => item.effectiveAt);
  const waiting = [
    ...state.reopened.map((each) => each.reportedAt),
    ...(paused ? [] : state.oneTime.map((each) => each.madeAt)),
  ];
  return [
    ...runs.map((grid) => startOfDay(nextOf(grid, settledDay), state.zone)),
    ...waiting.map((since) => nextBillRun(state, later(since, state.settledThrough))),
    ...starts.filter((start) => start > state.settledThrough),
  ].map((bill) => later(bill, state.trialEndsAt ?? bill));
}

/**
 * The next instant at which something becomes due by itself: a scheduled change, the start, the end of the trial, a bill,
 * or the end of a term that does not renew. Null if nothing will become due.
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
