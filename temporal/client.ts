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
import { type Run, findRun } from './run-state.ts';

/** The operations by which all other code reaches workflows. Each may safely be repeated. */
export interface Workflows {
  /** Starts the workflow of that id, or wakes the one that runs. */
  wake(workflowId: string): Promise<void>;
  /** Makes a contract or collection settle and charge everything up to the instant. One that has ended is settled. */
  settleTo(workflowId: string, at: string): Promise<void>;
  /** Asks a contract's workflow to decide a stored command, for five seconds at most. Starts the workflow if it does not run. */
  apply(contractId: string, commandId: string): Promise<void>;
  /** The state in Temporal of the workflow of that id. */
  find(workflowId: string): Promise<Run>;
  /** Terminates a run that cannot continue, and starts the workflow again. Nothing is lost, as its state is in Postgres. */
  restart(workflowId: string, runId: string): Promise<void>;
  /** Terminates a workflow of a deleted test clock. Does nothing if the workflow does not run. */
  terminate(workflowId: string, reason: string): Promise<void>;
}

const ASK_FOR_MS = 5_000;
const SETTLE_FOR_MS = 120_000;
/** How long a workflow whose task fails is asked again: its workers may have been killed, and others may take over. */
const FAILING_FOR_MS = 20_000;
/** The limit of calls that wait for no workflow, so that a server that does not answer does not stop other work. */
const CALL_FOR_MS = 10_000;

/** Every workflow starts from an id alone. */
type Started = (id: string) => Promise<void>;

/** The client that reaches workflows, and the merchant on whose behalf it does, if there is one. */
interface Way {
  readonly client: Client;
  readonly merchant: () => string | undefined;
}

/** Temporal divides its backlogs by the fairness key. Later runs and activities have the key of the first run. */
function startOptions({ merchant }: Way, workflowId: string) {
  const fairnessKey = merchant();
  const args: [string] = [parseWorkflowId(workflowId).rowId];
  return {
    workflowId,
    taskQueue: TASK_QUEUE,
    args,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: workflowId,
    ...(fairnessKey === undefined ? {} : { priority: { fairnessKey } }),
  };
}

/** Sends an update to the workflow, and starts the workflow if it does not run. */
async function update(
  way: Way,
  workflowId: string,
  patienceMs: number,
  ask: (start: WithStartWorkflowOperation<Started>) => Promise<unknown>,
): Promise<void> {
  const until = Date.now() + patienceMs;
  for (let failingUntil = until; ;) {
    try {
      const start = new WithStartWorkflowOperation<Started>(
        parseWorkflowId(workflowId).type,
        startOptions(way, workflowId),
      );
      await way.client.withDeadline(until, () => ask(start));
      return;
    } catch (error) {
      if (failureType(error) === 'Ended') return;
      failingUntil = isFailing(error) ? Math.min(failingUntil, Date.now() + FAILING_FOR_MS) : until;
      if (!asksAgain(error) || Date.now() >= failingUntil) throw error;
      await new Promise((resolve) => setTimeout(resolve, 15 + Math.random() * 235));
    }
  }
}

/** @param merchant returns the merchant on whose behalf workflows are started at the moment */
export function createWorkflows(
  client: Client,
  merchant: () => string | undefined = () => undefined,
): Workflows {
  const way = { client, merchant };
  const soon = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + CALL_FOR_MS, call);
  return {
    wake: (workflowId) => soon(() => startOrWake(way, workflowId)),
    settleTo: (workflowId, at) =>
      update(way, workflowId, SETTLE_FOR_MS, (startWorkflowOperation) =>
        client.workflow.executeUpdateWithStart(settleTo, { args: [at], startWorkflowOperation }),
      ),
    apply: (contractId, commandId) =>
      update(way, contractWorkflow(contractId), ASK_FOR_MS, (startWorkflowOperation) =>
        client.workflow.executeUpdateWithStart(apply, {
          args: [commandId],
          updateId: commandId,
          startWorkflowOperation,
        }),
      ),
    find: (workflowId) => soon(() => findRun(client, workflowId)),
    async restart(workflowId, runId) {
      await soon(() => terminate(client, workflowId, runId, 'its history does not fit the code'));
      await soon(() => startOrWake(way, workflowId));
    },
    terminate: (workflowId, reason) => soon(() => terminate(client, workflowId, undefined, reason)),
  };
}

async function startOrWake(way: Way, workflowId: string): Promise<void> {
  await way.client.workflow.signalWithStart(parseWorkflowId(workflowId).type, {
    ...startOptions(way, workflowId),
    signal: wake,
  });
}

async function terminate(
  client: Client,
  workflowId: string,
  runId: string | undefined,
  reason: string,
): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId, runId).terminate(reason);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function failureType(error: unknown): string | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  return error.cause instanceof ApplicationFailure ? (error.cause.type ?? null) : null;
}

/** Whether the workflow's task failed three times, for example because its workers were killed. Temporal retries it later. */
const isFailing = (error: unknown): boolean => isRefused(error, /Workflow Task in failed state/i);

/** Whether a request may succeed if it is repeated: the run was continuing as new, its task fails, or the server is busy. */
function asksAgain(error: unknown): boolean {
  if (failureType(error) === 'Busy') return true;
  if (error instanceof WorkflowNotFoundError || isFailing(error)) return true;
  return isRefused(
    error,
    /Workflow task is not scheduled yet|update .* not found|RESOURCE_EXHAUSTED|UNAVAILABLE|workflow operation/i,
  );
}

const isRefused = (error: unknown, by: RegExp): boolean =>
  isGrpcServiceError(error) && by.test(`${error.message} ${error.details}`);
