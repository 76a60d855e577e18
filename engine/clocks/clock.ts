import { addSpan } from '../../domain/arithmetic/calendar.ts';
import { checkAdvance, checkDeletion, clockMayBecome, nextStop } from '../../domain/clocks/clock.ts';
import {
  type ClockLook,
  lockClock,
  lookAtClock,
  markStuck,
  storeAdvance,
  storeStop,
} from '../../db/clocks/clocks.ts';
import { deleteBelowClock, lockClockToDelete, workflowsOfClock } from '../../db/clocks/deletion.ts';
import type { Claim } from '../../db/platform/idempotency.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { isSettled, openAttempts, problemOf } from './settled.ts';
import { inParallel } from '../platform/in-parallel.ts';
import type { Reach } from '../../temporal/client.ts';
import { clockWorkflow, contractWorkflow, sandboxEventOf } from '../../temporal/ids.ts';

export interface WalkDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'settleTo'>;
  /** Delivers what waits in the outbox for a clock. */
  readonly deliver: (clockId: string) => Promise<unknown>;
  /** Delivers an event of the sandbox; it stays on the agenda until its webhook was answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  /** Starts a workflow anew that was asked in vain, if its history does not fit the code; answers whether that was so (ADR 16). */
  readonly restartUnable: (workflowId: string) => Promise<boolean>;
  /** How long nothing may move before the clock says that it is stuck. */
  readonly patienceMs?: number;
}

/** So many contracts settle side by side at one instant. */
const AT_ONCE = 32;
const PATIENCE_MS = 60_000;
/** How long a workflow that was asked once more may take to close its incident. */
const RETRY_MS = 1_000;
/** Between two looks while something is on its way that nobody could be asked for. */
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/**
 * The walk of a test clock: from one instant of the agenda to the next, in order, until its target has settled.
 * All that it must know is in Postgres, so it may be taken up anywhere, and two at once do no harm.
 */
export class Walk {
  private readonly deps: WalkDeps;
  private readonly merchant: MerchantId;
  private readonly clockId: string;
  private stopping = false;
  /** First attempts that their contract had its time for: at this instant nobody sends them any more. */
  private readonly givenUp = new Set<string>();
  /** Workflows that were started anew at this instant: one that still cannot go on is for people. */
  private readonly restarted = new Set<string>();
  /** Incidents whose workflow was asked once more, and when: what broke may have been mended meanwhile. */
  private readonly retriedAt = new Map<string, number>();
  private seen = '';
  private at = '';
  private movedAt = Date.now();
  private pauseMs = SHORTEST_PAUSE_MS;
  private lastError = '';
  private errors = 0;

  constructor(deps: WalkDeps, merchant: MerchantId, clockId: string) {
    this.deps = deps;
    this.merchant = merchant;
    this.clockId = clockId;
  }

  stop(): void {
    this.stopping = true;
  }

  async run(): Promise<void> {
    const { pool } = this.deps;
    while (!this.stopping) {
      const look = await lookAtClock(pool, this.merchant, this.clockId);
      if (look === null || look.status !== 'advancing') return;
      const moved = this.hasMoved(look);
      if (isSettled(look, this.givenUp)) {
        await inTransaction(pool, (tx) => stepClock(tx, this.merchant, this.clockId, this.givenUp));
      } else if (this.isStuck(look)) {
        await markStuck(pool, this.merchant, this.clockId, problemOf(look, this.givenUp, this.lastError));
      } else {
        if (!moved) await this.pause();
        await this.work(look);
      }
    }
  }

  /** Whether anything is other than at the last look. */
  private hasMoved(look: ClockLook): boolean {
    const seen = JSON.stringify(look);
    if (seen === this.seen) return false;
    if (this.at !== look.now_at) for (const each of [this.givenUp, this.restarted]) each.clear();
    [this.seen, this.at] = [seen, look.now_at];
    [this.movedAt, this.pauseMs] = [Date.now(), SHORTEST_PAUSE_MS];
    return true;
  }

  private isStuck({ incidents }: ClockLook): boolean {
    const [now, never] = [Date.now(), Number.POSITIVE_INFINITY];
    const broken = incidents.some(({ id }) => now - (this.retriedAt.get(id) ?? never) > RETRY_MS);
    return broken || now - this.movedAt > (this.deps.patienceMs ?? PATIENCE_MS);
  }

