import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import { wake } from '../temporal/messages.ts';

const deciding = proxyActivities<{ writeRow(id: string): Promise<string> }>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * The smallest workflow that wakes, writes and sleeps again. It has one timer, and one activity that writes one row. It never
 * continues as new, as its run is short enough in the bench.
 */
export async function bare(id: string): Promise<never> {
  let owed = true;
  setHandler(wake, () => {
    owed = true;
  });
  for (;;) {
    owed = false;
    const due = await deciding.writeRow(id);
    await condition(() => owed, Math.max(1, Date.parse(due) - Date.now()));
  }
}
