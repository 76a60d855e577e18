/**
 * Finds work on the agenda that is due on wall time. Events of the sandbox, and collections that were not started yet, have no
 * timer of their own, so the relay delivers or starts them as soon as they are due. Contracts, accounts and running collections have timers.
 * The sweep finds those whose workflow did not move its agenda row in time, for whatever reason, and starts, wakes or restarts the
 * workflow. It does the same for contracts with an undecided command, and for test clocks that are advancing.
 */
import {
  type Claimed,
  type LookedAt,
  type Looks,
  type Overdue,
  claimOverdue,
  noteLooks,
  type OverdueRounds,
} from '../db/platform/agenda.ts';
import { claimAdvancing } from '../db/clocks/clocks.ts';
import { claimUndecided } from '../db/contracts/commands.ts';
import { onBehalfOf } from '../db/platform/call.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Pool } from '../db/platform/pool.ts';
import { inParallel } from '../engine/platform/in-parallel.ts';
import { applyRemedy, remedyFor } from '../engine/repair/remedy.ts';
import type { Observer } from '../telemetry/observer.ts';
import type { Workflows } from '../temporal/client.ts';
import { type WorkflowType, parseWorkflowId, sandboxEventOf } from '../temporal/ids.ts';

export interface SweepSettings {
  /** The pause between two sweeps. */
  readonly everyMs: number;
  /** How long after its due time a workflow is overdue. */
  readonly overdueMs: number;
}

/** With these settings a lost workflow runs again within two minutes of its due time. */
export const SWEEP: SweepSettings = { everyMs: 30_000, overdueMs: 60_000 };

export interface OverdueDeps {
  readonly pool: Pool;
  readonly workflows: Pick<Workflows, 'wake' | 'find' | 'restart'>;
  /** Delivers a due event of the sandbox provider. The event stays on the agenda until its webhook was answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  readonly log: { warn(fields: object, message: string): void };
  readonly sweep?: SweepSettings | undefined;
  /** The rounds over the merchants. If they are left out, each look begins new ones. */
  readonly rounds?: Readonly<Record<LookedAt | 'command', OverdueRounds>>;
  readonly observer?: Pick<Observer, 'swept'> | undefined;
  /** Aborts when the process stops. The relay then begins no further claimed row, and another relay claims it later. */
  readonly stopping?: AbortSignal;
}

const AT_ONCE = 8;
/** The longest wait between two looks at a workflow that is at work or whose step failed, in seconds. */
const LONGEST_S = 600;
/** After so many looks, an overdue workflow that is still at work is logged for an operator. */
const LATE_LOOKS = 3;
const EVENTS: Looks = { overdue: 0, wait: 30, longest: 300 };

const wait = ({ sweep = SWEEP }: OverdueDeps): number => sweep.overdueMs / 1_000;

// Functions that return a number return more than 0 if the relay should look again at once (`hurry`).

/** Delivers due events of the sandbox. */
export function deliverDueEvents(deps: OverdueDeps): Promise<number> {
  return each(deps, 'provider_event', EVENTS, async ({ workflow_id }) => {
    await deps.deliverSandboxEvent(sandboxEventOf(workflow_id));
    return true;
  });
}

/** Starts the collections that are due, and sweeps those that did not move their row after that. */
export function startDueCollections(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: 0, wait: wait(deps), longest: LONGEST_S };
  return each(deps, 'collection', looks, async (row) => {
    if (row.looks > 0) return sweep(deps, 'collection', row);
    await deps.workflows.wake(row.workflow_id);
    return true;
  });
}

/** Sweeps overdue contracts. */
export function sweepContracts(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: wait(deps), wait: wait(deps), longest: LONGEST_S };
  return each(deps, 'contract', looks, (row) => sweep(deps, 'contract', row));
}

/** Sweeps overdue billing accounts. */
export function sweepAccounts(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: wait(deps), wait: wait(deps), longest: LONGEST_S };
  return each(deps, 'account', looks, (row) => sweep(deps, 'account', row));
}

/** Sweeps jobs that have not ended. */
export function sweepJobs(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: wait(deps), wait: wait(deps), longest: LONGEST_S };
  return each(deps, 'job', looks, (row) => sweep(deps, 'job', row));
}

