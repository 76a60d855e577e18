// Events queue mails, in their transaction.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { EVENT_TYPES } from '../../../domain/events/catalogue.ts';
import { CUSTOMER_PURPOSES, PURPOSE_OF_EVENT } from '../../../domain/mails/purposes.ts';
import { type Caller, type TestApi, startTestApi } from '../../support/api.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { settle, vault } from '../../support/merchant.ts';
import { row, rows } from '../../support/rows.ts';
import { type World, createWorld } from '../../support/world.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;
let world: World;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  api = await startTestApi(pool, vault);
  merchant = (await createMerchant(pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  world = await createWorld(pool, caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});
beforeEach(() => rows(pool, 'delete from mails'));

it('the map of SQL from events to purposes is that of the domain', async () => {
  const inSql = await rows<{ type: string; purpose: string | null }>(
    pool,
    'select t as type, mail_purpose_of(t) as purpose from unnest($1::text[]) t',
    [EVENT_TYPES],
  );
  expect(Object.fromEntries(inSql.map(({ type, purpose }) => [type, purpose ?? undefined]))).toEqual(
    Object.fromEntries(EVENT_TYPES.map((type) => [type, PURPOSE_OF_EVENT[type]])),
  );
  expect(CUSTOMER_PURPOSES).toContain('card_expires');
});

const switchMails = (mail_enabled: boolean) =>
  caller.patch(`/v1/issuers/${world.issuer}`, { mail_enabled, mail_from: 'billing@wolkenwerk.example' });

/** Places another order of the world's customer, which is billed at once. Returns the queued mails. */
async function bill(): Promise<{ id: string; purpose: string; document_id: string; event_id: string }[]> {
  const order = await caller.post('/v1/orders', { customer: world.customer, variant: world.variant });
  await settle(pool, order.body.contract);
  return rows(pool, 'select id, purpose, document_id, event_id from mails order by id');
}

describe('an invoice', () => {
  it('queues one mail, with the id of its event, if the issuer has mails switched on (rule 53)', async () => {
    await switchMails(true);
    const mails = await bill();
    expect(mails.map(({ purpose }) => purpose)).toEqual(['invoice']);
    const event = await row<{ id: string; object_id: string }>(
      pool,
      `select id, object_id from events where type = 'invoice.finalised' order by seq desc limit 1`,
    );
    expect(mails[0]).toEqual({
      id: event.id.replace('evt_', 'mai_'),
      purpose: 'invoice',
      document_id: event.object_id,
      event_id: event.id,
    });
  });

  it('queues none if the issuer has mails switched off', async () => {
    await switchMails(false);
    expect(await bill()).toEqual([]);
  });

  it('queues none if the customer has switched invoices off, and one again later (rule 53)', async () => {
    await switchMails(true);
    const switchOff = (mail_off: string[]) => caller.patch(`/v1/customers/${world.customer}`, { mail_off });
    await switchOff(['invoice']);
    expect(await bill()).toEqual([]);
    await switchOff(['receipt']);
    expect(await bill()).toHaveLength(1);
    await switchOff([]);
  });
});

it('a receipt by bank transfer queues a mail with amount and day', async () => {
  await switchMails(true);
  await caller.post(`/v1/billing-accounts/${world.account}/receipts`, { amount: '10.00', reference: 'R2' });
  const mails = await rows<{ purpose: string; data: object }>(pool, 'select purpose, data from mails');
  expect(mails).toEqual([
    { purpose: 'receipt', data: expect.objectContaining({ amount_minor: '1000', currency: 'EUR' }) },
  ]);
});

it('an event without an address of operators queues no mail to them', async () => {
  const disable = (id: string) =>
    rows(
      pool,
      `insert into events (merchant_id, type, object_id, occurred_at, data)
       values ($1, 'webhook_endpoint.disabled', $2, clock_timestamp(), '{"url": "https://x.example"}')`,
      [merchant, id],
    );
  await disable('whe_1');
  expect(await rows(pool, 'select id from mails')).toEqual([]);
  await caller.put('/v1/mail-settings', { operators: ['ops@x.example'] });
  await disable('whe_2');
  expect(await rows(pool, 'select purpose, object_id from mails')).toEqual([
    { purpose: 'webhook_disabled', object_id: 'whe_2' },
  ]);
});
