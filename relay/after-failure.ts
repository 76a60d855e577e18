import type { AfterFailure } from '../db/platform/outbox.ts';

/** A message that failed so often by its own fault becomes a dead letter. This takes some eight minutes. */
const MOST_FAILURES = 10;
/** The longest wait between two tries while Temporal or Postgres does not answer, in seconds. */
const LONGEST_OUTAGE_S = 60;
/** The longest wait after a failure by the message's own fault, in seconds. */
const LONGEST_FAILURE_S = 300;

/**
 * Decides when a message is tried again.
 * @param passes the error may pass, as when Temporal or Postgres does not answer: the message is then tried without an end.
 *   Otherwise the fault is the message's own. The waits then double, and after the tenth failure it is not tried again.
 */
export function afterFailure(
  { tries, failures }: { readonly tries: number; readonly failures: number },
  { passes }: { readonly passes: boolean },
): AfterFailure {
  if (passes) return { failures, waitSeconds: Math.min(LONGEST_OUTAGE_S, 2 ** Math.min(tries - 1, 10)) };
  const count = failures + 1;
  if (count >= MOST_FAILURES) return { failures: count, waitSeconds: null };
  return { failures: count, waitSeconds: Math.min(LONGEST_FAILURE_S, 2 ** failures) };
}
