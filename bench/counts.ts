import type { Client } from '@temporalio/client';
import { contractWorkflow } from '../temporal/ids.ts';
import type { TimeLapse } from './lapse.ts';
import type { Execution, Tally } from './tally.ts';

/** The cost of one renewal in history events, and in Postgres' statements and transactions. */
export interface RenewalCost {
  /** Events from the timer until the workflow sleeps again. */
  readonly events: number;
  /** The further events of one run, for its start and for continuing as new. */
  readonly eventsPerRun: number;
  readonly renewalsPerRun: number;
  /** Events per renewal, including its share of `eventsPerRun`. */
  readonly amortisedEvents: number;
  readonly statements: number;
  readonly transactions: number;
  /** The statements outside of transactions: single reads. */
  readonly reads: number;
}

/** The parts of the bench that counting needs. */
export interface Lived {
  readonly client: Client;
  readonly lapse: TimeLapse;
  readonly tally: Tally;
  /** Starts or wakes a workflow. */
  wake(workflowId: string): Promise<void>;
}

/**
 * Renews contracts `times` times, one renewal after the other, and counts the cost of each renewal. Only whole runs are counted,
 * which both begin and end by continue-as-new. So `times` must suffice for two runs and one more renewal. If a run ends in the
 * middle of a renewal, the next run does the rest, so the mean is more exact with more runs.
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

/** The event types of each run that both begins and ends by continue-as-new. */
async function wholeRuns(client: Client, workflowId: string): Promise<readonly string[][]> {
  const names: string[][] = [];
  let runId = (await client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.firstRunId;
  while (typeof runId === 'string' && runId !== '') {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const last = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
    if (last) names.push((events ?? []).map(typeOf));
    runId = last?.newExecutionRunId;
  }
  if (names.length < 2) throw new Error(`${workflowId} has not had two runs`);
  return names.slice(1);
}

/** The type of an event, by the name of its only field of attributes. */
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
  // The most expensive execution of each activity counts, as the first `settle` of a run finds nothing to do.
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
