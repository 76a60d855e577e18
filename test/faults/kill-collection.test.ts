// A worker is killed while the balance of an account is collected. It ends with one notice, one payment and one entry.
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
    dataDir: temporaryDataDir('tenor-collection-'),
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
  const [issuer] = (await api.get('/v1/issuers', {})).data;
  await api.patch('/v1/issuers/{id}', {
    id: issuer?.id ?? '',
    body: { mail_enabled: true, mail_from: 'billing@wolkenwerk.example' },
  });
}, 180_000);
afterAll(async () => {
  expect(await audit(pool, AT_REST)).toEqual([]);
  await pool.end();
  await tenor.stop();
}, 120_000);

/** Two open invoices of 20.00 and 10.00 on an account that collects by hand, three days after a notice, on a clock at 2024-01-01. */
async function begin(): Promise<{ clock: string; account: string }> {
  const { id: clock } = await api.post('/v1/test-clocks', {
    body: { name: 'balance', at: '2024-01-01T09:00:00Z' },
  });
  const { id: customer } = await api.post('/v1/customers', {
    body: { party: { name: 'Balance' }, country: 'DE', time_zone: 'UTC', clock },
  });
  const [issuer] = (await api.get('/v1/issuers', {})).data;
  const [policy] = (await api.get('/v1/tax-policies', {})).data;
  const { id: payment_method } = await api.post('/v1/payment-methods', {
    body: { customer, provider: 'sandbox', token: 'card' },
  });
  const collection = { by: 'balance', every: null, threshold: '5.00', notice_days: 3 } as const;
  const { id: account } = await api.post('/v1/billing-accounts', {
    body: { customer, issuer: issuer?.id ?? '', currency: 'EUR', payment_method, collection },
  });
  const once = {
    customer,
    account,
    text: 'Work',
    currency: 'EUR',
    price_mode: 'gross',
    bill: 'now',
  } as const;
  for (const unit_price of ['20.00', '10.00'])
    await api.post('/v1/one-time-charges', { body: { ...once, unit_price, tax_policy: policy?.id ?? '' } });
  return { clock, account };
}

describe('a crash (kill -9) of the worker in a collection by balance (rule 34)', () => {
  it.each([
    ['between the notice and the payment', 'collection:announced'],
    ['between the provider’s success and its commit', 'charge:executed'],
  ])('%s leaves one notice, one payment and one entry', { timeout: 180_000 }, async (_when, moment) => {
    const { clock, account } = await begin();
    await tenor.worker.kill('SIGTERM');
    await tenor.worker.start({ TENOR_KILL_AT: moment });
    const ended = tenor.worker.ended();
    const { id, state } = await api.post('/v1/billing-accounts/{id}/collections', { id: account });
    expect(state).toBe('noticed');
    await api.post('/v1/test-clocks/{id}/advance', { id: clock, body: { to: '2024-01-05T09:00:00Z' } });
    await ended;
    await expect
      .poll(
        () =>
          api.get('/v1/test-clocks/{id}', { id: clock }).then(
            ({ status }) => status,
            () => 'away',
          ),
        { timeout: 90_000, interval: 100 },
      )
      .toBe('ready');
    expect(await api.get('/v1/collections/{id}', { id })).toMatchObject({
      state: 'collected',
      collected: '30.00',
    });
    const charged = `select m.amount_minor::int as amount from sandbox.movements m
      join sandbox.intents i on i.id = m.intent_id where i.clock_id = $1`;
    expect(await rows(pool, charged, [clock])).toEqual([{ amount: 3000 }]);
    const counted = `select
      (select count(*)::int from payments where account_id = $1) as payments,
      (select count(*)::int from journal_entries where account_id = $1 and fact like 'payment:%') as entries,
      (select count(*)::int from events where account_id = $1 and type = 'account.collection_notice') as notices,
      (select count(*)::int from mails where account_id = $1 and purpose = 'collection_notice') as mails,
      (select count(*)::int from receivables where account_id = $1 and open_minor > 0) as open`;
    expect(await rows(pool, counted, [account])).toEqual([
      { payments: 1, entries: 1, notices: 1, mails: 1, open: 0 },
    ]);
  });
});