  private async pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
  }

  /** Does what is open, as far as it is its turn: an event at a time, then contracts, accounts, collections. */
  private async work(look: ClockLook): Promise<void> {
    const { deliver, deliverSandboxEvent } = this.deps;
    if (look.messages > 0) await this.keepingErrors(() => deliver(this.clockId));
    const [first] = look.due;
    if (first?.kind === 'provider_event') {
      await this.keepingErrors(() => deliverSandboxEvent(sandboxEventOf(first.workflow_id)));
      return;
    }
    const attempts = openAttempts(look, this.givenUp).filter(({ id }) => !this.givenUp.has(id));
    const askedFor = [
      ...look.incidents.map(({ workflow_id }) => workflow_id),
      ...look.commands.map(({ contract_id }) => contractWorkflow(contract_id)),
      ...attempts.flatMap(({ contract_id, n }) =>
        contract_id === null || n > 1 ? [] : [contractWorkflow(contract_id)],
      ),
    ];
    const due = look.due.filter(
      ({ kind }) => kind === first?.kind && (kind === 'contract' || askedFor.length === 0),
    );
    const workflows = [...new Set([...due.map(({ workflow_id }) => workflow_id), ...askedFor])];
    const [began, errors] = [Date.now(), this.errors];
    await inParallel(workflows, AT_ONCE, (workflowId) =>
      this.keepingErrors(() => this.settle(workflowId, look.now_at)),
    );
    // Whoever was asked and answered was at work meanwhile.
    if (this.errors === errors) this.movedAt += Date.now() - began;
    for (const { id } of look.incidents) {
      if (!this.retriedAt.has(id)) this.retriedAt.set(id, Date.now());
    }
    for (const { id } of attempts) this.givenUp.add(id);
  }

  /** Has a workflow settle; one that was started anew is asked at the next look. */
  private async settle(workflowId: string, at: string): Promise<void> {
    try {
      await this.deps.reach.settleTo(workflowId, at);
    } catch (error) {
      if (this.restarted.has(workflowId) || !(await this.deps.restartUnable(workflowId))) throw error;
      this.restarted.add(workflowId);
      this.movedAt = Date.now();
    }
  }

  /** A failure is tried again at the next look, until patience is over. */
  private async keepingErrors(work: () => Promise<unknown>): Promise<void> {
    try {
      if (!this.stopping) await work();
    } catch (error) {
      this.errors += 1;
      this.lastError = error instanceof Error ? error.message : String(error);
    }
  }
}

/**
 * Moves the clock to the next instant of its agenda, or to its target and `ready` if nothing comes before. Nobody
 * decides anything on the clock meanwhile: its row is locked, and only then looked at. It does not move as long as
 * something is open.
 */
async function stepClock(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  givenUp: ReadonlySet<string>,
): Promise<void> {
  await lockClock(tx, merchant, clockId);
  const look = await lookAtClock(tx, merchant, clockId);
  if (look === null || look.target_at === null || !isSettled(look, givenUp)) return;
  const stop = nextStop(look.next_at, look.target_at);
  if (clockMayBecome(look.status, stop.status)) await storeStop(tx, merchant, clockId, stop);
}

/** An instant, or how much later than the clock's now. */
export type AdvanceTo = string | { readonly by: Parameters<typeof addSpan>[1] };

/**
 * Tells a clock to advance, in the caller's transaction, together with the message that starts its walk.
 * @throws DomainError not_found, clock_advancing, clock_backwards, clock_too_far
 */
export async function beginAdvance(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  target: AdvanceTo,
): Promise<void> {
  const clock = found(await lockClock(tx, merchant, clockId), 'test clock');
  const to = typeof target === 'string' ? target : addSpan(clock.now_at, target.by);
  checkAdvance({ now: clock.now_at, status: clock.status }, to);
  await storeAdvance(tx, merchant, clockId, to);
}

/**
 * Ends a clock's workflows, then deletes everything on it. Ended once more afterwards: somebody may have started one
 * in between, which would find nothing.
 * @throws DomainError not_found, clock_advancing
 */
export async function deleteClock(
  { pool, reach }: Pick<WalkDeps, 'pool'> & { readonly reach: Pick<Reach, 'terminate'> },
  merchant: MerchantId,
  clockId: string,
  claim: Claim | null = null,
): Promise<void> {
  const look = await lookAtClock(pool, merchant, clockId);
  const workflows =
    look?.status === 'advancing'
      ? []
      : [clockWorkflow(clockId), ...(await workflowsOfClock(pool, merchant, clockId))];
  const end = (): Promise<void> =>
    inParallel(workflows, AT_ONCE, (id) => reach.terminate(id, 'its test clock was deleted'));
  await end();
  await inTransaction(pool, async (tx) => {
    await claim?.take(tx, { clockId });
    checkDeletion(found(await lockClockToDelete(tx, merchant, clockId), 'test clock'));
    await deleteBelowClock(tx, merchant, clockId);
  });
  await end();
}
