import {
  FOREVER,
  type Instant,
  type LocalDate,
  dateAt,
  periodOf,
  startOfDay,
} from '../arithmetic/calendar.ts';
import {
  type Gridded,
  advancePaidUntil,
  arrearsBilledUntil,
  dayOf,
  endOfBooking,
  gridOf,
  sideOf,
  wasCut,
} from '../contracts/grids.ts';
import { type KnownEnds, knownEnds } from '../contracts/known-ends.ts';
import type { Catalogue, ContractState, Item, Proration } from '../contracts/state.ts';
import { type Range, isEmpty, subtract } from '../arithmetic/ranges.ts';

/** The context of a step: its instant, and the contract before and after it. */
export interface StepContext {
  readonly before: ContractState;
  readonly after: ContractState;
  readonly at: Instant;
  /** Items paid in advance are due from this instant on: the start of the step's day, or the step's own instant. */
  readonly from: Instant;
  /** The local day of the step. */
  readonly day: LocalDate;
  /** The local day of the instant through which the contract was settled before the step. */
  readonly settledDay: LocalDate;
  /** The known ends of the items that are in force after the step. */
  readonly ends: KnownEnds;
}

/** The context of the step that leads from `before` to `after`. */
export function stepContext(
  before: ContractState,
  after: ContractState,
  at: Instant,
  catalogue: Catalogue,
): StepContext {
  return {
    before,
    after,
    at,
    ends: knownEnds(after, catalogue),
    // A contract starts at the first instant of its first day, even if it was ordered later on that day.
    from: before.phase === 'ordered' ? dayOf(after, at) : sideOf(after, at, before.terms, after.terms),
    day: dateAt(at, after.zone),
    settledDay: dateAt(before.settledThrough, before.zone),
  };
}

/** A range that is due, and the full period that it lies in. */
export interface DueRange extends Range {
  /** `end` is the day after the last day. */
  readonly period: { readonly start: LocalDate; readonly end: LocalDate };
  /** How a part of a period is charged: in advance by the terms after the step, in arrears by those before it. */
  readonly proration: Proration;
}

/** The ranges of an item that are due at a step, whether a line covers them or not, split at the item's periods. */
export function dueRanges(context: StepContext, booked: Item): DueRange[] {
  if (booked.pricing.aggregation !== null) return [];
  const inArrears = booked.pricing.mode === 'post_paid';
  const item = inArrears ? booked : bounded(booked, context.ends);
  const span = inArrears ? arrearsSpan(context, item) : advanceSpan(context, item);
  if (span === null || isEmpty(span)) return [];
  const { terms } = inArrears ? context.before : context.after;
  const state = { ...context.after, terms };
  const part = terms.proration === 'none' ? wholePeriod : partsOf;
  return periodsIn(state.zone, item, span)
    .flatMap((period) => part(state, item, span, period))
    .map((range) => ({ ...range, proration: terms.proration }));
}

/** The item up to its known end: an item paid in advance is billed no further. */
function bounded(item: Item, ends: KnownEnds): Item {
  const end = ends.get(item.subject);
  return end === undefined ? item : { ...item, endsAt: earliest(end, item.endsAt) };
}

/**
 * The span of an item that is due in advance, from the step's day on. Null in a pause, before the start, after the end,
 * and in the trial, which may end in the middle of a period if the order chose an anchor.
 */
function advanceSpan({ after, at, from, day }: StepContext, item: Item): Range | null {
  const idle = after.pauseReasons.length > 0 || after.phase === 'ordered' || after.phase === 'ended';
  const inTrial = after.trialEndsAt !== null && at < after.trialEndsAt;
  if (idle || inTrial || item.effectiveAt > at) return null;
  // A standalone item has full periods: it begins with its first day, even if changes count from their instant.
  const begins = item.pricing.standalone && dateAt(item.effectiveAt, after.zone) === day;
  return {
    start: begins ? item.effectiveAt : from,
    end: startOfDay(advancePaidUntil(after, item, day), after.zone),
  };
}

/**
 * The span of an item that is due in arrears: from the end of the last bill run to the end of this one. A change of the
 * interval and the end of the contract close its open periods. Null if an earlier step has closed them.
 */
export function arrearsSpan({ before, after, day, settledDay }: StepContext, item: Item): Range | null {
  const cut = wasCut(after, item);
  if (after.phase === 'ordered' || (cut && wasCut(before, item))) return null;
  const start = arrearsBilledUntil(before, item, endOfBooking(before, item), settledDay);
  if (item.endsAt !== null && (cut || after.phase === 'ended')) return { start, end: item.endsAt };
  return { start, end: arrearsBilledUntil(after, item, endOfBooking(after, item), day) };
}

type PeriodRange = Omit<DueRange, 'proration'>;

/** The periods of an item's own grid that a span touches. */
export function periodsIn(zone: string, item: Gridded, span: Range): PeriodRange[] {
  const { anchor, interval } = gridOf(item);
  const periods: PeriodRange[] = [];
  for (let day = dateAt(span.start, zone); startOfDay(day, zone) < span.end;) {
    const { start, end } = periodOf(anchor, interval, day);
    periods.push({ start: startOfDay(start, zone), end: startOfDay(end, zone), period: { start, end } });
    day = end;
  }
  return periods;
}

/** The parts of a period that are due: within the span and the time of the item, outside of the trial and of pauses. */
function partsOf(state: ContractState, item: Item, span: Range, period: PeriodRange): PeriodRange[] {
  const due = {
    start: latest(span.start, period.start, item.effectiveAt, state.trialEndsAt),
    end: earliest(span.end, period.end, item.endsAt),
  };
  return subtract([due], pausesOf(state)).map((range) => ({ ...range, period: period.period }));
}

/** Without proration, a period is due as a whole if the item is in force and not paused at the period's first instant. */
function wholePeriod(state: ContractState, item: Item, span: Range, period: PeriodRange): PeriodRange[] {
  const first = period.start;
  const inForce = item.effectiveAt <= first && (item.endsAt === null || first < item.endsAt);
  const due = first >= span.start && first < span.end && first >= (state.trialEndsAt ?? '');
  const paused = pausesOf(state).some((pause) => pause.start <= first && first < pause.end);
  return inForce && due && !paused ? [period] : [];
}

function pausesOf({ pauses }: ContractState): Range[] {
  return pauses.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt ?? FOREVER }));
}

function latest(...instants: readonly (Instant | null)[]): Instant {
  return instants.reduce<Instant>((last, each) => (each !== null && each > last ? each : last), '');
}

function earliest(...instants: readonly (Instant | null)[]): Instant {
  return instants.reduce<Instant>((first, each) => (each !== null && each < first ? each : first), FOREVER);
}
