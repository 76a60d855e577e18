// Collection by balance on real workflows and a test clock, with amounts that a pencil checks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { happened } from '../support/happened.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { rows } from '../support/rows.ts';
import { liveUntil } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
let issuer: string;
let tax_policy: string;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(await createSampleMerchant(pool));
  issuer = (await caller.get('/v1/issuers')).body.data[0].id;
  tax_policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

interface Begun {
  readonly clock: string;
  readonly account: string;
  readonly customer: string;
  /** Advances the clock to an instant. */
  until(at: string): Promise<void>;
  /** Bills a one-time charge at once. Returns the number of its invoice. */
  invoice(gross: string): Promise<string>;
  receive(amount: string): Promise<void>;
  /** `day state amount collected (open amounts)` of each collection that was opened. */
  collections(): Promise<string[]>;
  moved(): Promise<string[]>;
  balance(): Promise<string>;
}

const MONTHLY = { every: { unit: 'month', count: 1 }, anchor: '2024-02-05' };

/** A customer on a clock at 2024-01-10, 10:00 in Berlin, with an account that collects by balance. */
async function begin(collection: object, token = 'card'): Promise<Begun> {
  const at = '2024-01-10T09:00:00.000Z';
  const clock = (await caller.post('/v1/test-clocks', { name: 'by balance', at })).body.id;
  const home = { country: 'DE', time_zone: 'Europe/Berlin', clock };
  const customer = (await caller.post('/v1/customers', { party: { name: 'N' }, ...home })).body.id;
  const method = { customer, provider: 'sandbox', token };
  const payment_method = (await caller.post('/v1/payment-methods', method)).body.id;
  const of = { customer, issuer, currency: 'EUR', payment_method };
  const opened = await caller.post('/v1/billing-accounts', {
    ...of,
    collection: { by: 'balance', threshold: '5.00', ...collection },
  });
  expect(opened.status).toBe(201);
  const account = opened.body.id;
  return {
    clock,
    account,
    customer,
    until: (to) => liveUntil(caller, clock, to),
    async invoice(gross) {
      const once = { customer, account, currency: 'EUR', price_mode: 'gross', tax_policy, bill: 'now' };
      const made = await caller.post('/v1/one-time-charges', { ...once, text: 'Work', unit_price: gross });
      expect(made.status).toBe(201);
      return made.body.invoice;
    },
    async receive(amount) {
      const receipt = { amount, reference: 'R' };
      expect((await caller.post(`/v1/billing-accounts/${account}/receipts`, receipt)).status).toBe(201);
    },
    async collections() {
      const { data } = (await caller.get(`/v1/billing-accounts/${account}/collections`)).body;
      return data
        .filter(({ state }: { state: string }) => state !== 'planned')
        .map((each: { due_at: string; state: string; amount: string; collected: string }) =>
          [each.due_at.slice(0, 10), each.state, each.amount, each.collected].join(' '),
        );
    },
    moved: async () => (await happened(tenor.parts.pool, clock)).moved,
    balance: async () => (await caller.get(`/v1/billing-accounts/${account}`)).body.balance,
  };
}

describe('an account that collects its balance each month (rule 34)', () => {
  it('collects nothing of 5.00 with a threshold of 5.00, and 5.01 in one payment a month later', async () => {
    const of = await begin(MONTHLY);
    await of.invoice('2.00');
    await of.invoice('3.00');
    await of.until('2024-02-06T09:00:00.000Z');
    expect(await of.collections()).toEqual(['2024-02-04 below_threshold 5.00 0.00']);
    const last = await of.invoice('0.01');
    const print = async () => (await caller.get(`/v1/invoices/${last}/print?language=en`)).body;
    const note = 'The amount will be charged to your payment method on file.';
    expect(await print()).toContain(note);
    await of.until('2024-03-06T09:00:00.000Z');
    expect(await of.collections()).toEqual([
      '2024-02-04 below_threshold 5.00 0.00',
      '2024-03-04 collected 5.01 5.01',
    ]);
    expect(await of.moved()).toEqual(['charge 5.01']);
    expect(await of.balance()).toBe('0.00');
    expect(await print()).toContain(note);
    const { data } = (await caller.get(`/v1/payments?account=${of.account}`)).body;
    expect(data).toHaveLength(1);
    expect(data[0].allocations.map(({ amount }: { amount: string }) => amount)).toEqual([
      '2.00',
      '3.00',
      '0.01',
    ]);
    expect((await caller.get(`/v1/billing-accounts/${of.account}`)).body).toMatchObject({
      collection: { by: 'balance', ...MONTHLY, threshold: '5.00', notice_days: 0 },
      next_collection: '2024-04-04T22:00:00.000Z',
    });
    expect((await caller.delete(`/v1/test-clocks/${of.clock}`)).status).toBe(204);
    expect(
      await rows(tenor.parts.pool, 'select from collections where account_id = $1', [of.account]),
    ).toEqual([]);
  });
});

