import { afterAll, beforeEach, expect, it } from 'vitest';
import { createRelay } from '../../../relay/relay.ts';
import { workflowsOf } from '../../support/workflows.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { claimOf, findKey, finishKey } from '../../../db/platform/idempotency.ts';
import { RETENTION, forget } from '../../../db/platform/retention.ts';
import { inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createBooks, createTestPool } from '../../support/fixtures.ts';

const database = await createTestPool();
const { pool } = database;
let merchant: MerchantId;

beforeEach(async () => {
  ({ merchant } = await createBooks(pool));
  await rows(pool, 'delete from idempotency_keys');
  for (const [key, age] of [
    ['oldest', '3 days'],
    ['old', '24 hours 1 second'],
    ['known', '23 hours 59 minutes'],
  ] as const) {
    await finishKey(pool, merchant, key, { requestHash: Buffer.from('x'), status: 201, body: {} });
    await rows(
      pool,
      'update idempotency_keys set created_at = clock_timestamp() - $2::interval where key = $1',
      [key, age],
    );
  }
});
afterAll(() => database.close());

async function keys(): Promise<string[]> {
  const found = await rows<{ key: string }>(pool, 'select key from idempotency_keys order by created_at');
  return found.map(({ key }) => key);
}

it('a key is known for 24 hours, and then deleted in batches, the oldest first (rule 23)', async () => {
  expect(await forget(pool, 'key', RETENTION.key, 1)).toBe(1);
  expect(await keys()).toEqual(['old', 'known']);
  expect(await forget(pool, 'key', RETENTION.key, 1)).toBe(1);
  expect(await forget(pool, 'key', RETENTION.key, 1)).toBe(0);
  expect(await keys()).toEqual(['known']);
  expect(await findKey(pool, merchant, 'known')).toMatchObject({ status: 201 });
  // A deleted key can be used again.
  await inTransaction(pool, (tx) => claimOf(merchant, 'old', Buffer.from('y')).store(tx));
});

it('the relay deletes old keys', async () => {
  const failed: object[] = [];
  const relay = createRelay({
    pool,
    workflows: workflowsOf(() => Promise.resolve()),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: (fields) => void failed.push(fields) },
  });
  const stop = new AbortController();
  const running = relay.run(stop.signal);
  await expect.poll(keys, { interval: 20 }).toEqual(['known']);
  stop.abort();
  await running;
  expect(failed).toEqual([]);
});
