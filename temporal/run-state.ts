/** How Temporal has a workflow: what it does now, and whether it can go on. Read by the workflow's id. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/**
 * - `absent`: none of that id runs.
 * - `asleep`: it waits for a timer or a message.
 * - `at_work`: a task or an activity of it is on its way, or waits for a worker.
 * - `unable`: its task fails again and again, because its history does not fit the code.
 */
export type RunState = 'absent' | 'asleep' | 'at_work' | 'unable';

export interface Run {
  readonly state: RunState;
  /** Of the run that was looked at; empty when it is absent. */
  readonly runId: string;
}

/** What decides about a run's state. */
export interface RunFacts {
  /** Of the workflow task that is on its way, 1 at first; 0 without one. */
  readonly taskAttempt: number;
  readonly pendingActivities: number;
  /** Why the newest workflow task that came to an end has failed; null when it did not fail, or was not asked for. */
  readonly failure: TaskFailure | null;
}

interface TaskFailure {
  readonly cause: number;
  readonly message: string;
}

/** Of temporal.api.enums.v1.WorkflowTaskFailedCause: the code threw, or issued other commands than the history has. */
const [UNHANDLED_FAILURE, NON_DETERMINISTIC_ERROR] = [14, 24];
/** Of temporal.api.enums.v1.EventType: how a workflow task came to an end. */
const ENDS: ReadonlySet<number> = new Set([7, 8, 9]); // completed, timed out, failed
/** A worker that has no time says so in these words, under the same cause. */
const OUT_OF_TIME = /timed? ?out|deadlock|TMPRL1101/i;
/** It has failed, and then twice more: some ten seconds lie between one try and the next. */
const TRIES = 3;

/**
 * The state of a run. A task that nobody takes, or that runs out of time, is never a reason to call a run unable: only
 * a failure that the worker reported is, and only when two further tries brought nothing else.
 */
export function runState({ taskAttempt, pendingActivities, failure }: RunFacts): Exclude<RunState, 'absent'> {
  const unfit = failure !== null && isUnfit(failure);
  if (taskAttempt >= TRIES && unfit) return 'unable';
  return taskAttempt > 0 || pendingActivities > 0 ? 'at_work' : 'asleep';
}

function isUnfit({ cause, message }: TaskFailure): boolean {
  return cause === NON_DETERMINISTIC_ERROR || (cause === UNHANDLED_FAILURE && !OUT_OF_TIME.test(message));
}

/** Looks at the workflow of that id: asked by its id, not by a search, which lags behind. */
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

/** So far back, as what comes in meanwhile stands after the failure. */
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
