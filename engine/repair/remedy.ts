import type { Reach } from '../../temporal/client.ts';
import type { Run } from '../../temporal/run-state.ts';

/** What brings a workflow back to what Postgres says: it is started, woken, or ended and started anew. */
export type Remedy = 'start' | 'wake' | 'restart';

/** The remedy for a workflow that is late, by its state in Temporal; null: it is at work, and only slow. */
export function remedyFor({ state }: Run): Remedy | null {
  if (state === 'absent') return 'start';
  if (state === 'unable') return 'restart';
  return state === 'asleep' ? 'wake' : null;
}

/** Does it. All of it may be done twice: whatever the workflow is to do is read from Postgres. */
export async function applyRemedy(
  reach: Pick<Reach, 'wake' | 'restart'>,
  workflowId: string,
  { runId }: Run,
  remedy: Remedy,
): Promise<void> {
  if (remedy === 'restart') await reach.restart(workflowId, runId);
  else await reach.wake(workflowId);
}
