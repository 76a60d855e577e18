import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { deleteBelowClock, workflowsOfClock } from '../db/clocks/deletion.ts';
import { type ClockLook, lookAtClock, markStuck, stepClock, takeUpAdvance } from '../db/clocks/clocks.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import { type Pool, inTransaction } from '../db/platform/pool.ts';
import { isSettled, openAttempts, problemOf } from '../engine/clock-open.ts';
import { inParallel } from '../engine/in-parallel.ts';
import type { Reach } from '../temporal/client.ts';
import type { Relay } from '../relay/relay.ts';

export interface ClockDeps {
  readonly pool: Pool;
  readonly reach: Reach;
  readonly relay: Relay;
  /** Delivers an event of the sandbox; it stays on the agenda until its webhook was answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  /** How long nothing may move before the clock says that it is stuck. */
  readonly patienceMs?: number;
}

/** So many contracts settle side by side at one instant. */
const AT_ONCE = 32;
const PATIENCE_MS = 60_000;
/** How long a workflow that was asked once more may take to close its incident. */
const RETRY_MS = 1_000;
const HEARTBEAT_MS = 5_000;
/** Between two looks while something is on its way that nobody could be asked for. */
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/** The walk of a test clock: from one instant of the agenda to the next, in order, until its target has settled. */
export function createClockActivities(deps: ClockDeps): { advance(clockId: string): Promise<void> } {
  return {
    async advance(clockId) {
      const merchant = await takeUpAdvance(deps.pool, clockId);
      if (merchant === null) return;
      const context = Context.current();
      const walk = new Walk(deps, merchant, clockId);
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        // A worker that stops settles nothing any more: another one goes on from where the rows stand.
        await Promise.race([walk.run(), context.cancelled, stopped(deps.relay)]);
      } finally {
        walk.stop();
        clearInterval(beat);
      }
    },
  };
}

async function stopped(relay: Relay): Promise<never> {
  await relay.stopped;
  throw ApplicationFailure.create({
    type: 'WorkerStops',
    message: 'this worker stops; the clock goes on elsewhere',
    category: 'BENIGN',
  });
}

/** One walk; all that it must know is in Postgres, so it may be taken up anywhere, and two at once do no harm. */
class Walk {
  private readonly deps: ClockDeps;
  private readonly merchant: MerchantId;
  private readonly clockId: string;
  private stopping = false;
  /** First attempts that their contract had its time for: at this instant nobody sends them any more. */
  private readonly givenUp = new Set<string>();
  /** Incidents whose workflow was asked once more, and when: what broke may have been mended meanwhile. */
  private readonly retriedAt = new Map<string, number>();
  private seen = '';
  private at = '';
  private movedAt = Date.now();
  private pauseMs = SHORTEST_PAUSE_MS;
  private lastError = '';

  constructor(deps: ClockDeps, merchant: MerchantId, clockId: string) {
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
        await inTransaction(pool, (tx) =>
          stepClock(tx, this.merchant, this.clockId, (again) => isSettled(again, this.givenUp)),
        );
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
    if (this.at !== look.now_at) this.givenUp.clear();
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
    const { relay, deliverSandboxEvent } = this.deps;
    if (look.messages > 0) await this.tried(() => relay.drainOnce({ clockId: this.clockId }));
    const [first] = look.due;
    if (first?.kind === 'provider_event') {
      await this.tried(() => deliverSandboxEvent(first.workflow_id.slice('sandbox/'.length)));
      return;
    }
    const attempts = openAttempts(look, this.givenUp).filter(({ id }) => !this.givenUp.has(id));
    const askedFor = [
      ...look.incidents.map(({ workflow_id }) => workflow_id),
      ...look.commands.map(({ contract_id }) => `contract/${contract_id}`),
      ...attempts.flatMap(({ contract_id, n }) =>
        contract_id === null || n > 1 ? [] : [`contract/${contract_id}`],
      ),
    ];
    const due = look.due.filter(
      ({ kind }) => kind === first?.kind && (kind === 'contract' || askedFor.length === 0),
    );
    const workflows = [...new Set([...due.map(({ workflow_id }) => workflow_id), ...askedFor])];
    await inParallel(workflows, AT_ONCE, (workflowId) =>
      this.tried(() => this.deps.reach.settleTo(workflowId, look.now_at)),
    );
    for (const { id } of look.incidents) {
      if (!this.retriedAt.has(id)) this.retriedAt.set(id, Date.now());
    }
    for (const { id } of attempts) this.givenUp.add(id);
  }

  /** What fails now is tried again at the next look, until patience is over. */
  private async tried(work: () => Promise<unknown>): Promise<void> {
    try {
      if (!this.stopping) await work();
    } catch (error) {
      this.lastError = error instanceof Error ? error.message : String(error);
    }
  }
}

/**
 * Ends a clock's workflows, then deletes everything on it. Ended once more afterwards: somebody may have started one
 * in between, which would find nothing.
 * @throws DomainError not_found, clock_advancing
 */
export async function deleteClock(
  { pool, reach }: Pick<ClockDeps, 'pool' | 'reach'>,
  merchant: MerchantId,
  clockId: string,
): Promise<void> {
  const look = await lookAtClock(pool, merchant, clockId);
  const workflows =
    look?.status === 'advancing'
      ? []
      : [`clock/${clockId}`, ...(await workflowsOfClock(pool, merchant, clockId))];
  const end = (): Promise<void> =>
    inParallel(workflows, AT_ONCE, (id) => reach.terminate(id, 'its test clock was deleted'));
  await end();
  await inTransaction(pool, (tx) => deleteBelowClock(tx, merchant, clockId));
  await end();
}
