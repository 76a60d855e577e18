// A new tax rate or price counts for what is billed from then on, and never changes an earlier bill.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { happened } from '../support/happened.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { beginStory } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
/** Ids by external id, or by name. */
let ids: Record<'pro' | 'plan' | 'seat' | 'policy', string>;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
});
beforeEach(async () => {
  caller = await api.caller(await createSampleMerchant(tenor.parts.pool));
  const listed = async (path: string) => (await caller.get(path)).body.data;
  const named = (list: { external_id: string | null }[], name: string) =>
    list.find((each) => each.external_id === name);
  const variants = await listed('/v1/variants');
  const pro = named(variants, 'pro') as unknown as { id: string; plan: string };
  const seat = named(await listed('/v1/components'), 'seat') as unknown as { id: string };
  const [policy] = await listed('/v1/tax-policies');
  ids = { pro: pro.id, plan: pro.plan, seat: seat.id, policy: policy.id };
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

const MONTH = { unit: 'month', count: 1 };

/**
 * From March on, the tax rate is 21 %. New versions price Pro at 109.00 and a seat at 10.00. The current rate gets another
 * text.
 */
async function changeRatesAndPrices(): Promise<void> {
  const components = [{ component: ids.seat, rule: 'optional' }];
  const changed = [
    await caller.post(`/v1/tax-policies/${ids.policy}/rates`, {
      country: 'DE',
      valid_from: '2024-03-01',
      rate: '21',
    }),
    await caller.post(`/v1/variants/${ids.pro}/versions`, {
      name: 'Pro monthly',
      fee: '109.00',
      fee_interval: MONTH,
      components,
    }),
    await caller.post(`/v1/components/${ids.seat}/versions`, {
      name: 'Seat',
      price: { kind: 'simple', price: '10.00' },
      interval: MONTH,
    }),
  ];
  expect(changed.map(({ status }) => status)).toEqual([201, 201, 201]);
  // The database refuses to edit a rate. Even an edit that bypasses its triggers changes no earlier bill.
  const client = await tenor.parts.pool.connect();
  await client.query(
    `begin; set local session_replication_role = replica;
     update tax_rates set text = 'USt. 19 %' where tax_policy_id = '${ids.policy}' and country = 'DE' and rate = 19; commit`,
  );
  client.release();
}

it('a new tax rate and new prices bill nothing by themselves, and the next renewal has the new rate and the old prices (rules 7, 8, 11)', async () => {
  const story = await beginStory(caller, '2024-01-01T09:00:00.000Z', {
    variant: 'pro',
    token: 'card',
    seats: 3,
  });
  await story.until('2024-02-10T09:00:00.000Z');
  await changeRatesAndPrices();
  await story.until('2024-02-29T22:59:59.000Z');
  const before = ['2024-01-01 invoice 126.00 149.94', '2024-02-01 invoice 126.00 149.94'];
  expect((await happened(tenor.parts.pool, story.clock)).documents).toEqual(before);
  await story.until('2024-03-16T09:00:00.000Z');
  const [subscription] = (await caller.get(`/v1/contracts/${story.contract}`)).body.subscriptions;
  const set = [{ subscription: subscription.id, quantity: 1 }];
  await story.ask({ kind: 'change', components: { set }, effective: 'now' });
  await story.until('2024-04-02T09:00:00.000Z');
  expect(await happened(tenor.parts.pool, story.clock)).toEqual({
    documents: [
      ...before,
      '2024-03-01 invoice 126.00 152.46', // 99.00 + 27.00, and 21 % of it: 26.46
      '2024-03-16 credit_note -9.29 -11.24', // 16 of 31 days: −13.94 + 4.65, a seat still at 9.00
      '2024-04-01 invoice 108.00 130.68',
    ],
    attempts: [
      '2024-01-01 149.94 succeeded',
      '2024-02-01 149.94 succeeded',
      '2024-03-01 152.46 succeeded',
      '2024-04-01 119.44 succeeded', // 130.68 less the credit of 11.24
    ],
    commands: ['order applied', 'change applied'],
    scheduled: [],
    agenda: ['contract 2024-04-30T22:00:00.000Z'],
    moved: ['charge 149.94', 'charge 149.94', 'charge 152.46', 'charge 119.44'],
  });
});

it('a line that was billed at the old rate is credited at that rate and with its old text, beside a charge at the new rate (rules 9, 16)', async () => {
  const yearly = await caller.post('/v1/variants', {
    external_id: 'pro-year',
    plan: ids.plan,
    name: 'Pro yearly',
    fee: '990.00',
    fee_interval: { unit: 'year', count: 1 },
    billing_interval: MONTH,
  });
  expect(yearly.status).toBe(201);
  const story = await beginStory(caller, '2024-01-01T09:00:00.000Z', { variant: 'pro-year', token: 'card' });
  await story.until('2024-02-10T09:00:00.000Z');
  await changeRatesAndPrices();
  await story.until('2024-07-01T09:00:00.000Z');
  const document = await story.ask({ kind: 'change', variant: 'pro', effective: 'now' });
  expect((await caller.get(`/v1/invoices/${document}`)).body).toMatchObject({
    net: '-388.70',
    tax: '-71.67',
    gross: '-460.37',
    lines: [
      { text: 'Pro yearly', amount: '-497.70', tax_rate: '19' }, // 990.00 × 184 ÷ 366
      { text: 'Pro monthly', amount: '109.00', tax_rate: '21' },
    ],
    taxes: [
      { rate: '21', text: 'VAT 21 %', net: '109.00', tax: '22.89' },
      { rate: '19', text: 'VAT 19 %', net: '-497.70', tax: '-94.56' },
    ],
  });
  expect(await happened(tenor.parts.pool, story.clock)).toEqual({
    documents: ['2024-01-01 invoice 990.00 1178.10', '2024-07-01 credit_note -388.70 -460.37'],
    attempts: ['2024-01-01 1178.10 succeeded'],
    commands: ['order applied', 'change applied'],
    scheduled: [],
    agenda: ['contract 2024-07-31T22:00:00.000Z'],
    moved: ['charge 1178.10'],
  });
});
