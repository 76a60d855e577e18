// One-time charges and credits, billed now on a document of their own, or with the next invoice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../engine/engine.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, engineWithoutTemporal, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { moveClock, settle, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;
let issuer: string;

const MONTH = { unit: 'month', count: 1 };

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = (await createMerchant(database.pool, 'Own')).test;
  caller = await api.caller(merchant);
  issuer = (
    await create('/v1/issuers', {
      external_id: 'issuer',
      party: { name: 'Übergeordneter Mandant GmbH' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      series: { invoice: { pattern: 'S-{MM}/{YYYY}-{####}', first_counter: 1232 } },
    })
  ).id;
  await create('/v1/tax-policies', {
    external_id: 'vat',
    name: 'VAT',
    rates: [{ country: 'DE', valid_from: '2007-01-01', rate: '19' }],
  });
  await planGroup('net', 'net');
  await planGroup('gross', 'gross');
  await variant('cloud', 'net', { fee: null });
  await variant('pro', 'net', { fee: '100.00' });
  await variant('gross', 'gross', { fee: '119.00' });
  await variant('trial', 'net', {
    fee: '100.00',
    setup_fee: '50.00',
    trial: { unit: 'day', count: 14 },
  });
});
afterAll(async () => {
  expect(await audit(database.pool, { ...AT_REST, attemptSeconds: 86_400 * 10_000 })).toEqual([]);
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

async function create(path: string, body: unknown) {
  const answer = await caller.post(path, body);
  expect(answer.body).toMatchObject({ id: expect.any(String) });
  return answer.body;
}

async function planGroup(external_id: string, price_mode: string): Promise<void> {
  const group = { external_id, name: external_id, currency: 'EUR', price_mode };
  await create('/v1/plan-groups', { ...group, tax_policy: 'vat', issuer });
  if (price_mode === 'gross') return;
  await create('/v1/components', {
    external_id: 'seat',
    plan_group: external_id,
    kind: 'bookable',
    name: 'User licence GRC Cockpit',
    price: { kind: 'simple', price: '283.3333' },
    interval: MONTH,
  });
}

async function variant(external_id: string, plan_group: string, terms: object): Promise<void> {
  const plan = (await create('/v1/plans', { plan_group, name: external_id })).id;
  const components = plan_group === 'net' ? [{ component: 'seat', rule: 'optional' }] : [];
  await create('/v1/variants', {
    external_id,
    plan,
    name: external_id,
    fee_interval: MONTH,
    components,
    ...terms,
  });
}

interface Tenant {
  readonly clock: string;
  readonly customer: string;
  readonly account: string;
}

/** A customer on a clock of its own. */
async function tenant(at: string): Promise<Tenant> {
  const clock = (await create('/v1/test-clocks', { name: 'C', at })).id;
  const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const customer = (await create('/v1/customers', { party: { name: 'Muster GmbH' }, ...home, clock })).id;
  const account = (await create('/v1/billing-accounts', { customer, issuer, currency: 'EUR' })).id;
  return { clock, customer, account };
}

async function contractOf(customer: string, variantOf: string, more: object = {}): Promise<string> {
  const { contract } = (await caller.post('/v1/orders', { customer, variant: variantOf, ...more })).body;
  await settle(database.pool, contract);
  return contract;
}

const once = { currency: 'EUR', price_mode: 'net', tax_policy: 'vat', bill: 'now', text: 'Workshop' };
const charge = (body: object, key?: string) =>
  caller.post(
    '/v1/one-time-charges',
    { ...once, ...body },
    key === undefined ? {} : { 'idempotency-key': key },
  );
const invoice = async (id: string) => (await caller.get(`/v1/invoices/${id}`)).body;
const balanceOf = async (account: string) =>
  (await caller.get(`/v1/billing-accounts/${account}`)).body.balance;
const recordReceipt = (account: string, amount: string, reference = 'R') =>
  create(`/v1/billing-accounts/${account}/receipts`, { amount, reference });
const byText = (a: string, b: string): number => a.localeCompare(b);
const withdraw = (id: string) => caller.post(`/v1/one-time-charges/${id}/withdraw`);
const to = (clock: string, at: string) => moveClock(database.pool, clock, at);
const agendaOf = async (contract: string) =>
  (
    await rows<{ due_at: string }>(database.pool, 'select due_at from agenda where workflow_id = $1', [
      `contract/${contract}`,
    ])
  )[0]?.due_at ?? null;
const documentsOf = async (query: string) =>
  (await caller.get(`/v1/invoices?${query}&sort=at`)).body.data.map((each: Record<string, string>) =>
    [each['kind'], each['issue_date'], each['net'], each['tax'], each['gross'], each['open']].join(' '),
  );

describe('a one-time charge that is billed now', () => {
  it('gives Muster the documents, numbers, receipts and balances of the sample (rules 16, 29, 31, 32)', async () => {
    const { clock, customer, account } = await tenant('2016-10-01T08:00:00Z');
    const gross = { customer, account, price_mode: 'gross' };
    const first = await charge({ ...gross, text: 'Rechnung Oktober', unit_price: '2300.80' });
    expect(first).toMatchObject({
      status: 201,
      body: { amount: '2300.80', state: 'billed', service_date: '2016-10-01', contract: null, account },
    });
    expect(await invoice(first.body.invoice)).toMatchObject({
      kind: 'invoice',
      number: 'S-10/2016-1232',
      issue_date: '2016-10-01',
      contract: null,
      price_mode: 'gross',
      net: '1933.45',
      tax: '367.35',
      gross: '2300.80',
      open: '2300.80',
    });
    expect(await balanceOf(account)).toBe('-2300.80');
    await to(clock, '2016-11-01T08:00:00Z');
    await recordReceipt(account, '2300.80');
    expect(await balanceOf(account)).toBe('0.00');

    const contract = await contractOf(customer, 'cloud', {
      components: [{ component: 'seat', quantity: 3, start: '2016-12-01' }],
    });
    await to(clock, '2016-11-10T08:00:00Z');
    const second = await charge({ ...gross, text: 'Rechnung November', unit_price: '8500.00' });
    expect(await invoice(second.body.invoice)).toMatchObject({
      number: 'S-11/2016-1233',
      net: '7142.86',
      tax: '1357.14',
      gross: '8500.00',
    });
    const waiting = [
      await charge({
        contract,
        bill: 'next_invoice',
        text: 'Credit: loyalty points redeemed',
        service_date: '2016-11-20',
        quantity: 2,
        unit_price: '-5.00',
      }),
      await charge({
        contract,
        bill: 'next_invoice',
        text: 'Workshop Cloud Compliance',
        service_date: '2016-11-15',
        unit_price: '7500.00',
      }),
    ];
    expect(waiting.map(({ body }) => [body.state, body.invoice, body.amount])).toEqual([
      ['waiting', null, '-10.00'],
      ['waiting', null, '7500.00'],
    ]);
    await to(clock, '2016-11-30T08:00:00Z');
    await recordReceipt(account, '274.58');
    expect(await balanceOf(account)).toBe('-8225.42');

    await to(clock, '2016-11-30T23:00:00Z');
    await settle(database.pool, contract);
    const [{ id }] = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data;
    const december = await invoice(id);
    expect(december).toMatchObject({
      number: 'S-12/2016-1234',
      issue_date: '2016-12-01',
      net: '8340.00',
      tax: '1584.60',
      gross: '9924.60',
    });
    expect(december.lines.map((line: Record<string, string>) => [line['text'], line['amount']])).toEqual([
      ['Workshop Cloud Compliance', '7500.00'],
      ['User licence GRC Cockpit', '850.00'],
      ['Credit: loyalty points redeemed', '-10.00'],
    ]);
    await to(clock, '2016-12-01T08:00:00Z');
    await recordReceipt(account, '8500.00');
    expect(await invoice(second.body.invoice)).toMatchObject({
      state: 'paid',
      paid_at: '2016-12-01T08:00:00.000Z',
    });
    expect(await invoice(id)).toMatchObject({ open: '9650.02' });
    expect(await balanceOf(account)).toBe('-9650.02');
  });

  it('is paid from the credit of its account, and 74.50 are left, as in the second sample', async () => {
    const { clock, customer, account } = await tenant('2014-12-31T09:00:00Z');
    await recordReceipt(account, '89.50', '0987654321');
    await to(clock, '2015-01-31T09:00:00Z');
    await recordReceipt(account, '60.00', '1234567890');
    await to(clock, '2015-02-28T09:00:00Z');
    const { body } = await charge({
      customer,
      issuer: 'issuer',
      price_mode: 'gross',
      text: 'Abrechnung 1',
      unit_price: '75.00',
    });
    expect(await invoice(body.invoice)).toMatchObject({
      account,
      title: 'Abrechnung 1',
      net: '63.03',
      tax: '11.97',
      gross: '75.00',
      open: '0.00',
      state: 'paid',
    });
    expect(await balanceOf(account)).toBe('74.50');
  });

  it('below zero pays the oldest open invoice, and the rest pays the next invoice (rules 28, 31)', async () => {
    const { customer, account } = await tenant('2024-03-01T09:00:00Z');
    const of = { customer, account };
    const first = await charge({ ...of, unit_price: '100.00' });
    const credit = await charge({ ...of, unit_price: '-50.00' });
    expect(await invoice(credit.body.invoice)).toMatchObject({
      kind: 'credit_note',
      gross: '-59.50',
      open: '0.00',
    });
    expect(await invoice(first.body.invoice)).toMatchObject({ gross: '119.00', open: '59.50' });
    const more = await charge({ ...of, quantity: '2', unit_price: '-50.00' });
    expect(await invoice(first.body.invoice)).toMatchObject({ open: '0.00' });
    expect(await invoice(more.body.invoice)).toMatchObject({ gross: '-119.00', open: '-59.50' });
    const next = await charge({ ...of, unit_price: '10.00' });
    expect(await invoice(next.body.invoice)).toMatchObject({ gross: '11.90', open: '0.00' });
    expect(await invoice(more.body.invoice)).toMatchObject({ open: '-47.60' });
    expect(await balanceOf(account)).toBe('47.60');
  });

  it('for a contract counts in the balance of the contract (rule 32)', async () => {
    const { customer } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'cloud');
    const { body } = await charge({ contract, unit_price: '100.00' });
    expect(await invoice(body.invoice)).toMatchObject({ contract, gross: '119.00' });
    expect((await caller.get(`/v1/contracts/${contract}`)).body.balance).toBe('-119.00');
    expect(await agendaOf(contract)).toBeNull();
  });

  it('creates the default account if there is none, and plans an attempt that collection makes immediately', async () => {
    const { customer } = await tenant('2024-03-01T09:00:00Z');
    const dollars = await charge({ customer, issuer, currency: 'USD', unit_price: '8.00' });
    expect(dollars.status).toBe(201);
    const { account } = dollars.body;
    expect((await caller.get(`/v1/billing-accounts/${account}`)).body).toMatchObject({
      currency: 'USD',
      is_default: true,
      balance: '-9.52',
    });
    const token = { customer, provider: 'sandbox', token: 'card' };
    const payment_method = (await create('/v1/payment-methods', token)).id;
    await create('/v1/billing-accounts', { customer, issuer, currency: 'CHF', payment_method });
    const francs = await charge({ customer, issuer, currency: 'CHF', unit_price: '100.00' });
    const [receivable] = await rows<{ id: string }>(
      database.pool,
      'select id from receivables where document_id = $1',
      [francs.body.invoice],
    );
    const workflow = `collection/${receivable?.id}`;
    expect(
      await rows(
        database.pool,
        `select t.state, t.n, t.contract_id, g.due_at, o.kind, o.state as message from attempts t
         join agenda g on g.workflow_id = $2 join outbox o on o.object = $2 where t.receivable_id = $1`,
        [receivable?.id, workflow],
      ),
    ).toEqual([
      {
        state: 'planned',
        n: 1,
        contract_id: null,
        due_at: '2024-03-01T09:00:00.000Z',
        kind: 'wake',
        message: 'waiting',
      },
    ]);
  });

  it('is billed once under one Idempotency-Key (rule 23)', async () => {
    const { customer, account } = await tenant('2024-03-01T09:00:00Z');
    const body = { customer, account, unit_price: '10.00' };
    const [first, again] = [await charge(body, 'once-1'), await charge(body, 'once-1')];
    expect(again.body).toEqual(first.body);
    expect(await charge({ ...body, unit_price: '11.00' }, 'once-1')).toMatchObject({ status: 422 });
    const both = await Promise.all([charge(body, 'once-2'), charge(body, 'once-2')]);
    expect(both.map(({ status }) => status)).toContain(201);
    expect(await documentsOf(`account=${account}`)).toHaveLength(2);
  });

  it('is billed once if the API died between the commit and the answer, and the request is repeated', async () => {
    const { customer, account } = await tenant('2024-03-01T09:00:00Z');
    const body = { ...once, customer, account, unit_price: '10.00' };
    const engine = engineWithoutTemporal(database.pool, vault);
    const createOneTimeCharge: Engine['createOneTimeCharge'] = async (...request) => {
      await engine.createOneTimeCharge(...request);
      throw new Error('died');
    };
    const dying = await startTestApi(database.pool, vault, { engine: { ...engine, createOneTimeCharge } });
    const there = await dying.caller(merchant);
    expect((await there.post('/v1/one-time-charges', body, { 'idempotency-key': 'once-3' })).status).toBe(
      500,
    );
    await dying.stop();
    const again = await caller.post('/v1/one-time-charges', body, { 'idempotency-key': 'once-3' });
    expect(again).toMatchObject({ status: 201, body: { state: 'billed' } });
    expect(await documentsOf(`account=${account}`)).toHaveLength(1);
  });

  it('ten times at once makes ten documents, and the account credit is spent once (rules 31, 46)', async () => {
    const { customer, account } = await tenant('2024-03-01T09:00:00Z');
    await recordReceipt(account, '20.00');
    const before = (await caller.get('/v1/invoices?limit=100')).body.data.length;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => charge({ customer, account, unit_price: '10.00' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect((await caller.get('/v1/invoices?limit=100')).body.data).toHaveLength(before + 10);
    expect(
      (await documentsOf(`account=${account}`)).map((each: string) => each.split(' ').at(-1)).sort(byText),
    ).toEqual(['0.00', '3.80', ...Array.from({ length: 8 }, () => '11.90')].sort(byText));
    expect(await balanceOf(account)).toBe('-99.00');
  });
});

describe('a one-time charge that waits for the next invoice', () => {
  it('makes a contract without a fee due at its next bill run, until it is withdrawn (rule 39)', async () => {
    const { clock, customer } = await tenant('2024-03-10T09:00:00Z');
    const contract = await contractOf(customer, 'cloud');
    expect(await agendaOf(contract)).toBeNull();
    const { body } = await charge({ contract, bill: 'next_invoice', unit_price: '10.00' });
    expect(await agendaOf(contract)).toBe('2024-04-09T22:00:00.000Z');
    expect(await withdraw(body.id)).toMatchObject({
      status: 200,
      body: { state: 'withdrawn', invoice: null },
    });
    expect(await withdraw(body.id)).toMatchObject({ status: 200 });
    expect(await agendaOf(contract)).toBeNull();
    const other = (await charge({ contract, bill: 'next_invoice', unit_price: '12.00' })).body;
    await to(clock, '2024-04-10T09:00:00Z');
    await settle(database.pool, contract);
    expect(await agendaOf(contract)).toBeNull();
    expect(await documentsOf(`contract=${contract}`)).toEqual(['invoice 2024-04-10 12.00 2.28 14.28 14.28']);
    expect(await withdraw(other.id)).toMatchObject({ status: 409, body: { code: 'already_billed' } });
    const wakes = await rows(
      database.pool,
      `select from outbox where object = $1 and kind = 'wake' and command_id is null`,
      [`contract/${contract}`],
    );
    expect(wakes).toHaveLength(3);
  });

  it('is billed with the last document of a cancelled contract', async () => {
    const { clock, customer } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'pro');
    await charge({ contract, bill: 'next_invoice', unit_price: '40.00', text: 'Waits' });
    await to(clock, '2024-03-16T09:00:00Z');
    await caller.post(`/v1/contracts/${contract}/commands`, {
      kind: 'cancel',
      effective: 'now',
      credit: false,
    });
    await settle(database.pool, contract);
    expect(await documentsOf(`contract=${contract}`)).toEqual([
      'invoice 2024-03-01 100.00 19.00 119.00 119.00',
      'invoice 2024-03-16 40.00 7.60 47.60 47.60',
    ]);
    expect(await charge({ contract, unit_price: '1.00' })).toMatchObject({
      status: 409,
      body: { code: 'contract_ended' },
    });
  });

  it('waits for a future start, for the end of a trial, or for the first bill run after a pause (rules 24, 25)', async () => {
    const { clock, customer } = await tenant('2024-03-01T09:00:00Z');
    const ahead = await contractOf(customer, 'cloud', { start: '2024-03-12' });
    const trial = await contractOf(customer, 'trial');
    const paused = await contractOf(customer, 'cloud');
    const ask = async (kind: string): Promise<void> => {
      await caller.post(`/v1/contracts/${paused}/commands`, { kind, effective: 'now' });
      await settle(database.pool, paused);
    };
    await ask('pause');
    for (const contract of [ahead, trial, paused]) {
      expect((await charge({ contract, bill: 'next_invoice', unit_price: '10.00' })).status).toBe(201);
    }
    expect(await Promise.all([ahead, trial, paused].map(agendaOf))).toEqual([
      '2024-03-11T23:00:00.000Z',
      '2024-03-14T23:00:00.000Z',
      null,
    ]);
    const until = async (at: string) => {
      await to(clock, at);
      for (const contract of [ahead, trial, paused]) await settle(database.pool, contract);
      return (await documentsOf(`customer=${customer}`)).map((each: string) =>
        each.split(' ').slice(1, 3).join(' '),
      );
    };
    expect(await until('2024-03-12T09:00:00Z')).toEqual(['2024-03-12 10.00']);
    // 100.00 for the first month, 50.00 for the set-up, 10.00 of the waiting charge.
    expect(await until('2024-03-15T09:00:00Z')).toEqual(['2024-03-12 10.00', '2024-03-15 160.00']);
    await to(clock, '2024-04-05T09:00:00Z');
    await ask('resume');
    expect(await agendaOf(paused)).toBe('2024-04-30T22:00:00.000Z');
    expect(await until('2024-05-01T09:00:00Z')).toEqual([
      '2024-03-12 10.00',
      '2024-03-15 160.00',
      '2024-05-01 100.00',
      '2024-05-01 10.00',
    ]);
  });

  it('of an account is billed by the contract that bills first, and makes no other contract due', async () => {
    const { clock, customer, account } = await tenant('2024-03-10T09:00:00Z');
    const first = await contractOf(customer, 'cloud');
    await to(clock, '2024-03-15T09:00:00Z');
    const second = await contractOf(customer, 'cloud');
    await charge({ customer, account, bill: 'next_invoice', unit_price: '10.00' });
    expect([await agendaOf(first), await agendaOf(second)]).toEqual([
      '2024-04-09T22:00:00.000Z',
      '2024-04-14T22:00:00.000Z',
    ]);
    await to(clock, '2024-04-20T09:00:00Z');
    await settle(database.pool, first);
    await settle(database.pool, second);
    expect([await agendaOf(first), await agendaOf(second)]).toEqual([null, null]);
    expect(await documentsOf(`account=${account}`)).toEqual(['invoice 2024-04-20 10.00 1.90 11.90 11.90']);
  });

  it('of 0.00 appears on the next invoice, and is refused if it is to be billed now (rule 28)', async () => {
    const { clock, customer } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'pro');
    const free = await charge({ contract, bill: 'next_invoice', unit_price: '0', text: 'Welcome' });
    await to(clock, '2024-04-01T09:00:00Z');
    await settle(database.pool, contract);
    const { body } = await caller.get(`/v1/one-time-charges/${free.body.id}`);
    expect(body).toMatchObject({ state: 'billed', amount: '0.00' });
    expect(await invoice(body.invoice)).toMatchObject({ gross: '119.00', lines: [{ text: 'Welcome' }, {}] });
    expect(await charge({ contract, unit_price: '0.001' })).toMatchObject({
      status: 422,
      body: { code: 'invalid_amount', errors: [{ field: 'unit_price' }] },
    });
  });

  it('is either withdrawn or billed if both happen at the same time', async () => {
    const { clock, customer } = await tenant('2024-03-01T09:00:00Z');
    const contracts: string[] = [];
    const charges: string[] = [];
    for (let i = 0; i < 6; i++) {
      contracts.push(await contractOf(customer, 'cloud'));
      const answer = await charge({ contract: contracts[i], bill: 'next_invoice', unit_price: '10.00' });
      charges.push(answer.body.id);
    }
    await to(clock, '2024-04-01T09:00:00Z');
    const answers = await Promise.all(
      charges.map(async (id, i) => {
        const both = [withdraw(id), settle(database.pool, contracts[i] ?? '')] as const;
        return (await Promise.all(both))[0].status;
      }),
    );
    for (const [i, id] of charges.entries()) {
      const { state } = (await caller.get(`/v1/one-time-charges/${id}`)).body;
      expect(state).toBe(answers[i] === 200 ? 'withdrawn' : 'billed');
      expect(await documentsOf(`contract=${contracts[i]}`)).toHaveLength(state === 'billed' ? 1 : 0);
    }
  });
});

describe('a set-up fee', () => {
  it('waits for the end of the trial, and is billed with the first bill', async () => {
    const { clock, customer } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'trial');
    expect(
      (await caller.get(`/v1/one-time-charges?contract=${contract}&state=waiting`)).body.data,
    ).toMatchObject([{ kind: 'setup', amount: '50.00', invoice: null }]);
    await to(clock, '2024-03-15T09:00:00Z');
    await settle(database.pool, contract);
    expect(await documentsOf(`contract=${contract}`)).toEqual([
      'invoice 2024-03-15 150.00 28.50 178.50 178.50',
    ]);
  });

  it('is withdrawn if the contract is cancelled in its trial, and other waiting charges are billed', async () => {
    const { clock, customer } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'trial');
    await charge({ contract, bill: 'next_invoice', unit_price: '30.00' });
    await to(clock, '2024-03-10T09:00:00Z');
    await caller.post(`/v1/contracts/${contract}/commands`, { kind: 'cancel', effective: 'now' });
    await settle(database.pool, contract);
    expect(await documentsOf(`contract=${contract}`)).toEqual(['invoice 2024-03-10 30.00 5.70 35.70 35.70']);
    const { data } = (await caller.get(`/v1/one-time-charges?contract=${contract}`)).body;
    expect(data.map((each: Record<string, string>) => `${each['kind']} ${each['state']}`)).toEqual([
      'setup withdrawn',
      'charge billed',
    ]);
  });
});

