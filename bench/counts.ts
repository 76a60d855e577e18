import type { Client } from '@temporalio/client';
import { contractWorkflow } from '../temporal/ids.ts';
import type { TimeLapse } from './lapse.ts';
import type { Execution, Tally } from './tally.ts';

/** What one renewal costs. Events are of the run's history, statements and transactions of Postgres. */
export interface RenewalCost {
  /** From the timer to sleep again. */
  readonly events: number;
  /** What leaving a run and starting the next one adds, once per run. */
  readonly eventsPerRun: number;
  readonly renewalsPerRun: number;
  /** Events per renewal, its share of continuing as new included. */
  readonly amortisedEvents: number;
  readonly statements: number;
  readonly transactions: number;
  /** Of the statements, single reads in no transaction. */
  readonly reads: number;
}

export interface Lived {
  readonly client: Client;
  readonly lapse: TimeLapse;
  readonly tally: Tally;
  /** Starts or wakes a workflow. */
  wake(workflowId: string): Promise<void>;
}

/**
 * Lets contracts renew so many times, one renewal after the other, and counts what each renewal costs. Whole runs are
 * counted, from their start by continue-as-new to their end, so there must be renewals for two runs and one more.
 * A run that is left in the middle of a renewal has the next one do the rest: the more runs, the nearer the mean.
 */
export async function countRenewals(
  lived: Lived,
  contractIds: readonly string[],
  times: number,
): Promise<RenewalCost[]> {
  const { client, lapse, tally } = lived;
  const from = tally.executions.length;
  const { done } = lapse.begin({ at: Date.now() + 2_000, times, subjects: contractIds.length });
  await Promise.all(contractIds.map((id) => lived.wake(contractWorkflow(id))));
  await done;
  return Promise.all(
    contractIds.map(async (id) => {
      const workflowId = contractWorkflow(id);
      const mine = tally.executions.slice(from).filter((each) => each.workflowId === workflowId);
      return costOf(await wholeRuns(client, workflowId), mine);
    }),
  );
}

/** The event types of each run that was both begun and ended by continue-as-new. */
async function wholeRuns(client: Client, workflowId: string): Promise<readonly string[][]> {
  const names: string[][] = [];
  let runId = (await client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.firstRunId;
  while (typeof runId === 'string' && runId !== '') {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const last = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
    if (last) names.push((events ?? []).map(typeOf));
    runId = last?.newExecutionRunId;
  }
  if (names.length < 2) throw new Error(`${workflowId} has not lived for two runs`);
  return names.slice(1);
}

/** An event is named by the one field of its attributes that it has. */
function typeOf(event: object): string {
  const found = Object.entries(event).find(
    ([key, value]) => key.endsWith('EventAttributes') && value != null,
  );
  return found?.[0].replace('EventAttributes', '') ?? '';
}

function costOf(runs: readonly string[][], executions: readonly Execution[]): RenewalCost {
  const fired = (run: readonly string[] = []): number[] =>
    run.flatMap((type, index) => (type === 'timerFired' ? [index] : []));
  const [first = 0, second = 0] = fired(runs[0]);
  const events = second - first;
  const all = runs.flat();
  const renewals = fired(all).length;
  // Of every activity the dearest one: the first settle of a run finds nothing to do, it only looks.
  const most = (what: 'statements' | 'transactions' | 'alone', activity: string): number =>
    Math.max(0, ...executions.filter((each) => each.activity === activity).map((each) => each[what]));
  const renewing = (what: 'statements' | 'transactions' | 'alone'): number =>
    most(what, 'settle') + most(what, 'charge');
  return {
    events,
    eventsPerRun: (all.length - events * renewals) / runs.length,
    renewalsPerRun: renewals / runs.length,
    amortisedEvents: all.length / renewals,
    statements: renewing('statements'),
    transactions: renewing('transactions'),
    reads: renewing('alone'),
  };
}
