import type { Workflows } from '../../temporal/client.ts';
import type { Run } from '../../temporal/run-state.ts';

/** How a workflow is brought back in line with Postgres: it is started, woken, or terminated and started again. */
export type Remedy = 'start' | 'wake' | 'restart';

/** The remedy for a workflow that is late, by its state in Temporal. Null if it is at work and only slow. */
export function remedyFor({ state }: Run): Remedy | null {
  if (state === 'absent') return 'start';
  if (state === 'unable') return 'restart';
  return state === 'asleep' ? 'wake' : null;
}

/** Applies a remedy. It may be applied twice, because a workflow reads its work from Postgres. */
export async function applyRemedy(
  workflows: Pick<Workflows, 'wake' | 'restart'>,
  workflowId: string,
  { runId }: Run,
  remedy: Remedy,
): Promise<void> {
  if (remedy === 'restart') await workflows.restart(workflowId, runId);
  else await workflows.wake(workflowId);
}
