import { Context, activityInfo } from '@temporalio/activity';
import { givenUpBy } from '../db/platform/call.ts';

/**
 * Runs the work of an activity that touches only our database. If the activity times out or is cancelled, its transaction is
 * rolled back. Temporal itself only stops waiting for it.
 */
export async function inTime<T>(work: () => Promise<T>): Promise<T> {
  const { cancellationSignal } = Context.current();
  const giving = new AbortController();
  const giveUp = (): void => giving.abort();
  const timer = setTimeout(giveUp, activityInfo().startToCloseTimeoutMs);
  cancellationSignal.addEventListener('abort', giveUp, { once: true });
  try {
    return await givenUpBy(giving.signal, work);
  } finally {
    clearTimeout(timer);
    cancellationSignal.removeEventListener('abort', giveUp);
  }
}
