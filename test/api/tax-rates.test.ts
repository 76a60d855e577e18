// Tax rates that billing needs, and tax rates that may be taken back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addInterval, dateAt } from '../../domain/arithmetic/calendar.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { row, rows } from '../support/rows.ts';
import { removeTaxRate } from '../../engine/catalogue/tax-rates.ts';
import { type Answered, type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createClock, createSampleMerchant, moveClock, settle, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;
let policy: string;

beforeAll(async () => {
  database = await createTestPool();
  merchant = await createSampleMerchant(database.pool);
  api = await startTestApi(database.pool, vault);
  caller = await api.caller(merchant);
  policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const customer = (country = 'DE') => ({ party: { name: 'Nordlicht' }, country, time_zone: 'Europe/Berlin' });

/** Places an order and settles its contract. Returns the ids of the contract and its customer. */
async function placeOrder(variant: string, more: object = {}): Promise<{ contract: string; of: string }> {
  const { status, body } = await caller.post('/v1/orders', { customer: customer(), variant, ...more });
  expect([status, body.code]).toEqual([202, undefined]);
  await settle(database.pool, body.contract);
  return { contract: body.contract, of: body.customer };
}

/** Adds a rate of 20 % from 2020, and another one from a day in four months, at which the variant `yearly` bills storage ahead. */
async function addRateInFourMonths(country: string, percent: string): Promise<string> {
  await addRate(country, '2020-01-01', '20');
  const from = addInterval(dateAt(new Date().toISOString(), 'Europe/Berlin'), { unit: 'month', count: 4 }, 1);
  expect((await addRate(country, from, percent)).status).toBe(201);
  const { data } = (await caller.get('/v1/variants')).body;
  if (data.some((each: { external_id: string }) => each.external_id === 'yearly')) return from;
  const [{ id: plan_group }] = (await caller.get('/v1/plan-groups')).body.data;
  const [{ id: plan }] = (await caller.get('/v1/plans')).body.data;
  const storage = {
    plan_group,
    external_id: 'storage',
    kind: 'bookable',
    name: 'Storage',
    price: { kind: 'simple', price: '5.00' },
    interval: { unit: 'month' },
    payment_mode: 'billed_until',
  };
  expect((await caller.post('/v1/components', storage)).status).toBe(201);
  const components = [{ component: 'storage', rule: 'included' }];
  const fee = { fee: '100.00', fee_interval: { unit: 'year' } };
  const variant = { plan, external_id: 'yearly', name: 'Yearly', ...fee, components };
  expect((await caller.post('/v1/variants', variant)).status).toBe(201);
  return from;
}

const move = (of: string, country: string): Promise<Answered> =>
  caller.patch(`/v1/customers/${of}`, { country });

const addRate = (country: string, valid_from: string, rate: string) =>
  caller.post(`/v1/tax-policies/${policy}/rates`, { country, valid_from, rate });
const removeRate = async (country: string, from: string) => {
  const { status, body } = await caller.delete(`/v1/tax-policies/${policy}/rates/${country}/${from}`);
  return [status, body.code];
};

describe('a customer whose contract is billed', () => {
  it('cannot move to a country without a tax rate, and the refusal names the contract (rule 7)', async () => {
    const { contract, of } = await placeOrder('pro');
    const { status, body } = await move(of, 'FR');
    expect([status, body.code, body.contracts, body.errors[0].field]).toEqual([
      422,
      'tax_rate_missing',
      [contract],
      'country',
    ]);
    expect((await caller.get(`/v1/customers/${of}`)).body.country).toBe('DE');
    expect((await move(of, 'AT')).body.country).toBe('AT');
  });

  it("may move to any country if nothing will be billed: without a fee, or after the contract's end", async () => {
    const free = await placeOrder('free');
    expect((await move(free.of, 'FR')).status).toBe(200);
    const ended = await placeOrder('pro');
    const cancel = { kind: 'cancel', effective: 'now' };
    expect((await caller.post(`/v1/contracts/${ended.contract}/commands`, cancel)).status).toBe(202);
    await settle(database.pool, ended.contract);
    expect((await move(ended.of, 'FR')).status).toBe(200);
  });

  it('cannot move either if only a scheduled change or a component will be billed', async () => {
    const tomorrow = addInterval(
      dateAt(new Date().toISOString(), 'Europe/Berlin'),
      { unit: 'day', count: 1 },
      1,
    );
    const scheduled = await placeOrder('free');
    const change = { kind: 'change', variant: 'pro', effective: tomorrow };
    expect((await caller.post(`/v1/contracts/${scheduled.contract}/commands`, change)).status).toBe(202);
    await settle(database.pool, scheduled.contract);
    expect((await move(scheduled.of, 'FR')).body.contracts).toEqual([scheduled.contract]);
    const withSeat = await placeOrder('free', { components: [{ component: 'seat' }] });
    expect((await move(withSeat.of, 'FR')).body.contracts).toEqual([withSeat.contract]);
  });
});

describe('a tax rate with a typing mistake', () => {
  it('can be taken back before its first day, and added again', async () => {
    await addRate('DE', '2099-01-01', '91');
    expect(await removeRate('DE', '2099-01-01')).toEqual([200, undefined]);
    const { rates } = (await addRate('DE', '2099-01-01', '19')).body;
    expect(rates.filter((each: { country: string }) => each.country === 'DE')).toMatchObject([
      { valid_from: '2020-01-01', rate: '19' },
      { valid_from: '2099-01-01', rate: '19' },
    ]);
    expect(await removeRate('DE', '2098-01-01')).toEqual([404, 'not_found']);
    expect(await removeRate('XX', '2099-01-01')).toEqual([400, 'invalid_request']);
  });

  it('cannot be taken back after its first day, by wall time or on a test clock', async () => {
    expect(await removeRate('DE', '2020-01-01')).toEqual([409, 'tax_rate_in_force']);
    await addRate('LU', '2098-01-01', '71');
    const clock = await createClock(database.pool, merchant, '2098-01-01T00:00:00.000Z');
    expect(await removeRate('LU', '2098-01-01')).toEqual([409, 'tax_rate_in_force']);
    await moveClock(database.pool, clock, '2097-12-01T00:00:00.000Z');
    expect(await removeRate('LU', '2098-01-01')).toEqual([200, undefined]);
    await rows(database.pool, `update test_clocks set now_at = '2024-01-01' where id = $1`, [clock]);
  });

  it('cannot be taken back while a contract has no other rate (rule 7)', async () => {
    const start = addInterval(
      dateAt(new Date().toISOString(), 'Europe/Berlin'),
      { unit: 'day', count: 40 },
      1,
    );
    await addRate('IT', start, '22');
    const { contract } = await placeOrder('pro', { customer: customer('IT'), start });
    const { status, body } = await caller.delete(`/v1/tax-policies/${policy}/rates/IT/${start}`);
    expect([status, body.code, body.contracts]).toEqual([422, 'tax_rate_missing', [contract]]);
    await addRate('IT', '2020-01-01', '20');
    expect(await removeRate('IT', start)).toEqual([200, undefined]);
  });

  it('cannot be taken back after a line was billed ahead at it', async () => {
    const from = await addRateInFourMonths('AT', '21');
    await placeOrder('yearly', { customer: customer('AT') });
    expect(await removeRate('AT', from)).toEqual([409, 'tax_rate_used']);
  });
});

describe('a tax rate that is taken back while a line is billed ahead at it', () => {
  const ratesOf = async (contract: string) => {
    const lines = await rows<{ rate: string }>(
      database.pool,
      `select distinct tax_rate as rate from charges where contract_id = $1 and kind = 'recurring' order by 1`,
      [contract],
    );
    return lines.map((line) => line.rate);
  };
  const waiting = async () => {
    const found = await rows(
      database.pool,
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return found.length;
  };
  const untilWaiting = async (many: number) => {
    await expect.poll(waiting, { interval: 5, timeout: 1_500 }).toBe(many);
  };

  it('stays if the line came first: taking the rate back waits for the step', async () => {
    const from = await addRateInFourMonths('FR', '23');
    const { body } = await caller.post('/v1/orders', { customer: customer('FR'), variant: 'yearly' });
    let settled: Promise<unknown> | undefined;
    let removed: Promise<unknown> | undefined;
    await inTransaction(database.pool, async (tx) => {
      const { account_id } = await row<{ account_id: string }>(
        tx,
        'select account_id from contracts where id = $1',
        [body.contract],
      );
      await lockAccount(tx, merchant, account_id); // the step is decided, and not yet stored
      settled = settle(database.pool, body.contract);
      await untilWaiting(1);
      removed = removeRate('FR', from);
      await untilWaiting(2);
    });
    await settled;
    expect(await removed).toEqual([409, 'tax_rate_used']);
    expect(await ratesOf(body.contract)).toEqual(['20', '23']);
  });

  it('is not billed if it was taken back first: the step is decided again', async () => {
    const from = await addRateInFourMonths('NL', '24');
    const { body } = await caller.post('/v1/orders', { customer: customer('NL'), variant: 'yearly' });
    let settled: Promise<unknown> | undefined;
    await inTransaction(database.pool, async (tx) => {
      await removeTaxRate(tx, merchant, { taxPolicyId: policy, country: 'NL', validFrom: from });
      settled = settle(database.pool, body.contract);
      await untilWaiting(1);
    });
    await settled;
    expect(await ratesOf(body.contract)).toEqual(['20']);
  });

  it('is not used by a one-time charge either', async () => {
    const from = await addRateInFourMonths('BE', '25');
    const of = (await caller.post('/v1/customers', customer('BE'))).body.id;
    const [{ id: issuer }] = (await caller.get('/v1/issuers')).body.data;
    const once = { customer: of, issuer, text: 'Set-up', currency: 'EUR', price_mode: 'net', quantity: 1 };
    const charge = { ...once, unit_price: '10.00', tax_policy: policy, service_date: from, bill: 'now' };
    let pendingCharge: Promise<Answered> | undefined;
    await inTransaction(database.pool, async (tx) => {
      await removeTaxRate(tx, merchant, { taxPolicyId: policy, country: 'BE', validFrom: from });
      pendingCharge = caller.post('/v1/one-time-charges', charge);
      await untilWaiting(1);
    });
    expect((await pendingCharge)!.body.code).toBe('tax_rate_missing');
    const again = (await caller.post('/v1/one-time-charges', charge)).body;
    const { body: invoice } = await caller.get(`/v1/invoices/${again.invoice}`);
    expect(invoice.gross).toBe('12.00');
  });
});