/** Sweeps contracts with a command that is not decided in time. */
export async function sweepCommands(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: wait(deps), wait: wait(deps), longest: LONGEST_S };
  const { due, ...more } = await claimUndecided(deps.pool, looks, deps.rounds?.command);
  const contracts = [...new Map(due.map((row) => [row.workflow_id, row])).values()];
  const { done } = await lookAt(deps, contracts, (row) => sweep(deps, 'contract', row));
  return hurry(more, done);
}

/** Sweeps test clocks that are advancing: the workflow that advances a clock may be lost. */
export async function sweepClocks(deps: OverdueDeps): Promise<number> {
  await lookAt(deps, await claimAdvancing(deps.pool, wait(deps)), (row) => sweep(deps, 'clock', row));
  return 0;
}

/**
 * Restarts a workflow that did not answer, if its run cannot go on because its history does not fit the code. Returns whether it
 * did. An advancing test clock calls it, because workflows on a test clock are never overdue on wall time.
 */
export async function restartUnable(
  { workflows, log, observer }: OverdueDeps,
  merchant: MerchantId,
  workflow_id: string,
): Promise<boolean> {
  const run = await workflows.find(workflow_id);
  if (remedyFor(run) !== 'restart') return false;
  await applyRemedy(workflows, workflow_id, run, 'restart');
  log.warn({ merchant, workflow_id, remedy: 'restart' }, SAID.restart);
  observer?.swept({ kind: parseWorkflowId(workflow_id).type, remedy: 'restart' });
  return true;
}

/** Claims a batch of rows, does `act` for each, and records the looks. */
async function each(
  deps: OverdueDeps,
  kind: LookedAt,
  looks: Looks,
  act: (row: Overdue) => Promise<boolean>,
): Promise<number> {
  const { due, ...more } = await claimOverdue(deps.pool, kind, looks, deps.rounds?.[kind]);
  const { looked, done } = await lookAt(deps, due, act);
  await noteLooks(deps.pool, looked, looks);
  return hurry(more, done);
}

/**
 * Returns more than 0 if the next look should come at once: more rows are due, and this look either did something or passed only
 * merchants without due rows. If all workflows of a batch are only slow, there is no hurry.
 */
function hurry({ backlog, passed }: Pick<Claimed, 'backlog' | 'passed'>, done: readonly string[]): number {
  if (!backlog) return 0;
  return passed ? Math.max(1, done.length) : done.length;
}

/** Does `act` for each row until the process stops. Returns the workflows for which it succeeded, and those for which it did something. */
async function lookAt(
  { log, stopping }: OverdueDeps,
  due: readonly Overdue[],
  act: (row: Overdue) => Promise<boolean>,
): Promise<{ looked: string[]; done: string[] }> {
  const [looked, done]: [string[], string[]] = [[], []];
  await inParallel(due, AT_ONCE, async (row) => {
    if (stopping?.aborted === true) return;
    const { workflow_id, merchant_id: merchant } = row;
    try {
      if (await onBehalfOf(merchant, () => act(row))) done.push(workflow_id);
      looked.push(workflow_id);
    } catch (error) {
      log.warn(
        { merchant, workflow_id, error: String(error) },
        'an overdue row could not be worked on; it is tried again',
      );
    }
  });
  return { looked, done };
}

const SAID = {
  start: 'an overdue workflow did not run, and was started',
  wake: 'an overdue workflow slept, and was woken',
  restart: 'an overdue workflow could not go on, and was restarted',
} as const;

/** Starts, wakes or restarts a workflow that is late. Returns false if that was not needed. */
async function sweep(
  { workflows, log, observer }: OverdueDeps,
  kind: WorkflowType,
  { workflow_id, merchant_id: merchant, due_at, looks, incident }: Overdue,
): Promise<boolean> {
  const run = await workflows.find(workflow_id);
  const remedy = remedyFor(run);
  if (remedy === null) {
    if (looks >= LATE_LOOKS)
      log.warn({ merchant, workflow_id, due_at }, 'an overdue workflow is still at work');
    return false;
  }
  // Its step failed, and the workflow's own timer tries it again within the hour.
  if (remedy === 'wake' && incident) return false;
  await applyRemedy(workflows, workflow_id, run, remedy);
  log.warn({ merchant, workflow_id, due_at, remedy }, SAID[remedy]);
  observer?.swept({ kind, remedy });
  return true;
}
