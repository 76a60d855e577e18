import { addSpan } from '../../domain/arithmetic/calendar.ts';
import { checkAdvance, checkDeletion, clockMayBecome, nextStop } from '../../domain/clocks/clock.ts';
import {
  type ClockBacklog,
  lockClock,
  loadClockBacklog,
  markStuck,
  storeAdvance,
  storeStop,
} from '../../db/clocks/clocks.ts';
import { deleteBelowClock, lockClockToDelete, workflowsOfClock } from '../../db/clocks/deletion.ts';
import type { Claim } from '../../db/platform/idempotency.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { hasClockSettled, openAttempts, problemOf } from './clock-settled.ts';
import { inParallel } from '../platform/in-parallel.ts';
import type { Workflows } from '../../temporal/client.ts';
import { clockWorkflow, contractWorkflow, sandboxEventOf } from '../../temporal/ids.ts';

/** Dependencies of a `Walk`. */
export interface WalkDeps {
  readonly pool: Pool;
  readonly workflows: Pick<Workflows, 'settleTo'>;
  /** Delivers the messages in the outbox that belong to a clock. */
  readonly deliver: (clockId: string) => Promise<unknown>;
  /** Delivers an event of the sandbox. The event stays on the agenda until its webhook is answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  /** Restarts a workflow that did not answer, if its history does not fit the code. Returns whether it restarted it (ADR 16). */
  readonly restartUnable: (workflowId: string) => Promise<boolean>;
  /** How long nothing may change before the clock is marked as stuck. */
  readonly patienceMs?: number;
}

/** How many contracts settle in parallel at one instant. */
const AT_ONCE = 32;
const PATIENCE_MS = 60_000;
/** How long a workflow may take to close its incident after it was asked to retry. */
const RETRY_MS = 1_000;
/** The pause between two looks at a clock that has not changed, while work is under way. It doubles up to the longest. */
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;

/**
 * Advances a test clock from one instant of its agenda to the next, in order, until its target has settled. It depends on
 * nothing but Postgres, so any process may continue it, and two walks of one clock at once do no harm.
 */
export class Walk {
  private readonly deps: WalkDeps;
  private readonly merchant: MerchantId;
  private readonly clockId: string;
  private stopping = false;
  /** Attempts whose workflows were asked at this instant. Those that are still open are left to collection. */
  private readonly givenUp = new Set<string>();
  /** Workflows that were restarted at this instant. They are not restarted a second time. */
  private readonly restarted = new Set<string>();
  /** Incidents whose workflow was asked to retry, and when: the fault may have been repaired in the meantime. */
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

  /** Makes `run` return before its next look at the clock. */
  stop(): void {
    this.stopping = true;
  }

  /** Runs until the clock is ready, stuck or deleted. */
  async run(): Promise<void> {
    const { pool } = this.deps;
    while (!this.stopping) {
      const backlog = await loadClockBacklog(pool, this.merchant, this.clockId);
      if (backlog === null || backlog.status !== 'advancing') return;
      const moved = this.hasMoved(backlog);
      if (hasClockSettled(backlog, this.givenUp)) {
        await inTransaction(pool, (tx) => stepClock(tx, this.merchant, this.clockId, this.givenUp));
      } else if (this.isStuck(backlog)) {
        await markStuck(pool, this.merchant, this.clockId, problemOf(backlog, this.givenUp, this.lastError));
      } else {
        if (!moved) await this.pause();
        await this.work(backlog);
      }
    }
  }

  /** Whether anything has changed since the last look. */
  private hasMoved(backlog: ClockBacklog): boolean {
    const seen = JSON.stringify(backlog);
    if (seen === this.seen) return false;
    if (this.at !== backlog.now_at) for (const each of [this.givenUp, this.restarted]) each.clear();
    [this.seen, this.at] = [seen, backlog.now_at];
    [this.movedAt, this.pauseMs] = [Date.now(), SHORTEST_PAUSE_MS];
    return true;
  }

  private isStuck({ incidents }: ClockBacklog): boolean {
    const [now, never] = [Date.now(), Number.POSITIVE_INFINITY];
    const broken = incidents.some(({ id }) => now - (this.retriedAt.get(id) ?? never) > RETRY_MS);
    return broken || now - this.movedAt > (this.deps.patienceMs ?? PATIENCE_MS);
  }

