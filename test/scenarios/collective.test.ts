// Collective accounts on real workflows and a test clock, with amounts that a pencil checks.
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
  order(more: object): Promise<string>;
  until(at: string): Promise<void>;
  ask(contract: string, command: object): Promise<void>;
  documents(): Promise<string[]>;
  balance(): Promise<string>;
}

/** A customer on a clock at 2024-01-10, 10:00 in Berlin, with a collective account and a card. */
async function begin(runs: object | null): Promise<Begun> {
  const at = '2024-01-10T09:00:00.000Z';
  const clock = (await caller.post('/v1/test-clocks', { name: 'collective', at })).body.id;
  const home = { country: 'DE', time_zone: 'Europe/Berlin', clock };
  const customer = (await caller.post('/v1/customers', { party: { name: 'N' }, ...home })).body.id;
  const card = { customer, provider: 'sandbox', token: 'card' };
  const payment_method = (await caller.post('/v1/payment-methods', card)).body.id;
  const of = {
    customer,
    issuer,
    currency: 'EUR',
    kind: 'collective',
    price_mode: 'net',
    runs,
    payment_method,
  };
  const opened = await caller.post('/v1/billing-accounts', of);
  expect(opened.status).toBe(201);
  const account = opened.body.id;
  return {
    clock,
    account,
    async order(more) {
      const placed = await caller.post('/v1/orders', { customer, account, variant: 'pro', ...more });
      expect(placed.status).toBe(201);
      return placed.body.contract;
    },
    until: (to) => liveUntil(caller, clock, to),
    async ask(contract, command) {
      const answer = await caller.post(`/v1/contracts/${contract}/commands`, command);
      expect(answer.body).toMatchObject({ state: 'applied', document: null });
    },
    documents: async () => (await happened(tenor.parts.pool, clock)).documents,
    balance: async () => (await caller.get(`/v1/billing-accounts/${account}`)).body.balance,
  };
}

describe('a collective account with a calendar (rule 33)', () => {
  it('bills two contracts and a change in the middle of a month on one invoice each month', async () => {
    const of = await begin({ every: { unit: 'month', count: 1 }, anchor: '2024-02-01' });
    const first = await of.order({ components: [{ component: 'seat', quantity: 2 }] });
    await of.order({ components: [{ component: 'seat', quantity: 3 }] });
    await of.until('2024-02-20T09:00:00.000Z');
    await of.ask(first, {
      kind: 'change',
      components: { set: [{ subscription: 'seat', quantity: 5 }] },
      effective: 'now',
    });
    await of.until('2024-03-05T09:00:00.000Z');
    // January: 99.00 + 18.00 + 99.00 + 27.00 = 243.00, and 46.17 of tax. February: the same, and for 19 of 29 days
    // −11.79 (of 18.00) and 29.48 (of 45.00): 260.69, and 49.53 of tax.
    expect(await happened(tenor.parts.pool, of.clock)).toEqual({
      documents: ['2024-02-01 invoice 243.00 289.17', '2024-03-01 invoice 260.69 310.22'],
      attempts: [],
      commands: ['order applied', 'change applied', 'order applied'],
      scheduled: [],
      agenda: [
        'contract 2024-03-09T23:00:00.000Z',
        'contract 2024-03-09T23:00:00.000Z',
        'account 2024-03-31T22:00:00.000Z',
      ],
      moved: ['charge 289.17', 'charge 310.22'],
    });
    expect(await of.balance()).toBe('0.00');
    expect((await caller.get(`/v1/billing-accounts/${of.account}`)).body).toMatchObject({
      kind: 'collective',
      price_mode: 'net',
      runs: { every: { unit: 'month', count: 1 }, anchor: '2024-02-01' },
      next_run: '2024-03-31T22:00:00.000Z',
    });
    const payments = (await caller.get(`/v1/payments?contract=${first}`)).body.data;
    expect(payments.map(({ amount }: { amount: string }) => amount)).toEqual(['310.22', '289.17']);
    expect((await caller.delete(`/v1/test-clocks/${of.clock}`)).status).toBe(204);
    expect(
      await rows(tenor.parts.pool, 'select from account_runs where account_id = $1', [of.account]),
    ).toEqual([]);
  });

  it('runs each week, without a document if nothing was charged; the charges of an ended contract come with the next run', async () => {
    const of = await begin({ every: { unit: 'week', count: 1 }, anchor: '2024-01-15' });
    const contract = await of.order({});
    await of.until('2024-02-15T09:00:00.000Z');
    await of.ask(contract, { kind: 'cancel', effective: 'now' });
    await of.until('2024-02-20T09:00:00.000Z');
    // From 15 February, 24 of 29 days are left: 99.00 × 24 ÷ 29 = 81.93, and 15.57 of tax.
    expect(await of.documents()).toEqual([
      '2024-01-15 invoice 99.00 117.81',
      '2024-02-12 invoice 99.00 117.81',
      '2024-02-19 credit_note -81.93 -97.50',
    ]);
    const { data } = (await caller.get(`/v1/billing-accounts/${of.account}/runs`)).body;
    expect(
      data.map((run: { until: string; invoice: string | null }) => [
        run.until.slice(0, 10),
        run.invoice !== null,
      ]),
    ).toEqual([
      ['2024-01-14', true],
      ['2024-01-21', false],
      ['2024-01-28', false],
      ['2024-02-04', false],
      ['2024-02-11', true],
      ['2024-02-18', true],
    ]);
    expect(await of.balance()).toBe('97.50');
  });
});

