// Answers of the API while rows are locked, or the database is slow or silent.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createPool, inTransaction } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { startProxy } from '../support/proxy.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let customer: string;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  const { test } = await createMerchant(database.pool, 'Wolkenwerk');
  caller = await api.caller(test);
  const party = { name: 'Ada' };
  customer = (await caller.post('/v1/customers', { party, country: 'DE', time_zone: 'Europe/Berlin' })).body
    .id;
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const lockCustomer = `select from customers where id = $1 for update`;

describe('a request for a locked row', () => {
  it('is answered `busy`, and logged as no error', async () => {
    await inTransaction(database.pool, async (holder) => {
      await rows(holder, lockCustomer, [customer]);
      const answer = await caller.patch(`/v1/customers/${customer}`, { language: 'de' });
      expect(answer.body).toMatchObject({ status: 503, code: 'busy' });
      expect(answer.headers.get('retry-after')).toBe('1');
    });
    expect(api.errors).toEqual([]);
    expect((await caller.patch(`/v1/customers/${customer}`, { language: 'de' })).status).toBe(200);
  });
});

describe('a request that takes too long', () => {
  it('is answered `request_timeout`, and writes nothing', async () => {
    const impatient = await startTestApi(database.pool, vault, { requestMs: 200 });
    const { test } = await createMerchant(database.pool, 'Impatient');
    const there = await impatient.caller(test);
    const party = { name: 'Ada' };
    const home = { party, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
    const { id } = (await there.post('/v1/customers', home)).body;
    await inTransaction(database.pool, async (holder) => {
      await rows(holder, lockCustomer, [id]);
      const answer = await there.patch(`/v1/customers/${id}`, { language: 'de' });
      expect(answer.body).toMatchObject({ status: 504, code: 'request_timeout' });
      expect(answer.headers.get('retry-after')).toBe('1');
    });
    expect((await there.get(`/v1/customers/${id}`)).body).toMatchObject({ language: 'en', version: 1 });
    expect(impatient.errors).toEqual([]);
    await impatient.stop();
  });
});

describe('while the database is silent', () => {
  it('the API is alive but not ready, and answers 503 within seconds', { timeout: 20_000 }, async () => {
    const proxy = await startProxy(database.url);
    const limits = { connectMs: 300, statementMs: 200 };
    const pool = createPool(proxy.url, { max: 3, limits });
    const probe = createPool(proxy.url, { max: 1, limits });
    const far = await startTestApi(pool, vault, { probe });
    const { test } = await createMerchant(pool, 'Far');
    const there = await far.caller(test);
    const status = async (path: string): Promise<number> => (await fetch(far.url + path)).status;
    expect((await there.get('/v1/customers')).status).toBe(200);
    proxy.silence();
    const answers = await Promise.all(Array.from({ length: 5 }, () => there.get('/v1/customers')));
    for (const { body } of answers) expect(body).toMatchObject({ status: 503, code: 'unavailable' });
    expect(await status('/readyz')).toBe(503);
    expect(await status('/healthz')).toBe(200);
    proxy.speak();
    expect(await status('/readyz')).toBe(200);
    expect((await there.get('/v1/customers')).status).toBe(200);
    await far.stop();
    proxy.cut();
    await Promise.all([pool.end(), probe.end()]);
    await proxy.stop();
  });
});