describe('a one-time charge that could not be billed', () => {
  it('is refused, the error names the field, and nothing is written', async () => {
    const { clock, customer, account } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'pro');
    const alone = await tenant('2024-03-01T09:00:00Z');
    const gross = await contractOf(alone.customer, 'gross');
    const bare = await tenant('2024-03-01T09:00:00Z');
    const of = { contract, unit_price: '1.00' };
    const next = { bill: 'next_invoice', unit_price: '1.00' };
    const cases: [object, number, string, string?][] = [
      [{ ...of, currency: 'USD' }, 422, 'currency_mismatch', 'currency'],
      [{ customer, account, unit_price: '1.00', currency: 'USD' }, 422, 'currency_mismatch', 'account'],
      [{ contract: gross, ...next }, 422, 'price_mode_mismatch', 'price_mode'],
      [
        { customer: alone.customer, account: alone.account, ...next },
        422,
        'price_mode_mismatch',
        'price_mode',
      ],
      [{ customer: bare.customer, account: bare.account, ...next }, 409, 'no_next_invoice', 'bill'],
      [{ ...of, service_date: '2006-12-31' }, 422, 'invalid_date', 'service_date'],
      [{ ...of, service_date: '2034-03-02' }, 422, 'invalid_date', 'service_date'],
      [{ ...of, quantity: 10_000_000, unit_price: '10000000' }, 422, 'invalid_amount', 'unit_price'],
      [{ ...of, unit_price: '-10000000000' }, 422, 'invalid_price', 'unit_price'],
      [{ ...of, unit_price: '1,5' }, 422, 'invalid_quantity', 'unit_price'],
      [{ ...of, unit_price: '--5' }, 422, 'invalid_price', 'unit_price'],
      [{ ...of, quantity: 0 }, 422, 'invalid_quantity', 'quantity'],
      [{ ...of, customer }, 400, 'invalid_request', 'customer'],
      [{ customer, unit_price: '1.00' }, 400, 'invalid_request', 'account'],
      [{ ...of, issuer }, 400, 'invalid_request', 'account'],
    ];
    const counts = () =>
      rows(
        database.pool,
        'select (select count(*) from one_time_charges) o, (select count(*) from documents) d, (select count(*) from outbox) m',
      );
    const before = await counts();
    for (const [body, status, code, field] of cases) {
      const answer = await charge(body);
      expect({
        body,
        status: answer.status,
        code: answer.body.code,
        field: answer.body.errors?.[0]?.field,
      }).toEqual({
        body,
        status,
        code,
        field,
      });
    }
    await rows(database.pool, `update test_clocks set status = 'advancing' where id = $1`, [clock]);
    expect(await charge(of)).toMatchObject({ status: 409, body: { code: 'clock_advancing' } });
    expect(await charge({ customer, account, unit_price: '1.00' })).toMatchObject({
      status: 409,
      body: { code: 'clock_advancing' },
    });
    expect(await counts()).toEqual(before);
  });

  it('is refused if 1,000 charges already wait on the account, or if their sum could be too large', async () => {
    const { customer } = await tenant('2024-03-01T09:00:00Z');
    const contract = await contractOf(customer, 'pro');
    await charge({ contract, bill: 'next_invoice', unit_price: '1.00' });
    await rows(
      database.pool,
      `insert into one_time_charges select (jsonb_populate_record(o, jsonb_build_object('id', 'otc_' || n))).*
       from one_time_charges o, generate_series(1, 999) n where o.contract_id = $1`,
      [contract],
    );
    expect(await charge({ contract, bill: 'next_invoice', unit_price: '1.00' })).toMatchObject({
      status: 409,
      body: { code: 'too_many_waiting' },
    });
    // Two amounts of 7 × 10¹⁴ cents exceed the limit of an amount.
    const other = await contractOf((await tenant('2024-03-01T09:00:00Z')).customer, 'pro');
    const dear = { contract: other, bill: 'next_invoice', quantity: 700_000, unit_price: '10000000' };
    expect((await charge(dear)).status).toBe(201);
    expect(await charge({ ...dear, unit_price: '-10000000' })).toMatchObject({
      status: 422,
      body: { code: 'invalid_amount', errors: [{ field: 'unit_price' }] },
    });
  });

  it('is refused if the tax policy has no rate for the country on the service date', async () => {
    const { customer, account } = await tenant('2016-03-01T09:00:00Z');
    expect(await charge({ customer, account, unit_price: '1.00', service_date: '2006-12-31' })).toMatchObject(
      {
        status: 422,
        body: { code: 'tax_rate_missing', errors: [{ field: 'tax_policy' }] },
      },
    );
    expect(await documentsOf(`account=${account}`)).toEqual([]);
  });
});
