import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { Walk, beginAdvance } from '../../../engine/clocks/clock.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, order, settle } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

/** A clock that advances from 2024-01-01 to 2025-12-31, with a contract that is billed each month. */
async function createAdvancingClock(): Promise<{ clock: string; contractId: string }> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const party = { name: 'Ada' };
  const customer = { party, country: 'DE', time_zone: 'Europe/Berlin', language: 'en', clock };
  const { contractId } = await order(pool, merchant, { customer, variant: 'pro', components: [] });
  await settle(pool, contractId);
  await inTransaction(pool, (tx) => beginAdvance(tx, merchant, clock, '2025-12-31T08:00:00.000Z'));
  return { clock, contractId };
}

const statusOf = (clock: string): Promise<unknown> =>
  rows(pool, 'select status, now_at from test_clocks where id = $1', [clock]);

/** Runs the advance of a clock, which waits at most `patienceMs` for progress. By default no workflow must be restarted. */
function walk(
  clock: string,
  patienceMs: number,
  settleTo: () => Promise<void>,
  restartUnable = (_workflowId: string) => Promise.resolve(false),
): Promise<void> {
  const deps = {
    pool,
    patienceMs,
    workflows: { settleTo },
    restartUnable,
    deliver: () => rows(pool, `update outbox set state = 'delivered' where clock_id = $1`, [clock]),
    deliverSandboxEvent: () => Promise.resolve(true),
  };
  return new Walk(deps, merchant, clock).run();
}

it('a clock does not get stuck while a contract bills 72 missed periods one by one (rule 44)', async () => {
  const { clock, contractId } = await createAdvancingClock();
  // All periods are due at once. After each answer the contract is still due, at a later instant.
  const sixYears = `update test_clocks set now_at = '2029-12-31T08:00:00.000Z', target_at = '2029-12-31T08:00:00.000Z' where id = $1`;
  await rows(pool, sixYears, [clock]);
  await walk(clock, 20, async () => {
    await settle(pool, contractId);
  });
  expect(await statusOf(clock)).toEqual([{ status: 'ready', now_at: '2029-12-31T08:00:00.000Z' }]);
  const charges = await rows(pool, 'select count(*)::int as n from charges where contract_id = $1', [
    contractId,
  ]);
  expect(charges).toEqual([{ n: 72 }]);
});

it('a clock gets stuck if its contracts answer and make no progress for 20 ms', async () => {
  const { clock } = await createAdvancingClock();
  await walk(clock, 20, () => Promise.resolve());
  expect(await statusOf(clock)).toEqual([{ status: 'stuck', now_at: '2024-01-31T23:00:00.000Z' }]);
});

const cannotReplay = (): Promise<void> => Promise.reject(new Error('Workflow Task in failed state'));

it('a clock gets stuck if a contract fails even after one restart, and its problem names the contract', async () => {
  const { clock, contractId } = await createAdvancingClock();
  const restarted: string[] = [];
  await walk(clock, 20, cannotReplay, async (workflowId) => {
    restarted.push(workflowId);
    return true;
  });
  expect(restarted).toEqual([`contract/${contractId}`]);
  expect(await rows(pool, 'select status, problem from test_clocks where id = $1', [clock])).toEqual([
    {
      status: 'stuck',
      problem: `not settled at 2024-01-31T23:00:00.000Z: contract/${contractId} is due (last error: Workflow Task in failed state)`,
    },
  ]);
});
