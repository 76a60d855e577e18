import {
  FOREVER,
  type Instant,
  dateAt,
  earlier,
  later,
  startOfDay,
} from '../../domain/arithmetic/calendar.ts';
import { periodsIn } from '../../domain/billing/due.ts';
import {
  advancePaidUntil,
  arrearsBilledUntil,
  floorOf,
  nextOf,
  billRunsFor,
  wasCut,
} from '../../domain/contracts/grids.ts';
import type { Proration } from '../../domain/contracts/state.ts';
import { type Range, intersect, isEmpty, subtract } from '../../domain/arithmetic/ranges.ts';
import { type History, type Revision, dayOf } from './history.ts';

/** The time that lines of a subject must cover: ranges, and the first instants of periods that are charged as a whole. */
export interface Owed {
  readonly ranges: readonly Range[];
  readonly firsts: readonly Instant[];
}

const NOTHING: Owed = { ranges: [], firsts: [] };

/**
 * Computes which time of a revision must be covered up to the settled instant. It follows from the rules alone, not from what was
 * billed. If phases with and without proration meet in one period that is paid in arrears, either may have billed it, so nothing is
 * required there.
 */
export function owedOf(history: History, item: Revision): Owed {
  return item.pricing.mode === 'post_paid' ? owedInArrears(history, item) : owedInAdvance(history, item);
}

/** For an item that is paid in advance: its time while the contract was running, as far ahead as the last step has billed. */
function owedInAdvance(history: History, item: Revision): Owed {
  const { zone, settledThrough } = history;
  // An item that is paid in advance is due on its start.
  if (item.effectiveAt > settledThrough) return NOTHING;
  const ahead = startOfDay(advancePaidUntil(history, item, dateAt(settledThrough, zone)), zone);
  const horizon = earlier(ahead, history.knownUntil ?? FOREVER);
  const own = { start: beginOf(history, item), end: earlier(endOf(history, item), horizon) };
  if (isEmpty(own)) return NOTHING;
  const running = runningSpans(history);
  const whole = running.filter((span) => span.proration === 'none');
  const shares = running.filter((span) => span.proration !== 'none');
  const firsts = periodsIn(zone, item, own).map((period) => period.start);
  return {
    ranges: intersect([own], shares),
    firsts: firsts.filter((first) => within(own, first) && isIn(whole, first)),
  };
}

/** The beginning of an item. A standalone item that was booked in a pause which began on the same day is due from that pause on. */
function beginOf(history: History, { pricing, effectiveAt }: Revision): Instant {
  if (!pricing.standalone) return effectiveAt;
  const pause = history.phases.find(
    ({ kind, startsAt }) => kind === 'inactive' && dayOf(history, startsAt) === effectiveAt,
  );
  return pause?.startsAt ?? effectiveAt;
}

/**
 * The end of an item. A revision that is superseded or removed in a pause is not due from the beginning of the pause on, even if the
 * pause ended at that same instant (rule 25).
 */
function endOf(history: History, { endsAt }: Revision): Instant {
  if (endsAt === null) return FOREVER;
  const { phases } = history;
  const pause = phases.findIndex(({ kind, startsAt }, index) => {
    const over = phases[index + 1]?.startsAt ?? FOREVER;
    return kind === 'inactive' && startsAt <= endsAt && endsAt <= over;
  });
  return pause === -1 ? endsAt : earlier(boundary(history, pause), endsAt);
}

