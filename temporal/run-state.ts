/** The state of a workflow in Temporal: whether it runs, whether it is at work, and whether it can continue. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/**
 * - `absent`: no workflow of that id runs.
 * - `asleep`: it waits for a timer or a message.
 * - `at_work`: a task or an activity of it is under way, or waits for a worker.
 * - `unable`: its task fails again and again, because its history does not fit the code.
 */
export type RunState = 'absent' | 'asleep' | 'at_work' | 'unable';

export interface Run {
  readonly state: RunState;
  /** The id of the run; empty if the workflow is absent. */
  readonly runId: string;
}

/** The facts that decide the state of a run. */
export interface RunFacts {
  /** The attempt of the pending workflow task, 1 at first; 0 if no task is pending. */
  readonly taskAttempt: number;
  readonly pendingActivities: number;
  /** The failure of the newest workflow task that ended; null if it did not fail, or if its failure was not loaded. */
  readonly failure: TaskFailure | null;
}

interface TaskFailure {
  readonly cause: number;
  readonly message: string;
}

/** From temporal.api.enums.v1.WorkflowTaskFailedCause: the code threw, or issued other commands than the history has. */
const [UNHANDLED_FAILURE, NON_DETERMINISTIC_ERROR] = [14, 24];
/** From temporal.api.enums.v1.EventType: the events by which a workflow task ends. */
const ENDS: ReadonlySet<number> = new Set([7, 8, 9]); // completed, timed out, failed
/** The messages of a worker whose task took too long. It reports this under the same cause. */
const OUT_OF_TIME = /timed? ?out|deadlock|TMPRL1101/i;
/** The attempt of a workflow task from which on its failure counts. Some ten seconds lie between attempts. */
const TRIES = 3;

/**
 * The state of a run. It is unable only if a worker reported a failure of its task, and further attempts did not succeed. A
 * task that no worker takes, or that runs out of time, does not make a run unable.
 */
export function runState({ taskAttempt, pendingActivities, failure }: RunFacts): Exclude<RunState, 'absent'> {
  const unfit = failure !== null && isUnfit(failure);
  if (taskAttempt >= TRIES && unfit) return 'unable';
  return taskAttempt > 0 || pendingActivities > 0 ? 'at_work' : 'asleep';
}

function isUnfit({ cause, message }: TaskFailure): boolean {
  return cause === NON_DETERMINISTIC_ERROR || (cause === UNHANDLED_FAILURE && !OUT_OF_TIME.test(message));
}

/** Finds the state of the workflow of that id. It does not use Temporal's search, which lags behind. */
export async function findRun(client: Client, workflowId: string): Promise<Run> {
  try {
    const { raw, status, runId } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return { state: 'absent', runId: '' };
    const taskAttempt = raw.pendingWorkflowTask?.attempt ?? 0;
    const failure = taskAttempt < TRIES ? null : await newestFailure(client, workflowId, runId);
    const pendingActivities = raw.pendingActivities?.length ?? 0;
    return { state: runState({ taskAttempt, pendingActivities, failure }), runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { state: 'absent', runId: '' };
    throw error;
  }
}

/** The newest events that are read. Messages that arrive in the meantime come after the failure. */
const NEWEST_EVENTS = 50;

async function newestFailure(client: Client, workflowId: string, runId: string): Promise<TaskFailure | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: NEWEST_EVENTS,
  });
  const ended = history?.events?.find(({ eventType }) => ENDS.has(eventType ?? 0));
  const failed = ended?.workflowTaskFailedEventAttributes;
  return failed ? { cause: failed.cause ?? 0, message: failed.failure?.message ?? '' } : null;
}
