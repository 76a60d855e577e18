// Equal requests under one Idempotency-Key, also at the same time: one is executed, and all get its answer (rule 23).
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimOf } from '../../db/platform/idempotency.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  merchant = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await tenor.stop();
});

it(
  'twenty equal orders at once create one contract, and each gets the same answer',
  { timeout: 120_000 },
  async () => {
    const order = {
      external_id: 'contract-1',
      customer: { external_id: 'ada', party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin' },
      variant: 'pro',
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => caller.post('/v1/orders', order, { 'idempotency-key': 'order-1' })),
    );
    const created = answers.filter(({ status }) => status === 201);
    expect(created.length).toBeGreaterThan(0);
    expect(new Set(created.map(({ body }) => body.contract)).size).toBe(1);
    // A request that waited too long is answered as pending. No request is refused because of the first one's rows.
    for (const { status, body } of answers) {
      if (status !== 201)
        expect(['pending', 'request_in_progress']).toContain(body.command?.state ?? body.code);
    }
    expect(await rows(tenor.parts.pool, 'select count(*)::int as n from contracts')).toEqual([{ n: 1 }]);
    const again = await caller.post('/v1/orders', order, { 'idempotency-key': 'order-1' });
    expect([again.status, again.body.contract]).toEqual([201, created[0]!.body.contract]);
  },
);

it(
  'three requests under one key to advance a clock by a month advance it once',
  { timeout: 60_000 },
  async () => {
    const clock = { name: 'C', at: '2024-01-31T12:00:00Z' };
    const { id } = (await caller.post('/v1/test-clocks', clock)).body;
    const read = async () => (await caller.get(`/v1/test-clocks/${id}`)).body;
    const byAMonth = () =>
      caller.post(
        `/v1/test-clocks/${id}/advance`,
        { by: { unit: 'month', count: 1 } },
        { 'idempotency-key': 'month' },
      );
    const answers = await Promise.all([byAMonth(), byAMonth(), byAMonth()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await expect.poll(async () => (await read()).status, { timeout: 30_000 }).toBe('ready');
    expect((await byAMonth()).status).toBe(202);
    expect(await read()).toMatchObject({ status: 'ready', now: '2024-02-29T12:00:00.000Z', target: null });
  },
);

it('an advance is not repeated when its API died before it answered', { timeout: 60_000 }, async () => {
  const clock = { name: 'C', at: '2024-01-31T12:00:00Z' };
  const { id } = (await caller.post('/v1/test-clocks', clock)).body;
  const path = `/v1/test-clocks/${id}/advance`;
  const byAMonth = { by: { unit: 'month', count: 1 } };
  const key = { 'idempotency-key': 'died' };
  expect((await caller.post(path, byAMonth, key)).status).toBe(202);
  const read = async () => (await caller.get(`/v1/test-clocks/${id}`)).body;
  await expect.poll(async () => (await read()).status, { timeout: 30_000 }).toBe('ready');
  // The key is stored and its answer is not.
  await rows(
    tenor.parts.pool,
    `update idempotency_keys set status = null, response = '{}' where merchant_id = $1 and key = 'died'`,
    [merchant],
  );
  expect((await caller.post(path, byAMonth, key)).status).toBe(202);
  expect(await read()).toMatchObject({ status: 'ready', now: '2024-02-29T12:00:00.000Z', target: null });
});

it('deleting a clock again under the same key is answered 204 if the API died after it had deleted the clock', async () => {
  const { id } = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-31T12:00:00Z' })).body;
  const path = `/v1/test-clocks/${id}`;
  const requestHash = createHash('sha256').update(`DELETE ${path}\n`).digest();
  await tenor.engine.deleteClock(merchant, id, claimOf(merchant, 'deleted', requestHash));
  expect((await caller.delete(path, { 'idempotency-key': 'deleted' })).status).toBe(204);
  expect((await caller.delete(path, { 'idempotency-key': 'deleted' })).status).toBe(204);
  expect((await caller.delete(path, { 'idempotency-key': 'another' })).status).toBe(404);
});
