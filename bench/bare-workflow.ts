import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import { wake } from '../workflows/messages.ts';

const deciding = proxyActivities<{ writeRow(id: string): Promise<string> }>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/**
 * The least that wakes, writes and sleeps again: one timer, and one activity that writes one row. It leaves a run at the
 * same length as a contract does.
 */
export async function bare(id: string, limit: number): Promise<void> {
  let owed = true;
  setHandler(wake, () => {
    owed = true;
  });
  while (owed || workflowInfo().historyLength < limit) {
    owed = false;
    const due = await deciding.writeRow(id);
    await condition(() => owed, Math.max(1, Date.parse(due) - Date.now()));
  }
  await continueAsNew<typeof bare>(id, limit);
}