describe('a command that is billed now', () => {
  it('has a document at once, with the waiting charges that it credits, and nothing is left for the run (rule 33)', async () => {
    const of = await begin({ every: { unit: 'month', count: 1 }, anchor: '2024-02-01' });
    const contract = await of.order({});
    await of.until('2024-01-20T09:00:00.000Z');
    const path = `/v1/contracts/${contract}`;
    const add = { kind: 'change', components: { add: [{ component: 'seat', quantity: 3 }] } };
    const later = await caller.post(`${path}/commands`, { ...add, effective: 'period_end', bill: 'now' });
    expect(later.body).toMatchObject({ code: 'invalid_command', errors: [{ field: 'bill' }] });
    const now = { ...add, effective: 'now' };
    expect((await caller.post(`${path}/commands/preview`, now)).body).toMatchObject({ waits_for_run: true });
    expect((await caller.post(`${path}/commands/preview`, { ...now, bill: 'now' })).body).toMatchObject({
      waits_for_run: false,
      documents: [{ net: '18.29' }],
    });
    const added = await caller.post(`${path}/commands`, { ...now, bill: 'now' });
    expect(added.body).toMatchObject({ state: 'applied', document: expect.stringMatching(/^doc_/) });
    await of.until('2024-01-31T09:00:00.000Z');
    const ended = await caller.post(`${path}/commands`, { kind: 'cancel', effective: 'now', bill: 'now' });
    const { lines } = (await caller.get(`/v1/invoices/${ended.body.document}`)).body;
    expect(lines.map((line: { amount: string }) => line.amount)).toEqual(['99.00', '-31.94', '-8.71']);
    await of.until('2024-02-02T09:00:00.000Z');
    // Three seats for 21 of 31 days: 27.00 × 21 ÷ 31 = 18.29, and 3.48 of tax. From 31 January, 10 days are left:
    // 99.00 − 31.94 − 8.71 = 58.35, and 11.09 of tax.
    expect(await happened(tenor.parts.pool, of.clock)).toEqual({
      documents: ['2024-01-20 invoice 18.29 21.77', '2024-01-31 invoice 58.35 69.44'],
      attempts: ['2024-01-20 21.77 succeeded', '2024-01-31 69.44 succeeded'],
      commands: ['order applied', 'change applied', 'cancel applied'],
      scheduled: [],
      agenda: ['account 2024-02-29T23:00:00.000Z'],
      moved: ['charge 21.77', 'charge 69.44'],
    });
    expect(await of.balance()).toBe('0.00');
  });
});

