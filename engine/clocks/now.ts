import { later } from '../../domain/arithmetic/calendar.ts';

/** How far Temporal's clock may be ahead of Postgres'. */
const MOST_AHEAD_MS = 60_000;

/**
 * The clocks of Temporal and Postgres differ too much. The activity is retried later, so that nothing is decided at an instant
 * in the future.
 */
export class ClockAhead extends Error {
  constructor(stored: string, woken: string) {
    super(`Temporal says that it is ${woken}, and Postgres ${stored}: one of the two clocks is wrong`);
    this.name = 'ClockAhead';
  }
}

/**
 * The customer's now (rule 40). On wall time it is never before the instant at which the workflow woke, so that a workflow
 * whose timer fired finds its work due. On a test clock it is the clock's time.
 * @param locked the instant by Postgres' clock, or by the test clock
 * @throws ClockAhead if the workflow woke more than a minute later than that
 */
export function nowOf(
  locked: string,
  woken: string,
  { clocked, mostAheadMs = MOST_AHEAD_MS }: { clocked: boolean; mostAheadMs?: number | undefined },
): string {
  if (clocked) return locked;
  if (Date.parse(woken) - Date.parse(locked) > mostAheadMs) throw new ClockAhead(locked, woken);
  return later(locked, woken);
}
