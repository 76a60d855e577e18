import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  isGrpcServiceError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TASK_QUEUE, contractWorkflow, parseWorkflowId } from './ids.ts';
import { apply, settleTo, wake } from './messages.ts';

/** How everything outside of workflows reaches them. All of it may be done twice. */
export interface Reach {
  /** Starts the workflow of that id, or wakes the one that runs. */
  wake(workflowId: string): Promise<void>;
  /** Has a contract or collection settle and charge everything up to the instant; one that has ended is settled. */
  settleTo(workflowId: string, at: string): Promise<void>;
  /** Asks a contract's workflow to decide a stored command, starting it where it does not run; at most five seconds. */
  apply(contractId: string, commandId: string): Promise<void>;
  /** Whether a workflow of that id runs now: asked by its id, not by a search, which lags behind. */
  isRunning(workflowId: string): Promise<boolean>;
  /** Ends a workflow of a deleted test clock; one that does not run is none. */
  terminate(workflowId: string, reason: string): Promise<void>;
}

const ASK_FOR_MS = 5_000;
const SETTLE_FOR_MS = 120_000;

/** Every workflow starts from an id alone. */
type Started = (id: string) => Promise<void>;

function startOptions(workflowId: string) {
  const args: [string] = [parseWorkflowId(workflowId).subject];
  return {
    workflowId,
    taskQueue: TASK_QUEUE,
    args,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: workflowId,
  };
}

/** An update of the workflow, which is started where it does not run. */
async function update(
  client: Client,
  workflowId: string,
  patienceMs: number,
  ask: (start: WithStartWorkflowOperation<Started>) => Promise<unknown>,
): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      const start = new WithStartWorkflowOperation<Started>(
        parseWorkflowId(workflowId).type,
        startOptions(workflowId),
      );
      await client.withDeadline(until, () => ask(start));
      return;
    } catch (error) {
      if (failureType(error) === 'Ended') return;
      if (!asksAgain(error) || Date.now() >= until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 15 + Math.random() * 235));
    }
  }
}

export function createReach(client: Client): Reach {
  return {
    async wake(workflowId) {
      await client.workflow.signalWithStart(parseWorkflowId(workflowId).type, {
        ...startOptions(workflowId),
        signal: wake,
      });
    },
    settleTo: (workflowId, at) =>
      update(client, workflowId, SETTLE_FOR_MS, (startWorkflowOperation) =>
        client.workflow.executeUpdateWithStart(settleTo, { args: [at], startWorkflowOperation }),
      ),
    apply: (contractId, commandId) =>
      update(client, contractWorkflow(contractId), ASK_FOR_MS, (startWorkflowOperation) =>
        client.workflow.executeUpdateWithStart(apply, {
          args: [commandId],
          updateId: commandId,
          startWorkflowOperation,
        }),
      ),
    async isRunning(workflowId) {
      try {
        const { status } = await client.workflow.getHandle(workflowId).describe();
        return status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    async terminate(workflowId, reason) {
      try {
        await client.workflow.getHandle(workflowId).terminate(reason);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}

function failureType(error: unknown): string | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  return error.cause instanceof ApplicationFailure ? (error.cause.type ?? null) : null;
}

/** The run was about to leave, or had just left: the next one takes it. */
function asksAgain(error: unknown): boolean {
  if (failureType(error) === 'Busy') return true;
  if (error instanceof WorkflowNotFoundError) return true;
  return (
    isGrpcServiceError(error) &&
    /Workflow task is not scheduled yet|update .* not found|RESOURCE_EXHAUSTED|UNAVAILABLE|workflow operation/i.test(
      `${error.message} ${error.details}`,
    )
  );
}
