import { dateAt } from '../arithmetic/calendar.ts';
import { linesPerBill, linesPerPeriod, periodsPerBill } from '../catalogue/line-count.ts';
import { behindOf, endOfBooking, isOpen } from './grids.ts';

import type { ContractState, Item } from './state.ts';

/**
 * The most lines that one step may make of what a contract has booked, if nothing is asked of it but to pause, to resume
 * or to end. It is found from intervals, tiers and counts alone, before anything is computed. One-time charges come
 * beside it: how many of them may wait has a bound of its own.
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
 * The most lines of the step that makes `after` of `before`, and of any later one. Beside what `after` may be billed, the
 * change closes what `before` owes in arrears, and credits what it has paid for the items that are superseded.
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

/** What is paid in advance: the periods that one bill pays ahead, with a line for each tier that the quantity reaches. */
function aheadOfAll(state: ContractState): number {
  const ahead = state.items.filter((item) => item.pricing.mode !== 'post_paid' && isOpen(state, item));
  return sumOf(ahead, (item) => aheadOf(state, item));
}

const aheadOf = ({ terms }: ContractState, { pricing, quantity }: Item): number =>
  linesPerBill(pricing, quantity, terms);

/**
 * What is paid in arrears: the periods that one bill closes. A metered period may reach all its tiers. Of other things,
 * each revision and each pause may cut one range more.
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

/** The pauses that reach into what an item still owes. */
function pausesIn(state: ContractState, item: Item): number {
  const owedFrom = behindOf(state, item, endOfBooking(state, item), dateAt(state.settledThrough, state.zone));
  return state.pauses.filter(
    ({ startsAt, endsAt }) => endsAt === null || (startsAt < endsAt && endsAt > owedFrom),
  ).length;
}

/** Periods that late usage has opened again. A price that all units share takes its line back from another tier. */
function lateOf({ reopened }: ContractState): number {
  return sumOf(reopened, ({ item: { pricing } }) => linesPerPeriod(pricing, null) + 1);
}

/** Stored lines of a subject that may be credited. */
function coveringOf({ lines, settledThrough }: ContractState, subject: string): number {
  return lines.filter((line) => line.subject === subject && line.endsAt > settledThrough).length;
}

function sumOf<T>(list: readonly T[], value: (each: T) => number): number {
  return list.reduce((sum, each) => sum + value(each), 0);
}

function mostOf<T>(list: readonly T[], value: (each: T) => number): number {
  return list.reduce((most, each) => Math.max(most, value(each)), 0);
}
