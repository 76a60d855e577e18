import { condition, workflowInfo } from '@temporalio/workflow';

/** What a workflow that sleeps until its next due instant has learnt from its deciding activity. */
export interface Waiting {
  /** The instant to sleep until, or null: only a message can change anything. */
  readonly nextDue: string | null;
  /** On a test clock, which wakes it: it waits without a timer. */
  readonly clocked: boolean;
  /** A step failed: it is tried again at `nextDue` on wall time, also on a test clock. */
  readonly incident: string | null;
  /** Continue as new beyond this many events. */
  readonly limit: number;
}

/**
 * Sleeps until something stirs, or until what is next is due: then, and only then, it says `false`, as `condition` does.
 * It is no async function, nor are the steps of the loops that call it: the SDK keeps the stack of every promise of a
 * workflow, and each layer of them would be two more at each renewal.
 */
export function sleepUntilDue(
  standing: Waiting | undefined,
  stirred: () => boolean,
): Promise<boolean | void> {
  const due = standing?.nextDue ?? null;
  if (due === null || (standing?.clocked && standing.incident === null)) return condition(stirred);
  const ms = Math.max(1, Date.parse(due) - Date.now());
  return condition(stirred, ms, { summary: `next due ${due}` });
}

/** Whether nothing is due up to an instant, or nothing can be done about it. */
export function isSettled(standing: Waiting | undefined, at: string): boolean {
  if (standing === undefined) return false;
  const { nextDue, incident } = standing;
  return incident !== null || nextDue === null || Date.parse(nextDue) > Date.parse(at);
}

/** Whether the run has grown so long that the next one should go on. */
export function isLong(standing: Waiting | undefined): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return standing !== undefined && (continueAsNewSuggested || historyLength > standing.limit);
}