/** The events of an account's collections, payments and contracts, oldest first. */
async function eventsOf({ clock }: Begun, types: string): Promise<string[]> {
  const found = await rows<{ line: string }>(
    tenor.parts.pool,
    `select concat_ws(' ', v.type, date(v.occurred_at at time zone 'Europe/Berlin')) as line
     from events v join billing_accounts a on a.merchant_id = v.merchant_id and a.id = v.account_id
     where a.clock_id = $1 and v.type like $2 order by v.seq`,
    [clock, types],
  );
  return found.map(({ line }) => line);
}

describe('a notice before the collection (rule 34)', () => {
  it('collects no more than was announced and is still open, and leaves newer invoices to the next day', async () => {
    const of = await begin({ ...MONTHLY, notice_days: 3 });
    await of.invoice('20.00');
    await of.invoice('10.00');
    await of.until('2024-02-02T09:00:00.000Z');
    expect(await of.collections()).toEqual(['2024-02-04 noticed 30.00 0.00']);
    const [notice] = (await caller.get(`/v1/events?type=account.collection_notice&customer=${of.customer}`))
      .body.data;
    expect(notice.data).toMatchObject({
      amount: '30.00',
      currency: 'EUR',
      due_at: '2024-02-04T23:00:00.000Z',
    });
    expect(notice.data.invoices).toHaveLength(2);
    await of.receive('12.00');
    await of.invoice('40.00');
    await of.until('2024-02-06T09:00:00.000Z');
    // 8.00 of the first and 10.00 of the second were announced and are still open.
    expect(await of.moved()).toEqual(['charge 18.00']);
    expect(await of.collections()).toEqual(['2024-02-04 collected 30.00 18.00']);
    expect(await of.balance()).toBe('-40.00');
    await of.until('2024-03-06T09:00:00.000Z');
    expect(await of.moved()).toEqual(['charge 18.00', 'charge 40.00']);
    expect(await eventsOf(of, 'account.%')).toEqual([
      'account.collection_notice 2024-02-02',
      'account.collection_notice 2024-03-02',
    ]);
    expect(await of.balance()).toBe('0.00');
  });

  it('collects nothing if no more than the threshold is still open on the day', async () => {
    const of = await begin({ ...MONTHLY, notice_days: 3 });
    await of.invoice('20.00');
    await of.until('2024-02-02T09:00:00.000Z');
    await of.receive('15.00');
    await of.until('2024-02-06T09:00:00.000Z');
    expect(await of.collections()).toEqual(['2024-02-04 below_threshold 20.00 0.00']);
    expect(await of.moved()).toEqual([]);
    expect(await of.balance()).toBe('-5.00');
  });
});