describe('a collective account without a calendar', () => {
  it('makes its documents by hand, with waiting one-time charges of the account first', async () => {
    const of = await begin(null);
    const contract = await of.order({});
    const { customer } = (await caller.get(`/v1/billing-accounts/${of.account}`)).body;
    const once = { text: 'Workshop', currency: 'EUR', price_mode: 'net', tax_policy, bill: 'next_invoice' };
    const owner = { customer, account: of.account };
    expect(
      (await caller.post('/v1/one-time-charges', { ...once, ...owner, unit_price: '100.00' })).status,
    ).toBe(201);
    expect(
      (await caller.post('/v1/one-time-charges', { ...once, contract, unit_price: '10.00' })).status,
    ).toBe(201);
    const gross = await caller.post('/v1/one-time-charges', {
      ...once,
      ...owner,
      unit_price: '1.00',
      price_mode: 'gross',
    });
    expect(gross.body).toMatchObject({ status: 422, code: 'price_mode_mismatch' });
    await of.until('2024-01-12T09:00:00.000Z');
    const asked = await caller.post(`/v1/billing-accounts/${of.account}/runs`);
    expect(asked).toMatchObject({ status: 202, body: { cause: 'hand', until: '2024-01-12T09:00:00.000Z' } });
    await expect
      .poll(async () => (await caller.get(`/v1/runs/${asked.body.id}`)).body, {
        timeout: 20_000,
        interval: 25,
      })
      .toMatchObject({ state: 'done', left_out: [] });
    await of.until('2024-01-12T10:00:00.000Z');
    // 100.00 + 10.00 + 99.00 = 209.00, and 39.71 of tax.
    expect(await of.documents()).toEqual(['2024-01-12 invoice 209.00 248.71']);
    const { invoice } = (await caller.get(`/v1/runs/${asked.body.id}`)).body;
    const { lines } = (await caller.get(`/v1/invoices/${invoice}`)).body;
    expect(
      lines.map((line: { contract: string | null; amount: string }) => [line.contract, line.amount]),
    ).toEqual([
      [null, '100.00'],
      [contract, '10.00'],
      [contract, '99.00'],
    ]);
    // The page has the lines of the account first, and a subtotal of each group.
    const page: string = (await caller.get(`/v1/invoices/${invoice}/print?language=en`)).body;
    expect(page.match(/(?<=Subtotal +)\S+/g)).toEqual(['100.00', '109.00']);
  });

  it('gets a contract from an immediate account, which credits its own invoice when the contract is cancelled', async () => {
    const of = await begin(null);
    const { customer } = (await caller.get(`/v1/billing-accounts/${of.account}`)).body;
    const opened = await caller.post('/v1/billing-accounts', {
      customer,
      issuer,
      currency: 'EUR',
      name: 'First',
    });
    const contract = await of.order({ account: opened.body.id });
    await of.until('2024-01-19T09:00:00.000Z');
    const moved = await caller.patch(`/v1/contracts/${contract}`, { account: of.account });
    expect(moved).toMatchObject({ status: 200, body: { account: of.account } });
    await of.ask(contract, { kind: 'cancel', effective: 'now' });
    await of.until('2024-01-20T09:00:00.000Z');
    // From 19 January, 22 of 31 days are left: 99.00 × 22 ÷ 31 = 70.26, and 13.35 of tax.
    expect(await of.documents()).toEqual([
      '2024-01-10 invoice 99.00 117.81 (34.20 open)',
      '2024-01-19 credit_note -70.26 -83.61',
    ]);
    expect((await caller.get(`/v1/billing-accounts/${opened.body.id}`)).body.balance).toBe('-34.20');
    expect((await caller.get(`/v1/billing-accounts/${opened.body.id}/runs`)).body.data).toMatchObject([
      { cause: 'credits', state: 'done', until: '2024-01-19T09:00:00.000Z' },
    ]);
    expect(await of.balance()).toBe('0.00');
  });

  it('refuses contracts whose prices have another mode', async () => {
    const of = await begin(null);
    const group = { name: 'Gross', currency: 'EUR', price_mode: 'gross', tax_policy, issuer };
    const plan_group = (await caller.post('/v1/plan-groups', group)).body.id;
    const plan = (await caller.post('/v1/plans', { plan_group, name: 'Gross' })).body.id;
    const fee_interval = { unit: 'month', count: 1 };
    const variant = (await caller.post('/v1/variants', { plan, name: 'Gross', fee: '10.00', fee_interval }))
      .body.id;
    const { customer } = (await caller.get(`/v1/billing-accounts/${of.account}`)).body;
    expect((await caller.post('/v1/orders', { customer, account: of.account, variant })).body).toMatchObject({
      status: 422,
      code: 'price_mode_mismatch',
      errors: [{ field: 'account' }],
    });
  });
});

it('a collective account with a one-time charge that waits does not become immediate (rule 33)', async () => {
  const { account, clock } = await begin(null);
  const { customer } = (await caller.get(`/v1/billing-accounts/${account}`)).body;
  const charge = { customer, account, text: 'Work', currency: 'EUR', price_mode: 'net', tax_policy };
  const made = await caller.post('/v1/one-time-charges', {
    ...charge,
    unit_price: '10.00',
    bill: 'next_invoice',
  });
  expect(made.status).toBe(201);
  const patched = await caller.patch(`/v1/billing-accounts/${account}`, { kind: 'immediate' });
  expect(patched).toMatchObject({ status: 409, body: { code: 'charges_waiting' } });
  await caller.post(`/v1/billing-accounts/${account}/runs`, {});
  // 10.00 and 1.90 of tax.
  await expect
    .poll(async () => (await happened(tenor.parts.pool, clock)).moved, { timeout: 20_000 })
    .toEqual(['charge 11.90']);
  expect((await caller.patch(`/v1/billing-accounts/${account}`, { kind: 'immediate' })).status).toBe(200);
});
