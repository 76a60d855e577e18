import { condition, workflowInfo } from '@temporalio/workflow';

/** The result of the deciding activity that a workflow needs to sleep until its next due instant. */
export interface Waiting {
  /** The instant until which the workflow sleeps; null if it waits for a message alone. */
  readonly nextDue: string | null;
  /** Whether it is on a test clock, which wakes it, so that it needs no timer. */
  readonly clocked: boolean;
  /** The open incident of a step that failed. The step is retried at `nextDue` on wall time, also on a test clock. */
  readonly incident: string | null;
  /** The number of events beyond which a run continues as new. */
  readonly limit: number;
}

/**
 * Sleeps until `isReady` returns true, or until the next due instant. Only in the latter case the result is `false`, as with
 * `condition`. This is not an async function, nor are the steps of the loops that call it: the SDK keeps the stack of every
 * promise of a workflow, and each async layer would add two promises to each renewal.
 */
export function sleepUntilDue(
  standing: Waiting | undefined,
  isReady: () => boolean,
): Promise<boolean | void> {
  const due = standing?.nextDue ?? null;
  if (due === null || (standing?.clocked && standing.incident === null)) return condition(isReady);
  const ms = Math.max(1, Date.parse(due) - Date.now());
  return condition(isReady, ms, { summary: `next due ${due}` });
}

/** Whether nothing is due up to an instant, or an incident stops what is due. */
export function isSettledThrough(standing: Waiting | undefined, at: string): boolean {
  if (standing === undefined) return false;
  const { nextDue, incident } = standing;
  return incident !== null || nextDue === null || Date.parse(nextDue) > Date.parse(at);
}

/** Whether the run has grown so long that it should continue as new. */
export function isLong(standing: Waiting | undefined): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return standing !== undefined && (continueAsNewSuggested || historyLength > standing.limit);
}