describe('dunning of a balance (rule 37)', () => {
  it('pauses the contracts of the account after the third decline, and money resumes them', async () => {
    const declines = ['2024-02-05', '2024-02-08', '2024-02-12'].map(
      (day) => `decline_on=${day}:card_expired`,
    );
    const of = await begin(MONTHLY, ['card', ...declines, 'zone=Europe/Berlin'].join(';'));
    const order = { customer: of.customer, account: of.account, variant: 'pro' };
    for (let n = 1; n <= 2; n++) expect((await caller.post('/v1/orders', order)).status).toBe(201);
    await of.until('2024-02-09T09:00:00.000Z');
    expect(await of.collections()).toEqual(['2024-02-04 collecting 235.62 0.00']);
    await of.until('2024-02-13T09:00:00.000Z');
    expect(await of.collections()).toEqual(['2024-02-04 stopped 235.62 0.00']);
    const phases = async (): Promise<string[]> =>
      (await caller.get(`/v1/contracts?account=${of.account}`)).body.data.map(
        ({ phase }: { phase: string }) => phase,
      );
    expect(await phases()).toEqual(['inactive', 'inactive']);
    await of.receive('235.62');
    await of.until('2024-02-14T09:00:00.000Z');
    expect(await phases()).toEqual(['normal', 'normal']);
    expect(await of.collections()).toEqual(['2024-02-04 paid 235.62 0.00']);
    await of.until('2024-03-06T09:00:00.000Z');
    // The invoices of 10 February, 117.81 each, are collected on the next day of the calendar.
    expect(await happened(tenor.parts.pool, of.clock)).toMatchObject({
      documents: [
        '2024-01-10 invoice 99.00 117.81',
        '2024-01-10 invoice 99.00 117.81',
        '2024-02-10 invoice 99.00 117.81',
        '2024-02-10 invoice 99.00 117.81',
      ],
      commands: [
        'order applied',
        'pause applied by collection',
        'resume applied by collection',
        'order applied',
        'pause applied by collection',
        'resume applied by collection',
      ],
      moved: ['charge 235.62'],
    });
    expect(await of.balance()).toBe('0.00');
    expect(await eventsOf(of, '%collection%')).toEqual(['account.collection_stopped 2024-02-12']);
  });

  it('opens all invoices of a payment again when it is charged back, and tries them again only by hand', async () => {
    const of = await begin(MONTHLY, 'debit;chargeback_days=90');
    await of.invoice('20.00');
    await of.invoice('10.00');
    await of.until('2024-05-06T09:00:00.000Z');
    // 90 days after 5 February is 5 May, a day of the calendar.
    expect(await of.collections()).toEqual([
      '2024-02-04 charged_back 30.00 0.00',
      '2024-03-04 below_threshold 0.00 0.00',
      '2024-04-04 below_threshold 0.00 0.00',
      '2024-05-04 below_threshold 0.00 0.00',
    ]);
    expect(await of.balance()).toBe('-30.00');
    expect((await happened(tenor.parts.pool, of.clock)).documents).toEqual([
      '2024-01-10 invoice 16.81 20.00 (20.00 open)',
      '2024-01-10 invoice 8.40 10.00 (10.00 open)',
    ]);
    const asked = await caller.post(`/v1/billing-accounts/${of.account}/collections`);
    expect(asked).toMatchObject({
      status: 202,
      body: { cause: 'hand', state: 'collecting', amount: '30.00' },
    });
    await of.until('2024-05-07T09:00:00.000Z');
    expect((await caller.get(`/v1/collections/${asked.body.id}`)).body).toMatchObject({
      state: 'collected',
      collected: '30.00',
    });
    expect((await of.collections())[0]).toBe('2024-02-04 replaced 30.00 0.00');
    expect(await of.moved()).toEqual(['charge 30.00', 'chargeback 30.00', 'charge 30.00']);
    expect(await of.balance()).toBe('0.00');
  });
});

