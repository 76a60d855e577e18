import { Context } from '@temporalio/activity';
import { openWork } from '../db/clock-views.ts';
import { deleteBelowClock, endAdvance, findClock, stepClock, workflowsOfClock } from '../db/clocks.ts';
import { type MerchantId, merchantId } from '../db/ids.ts';
import { type Pool, inTransaction } from '../db/pool.ts';
import type { Reach } from './reach.ts';
import type { Relay } from './relay.ts';

export interface ClockDeps {
  readonly pool: Pool;
  readonly reach: Reach;
  readonly relay: Relay;
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
}

/** So many contracts settle side by side at one instant. */
const AT_ONCE = 24;
/** How long nothing may move before the clock says that it is stuck. */
const PATIENCE_MS = 90_000;

/** The walk of a test clock: from one instant of the agenda to the next, in order, until its target has settled. */
export function createClockActivities(deps: ClockDeps): { advance(clockId: string): Promise<void> } {
  return {
    async advance(clockId) {
      const clock = await findClock(deps.pool, clockId);
      if (clock === null || clock.status !== 'advancing' || clock.target_at === null) return;
      await walk(deps, merchantId(clock.merchant_id), clockId, clock.target_at);
    },
  };
}

async function walk(deps: ClockDeps, merchant: MerchantId, clockId: string, target: string): Promise<void> {
  let moved = Date.now();
  for (let last = ''; ;) {
    Context.current().heartbeat();
    const { now, due } = await stepClock(deps.pool, merchant, clockId);
    const names = due.map((each) => each.workflow_id).join();
    if (`${now}:${names}` !== last) [last, moved] = [`${now}:${names}`, Date.now()];
    await inParallel(due, AT_ONCE, async ({ workflow_id, kind }) => {
      if (kind === 'provider_event') await deps.deliverSandboxEvent(workflow_id.slice('sandbox/'.length));
      else await deps.reach.settleTo(workflow_id, now);
    });
    await deps.relay.drainOnce({ clockId });
    if (
      due.length > 0 &&
      Date.now() - moved < PATIENCE_MS &&
      !(await hasIncident(deps.pool, merchant, clockId))
    )
      continue;
    const open = await openWork(deps.pool, merchant, clockId);
    const left = Object.entries(open).filter(([, count]) => count > 0);
    if (left.length === 0 && now >= target) return endAdvance(deps.pool, merchant, clockId, null);
    if (left.length === 0) continue;
    if (open.incidents > 0 || Date.now() - moved >= PATIENCE_MS) {
      const what = left.map(([name, count]) => `${count} ${name}`).join(', ');
      return endAdvance(deps.pool, merchant, clockId, `not settled at ${now}: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function hasIncident(pool: Pool, merchant: MerchantId, clockId: string): Promise<boolean> {
  return (await openWork(pool, merchant, clockId)).incidents > 0;
}

async function inParallel<T>(
  list: readonly T[],
  most: number,
  work: (each: T) => Promise<void>,
): Promise<void> {
  const queue = [...list];
  const one = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.min(most, list.length) }, one));
}

/** Ends a clock's workflows, then deletes everything on it. */
export async function deleteClock(
  deps: Pick<ClockDeps, 'pool' | 'reach'>,
  merchant: MerchantId,
  clockId: string,
): Promise<void> {
  const workflows = [`clock/${clockId}`, ...(await workflowsOfClock(deps.pool, merchant, clockId))];
  await inParallel(workflows, AT_ONCE, (workflowId) =>
    deps.reach.terminate(workflowId, 'its test clock was deleted'),
  );
  await inTransaction(deps.pool, (tx) => deleteBelowClock(tx, merchant, clockId));
}
