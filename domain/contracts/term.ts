import {
  type Instant,
  type LocalDate,
  addInterval,
  later,
  dateAt,
  periodOf,
  startOfDay,
} from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { ContractState } from './state.ts';

type Bound = Pick<ContractState, 'anchor' | 'terms' | 'termStart' | 'trialEndsAt' | 'zone'>;

/** The instant at which the contract ends by itself because its term does not renew; else null. */
export function endOfTerm({ terms, termStart, zone }: Bound): Instant | null {
  if (terms.term === null || terms.renewal !== null) return null;
  return startOfDay(addInterval(termStart, terms.term, 1), zone);
}

/**
 * The first day on which the contract may end if it is cancelled on `day`. It is the first end whose last day of notice
 * has not passed. Ends are those of the term and of renewal intervals, or, without a term, of fee periods. In the trial,
 * and without term and notice, it is `day`.
 */
export function earliestEnd(state: Bound, day: LocalDate): LocalDate {
  const { terms, trialEndsAt, zone } = state;
  const inTrial = trialEndsAt !== null && startOfDay(day, zone) < trialEndsAt;
  if (inTrial || (terms.term === null && terms.notice === null)) return day;
  for (let n = 0; ; n++) {
    const end = endNumber(state, day, n);
    const lastDay = terms.notice === null ? end : addInterval(end, terms.notice, -1);
    if (lastDay >= day && end > day) return end;
    if (terms.term !== null && terms.renewal === null) return end;
  }
}

/** The n-th end at which a contract may be left: from the term on, or, without a term, from the fee period of `day` on. */
function endNumber({ anchor, terms, termStart }: Bound, day: LocalDate, n: number): LocalDate {
  if (terms.term === null) {
    const { index } = periodOf(anchor, terms.feeInterval, day);
    return addInterval(anchor, terms.feeInterval, index + 1 + n);
  }
  const first = addInterval(termStart, terms.term, 1);
  return terms.renewal === null || n === 0 ? first : addInterval(first, terms.renewal, n);
}

/**
 * The instant from which a cancellation counts: the requested one, or for `period_end` the earliest that the term allows.
 * @param request `at` is the requested instant: now, the end of the fee period, or a date
 * @throws DomainError before_earliest_end
 */
export function cancelledAt(
  state: ContractState,
  request: {
    readonly at: Instant;
    readonly effective: string;
    readonly askedAt: Instant;
    readonly waived: boolean;
  },
): Instant {
  const today = later(dateAt(request.askedAt, state.zone), state.startDate);
  const earliest = earliestEnd(state, today);
  const beforeStart = state.phase === 'ordered' && request.effective !== 'period_end';
  if (request.waived || earliest === today || beforeStart) return request.at;
  if (request.effective === 'period_end') return startOfDay(earliest, state.zone);
  if (dateAt(request.at, state.zone) >= earliest) return request.at;
  throw new DomainError('before_earliest_end', `the contract can end on ${earliest} at the earliest`, {
    field: 'effective',
    details: { earliest_end: earliest },
  });
}
