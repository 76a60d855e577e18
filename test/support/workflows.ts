// How a relay reaches workflows in tests without Temporal: each workflow is asleep.
import type { RelayDeps } from '../../relay/relay.ts';

export function workflowsOf(wake: (workflowId: string) => Promise<void>): RelayDeps['workflows'] {
  return {
    wake,
    find: () => Promise.resolve({ state: 'asleep', runId: 'run' }),
    restart: (workflowId) => wake(workflowId),
  };
}
