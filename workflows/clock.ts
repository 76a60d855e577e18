import { CancellationScope, proxyActivities, setHandler } from '@temporalio/workflow';
import type { createClockActivities } from '../activities/clock.ts';
import { wake } from '../temporal/messages.ts';

const walking = proxyActivities<ReturnType<typeof createClockActivities>>({
  startToCloseTimeout: '2h',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
});

/**
 * Advances a test clock. One activity walks the agenda, and any worker can continue it, as all of its state is in Postgres.
 * A request to cancel the workflow changes nothing.
 */
export async function clock(clockId: string): Promise<void> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  await CancellationScope.nonCancellable(async () => {
    do {
      woken = false;
      await walking.advance(clockId);
    } while (woken);
  });
}
