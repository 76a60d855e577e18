/**
 * The consequences of a webhook that its endpoint did not accept. All times are wall time, in seconds.
 *
 *   waiting ─ accepted ─▶ delivered
 *      │ not accepted: pause, then again, for three days
 *      └─ after three days ─▶ dead, if the endpoint accepted other webhooks meanwhile
 *                        └──▶ waits on, if it accepted nothing: then the endpoint is disabled
 */

/** The time for which a webhook is tried, and after which an endpoint that accepts nothing is disabled: three days. */
const TRIED_FOR_S = 3 * 86_400;

const FIRST_PAUSE_S = 5;
const LONGEST_PAUSE_S = 8 * 3_600;

/** The pause after the nth try, before a random part is added: 5 s, 15 s, 45 s, … up to 8 hours. */
export function pauseAfter(tries: number): number {
  return Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 3 ** Math.min(tries - 1, 20));
}

/** An endpoint rests between tries after this many webhooks that failed their first try, without an accepted one between them. */
const FAILURES_BEFORE_REST = 5;
const FIRST_REST_S = 5;
const LONGEST_REST_S = 600;

/** The rest of an endpoint after a number of failures; null while it has had too few. */
export function restAfter(failures: number): number | null {
  if (failures < FAILURES_BEFORE_REST) return null;
  return Math.min(LONGEST_REST_S, FIRST_REST_S * 2 ** Math.min(failures - FAILURES_BEFORE_REST, 10));
}

/** Statuses with which an endpoint may ask for a pause, and the longest pause that is granted. */
const ASKING: readonly (number | null)[] = [429, 503];
const LONGEST_ASKED_S = 3_600;
/** The status of an endpoint that will not come back. */
const GONE = 410;

/** A webhook and its endpoint when a try has failed. */
export interface FailedTry {
  /** How often the webhook was tried, this time included. */
  readonly tries: number;
  /** The time since its first try. */
  readonly triedFor: number;
  /** Whether the endpoint has accepted another webhook since that first try. */
  readonly acceptedMeanwhile: boolean;
  /** The failures of the endpoint since it last accepted a webhook, without this one. */
  readonly failures: number;
  /** The time since the first of the failures without an accepted webhook between them; 0 if this is the first. */
  readonly failingFor: number;
  /** A number from 0 to 1, so that webhooks that failed together are not tried again together. */
  readonly chance: number;
  /** The status of the answer; null if there was none. */
  readonly status: number | null;
  /** The pause in seconds that the answer asks for; null if it asks for none. */
  readonly retryAfter: number | null;
}

/** The consequences of a failed try. */
export interface AfterFailedTry {
  readonly webhook: 'waits' | 'dead';
  /** The time until the webhook's next try. */
  readonly pause: number;
  /** Why the endpoint is disabled; null if it is not. */
  readonly disables: 'failing' | 'gone' | null;
  readonly failures: number;
  /** The time in which nothing is sent to the endpoint; null if it gets the next webhook at once. */
  readonly rest: number | null;
  /** The time in which the endpoint has asked for no requests; null if it has not asked. */
  readonly askedPause: number | null;
}

/**
 * Decides what follows a failed try. A failed repetition counts as a failure of the endpoint only while the endpoint rests. Otherwise
 * one webhook that is never accepted would delay all others.
 */
export function afterFailedTry(failed: FailedTry): AfterFailedTry {
  const over = failed.triedFor >= TRIED_FOR_S;
  const counts = failed.tries === 1 || failed.failures >= FAILURES_BEFORE_REST;
  const failures = failed.failures + (counts ? 1 : 0);
  const asks = ASKING.includes(failed.status) && failed.retryAfter !== null;
  const asked = asks ? Math.min(LONGEST_ASKED_S, failed.retryAfter) : null;
  const pause = Math.max(pauseAfter(failed.tries) * (1 + failed.chance / 10), asked ?? 0);
  return {
    webhook: over && failed.acceptedMeanwhile ? 'dead' : 'waits',
    // The last try is three days after the first one.
    pause: over ? pause : Math.min(pause, TRIED_FOR_S - failed.triedFor),
    disables: failed.status === GONE ? 'gone' : failed.failingFor >= TRIED_FOR_S ? 'failing' : null,
    failures,
    rest: restAfter(failures),
    askedPause: asked,
  };
}