describe('a collection by hand', () => {
  it('is one collection, however often it is asked for, and leaves nothing to the calendar', async () => {
    const of = await begin(MONTHLY, 'debit;pending_days=3');
    await of.invoice('20.00');
    const path = `/v1/billing-accounts/${of.account}/collections`;
    const [first, second] = await Promise.all([caller.post(path), caller.post(path)]);
    expect(first.body.id).toBe(second.body.id);
    await of.until('2024-02-06T09:00:00.000Z');
    expect(await of.moved()).toEqual(['charge 20.00']);
    expect(await of.collections()).toEqual([
      '2024-02-04 below_threshold 0.00 0.00',
      '2024-01-10 collected 20.00 20.00',
    ]);
  });

  it('collects at the end of the notice, if the account gives one', async () => {
    const of = await begin({ every: null, notice_days: 5 });
    await of.invoice('20.00');
    const asked = await caller.post(`/v1/billing-accounts/${of.account}/collections`);
    expect(asked.body).toMatchObject({ state: 'noticed', due_at: '2024-01-14T23:00:00.000Z' });
    await of.until('2024-01-14T22:00:00.000Z');
    expect(await of.moved()).toEqual([]);
    await of.until('2024-01-15T09:00:00.000Z');
    expect(await of.moved()).toEqual(['charge 20.00']);
  });

  it('is refused for an account that collects each invoice', async () => {
    const of = await begin(MONTHLY);
    const path = `/v1/billing-accounts/${of.account}`;
    expect((await caller.patch(path, { collection: { by: 'invoice' } })).status).toBe(200);
    expect((await caller.post(`${path}/collections`)).body).toMatchObject({
      status: 409,
      code: 'not_collected_by_balance',
    });
  });
});

describe('the way of collecting', () => {
  it('changes only when nothing is collected, and an open invoice is then collected by itself, once', async () => {
    const of = await begin(MONTHLY, 'debit;pending_days=3');
    const path = `/v1/billing-accounts/${of.account}`;
    await of.invoice('20.00');
    await caller.post(`${path}/collections`);
    await of.until('2024-01-11T09:00:00.000Z');
    expect((await caller.patch(path, { collection: { by: 'invoice' } })).body).toMatchObject({
      status: 409,
      code: 'collection_under_way',
      errors: [{ field: 'collection.by' }],
    });
    await of.until('2024-01-15T09:00:00.000Z');
    await of.invoice('4.00');
    const changed = await caller.patch(path, { collection: { by: 'invoice' } });
    expect(changed.body).toMatchObject({ collection: { by: 'invoice' }, next_collection: null });
    await of.until('2024-02-20T09:00:00.000Z');
    expect(await of.moved()).toEqual(['charge 20.00', 'charge 4.00']);
    expect(await of.balance()).toBe('0.00');
  });

  it('changes to the balance, which then has the invoices that were declined', async () => {
    const of = await begin({ every: null }, 'card;decline_on=2024-01-10:card_expired;zone=Europe/Berlin');
    const path = `/v1/billing-accounts/${of.account}`;
    expect((await caller.patch(path, { collection: { by: 'invoice' } })).status).toBe(200);
    await of.invoice('20.00');
    await of.until('2024-01-11T09:00:00.000Z');
    const collection = { by: 'balance', ...MONTHLY };
    expect((await caller.patch(path, { collection })).body).toMatchObject({
      collection: { ...MONTHLY, threshold: '0.00' },
      next_collection: '2024-02-04T23:00:00.000Z',
    });
    // The invoice's own retry of 13 January is left out.
    await of.until('2024-02-06T09:00:00.000Z');
    expect(await of.moved()).toEqual(['charge 20.00']);
    expect(await of.collections()).toEqual(['2024-02-04 collected 20.00 20.00']);
  });

  it.each([
    [{ ...MONTHLY, threshold: '5.00', currency: 'USD' }, 'currency_mismatch', 'collection.currency'],
    [{ ...MONTHLY, threshold: '5.001' }, 'invalid_amount', 'collection.threshold'],
    [{ ...MONTHLY, threshold: '-1.00' }, 'invalid_amount', 'collection.threshold'],
    [{ every: { unit: 'month', count: 1 } }, 'invalid_request', 'collection.anchor'],
    [
      { every: { unit: 'week', count: 1 }, anchor: '2024-02-05', notice_days: 7 },
      'invalid_request',
      'collection.notice_days',
    ],
  ])('is refused: %j', async (collection, code, field) => {
    const of = await begin(MONTHLY);
    const answer = await caller.patch(`/v1/billing-accounts/${of.account}`, {
      collection: { by: 'balance', ...collection },
    });
    expect(answer.body).toMatchObject({ code, errors: [{ field }] });
  });
});
