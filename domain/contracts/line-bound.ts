import { dateAt } from '../arithmetic/calendar.ts';
import { linesPerBill, linesPerPeriod, periodsPerBill } from '../catalogue/line-count.ts';
import { arrearsBilledUntil, endOfBooking, isOpen } from './grids.ts';

import type { ContractState, Item } from './state.ts';

/**
 * The most lines that one step may make for the booked items of a contract. The step is due by itself, a pause, a
 * resumption or a cancellation. The bound follows from intervals, tiers and counts alone, before any line is computed.
 * One-time charges are not counted: the number of them that may wait has a limit of its own.
 */
export function mostLines(state: ContractState): number {
  const resuming = [...new Set(state.suspended.map(({ subject }) => subject))];
  return (
    aheadOfAll(state) +
    arrearsOf(state) +
    lateOf(state) +
    sumOf(resuming, (subject) => coveringOf(state, subject))
  );
}

/**
 * The most lines of the step that changes `before` to `after`, and of any later step. Besides the lines of `after`, the
 * change bills the arrears of `before` that it closes, and credits the lines of items that it supersedes.
 */
export function mostLinesOfChange(before: ContractState, after: ContractState): number {
  const kept = new Set(after.items.map(({ id }) => id));
  const superseded = before.items.filter(({ id, pricing }) => !kept.has(id) && pricing.mode !== 'post_paid');
  const credits = sumOf(superseded, (item) =>
    Math.max(aheadOf(before, item), coveringOf(before, item.subject)),
  );
  const closed = Math.max(0, arrearsOf(before) - arrearsOf(after));
  const { suspended, reopened } = before;
  return mostLines({ ...after, suspended, reopened }) + closed + credits;
}

/** The lines of items paid in advance: the periods that one bill pays ahead, times the tiers that the quantity reaches. */
function aheadOfAll(state: ContractState): number {
  const ahead = state.items.filter((item) => item.pricing.mode !== 'post_paid' && isOpen(state, item));
  return sumOf(ahead, (item) => aheadOf(state, item));
}

const aheadOf = ({ terms }: ContractState, { pricing, quantity }: Item): number =>
  linesPerBill(pricing, quantity, terms);

/**
 * The lines of items paid in arrears: the periods that one bill closes, times the tiers that the quantity reaches. A
 * metered period may reach all tiers. In other periods, each revision and each pause may make one range more.
 */
function arrearsOf(state: ContractState): number {
  const bookings = new Map<string, Item[]>();
  for (const item of [...state.past, ...state.items]) {
    if (item.pricing.mode !== 'post_paid' || !isOpen(state, item)) continue;
    const revisions = bookings.get(item.subject);
    if (revisions === undefined) bookings.set(item.subject, [item]);
    else revisions.push(item);
  }
  return sumOf([...bookings.values()], (revisions) => {
    const metered = revisions.some(({ pricing }) => pricing.aggregation !== null);
    const periods = mostOf(revisions, ({ pricing }) => periodsPerBill(pricing, state.terms));
    const lines = mostOf(revisions, ({ pricing, quantity }) =>
      linesPerPeriod(pricing, metered ? null : quantity),
    );
    const cuts = metered ? 0 : revisions.length - 1 + mostOf(revisions, (item) => pausesIn(state, item));
    return (periods + cuts) * lines;
  });
}

/** The number of pauses that overlap the unbilled arrears of an item. */
function pausesIn(state: ContractState, item: Item): number {
  const owedFrom = arrearsBilledUntil(
    state,
    item,
    endOfBooking(state, item),
    dateAt(state.settledThrough, state.zone),
  );
  return state.pauses.filter(
    ({ startsAt, endsAt }) => endsAt === null || (startsAt < endsAt && endsAt > owedFrom),
  ).length;
}

/** The lines of reopened periods. If all units have the price of one tier, the line of another tier may be taken back. */
function lateOf({ reopened }: ContractState): number {
  return sumOf(reopened, ({ item: { pricing } }) => linesPerPeriod(pricing, null) + 1);
}

/** The number of stored lines of a subject that may be credited. */
function coveringOf({ lines, settledThrough }: ContractState, subject: string): number {
  return lines.filter((line) => line.subject === subject && line.endsAt > settledThrough).length;
}

function sumOf<T>(list: readonly T[], value: (each: T) => number): number {
  return list.reduce((sum, each) => sum + value(each), 0);
}

function mostOf<T>(list: readonly T[], value: (each: T) => number): number {
  return list.reduce((most, each) => Math.max(most, value(each)), 0);
}
