// Lists as people use them: newest first, with filters and an order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant, moveClock, settle, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;
/** A customer who pays, one who does not, and the contract of the first. */
let [payer, debtor, contract] = ['', '', ''];

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = await createSampleMerchant(database.pool);
  caller = await api.caller(merchant);
  const clock = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-01T09:00:00Z' })).body.id;
  const customer = async (party: object): Promise<string> =>
    (
      await caller.post('/v1/customers', {
        party,
        country: 'DE',
        time_zone: 'Europe/Berlin',
        language: 'de',
        clock,
      })
    ).body.id;
  payer = await customer({ name: 'Nordlicht Software GmbH', email: 'rechnung@nordlicht.example' });
  debtor = await customer({ name: 'Gebrüder Müller & Söhne', email: 'mueller@soehne.example' });
  const contracts: string[] = [];
  for (const [owner, variant, term] of [
    [payer, 'pro', 0],
    [debtor, 'pro', 14],
  ] as const) {
    const order = await caller.post('/v1/orders', { customer: owner, variant, payment_term_days: term });
    contracts.push(order.body.contract);
    await settle(database.pool, order.body.contract);
  }
  contract = contracts[0] ?? '';
  await moveClock(database.pool, clock, '2024-02-01T09:00:00.000Z');
  for (const each of contracts) await settle(database.pool, each);
  const { account } = (await caller.get(`/v1/contracts/${contract}`)).body;
  await caller.post(`/v1/billing-accounts/${account}/receipts`, {
    amount: '117.81',
    reference: 'Überweisung 1',
  });
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const documents = async (query: string): Promise<string[]> => {
  const { status, body } = await caller.get(`/v1/invoices?${query}`);
  expect([status, body.next_cursor]).toEqual([200, null]);
  return body.data.map(
    (each: Record<string, string>) =>
      `${each['customer'] === payer ? 'payer' : 'debtor'} ${each['issue_date']} due ${each['due_date']} ${each['gross']} ${each['state']}`,
  );
};
const JANUARY = [
  'payer 2024-01-01 due 2024-01-01 117.81 paid',
  'debtor 2024-01-01 due 2024-01-15 117.81 open',
] as const;
const FEBRUARY = [
  'payer 2024-02-01 due 2024-02-01 117.81 open',
  'debtor 2024-02-01 due 2024-02-15 117.81 open',
] as const;

describe('a list of documents', () => {
  it('has the newest first, or the oldest first', async () => {
    const newest = await documents('');
    expect(newest.map((each) => each.split(' ')[1])).toEqual([
      '2024-02-01',
      '2024-02-01',
      '2024-01-01',
      '2024-01-01',
    ]);
    expect(await documents('sort=at')).toEqual(newest.toReversed());
  });

  it.each([
    ['a customer', () => `customer=${payer}`, [FEBRUARY[0], JANUARY[0]]],
    ['a contract', () => `contract=${contract}`, [FEBRUARY[0], JANUARY[0]]],
    ['paid invoices', () => 'state=paid', [JANUARY[0]]],
    ['used credit notes', () => 'state=used', []],
    ['open invoices of a customer', () => `state=open&customer=${debtor}`, [FEBRUARY[1], JANUARY[1]]],
    [
      'days of issue, without the last',
      () => `issued_from=2024-01-01&issued_before=2024-02-01&customer=${payer}`,
      [JANUARY[0]],
    ],
    [
      'overdue invoices, the latest due date first',
      () => 'state=open&due_before=2024-02-02',
      [FEBRUARY[0], JANUARY[1]],
    ],
    [
      'overdue invoices, the earliest due date first',
      () => 'state=open&due_before=2024-02-02&sort=due_date',
      [JANUARY[1], FEBRUARY[0]],
    ],
    ['an amount', () => `amount=117.81&currency=EUR&customer=${payer}`, [FEBRUARY[0], JANUARY[0]]],
    ['amounts that no document has', () => 'amount_min=117.82&currency=EUR', []],
    ['another currency', () => 'currency=CHF', []],
  ])('is filtered by %s', async (_, query, expected) => {
    expect(await documents(query())).toEqual(expected);
  });

  it('is read page by page, also in another order', async () => {
    for (const query of ['sort=-at', 'sort=due_date', 'sort=-amount&currency=EUR', 'state=open']) {
      const whole = (await caller.get(`/v1/invoices?${query}`)).body.data.map(({ id }: { id: string }) => id);
      const found: string[] = [];
      let cursor = '';
      for (;;) {
        const { body } = await caller.get(`/v1/invoices?${query}&limit=1${cursor}`);
        found.push(...body.data.map(({ id }: { id: string }) => id));
        if (body.next_cursor === null) break;
        cursor = `&cursor=${body.next_cursor}`;
      }
      expect(found).toEqual(whole);
    }
  });

  it.each([
    ['issued_from=yesterday', 'issued_from', 422],
    ['due_before=2024-02-30', 'due_before', 422],
    ['state=settled', 'state', 400],
    ['currency=XXL', 'currency', 422],
    ['amount=1.00', 'currency', 400],
    ['sort=-amount', 'currency', 400],
    ['sort=name', 'sort', 400],
    ['amount=1.001&currency=EUR', 'amount', 422],
    ['amount=1.00&amount_min=1.00&currency=EUR', 'amount', 400],
    ['customer=nobody', 'customer', 422],
  ])('refuses %s and names %s', async (query, field, status) => {
    const answer = await caller.get(`/v1/invoices?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.body.errors).toMatchObject([{ field }]);
  });

  it('refuses the cursor of another order', async () => {
    const { next_cursor } = (await caller.get('/v1/invoices?limit=1')).body;
    const answer = await caller.get(`/v1/invoices?sort=due_date&cursor=${next_cursor}`);
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ field: 'cursor' }] });
  });
});
