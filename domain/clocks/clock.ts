import { type Instant, addDays, dateAt } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';

/**
 * A test clock lives like this:
 *
 *   ready ── is told to advance ──▶ advancing ── has settled at its target ──▶ ready
 *     ▲                              │      ▲
 *     └── (told to advance) ── stuck ◀┘      └── moves to the next instant of its agenda
 */
export type ClockStatus = 'ready' | 'advancing' | 'stuck';

/** What a clock may become. */
const successors: Readonly<Record<ClockStatus, readonly ClockStatus[]>> = {
  ready: ['advancing'],
  advancing: ['advancing', 'ready', 'stuck'],
  stuck: ['advancing'],
};

export function clockMayBecome(from: ClockStatus, to: ClockStatus): boolean {
  return successors[from].includes(to);
}

/**
 * Requests from outside wait while a clock advances.
 * @throws DomainError clock_advancing
 */
export function refuseAdvancing({ advancing }: { readonly advancing: boolean }): void {
  if (advancing) {
    throw new DomainError('clock_advancing', 'the test clock is advancing; ask again when it is ready');
  }
}

const MOST_DAYS = 731;

/**
 * Whether a clock may be told to advance to an instant.
 * @throws DomainError clock_advancing, clock_backwards, clock_too_far
 */
export function checkAdvance({ now, status }: { now: Instant; status: ClockStatus }, to: Instant): void {
  if (status === 'advancing') {
    throw new DomainError('clock_advancing', 'the test clock is advancing already');
  }
  if (to < now) {
    throw new DomainError('clock_backwards', `the clock stands at ${now}; it never goes back`, {
      field: 'to',
    });
  }
  if (dateAt(to, 'UTC') > addDays(dateAt(now, 'UTC'), MOST_DAYS)) {
    throw new DomainError('clock_too_far', 'a clock advances by two years at most', { field: 'to' });
  }
}

/** @throws DomainError clock_advancing: a clock is deleted when it is ready, or stuck */
export function checkDeletion({ status }: { readonly status: ClockStatus }): void {
  if (status !== 'advancing') return;
  throw new DomainError('clock_advancing', 'the test clock is advancing; delete it when it is ready');
}

/** Where a clock that has settled goes: to the next instant of its agenda, or to its target if nothing comes before. */
export function nextStop(nextAt: Instant | null, target: Instant): { at: Instant; status: ClockStatus } {
  return nextAt === null || nextAt > target
    ? { at: target, status: 'ready' }
    : { at: nextAt, status: 'advancing' };
}
