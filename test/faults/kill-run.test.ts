// A worker is killed in the middle of a run of a collective account. The run ends with one document, one number and one charge.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type TenorClient, createClient } from '../../client/index.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { startTenor, type Tenor } from '../../dev/start.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createPool, type Pool } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';

let tenor: Tenor;
let pool: Pool;
let api: TenorClient;

beforeAll(async () => {
  tenor = await startTenor({
    dataDir: temporaryDataDir('tenor-runs-'),
    onProgress: () => undefined,
    headless: true,
    durable: false,
    port: 0,
  });
  pool = createPool(tenor.stack.databaseUrl, { max: 4, name: 'faults' });
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  const apiKey = (await createApiKey(pool, test, 'faults', ['admin'])).key;
  api = createClient({ baseUrl: tenor.apiUrl, apiKey });
  await createCatalogue(api);
}, 180_000);
afterAll(async () => {
  expect(await audit(pool, AT_REST)).toEqual([]);
  await pool.end();
  await tenor.stop();
}, 120_000);

/** Three contracts of 99.00 on a collective account that is run by hand, on a clock at 2024-01-01. */
async function begin(): Promise<{ clock: string; account: string }> {
  const { id: clock } = await api.post('/v1/test-clocks', {
    body: { name: 'runs', at: '2024-01-01T09:00:00Z' },
  });
  const party = { name: 'Collective' };
  const { id: customer } = await api.post('/v1/customers', {
    body: { party, country: 'DE', time_zone: 'UTC', clock },
  });
  const [issuer] = (await api.get('/v1/issuers', {})).data;
  const { id: payment_method } = await api.post('/v1/payment-methods', {
    body: { customer, provider: 'sandbox', token: 'card' },
  });
  const { id: account } = await api.post('/v1/billing-accounts', {
    body: {
      customer,
      issuer: issuer?.id ?? '',
      currency: 'EUR',
      kind: 'collective',
      price_mode: 'net',
      payment_method,
    },
  });
  for (let n = 1; n <= 3; n++)
    await api.post('/v1/orders', { body: { customer, account, variant: 'pro-monthly' } });
  await expect
    .poll(() => rows(pool, 'select from waiting_charges where account_id = $1', [account]), {
      timeout: 30_000,
    })
    .toHaveLength(3);
  return { clock, account };
}

describe('a crash (kill -9) of the worker in a run of a collective account (rule 33)', () => {
  it.each([
    ['after the second contract', 'run:settled:2'],
    ['after the commit of the document, before the workflow knows', 'run:committed'],
  ])('%s makes one document and charges it once', { timeout: 180_000 }, async (_when, moment) => {
    const { clock, account } = await begin();
    await tenor.worker.kill('SIGTERM');
    await tenor.worker.start({ TENOR_KILL_AT: moment });
    const ended = tenor.worker.ended();
    // The clock is moved behind the back of its workflow, so that the run itself finds the contracts due.
    await rows(pool, `update test_clocks set now_at = '2024-02-01T09:00:00Z' where id = $1`, [clock]);
    const { id } = await api.post('/v1/billing-accounts/{id}/runs', { id: account });
    await ended;
    await expect
      .poll(
        () =>
          api.get('/v1/runs/{id}', { id }).then(
            ({ state }) => state,
            () => 'away',
          ),
        {
          timeout: 90_000,
          interval: 100,
        },
      )
      .toBe('done');
    const charged = `select m.amount_minor::int as amount from sandbox.movements m
      join sandbox.intents i on i.id = m.intent_id where i.clock_id = $1`;
    // Two months of three contracts: 594.00, and 112.86 of tax.
    await expect.poll(() => rows(pool, charged, [clock]), { timeout: 60_000 }).toEqual([{ amount: 70_686 }]);
    expect(
      await rows(pool, 'select kind, gross_minor::int as gross from documents where account_id = $1', [
        account,
      ]),
    ).toEqual([{ kind: 'invoice', gross: 70_686 }]);
    expect(await rows(pool, 'select from waiting_charges where account_id = $1', [account])).toEqual([]);
    expect(await rows(pool, 'select state from account_runs where account_id = $1', [account])).toEqual([
      { state: 'done' },
    ]);
  });
});

describe('a crash (kill -9) of the worker in a job over billing accounts', () => {
  /** Asks for a job while the worker dies at a moment, and waits until the job has ended. */
  async function jobWith(moment: string, kind: 'bill' | 'deactivate', account: string): Promise<object> {
    await tenor.worker.kill('SIGTERM');
    await tenor.worker.start({ TENOR_KILL_AT: moment });
    const ended = tenor.worker.ended();
    const { id } = await api.post('/v1/account-jobs', { body: { kind, account } });
    await ended;
    const read = () => api.get('/v1/account-jobs/{id}', { id });
    await expect
      .poll(
        () =>
          read().then(
            ({ state }) => state,
            () => 'away',
          ),
        { timeout: 90_000, interval: 100 },
      )
      .toBe('done');
    const { done, failed, contracts } = await read();
    return { done, failed, contracts };
  }

  it('after contracts were asked to pause asks each of them once', { timeout: 180_000 }, async () => {
    const { account } = await begin();
    expect(await jobWith('job:asked:1', 'deactivate', account)).toEqual({ done: 1, failed: 0, contracts: 3 });
    const paused = `select c.pause_reasons as reasons, (
        select count(*)::int from commands m where m.contract_id = c.id and m.kind = 'pause') as commands
      from contracts c where c.account_id = $1`;
    const once = { reasons: ['deactivated'], commands: 1 };
    await expect.poll(() => rows(pool, paused, [account]), { timeout: 60_000 }).toEqual([once, once, once]);
  });

  it('after a run was done makes one document', { timeout: 180_000 }, async () => {
    const { account } = await begin();
    expect(await jobWith('run:committed', 'bill', account)).toEqual({ done: 1, failed: 0, contracts: 0 });
    // Three contracts of 99.00: 297.00, and 56.43 of tax.
    expect(
      await rows(pool, 'select kind, gross_minor::int as gross from documents where account_id = $1', [
        account,
      ]),
    ).toEqual([{ kind: 'invoice', gross: 35_343 }]);
    expect(await rows(pool, 'select state from account_runs where account_id = $1', [account])).toEqual([
      { state: 'done' },
    ]);
  });
});