  private async pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
  }

  /** Does the open work whose turn it is: provider events one at a time, then contracts, accounts, collections. */
  private async work(backlog: ClockBacklog): Promise<void> {
    const { deliver, deliverSandboxEvent } = this.deps;
    if (backlog.messages > 0) await this.keepingErrors(() => deliver(this.clockId));
    const [first] = backlog.due;
    if (first?.kind === 'provider_event') {
      await this.keepingErrors(() => deliverSandboxEvent(sandboxEventOf(first.workflow_id)));
      return;
    }
    const attempts = openAttempts(backlog, this.givenUp).filter(({ id }) => !this.givenUp.has(id));
    const askedFor = [
      ...backlog.incidents.map(({ workflow_id }) => workflow_id),
      ...backlog.commands.map(({ contract_id }) => contractWorkflow(contract_id)),
      ...attempts.flatMap(({ contract_id, n }) =>
        contract_id === null || n > 1 ? [] : [contractWorkflow(contract_id)],
      ),
    ];
    const due = backlog.due.filter(
      ({ kind }) => kind === first?.kind && (kind === 'contract' || askedFor.length === 0),
    );
    const ids = [...new Set([...due.map(({ workflow_id }) => workflow_id), ...askedFor])];
    const [began, errors] = [Date.now(), this.errors];
    await inParallel(ids, AT_ONCE, (workflowId) =>
      this.keepingErrors(() => this.settle(workflowId, backlog.now_at)),
    );
    // All workflows answered, so this time was spent on work and does not count towards "stuck".
    if (this.errors === errors) this.movedAt += Date.now() - began;
    for (const { id } of backlog.incidents) {
      if (!this.retriedAt.has(id)) this.retriedAt.set(id, Date.now());
    }
    for (const { id } of attempts) this.givenUp.add(id);
  }

  /** Asks a workflow to settle. One that had to be restarted is asked again at the next look. */
  private async settle(workflowId: string, at: string): Promise<void> {
    try {
      await this.deps.workflows.settleTo(workflowId, at);
    } catch (error) {
      if (this.restarted.has(workflowId) || !(await this.deps.restartUnable(workflowId))) throw error;
      this.restarted.add(workflowId);
      this.movedAt = Date.now();
    }
  }

  /** Records an error instead of throwing it. The work is tried again at the next look, until the clock is stuck. */
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
 * Moves the clock to the next instant of its agenda, or to its target and `ready` if nothing is due before. The clock's row is
 * locked before it is read, so no other transaction decides anything on the clock meanwhile. The clock does not move while
 * work is open.
 */
async function stepClock(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  givenUp: ReadonlySet<string>,
): Promise<void> {
  await lockClock(tx, merchant, clockId);
  const backlog = await loadClockBacklog(tx, merchant, clockId);
  if (backlog === null || backlog.target_at === null || !hasClockSettled(backlog, givenUp)) return;
  const stop = nextStop(backlog.next_at, backlog.target_at);
  if (clockMayBecome(backlog.status, stop.status)) await storeStop(tx, merchant, clockId, stop);
}

/** The target of an advance: an instant, or a duration after the clock's now. */
export type AdvanceTo = string | { readonly by: Parameters<typeof addSpan>[1] };

/**
 * Starts the advance of a clock in the caller's transaction, which also stores the message that starts its workflow.
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
 * Terminates a clock's workflows, then deletes everything on the clock. The workflows are terminated once more afterwards,
 * because another process may have started one in between, and it would find no rows.
 * @throws DomainError not_found, clock_advancing
 */
export async function deleteClock(
  { pool, workflows }: Pick<WalkDeps, 'pool'> & { readonly workflows: Pick<Workflows, 'terminate'> },
  merchant: MerchantId,
  clockId: string,
  claim: Claim | null = null,
): Promise<void> {
  const backlog = await loadClockBacklog(pool, merchant, clockId);
  const ids =
    backlog?.status === 'advancing'
      ? []
      : [clockWorkflow(clockId), ...(await workflowsOfClock(pool, merchant, clockId))];
  const end = (): Promise<void> =>
    inParallel(ids, AT_ONCE, (id) => workflows.terminate(id, 'its test clock was deleted'));
  await end();
  await inTransaction(pool, async (tx) => {
    await claim?.store(tx, { clockId });
    checkDeletion(found(await lockClockToDelete(tx, merchant, clockId), 'test clock'));
    await deleteBelowClock(tx, merchant, clockId);
  });
  await end();
}
