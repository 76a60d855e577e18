import { Context, activityInfo } from '@temporalio/activity';

const HEARTBEAT_MS = 2_000;

/**
 * Does the work of an activity, with heartbeats that say that its worker lives, however long the work takes.
 * @param work gets the instant at which the workflow asked, by Temporal's clock
 */
export async function withHeartbeat<T>(work: (woken: string) => Promise<T>): Promise<T> {
  const woken = new Date(activityInfo().currentAttemptScheduledTimestampMs).toISOString();
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work(woken);
  } finally {
    clearInterval(beat);
  }
}