/** For an item in arrears: its time up to the last bill run, or all of it if the contract has ended or its interval was changed. */
function owedInArrears(history: History, item: Revision): Owed {
  const { zone, settledThrough, ended, trialEndsAt } = history;
  const closedAtOnce = ended || wasCut(history, item);
  const booked = history.items.findLast((each) => each.subject === item.subject)?.endsAt ?? null;
  const billed = arrearsBilledUntil(history, item, booked, dateAt(settledThrough, zone));
  const own = {
    start: later(item.effectiveAt, trialEndsAt ?? ''),
    end: earlier(item.endsAt ?? FOREVER, closedAtOnce ? FOREVER : billed),
  };
  if (isEmpty(own)) return NOTHING;
  const pauses = pausesOf(history);
  const periods = periodsIn(zone, item, own).map(({ start, end, period }) => {
    const until = closedAtOnce ? FOREVER : startOfDay(closingRun(history, item, period.end), zone);
    return { start, end, prorations: prorationsIn(history, { start, end: until }) };
  });
  const shares = periods.filter(({ prorations }) => !prorations.has('none'));
  const whole = periods.filter(({ prorations }) => prorations.has('none') && prorations.size === 1);
  return {
    ranges: subtract(intersect([own], shares), pauses),
    firsts: whole.map((period) => period.start).filter((first) => within(own, first) && !isIn(pauses, first)),
  };
}

/** The bill run that closes a period: the first one at or after its end. */
function closingRun(history: History, item: Revision, end: string): string {
  const runs = billRunsFor(history, item);
  return floorOf(runs, end) === end ? end : nextOf(runs, end);
}

/** The prorations of the phases that are in force within a range, its end included. */
function prorationsIn({ phases }: History, { start, end }: Range): Set<Proration> {
  const found = phases.filter(({ startsAt }, index) => {
    const endsAt = phases[index + 1]?.startsAt ?? FOREVER;
    return startsAt <= end && endsAt >= start;
  });
  return new Set(found.map((phase) => phase.proration));
}

interface RunningSpan extends Range {
  readonly proration: Proration;
}

/**
 * The spans in which the contract was in phase `normal` and not on trial. The last phase is open. A pause frees the day on which it
 * begins. That day does not become due again if a change by days follows on the day of resuming.
 */
function runningSpans(history: History): RunningSpan[] {
  const { phases, trialEndsAt } = history;
  return phases.flatMap((phase, index) => {
    if (phase.kind !== 'normal') return [];
    const start = later(later(boundary(history, index), resumedAt(history, index)), trialEndsAt ?? '');
    // A later phase of the same day may count from the beginning of the day, although an earlier one counts from its instant.
    const end = phases
      .slice(index)
      .reduce((at, _, n) => earlier(at, boundary(history, index + n + 1)), FOREVER);
    return [{ start, end, proration: phase.proration }];
  });
}

/** The instant at which the last pause before a phase was over; if there was none, a text before all instants. */
function resumedAt(history: History, index: number): Instant {
  const { phases } = history;
  const resumed = phases.findLastIndex(
    ({ kind }, n) => n <= index && kind !== 'inactive' && phases[n - 1]?.kind === 'inactive',
  );
  return resumed === -1 ? '' : boundary(history, resumed);
}

/** The instant from which a phase counts: its own if it and the phase before both prorate by seconds, otherwise that of its day. */
function boundary(history: History, index: number): Instant {
  const [before, phase] = [history.phases[index - 1], history.phases[index]];
  if (phase === undefined) return FOREVER;
  const exact = before?.proration === 'seconds' && phase.proration === 'seconds';
  return exact ? phase.startsAt : dayOf(history, phase.startsAt);
}

/** The spans without service. If variants prorate in several ways, a pause is as long as the most generous one makes it. */
function pausesOf(history: History): Range[] {
  const { phases } = history;
  const prorations = new Set(phases.map((phase) => phase.proration));
  const exact = prorations.size === 1 && prorations.has('seconds');
  return phases.flatMap((phase, index) => {
    if (phase.kind !== 'inactive') return [];
    const end = phases[index + 1]?.startsAt ?? FOREVER;
    return [
      {
        start: exact ? phase.startsAt : dayOf(history, phase.startsAt),
        end: prorations.has('seconds') ? end : dayOf(history, end),
      },
    ];
  });
}

const within = ({ start, end }: Range, at: Instant): boolean => start <= at && at < end;
const isIn = (ranges: readonly Range[], at: Instant): boolean => ranges.some((range) => within(range, at));
