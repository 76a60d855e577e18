import { type Instant, addDays, dateAt } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';

/**
 * The states of a test clock:
 *
 * - `ready` → `advancing`: a request advances it.
 * - `advancing` → `advancing`: it has settled, and moves to the next instant of its agenda.
 * - `advancing` → `ready`: it has settled at its target.
 * - `advancing` → `stuck`: it cannot settle, because of an incident or because nothing happens any more.
 * - `stuck` → `advancing`: a request advances it again.
 */
export type ClockStatus = 'ready' | 'advancing' | 'stuck';

/** The states that may follow each state. */
const successors: Readonly<Record<ClockStatus, readonly ClockStatus[]>> = {
  ready: ['advancing'],
  advancing: ['advancing', 'ready', 'stuck'],
  stuck: ['advancing'],
};

/** Whether `to` may follow `from`. */
export function clockMayBecome(from: ClockStatus, to: ClockStatus): boolean {
  return successors[from].includes(to);
}

/**
 * Refuses requests from outside while a clock advances.
 * @throws DomainError clock_advancing
 */
export function refuseAdvancing({ advancing }: { readonly advancing: boolean }): void {
  if (advancing) {
    throw new DomainError('clock_advancing', 'the test clock is advancing; ask again when it is ready');
  }
}

/** The most days by which a clock advances: two years, one of them a leap year. */
const MOST_DAYS = 731;

/**
 * Refuses to advance a clock to an instant that it may not advance to.
 * @throws DomainError clock_advancing, clock_backwards, clock_too_far
 */
export function checkAdvance({ now, status }: { now: Instant; status: ClockStatus }, to: Instant): void {
  if (status === 'advancing') {
    throw new DomainError('clock_advancing', 'the test clock is advancing already');
  }
  if (to < now) {
    throw new DomainError('clock_backwards', `the clock is at ${now}; it never goes back`, {
      field: 'to',
    });
  }
  if (dateAt(to, 'UTC') > addDays(dateAt(now, 'UTC'), MOST_DAYS)) {
    throw new DomainError('clock_too_far', 'a clock advances by two years at most', { field: 'to' });
  }
}

/**
 * Refuses to delete a clock that advances.
 * @throws DomainError clock_advancing
 */
export function checkDeletion({ status }: { readonly status: ClockStatus }): void {
  if (status !== 'advancing') return;
  throw new DomainError('clock_advancing', 'the test clock is advancing; delete it when it is ready');
}

/** The next instant of a clock that has settled: the next one of its agenda, or its target if nothing is due before. */
export function nextStop(nextAt: Instant | null, target: Instant): { at: Instant; status: ClockStatus } {
  return nextAt === null || nextAt > target
    ? { at: target, status: 'ready' }
    : { at: nextAt, status: 'advancing' };
}
