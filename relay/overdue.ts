/**
 * What is due on wall time, by the agenda. An event of the sandbox and a collection have no timer of their own: their row
 * is done as soon as it is due. A contract, and a collection that was started, have: the sweep looks after those that
 * did not take their row in time, whatever became of their workflow. So it does after contracts with a command that
 * nobody decided, and after test clocks on their way.
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
import type { Reach } from '../temporal/client.ts';
import { parseWorkflowId, sandboxEventOf } from '../temporal/ids.ts';

export interface SweepSettings {
  /** Between two looks for overdue contracts. */
  readonly everyMs: number;
  /** From so long after its due time on, a workflow is looked after. */
  readonly overdueMs: number;
}

/** Runs again within two minutes of being due, whatever has happened. */
export const SWEEP: SweepSettings = { everyMs: 30_000, overdueMs: 60_000 };

export interface OverdueDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'wake' | 'find' | 'restart'>;
  /** Delivers a due event of the sandbox provider; it stays on the agenda until its webhook was answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  readonly log: { warn(fields: object, message: string): void };
  readonly sweep?: SweepSettings | undefined;
  /** Whose turn it is; left out: each look begins a round. */
  readonly rounds?: Readonly<Record<LookedAt | 'command', OverdueRounds>>;
  readonly observer?: Pick<Observer, 'swept'> | undefined;
  /** Aborts when the process stops: of what was claimed, no further row is begun, and another relay has it later. */
  readonly stopping?: AbortSignal;
}

const AT_ONCE = 8;
/** A workflow that is on its way, or whose step failed, is looked at again after ten minutes at the latest. */
const LONGEST_S = 600;
/** A workflow that was late for so many looks, and is still at work, is logged for an operator. */
const LATE_LOOKS = 3;
const EVENTS: Looks = { overdue: 0, wait: 30, longest: 300 };

const wait = ({ sweep = SWEEP }: OverdueDeps): number => sweep.overdueMs / 1_000;

/** Delivers due events of the sandbox; answers how many. */
export function deliverDueEvents(deps: OverdueDeps): Promise<number> {
  return each(deps, 'provider_event', EVENTS, async ({ workflow_id }) => {
    await deps.deliverSandboxEvent(sandboxEventOf(workflow_id));
    return true;
  });
}

/** Starts the collections that are due, and looks after those that did not take their row; answers how many. */
export function startDueCollections(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: 0, wait: wait(deps), longest: LONGEST_S };
  return each(deps, 'collection', looks, async (row) => {
    if (row.looks > 0) return sweep(deps, 'collection', row);
    await deps.reach.wake(row.workflow_id);
    return true;
  });
}

/** Looks after overdue contracts; answers how many, or 0 when all of them are only slow: then there is no hurry. */
export function sweepContracts(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: wait(deps), wait: wait(deps), longest: LONGEST_S };
  return each(deps, 'contract', looks, (row) => sweep(deps, 'contract', row));
}

/** Looks after contracts that were asked for something and have not decided it, whoever should have woken them. */
export async function sweepCommands(deps: OverdueDeps): Promise<number> {
  const looks = { overdue: wait(deps), wait: wait(deps), longest: LONGEST_S };
  const { due, ...more } = await claimUndecided(deps.pool, looks, deps.rounds?.command);
  const contracts = [...new Map(due.map((row) => [row.workflow_id, row])).values()];
  const { done } = await lookAt(deps, contracts, (row) => sweep(deps, 'contract', row));
  return hurry(more, done);
}

/** Looks after test clocks that advance: their walk is an activity of a workflow, which may be gone. */
export async function sweepClocks(deps: OverdueDeps): Promise<number> {
  await lookAt(deps, await claimAdvancing(deps.pool, wait(deps)), (row) => sweep(deps, 'clock', row));
  return 0;
}

/**
 * Starts a workflow anew that was asked in vain, if its history does not fit the code; answers whether that was so. What is
 * on a test clock is not overdue on wall time: its walk asks, and calls this.
 */
export async function restartUnable(
  { reach, log, observer }: OverdueDeps,
  merchant: MerchantId,
  workflow_id: string,
): Promise<boolean> {
  const run = await reach.find(workflow_id);
  if (remedyFor(run) !== 'restart') return false;
  await applyRemedy(reach, workflow_id, run, 'restart');
  log.warn({ merchant, workflow_id, remedy: 'restart' }, SAID.restart);
  observer?.swept({ kind: parseWorkflowId(workflow_id).type, remedy: 'restart' });
  return true;
}

/** Claims a batch and does each; answers how many when there may be more that cannot wait. */
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

/** How much there was to do, if more is due that cannot wait: of merchants whose turn has not come, or of those that were helped. */
function hurry({ backlog, passed }: Pick<Claimed, 'backlog' | 'passed'>, done: readonly string[]): number {
  if (!backlog) return 0;
  return passed ? Math.max(1, done.length) : done.length;
}

/** Does each, until the process stops; answers which could be looked at, and of these, where something was done. */
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
        'what is due could not be done; it is tried again',
      );
    }
  });
  return { looked, done };
}

const SAID = {
  start: 'an overdue workflow did not run, and was started',
  wake: 'an overdue workflow slept, and was woken',
  restart: 'an overdue workflow could not go on, and was started anew',
} as const;

/** Brings back a workflow that is late; answers whether there was anything to do. */
async function sweep(
  { reach, log, observer }: OverdueDeps,
  kind: 'contract' | 'collection' | 'clock',
  { workflow_id, merchant_id: merchant, due_at, looks, incident }: Overdue,
): Promise<boolean> {
  const run = await reach.find(workflow_id);
  const remedy = remedyFor(run);
  if (remedy === null) {
    if (looks >= LATE_LOOKS)
      log.warn({ merchant, workflow_id, due_at }, 'an overdue workflow is only at work');
    return false;
  }
  // Its step failed, and its own timer tries it again within the hour.
  if (remedy === 'wake' && incident) return false;
  await applyRemedy(reach, workflow_id, run, remedy);
  log.warn({ merchant, workflow_id, due_at, remedy }, SAID[remedy]);
  observer?.swept({ kind, remedy });
  return true;
}
