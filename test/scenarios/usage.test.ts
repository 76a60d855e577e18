// Metered usage on a test clock, through the API and real workflows.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createMeteredShop, customerOn, documentsOf } from '../support/metered.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller((await createMerchant(pool, 'Wolkenwerk')).test);
  await createMeteredShop(caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await tenor.stop();
});

async function placeOrder(variant: string, component: string, quantity: number) {
  const clock: string = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-01T08:00:00Z' })).body
    .id;
  const order = await caller.post('/v1/orders', {
    customer: customerOn(clock),
    variant,
    components: [{ component, quantity }],
    payment_method: { provider: 'sandbox', token: 'card' },
  });
  expect(order.status).toBe(201);
  return { clock, contract: order.body.contract as string };
}

async function advance(clock: string, to: string): Promise<void> {
  expect((await caller.post(`/v1/test-clocks/${clock}/advance`, { to })).status).toBe(202);
  await expect
    .poll(async () => (await caller.get(`/v1/test-clocks/${clock}`)).body, { timeout: 30_000, interval: 25 })
    .toMatchObject({ status: 'ready', now: to });
}

const report = async (contract: string, event_id: string, quantity: number, at: string) => {
  const event = { event_id, component: 'calls', quantity, at };
  return (await caller.post(`/v1/contracts/${contract}/usage`, event)).body.results[0].result;
};

describe('late usage of a customer who has moved to another country', () => {
  const taxes = async (contract: string) => {
    const { data } = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body;
    return data.map((each: Record<string, string>) => [each.issue_date, each.net, each.tax]);
  };

  it('is taxed by the country of its period, also in a tier or a period that has no line yet (rules 7, 27)', async () => {
    const [policy] = (await caller.get('/v1/tax-policies')).body.data;
    const austria = { country: 'AT', valid_from: '2020-01-01', rate: '20' };
    expect((await caller.post(`/v1/tax-policies/${policy.id}/rates`, austria)).status).toBe(201);
    const { clock, contract } = await placeOrder('free', 'calls', 1);
    await advance(clock, '2024-01-20T08:00:00.000Z');
    expect(await report(contract, 'a', 100, 'NOW')).toBe('consumed');
    // January has a line of its first tier, February has none.
    await advance(clock, '2024-03-05T08:00:00.000Z');
    const { customer } = (await caller.get(`/v1/contracts/${contract}`)).body;
    expect((await caller.patch(`/v1/customers/${customer}`, { country: 'AT' })).status).toBe(200);
    expect(await report(contract, 'b', 100, '2024-01-21T00:00:00Z')).toBe('consumed');
    await advance(clock, '2024-04-05T08:00:00.000Z');
    expect(await report(contract, 'c', 20, '2024-02-10T00:00:00Z')).toBe('consumed');
    expect(await report(contract, 'd', 10, 'NOW')).toBe('consumed');
    await advance(clock, '2024-05-05T08:00:00.000Z');
    expect(await taxes(contract)).toEqual([
      ['2024-02-01', '10.00', '1.90'],
      ['2024-04-01', '8.00', '1.52'], // 100 × 0.08 at 19 %
      ['2024-05-01', '3.00', '0.58'], // 20 × 0.10 at 19 % and 10 × 0.10 at 20 %
    ]);
  });
});

describe('a contract with usage only', () => {
  it('is billed month by month, corrected when usage comes late, and then nothing else happens (rules 27, 39)', async () => {
    const { clock, contract } = await placeOrder('free', 'calls', 1);
    const [{ id }] = (await caller.get(`/v1/contracts/${contract}`)).body.subscriptions;
    await advance(clock, '2024-01-20T08:00:00.000Z');
    expect(await report(contract, 'a', 120, 'NOW')).toBe('consumed');
    await advance(clock, '2024-02-10T08:00:00.000Z');
    const remove = { kind: 'change', components: { remove: [id] }, effective: 'now' };
    expect((await caller.post(`/v1/contracts/${contract}/commands`, remove)).status).toBe(200);
    await advance(clock, '2024-03-10T08:00:00.000Z');
    // Nothing is due any more: late usage puts the contract on the agenda, and the clock stops there.
    expect((await caller.get(`/v1/contracts/${contract}`)).body.next_due_at).toBeNull();
    expect(await report(contract, 'b', 30, '2024-01-05T00:00:00Z')).toBe('consumed');
    expect(await report(contract, 'a', 120, 'NOW')).toBe('consumed');
    await advance(clock, '2024-04-01T08:00:00.000Z');
    expect(await report(contract, 'c', -100, '2024-01-06T00:00:00Z')).toBe('consumed');
    await advance(clock, '2025-01-01T08:00:00.000Z');
    expect(await documentsOf(caller, contract)).toEqual([
      ['2024-02-01', '11.60', 'calls 100 × 0.1 = 10.00', 'calls 20 × 0.08 = 1.60'],
      ['2024-04-01', '2.40', 'calls 30 × 0.08 = 2.40'],
      ['2024-05-01', '-9.00', 'calls -50 × 0.1 = -5.00', 'calls -50 × 0.08 = -4.00'],
    ]);
    const { pool } = tenor.parts;
    expect(
      await rows(pool, `select kind, state from commands where contract_id = $1 order by seq`, [contract]),
    ).toEqual([
      { kind: 'order', state: 'applied' },
      { kind: 'change', state: 'applied' },
    ]);
    expect(
      await rows(
        pool,
        `select state, count(*)::int as n from attempts where contract_id = $1 group by state`,
        [contract],
      ),
    ).toEqual([{ state: 'succeeded', n: 2 }]);
    expect(await rows(pool, 'select 1 from agenda where clock_id = $1', [clock])).toEqual([]);
    expect(await audit(pool, AT_REST)).toEqual([]);

    expect((await caller.delete(`/v1/test-clocks/${clock}`)).status).toBe(204);
    for (const table of ['usage_events', 'metered_periods']) {
      expect(await rows(pool, `select 1 from ${table} where contract_id = $1`, [contract])).toEqual([]);
    }
  });
});

describe('two commands at once that together exceed the maximum quantity', () => {
  it('are decided one after the other: one is applied, and the other is refused (quantity_out_of_bounds)', async () => {
    const { contract } = await placeOrder('pro', 'seat', 4);
    const book = () =>
      caller.post(`/v1/contracts/${contract}/commands`, {
        kind: 'change',
        components: { add: [{ component: 'seat', quantity: 5 }] },
        effective: 'now',
      });
    const answers = await Promise.all([book(), book()]);
    expect(answers.map(({ status, body }) => `${status} ${body.code ?? body.state}`).sort()).toEqual([
      '200 applied',
      '409 quantity_out_of_bounds',
    ]);
    const { subscriptions } = (await caller.get(`/v1/contracts/${contract}`)).body;
    expect(subscriptions.map((each: { quantity: string }) => each.quantity)).toEqual(['4', '5']);
  });
});
