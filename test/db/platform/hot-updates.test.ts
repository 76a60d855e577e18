// Renewals and reports of usage update rows in place (HOT updates), so that Postgres writes no index.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pool, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { claimOf, finishKey } from '../../../db/platform/idempotency.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { claim, enqueue } from '../../../db/platform/outbox.ts';
import { reportUsage } from '../../../engine/usage/usage.ts';
import { EVERYTHING, sellEveryKind } from '../../support/every-kind.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { createClock, createSampleMerchant, moveClock, order, settle } from '../../support/merchant.ts';

let database: TestDatabase;
/** It has one connection, whose counters the tests read. */
let pool: Pool;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { max: 1 });
  merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The number of updated rows so far, and the number of those without an index write. */
async function updates(table: string): Promise<{ all: number; hot: number }> {
  await pool.query('select pg_stat_force_next_flush()');
  return row(
    pool,
    `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = $1`,
    [table],
  );
}

interface ContractOnClock {
  readonly clock: string;
  readonly contractId: string;
}

/** A contract with every kind of component, ordered on 1 January 2024. */
async function placeOrder(name: string): Promise<ContractOnClock> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const customer = { party: { name }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock };
  const { contractId } = await order(pool, merchant, { customer, ...EVERYTHING });
  await settle(pool, contractId);
  return { clock, contractId };
}

/** Runs some work. Returns the number of its updates of a table, and the share of them without an index write. */
async function shareOf(table: string, work: () => Promise<unknown>): Promise<{ all: number; share: number }> {
  const before = await updates(table);
  await work();
  const after = await updates(table);
  const all = after.all - before.all;
  return { all, share: (after.hot - before.hot) / all };
}

it.each(['contracts', 'series_counters'])('two years of renewals write no index of %s', async (table) => {
  const contracts: ContractOnClock[] = [];
  for (let n = 0; n < 4; n++) contracts.push(await placeOrder(`N ${n}`));
  const { all, share } = await shareOf(table, async () => {
    for (const { clock, contractId } of contracts) {
      await moveClock(pool, clock, '2026-01-01T08:00:00.000Z');
      for (let calls = 0; calls < 2; calls++) await settle(pool, contractId); // each makes at most 20 steps
    }
  });
  expect(all).toBeGreaterThanOrEqual(4 * 24);
  expect(share).toBeGreaterThan(0.95);
});

it('reports of usage write no index of `usage_totals`', async () => {
  const { contractId } = await placeOrder('Ada');
  const { all, share } = await shareOf('usage_totals', async () => {
    for (let n = 0; n < 200; n++) {
      const usage = {
        path: 'usage[0]',
        eventId: `e${n}`,
        componentId: 'sum',
        quantity: '1',
        at: '2024-01-01T08:00:00.000Z',
        value: null,
      };
      await inTransaction(pool, (tx) => reportUsage(tx, merchant, contractId, [usage]));
    }
  });
  expect(all).toBeGreaterThanOrEqual(200);
  expect(share).toBeGreaterThan(0.95);
});

it('leasing a message writes no index of the outbox, and storing an answer no index of the idempotency keys', async () => {
  await rows(pool, 'delete from outbox');
  const messages = Array.from({ length: 50 }, (_, n) => ({
    kind: 'wake' as const,
    workflowId: `contract/con_${n}`,
    clockId: null,
  }));
  const leases = await shareOf('outbox', async () => {
    for (let n = 0; n < 10; n++) {
      await enqueue(pool, merchant, messages);
      expect(await claim(pool)).toHaveLength(50);
    }
  });
  expect(leases.all).toBe(500);
  expect(leases.share).toBeGreaterThan(0.9);
  const requestHash = Buffer.alloc(32);
  const answers = await shareOf('idempotency_keys', async () => {
    for (let n = 0; n < 200; n++) {
      const key = `key-${n}`;
      await inTransaction(pool, (tx) => claimOf(merchant, key, requestHash).store(tx, { command: 'cmd_1' }));
      await finishKey(pool, merchant, key, {
        requestHash,
        status: 201,
        body: { id: key, text: 'x'.repeat(300) },
      });
    }
  });
  expect(answers.all).toBe(200);
  expect(answers.share).toBeGreaterThan(0.9);
});
