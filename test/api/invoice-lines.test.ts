// An invoice line names its fraction of a period, its component and its tier. A credit line also names the line and the
// invoice that it takes back. The reader of an invoice can so check each line.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { moveClock, settle, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let merchant: MerchantId;

const MONTH = { unit: 'month', count: 1 };

async function create(path: string, body: unknown) {
  const answer = await caller.post(path, body);
  expect(answer.body).toMatchObject({ id: expect.any(String) });
  return answer.body;
}

const components: Record<string, string> = {};
async function component(external_id: string, name: string, price: object, more: object = {}): Promise<void> {
  const terms = { plan_group: 'cloud', kind: 'bookable', interval: MONTH, ...more };
  components[external_id] = (await create('/v1/components', { external_id, name, price, ...terms })).id;
}

async function variant(external_id: string, fee: string | null, more: object = {}): Promise<void> {
  const plan = (await create('/v1/plans', { plan_group: 'cloud', name: external_id })).id;
  await create('/v1/variants', {
    external_id,
    plan,
    name: external_id,
    fee,
    fee_interval: MONTH,
    components: Object.keys(components).map((each) => ({ component: each, rule: 'optional' })),
    ...more,
  });
}

const SURVEY_TIERS = [
  { up_to: '25', price: '0.952' },
  { up_to: null, price: '4.70' },
];

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = (await createMerchant(database.pool, 'Lines')).test;
  caller = await api.caller(merchant);
  const pattern = (prefix: string) => ({ pattern: `${prefix}-{YYYY}-{####}`, first_counter: 1 });
  await create('/v1/issuers', {
    external_id: 'issuer',
    party: { name: 'Wolkenwerk GmbH' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    series: { invoice: pattern('R'), credit_note: pattern('G') },
  });
  await create('/v1/tax-policies', {
    external_id: 'vat',
    name: 'VAT',
    rates: [{ country: 'DE', valid_from: '2007-01-01', rate: '19' }],
  });
  const group = { external_id: 'cloud', name: 'Cloud', currency: 'EUR', price_mode: 'net' };
  await create('/v1/plan-groups', { ...group, tax_policy: 'vat', issuer: 'issuer' });
  await component('desk', 'Desk', { kind: 'simple', price: '31.00' });
  await component('surveys', 'Surveys', { kind: 'graduated', tiers: SURVEY_TIERS });
  const licences = [
    { from: '10', percent: '5' },
    { from: '50', percent: '10' },
  ];
  await component('licence', 'Licence', { kind: 'discount', price: '100.00', tiers: licences });
  const calls = { kind: 'metered', aggregation: 'sum', payment_mode: 'post_paid' };
  await component('calls', 'Calls', { kind: 'graduated', tiers: SURVEY_TIERS }, calls);
  await variant('room', '28.00');
  await variant('hall', '56.00');
  await variant('exact', '28.00', { proration: 'seconds' });
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

/** A contract from 1 February 2023, a month of 28 days, on a clock of its own. */
async function order(bookings: readonly object[] = [], of = 'room') {
  const clock = (await create('/v1/test-clocks', { name: 'C', at: '2023-01-31T23:00:00Z' })).id;
  const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const customer = (await create('/v1/customers', { party: { name: 'Muster GmbH' }, ...home, clock })).id;
  const request = { customer, variant: of, components: bookings };
  const preview = (await caller.post('/v1/orders/preview', request)).body;
  const { contract } = (await caller.post('/v1/orders', request)).body;
  await settle(database.pool, contract);
  return { clock, contract: contract as string, preview };
}

/** Previews a command, stores it, and settles the contract. Returns the document of the preview and the real one. */
async function runCommand(contract: string, body: object) {
  const preview = (await caller.post(`/v1/contracts/${contract}/commands/preview`, body)).body;
  const { id } = (await caller.post(`/v1/contracts/${contract}/commands`, body)).body;
  await settle(database.pool, contract);
  const { document } = (await caller.get(`/v1/commands/${id}`)).body;
  return { previewed: preview.documents[0], document: await invoice(document) };
}

const invoice = async (id: string) => (await caller.get(`/v1/invoices/${id}`)).body;
const newest = async (contract: string) =>
  invoice((await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data.at(-1).id);
const subscriptionOf = async (contract: string, of: string): Promise<string> =>
  (await caller.get(`/v1/contracts/${contract}`)).body.subscriptions.find(
    (each: { component: string }) => each.component === components[of],
  ).id;
const rowsOf = async (id: string, language: string): Promise<string[]> =>
  ((await caller.get(`/v1/invoices/${id}/print?language=${language}`)).body as string)
    .split('\n')
    .map((row) => row.replace(/ +/g, ' ').trim());
const add = (name: string, quantity: number) => ({
  kind: 'change',
  components: { add: [{ component: name, quantity }] },
  effective: 'now',
});

const FEE = { component: null, subscription: null, tier: null, fraction: null, credits: null };

it('a line for a part of a period names the fraction: 1 × 31.00 is 11.07 for 10 of 28 days', async () => {
  const { clock, contract } = await order();
  expect(await newest(contract)).toMatchObject({ lines: [{ text: 'room', amount: '28.00', ...FEE }] });
  await moveClock(database.pool, clock, '2023-02-18T23:00:00Z');
  const { previewed, document } = await runCommand(contract, add('desk', 1));
  const desk = { quantity: '1', unit_price: '31', amount: '11.07', from: '2023-02-19', to: '2023-03-01' };
  const origin = { component: components['desk'], tier: null, credits: null };
  const fraction = { used: 10, of: 28, unit: 'day' };
  const subscription = await subscriptionOf(contract, 'desk');
  expect(document).toMatchObject({
    credited_invoices: [],
    lines: [{ ...desk, ...origin, fraction, subscription }],
  });
  // A preview has no id of the subscription, which only the command creates.
  expect(previewed).toMatchObject({
    credited_invoices: [],
    lines: [{ ...desk, ...origin, fraction, subscription: null }],
  });
  const explained = (await caller.get(`/v1/invoices/${document.id}/explain`)).body;
  expect(explained.lines).toMatchObject([{ ...desk, ...origin, fraction, subscription }]);
  expect(await rowsOf(document.id, 'de')).toContain('10 von 28 Tagen');
});

it('a line of a variant that prorates by seconds names its fraction in seconds', async () => {
  const { clock, contract } = await order([], 'exact');
  await moveClock(database.pool, clock, '2023-02-21T23:00:00Z');
  const { document } = await runCommand(contract, { kind: 'cancel', effective: 'now' });
  // 7 of 28 days.
  expect(document.lines).toMatchObject([
    { amount: '-7.00', fraction: { used: 604_800, of: 2_419_200, unit: 'second' } },
  ]);
});

it('a line of a tier names the bounds of the tier, and which of them belongs to the tier', async () => {
  const { contract, preview } = await order([
    { component: 'surveys', quantity: 30 },
    { component: 'licence', quantity: 12 },
  ]);
  const surveys = { component: components['surveys'], fraction: null, credits: null };
  const licence = { component: components['licence'], fraction: null, credits: null };
  const tiers = [
    { text: 'room', ...FEE },
    { amount: '23.80', ...surveys, tier: { index: 0, from: '0', to: '25', includes: 'to' } },
    { amount: '23.50', ...surveys, tier: { index: 1, from: '25', to: null, includes: 'to' } },
    { amount: '1140.00', ...licence, tier: { index: 0, from: '10', to: '50', includes: 'from' } },
  ];
  const document = await newest(contract);
  expect(document.lines).toMatchObject(tiers);
  expect(preview.documents[0].lines).toMatchObject(tiers);
  expect(await rowsOf(document.id, 'de')).toEqual(
    expect.arrayContaining(['Staffel 1–25', 'Staffel ab 26', 'Staffel 10–49', '5 % Rabatt auf 100,00']),
  );
  expect(await rowsOf(document.id, 'en')).toEqual(
    expect.arrayContaining(['Tier 1–25', 'Tier from 26', 'Tier 10–49', '5 % discount on 100.00']),
  );
});

it('a credit of a discounted line names the discount: a quarter of 50 × 100.00 less 10 % is 1,125.00', async () => {
  const { clock, contract } = await order([{ component: 'licence', quantity: 50 }]);
  await moveClock(database.pool, clock, '2023-02-21T23:00:00Z');
  const { document } = await runCommand(contract, { kind: 'cancel', effective: 'now' });
  expect(document.lines).toMatchObject([{ amount: '-7.00' }, { amount: '-1125.00', unit_price: '90' }]);
  expect((await rowsOf(document.id, 'en')).join(' ')).toContain(
    'Tier from 50 10 % discount on 100.00 7 of 28 days',
  );
});

it('a tier without a discount names no percent', async () => {
  const { contract } = await order([{ component: 'licence', quantity: 9 }]);
  const rows = await rowsOf((await newest(contract)).id, 'en');
  expect(rows.join(' ')).toContain('Licence 9 100.00 900.00');
  expect(rows.join(' ')).not.toContain('discount');
});

it('a correction of usage names the tier that it reduces', async () => {
  const { clock, contract } = await order([{ component: 'calls', quantity: 1 }]);
  const report = (event_id: string, quantity: number) =>
    caller.post(`/v1/contracts/${contract}/usage`, {
      event_id,
      component: 'calls',
      quantity,
      at: '2023-02-10T12:00:00Z',
    });
  await moveClock(database.pool, clock, '2023-02-10T12:00:00Z');
  await report('first', 30);
  await moveClock(database.pool, clock, '2023-02-28T23:00:00Z');
  await settle(database.pool, contract);
  await report('correction', -5);
  await moveClock(database.pool, clock, '2023-03-31T22:00:00Z');
  await settle(database.pool, contract);
  const lines = (await newest(contract)).lines.filter(
    (line: { from: string; kind: string }) => line.kind === 'usage' && line.from === '2023-02-01',
  );
  // A correction of usage is the difference of a period, and takes back no line of its own.
  expect(lines).toMatchObject([
    {
      amount: '-23.50',
      component: components['calls'],
      subscription: await subscriptionOf(contract, 'calls'),
      tier: { index: 1, from: '25', to: null, includes: 'to' },
      fraction: null,
      credits: null,
    },
  ]);
});

it('a credit note names the invoices that it credits, and each line the line that it takes back (rule 16)', async () => {
  const { clock, contract } = await order([{ component: 'surveys', quantity: 30 }]);
  const first = await newest(contract);
  await moveClock(database.pool, clock, '2023-02-18T23:00:00Z');
  const { document: second } = await runCommand(contract, add('desk', 1));
  const subscription = {
    surveys: await subscriptionOf(contract, 'surveys'),
    desk: await subscriptionOf(contract, 'desk'),
  };
  await moveClock(database.pool, clock, '2023-02-21T23:00:00Z');
  const { previewed, document } = await runCommand(contract, { kind: 'cancel', effective: 'now' });

  const referenceTo = (of: { id: string; number: string; issue_date: string }) => ({
    id: of.id,
    kind: 'invoice',
    number: of.number,
    issue_date: of.issue_date,
  });
  const credits = (of: typeof first, position: number) => ({
    charge: of.lines[position - 1].charge,
    invoice: referenceTo(of),
  });
  const fraction = { used: 7, of: 28, unit: 'day' };
  const surveys = { component: components['surveys'], subscription: subscription.surveys, fraction };
  const desk = { component: components['desk'], subscription: subscription.desk, fraction };
  // A quarter of 28.00, 23.80, 23.50 and 31.00.
  const credited = {
    kind: 'credit_note',
    credited_invoices: [referenceTo(first), referenceTo(second)],
    lines: [
      { amount: '-7.00', ...FEE, fraction, credits: credits(first, 1) },
      {
        amount: '-5.95',
        ...surveys,
        tier: { index: 0, from: '0', to: '25', includes: 'to' },
        credits: credits(first, 2),
      },
      {
        amount: '-5.88',
        ...surveys,
        tier: { index: 1, from: '25', to: null, includes: 'to' },
        credits: credits(first, 3),
      },
      { amount: '-7.75', ...desk, tier: null, credits: credits(second, 1) },
    ],
  };
  expect([first.issue_date, second.issue_date]).toEqual(['2023-02-01', '2023-02-19']);
  expect(document).toMatchObject(credited);
  expect(previewed).toMatchObject(credited);
  const rows = (await rowsOf(document.id, 'de')).join('\n');
  expect(rows).toContain(`Zu Rechnung ${first.number} vom 01.02.2023`);
  expect(rows).toContain(`Zu Rechnung ${second.number} vom 19.02.2023`);
  expect(rows).toContain(`\n7 von 28 Tagen\nZu Rechnung ${second.number}\n`);
});

it('an invoice with a credit line names the credited invoice at that line', async () => {
  const { clock, contract } = await order();
  const first = await newest(contract);
  await moveClock(database.pool, clock, '2023-02-21T23:00:00Z');
  const up = { kind: 'change', variant: 'hall', effective: 'now' };
  const { previewed, document } = await runCommand(contract, up);
  const { id, number } = first;
  const credits = { charge: first.lines[0].charge, invoice: { id, number, issue_date: '2023-02-01' } };
  const upgraded = {
    kind: 'invoice',
    net: '7.00',
    credited_invoices: [{ id, number }],
    lines: [
      { text: 'room', amount: '-7.00', credits },
      { text: 'hall', amount: '14.00', credits: null },
    ],
  };
  expect(document).toMatchObject(upgraded);
  expect(previewed).toMatchObject(upgraded);
  const rows = (await rowsOf(document.id, 'en')).join(' ');
  expect(rows).toContain(`7 of 28 days Corrects invoice ${number} of 2023-02-01`);
});
