import type { AfterFailure } from '../db/platform/outbox.ts';

/** A message that failed so often for a reason of its own is a dead letter: after some eight minutes. */
const MOST_FAILURES = 10;
/** Waits of what will be delivered once the other side answers again. */
const LONGEST_OUTAGE_S = 60;
const LONGEST_FAILURE_S = 300;

/**
 * When a message is tried again. While Temporal or Postgres does not answer, for as long as that takes: the message is
 * not at fault. Else after waits that double, and after the tenth failure never.
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
