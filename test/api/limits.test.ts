// Limits of requests. A request that would produce an amount or a bill that is too large is refused before anything is written.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createComponent } from '../../engine/catalogue/publish.ts';
import { type MerchantId } from '../../db/platform/ids.ts';
import { deleteBelowClock } from '../../db/clocks/deletion.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Answered, type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant } from '../support/merchant.ts';

/** The terms of a metered component as they were stored before prices had a limit of tiers. */
const LONG = {
  name: 'Calls',
  description: '',
  interval: { unit: 'month', count: 1 },
  payment_mode: 'post_paid',
  standalone: false,
  aggregation: 'sum',
} as const;

const vault = createVault([Buffer.alloc(32, 7)]);
const month = { unit: 'month' };
const wallCustomer = { party: { name: 'Nordlicht' }, country: 'DE', time_zone: 'Europe/Berlin' };
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  merchant = await createSampleMerchant(database.pool);
  api = await startTestApi(database.pool, vault);
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const count = async (list: string): Promise<number> => (await caller.get(list)).body.data.length;

/** A variant in the given currency, with one bookable component at the highest price that the API accepts. */
async function createDearest(currency: string): Promise<{ variant: string; component: string }> {
  const [{ tax_policy, issuer }] = (await caller.get('/v1/plan-groups')).body.data;
  const create = async (path: string, body: object): Promise<string> =>
    (await caller.post(path, body)).body.id;
  const plan_group = await create('/v1/plan-groups', { name: currency, currency, tax_policy, issuer });
  const plan = await create('/v1/plans', { name: 'Dear', plan_group });
  const price = { kind: 'simple', price: '99999999.99' };
  const component = await create('/v1/components', {
    plan_group,
    name: 'Dear',
    kind: 'bookable',
    interval: month,
    price,
  });
  const components = [{ component, rule: 'optional' }];
  const variant = await create('/v1/variants', {
    plan,
    name: 'Dear',
    fee: '1',
    fee_interval: month,
    components,
  });
  return { variant, component };
}

describe('the price of a period', () => {
  it('is refused above 15 digits, in an order and in its preview, and nothing is written', async () => {
    const { variant, component } = await createDearest('EUR');
    // 100,000 × 99,999,999.99 = 9,999,999,999,000.00 has fifteen digits, and with the fee it is still below 10^13.
    const order = (quantity: number) => ({
      customer: wallCustomer,
      variant,
      components: [{ component, quantity }],
    });
    expect((await caller.post('/v1/orders/preview', order(100_000))).status).toBe(200);
    for (const path of ['/v1/orders/preview', '/v1/orders']) {
      const { status, body } = await caller.post(path, order(100_001));
      expect({ status, code: body.code, field: body.errors?.[0].field }).toEqual({
        status: 422,
        code: 'invalid_amount',
        field: 'components',
      });
    }
    expect(await count('/v1/contracts')).toBe(0);
    expect(await count('/v1/customers')).toBe(0);
  });

  it('is the sum of all bookings, also of those that begin later (rule 22)', async () => {
    const { variant, component } = await createDearest('KWD');
    const later = { customer: wallCustomer, variant, start: '2099-01-01' };
    const bookings = Array.from({ length: 100 }, () => ({ component, quantity: 101 }));
    const refused = await caller.post('/v1/orders', { ...later, components: bookings });
    expect(refused.body).toMatchObject({ status: 422, code: 'invalid_amount' });

    const { contract } = (await caller.post('/v1/orders', { customer: wallCustomer, variant })).body;
    const change = { kind: 'change', effective: 'period_end', components: { add: bookings } };
    const preview = await caller.post(`/v1/contracts/${contract}/commands/preview`, change);
    expect(preview.body).toMatchObject({
      status: 422,
      code: 'invalid_amount',
      errors: [{ field: 'components' }],
    });
  });
});

describe('a contract', () => {
  it('has at most 1,000 items, including its fee (rule 22)', async () => {
    const order = { customer: wallCustomer, variant: 'pro' };
    const { contract } = (await caller.post('/v1/orders', order)).body;
    const add = (n: number) => ({
      kind: 'change',
      effective: 'now',
      components: { add: Array.from({ length: n }, () => ({ component: 'seat' })) },
    });
    for (let n = 1; n <= 9; n++) await caller.post(`/v1/contracts/${contract}/commands`, add(100));
    const preview = (n: number) => caller.post(`/v1/contracts/${contract}/commands/preview`, add(n));
    expect((await preview(99)).status).toBe(200);
    expect((await preview(100)).body).toMatchObject({
      status: 409,
      code: 'too_many_components',
      errors: [{ field: 'components' }],
    });
  });
});

describe('a bill', () => {
  const day = { unit: 'day' };
  const tiers = (count: number): { up_to: string | null; price: string }[] =>
    Array.from({ length: count }, (_, n) => ({
      up_to: n === count - 1 ? null : String(n + 1),
      price: '0.01',
    }));
  const refusal = ({ status, body }: Answered) => [status, body.code, body.errors?.[0].field];
  const create = async (path: string, body: object): Promise<string> => {
    const answer = await caller.post(path, body);
    expect(answer.status).toBe(201);
    return answer.body.id;
  };
  const shop = async (): Promise<{ plan_group: string; plan: string }> => {
    const [{ id: plan, plan_group }] = (await caller.get('/v1/plans')).body.data;
    return { plan_group, plan };
  };
  const metered = async (count: number) => ({
    plan_group: (await shop()).plan_group,
    name: 'Calls',
    kind: 'metered',
    interval: month,
    price: { kind: 'graduated', tiers: tiers(count) },
  });
  const offering = async (components: readonly string[], more: object = {}) => ({
    plan: (await shop()).plan,
    name: 'Many',
    fee: '1',
    fee_interval: month,
    components: components.map((component) => ({ component, rule: 'optional' })),
    ...more,
  });

  it('has a line for each tier, so a price has at most 100 tiers (rule 50)', async () => {
    expect((await caller.post('/v1/components', await metered(100))).status).toBe(201);
    const many = await caller.post('/v1/components', await metered(101));
    expect(refusal(many)).toEqual([400, 'invalid_request', 'price.tiers']);
  });

  it('may not pay a hundred years of days: the variant is refused, and the error names the component (rule 50)', async () => {
    const { plan_group } = await shop();
    const daily = {
      plan_group,
      name: 'Day',
      kind: 'bookable',
      interval: day,
      price: { kind: 'simple', price: '1' },
    };
    const [advance, ahead, arrears] = [
      await create('/v1/components', daily),
      await create('/v1/components', { ...daily, payment_mode: 'billed_until' }),
      await create('/v1/components', { ...daily, payment_mode: 'post_paid' }),
    ];
    for (const component of [advance, ahead, arrears]) {
      const century = await offering([component], { fee_interval: { unit: 'year', count: 100 } });
      expect(refusal(await caller.post('/v1/variants', century))).toEqual([
        422,
        'too_many_lines',
        'components[0].component',
      ]);
      await create('/v1/variants', { ...century, fee_interval: { unit: 'year', count: 13 } });
    }
    // Thirteen years of daily usage can be sold with one tier, but not with two.
    const calls = { ...(await metered(1)), interval: day };
    const component = await create('/v1/components', calls);
    await create('/v1/variants', await offering([component], { fee_interval: { unit: 'year', count: 13 } }));
    const version = (count: number) => {
      const { plan_group: _, kind: __, ...terms } = calls;
      return { ...terms, price: { kind: 'graduated', tiers: tiers(count) } };
    };
    const path = `/v1/components/${component}/versions`;
    expect(refusal(await caller.post(path, version(2)))).toEqual([422, 'too_many_lines', 'price']);
    expect((await caller.post(path, version(1))).status).toBe(201);
  });

  it('may not have 60 meters of 100 tiers: orders, changes and previews of them are refused (rule 50)', async () => {
    const meter = await metered(100);
    const meters: string[] = [];
    for (let n = 0; n < 60; n++) meters.push(await create('/v1/components', meter));
    const variant = await create('/v1/variants', await offering(meters));
    const booked = (from: number, to: number) =>
      meters.slice(from, to).map((component) => ({ component, quantity: 1 }));
    const order = (count: number) => ({ customer: wallCustomer, variant, components: booked(0, count) });
    for (const path of ['/v1/orders/preview', '/v1/orders']) {
      const { status, body } = await caller.post(path, order(60));
      expect({ status, ...body }).toMatchObject({
        status: 422,
        code: 'too_many_lines',
        detail: 'one bill could have 6001 lines for booked items; the limit is 5000',
        errors: [{ field: 'components' }],
      });
    }
    const { contract } = (await caller.post('/v1/orders', order(40))).body;
    const change = (count: number, effective: string) =>
      caller.post(`/v1/contracts/${contract}/commands/preview`, {
        kind: 'change',
        effective,
        components: { add: booked(40, 40 + count) },
      });
    for (const effective of ['now', 'period_end']) {
      expect((await change(9, effective)).status).toBe(200);
      expect(refusal(await change(10, effective))).toEqual([422, 'too_many_lines', 'components']);
    }
    const included = await offering(meters, {
      components: meters.map((component) => ({ component, rule: 'included' })),
    });
    expect(refusal(await caller.post('/v1/variants', included))).toEqual([
      422,
      'too_many_lines',
      'components[49].component',
    ]);
  });

  it('may not have 20 old prices of 1,000 tiers, but may have four of them (rule 50)', async () => {
    const { plan_group } = await shop();
    const price = {
      kind: 'graduated' as const,
      tiers: tiers(1000).map(({ up_to: upTo, price: each }) => ({ upTo, price: each })),
    };
    const terms = { ...LONG, price };
    const meters: string[] = [];
    for (let n = 0; n < 20; n++)
      meters.push(await createComponent(database.pool, merchant, { plan_group, kind: 'metered' }, terms));
    const variant = await create('/v1/variants', await offering(meters));
    const preview = (count: number) =>
      caller.post('/v1/orders/preview', {
        customer: wallCustomer,
        variant,
        components: meters.slice(0, count).map((component) => ({ component, quantity: 1 })),
      });
    expect((await preview(4)).status).toBe(200);
    expect(refusal(await preview(20))).toEqual([422, 'too_many_lines', 'components']);
  });
});

describe('a quantity', () => {
  it.each(['0.0000001', '1.1234567'])(
    '%s is refused as too fine, and the error names its field',
    async (quantity) => {
      const order = { customer: wallCustomer, variant: 'pro', components: [{ component: 'seat', quantity }] };
      const { body } = await caller.post('/v1/orders/preview', order);
      expect(body).toMatchObject({ status: 422, code: 'invalid_quantity' });
      expect(body.errors[0].field).toBe('components[0].quantity');
    },
  );

  it('that the component forbids is refused, and the error names its field in the order', async () => {
    const order = {
      customer: wallCustomer,
      variant: 'pro',
      components: [{ component: 'seat' }, { component: 'support', quantity: 2 }],
    };
    const { body } = await caller.post('/v1/orders/preview', order);
    expect(body).toMatchObject({ code: 'invalid_quantity', errors: [{ field: 'components[1].quantity' }] });
  });
});

describe('a receipt', () => {
  it('has at most 15 digits, and an account can add up ten of the largest', async () => {
    const { customer } = (await caller.post('/v1/orders', { customer: wallCustomer, variant: 'pro' })).body;
    const [account] = (await caller.get(`/v1/billing-accounts?customer=${customer}`)).body.data;
    const record = (amount: string, more: object = {}) =>
      caller.post(`/v1/billing-accounts/${account.id}/receipts`, { amount, reference: 'transfer', ...more });
    expect((await record('10000000000000.00')).body).toMatchObject({
      status: 422,
      code: 'invalid_amount',
      errors: [{ field: 'amount' }],
    });
    for (let n = 1; n <= 10; n++) expect((await record('9999999999999.99')).status).toBe(201);
    expect((await caller.get(`/v1/billing-accounts/${account.id}`)).body.balance).toBe('99999999999999.90');

    const early = await record('1.00', { at: '2199-01-01T00:00:00Z' });
    expect(early.body).toMatchObject({ status: 422, code: 'date_in_the_future', errors: [{ field: 'at' }] });
    expect(await count(`/v1/payments?account=${account.id}`)).toBe(10);
  });
});

describe('a span', () => {
  it('of more than two years is refused for a clock, and the error names `by.count`', async () => {
    const clock = (await caller.post('/v1/test-clocks', { name: 'far', at: '2024-01-01T00:00:00Z' })).body.id;
    for (const by of [
      { unit: 'year', count: 3 },
      { unit: 'month', count: 25 },
      { unit: 'day', count: 20_000 },
      { unit: 'year', count: 10 ** 14 },
    ]) {
      expect((await caller.post(`/v1/test-clocks/${clock}/advance`, { by })).body).toMatchObject({
        status: 422,
        code: 'clock_too_far',
        errors: [{ field: 'by.count' }],
      });
    }
  });

  it('of more than a hundred years is refused as an interval', async () => {
    const [plan] = (await caller.get('/v1/plans')).body.data;
    const variant = { plan: plan.id, name: 'For ever', fee: '1', fee_interval: { unit: 'year', count: 101 } };
    const { body } = await caller.post('/v1/variants', variant);
    expect(body).toMatchObject({ status: 400, errors: [{ field: 'fee_interval.count' }] });
  });

  it('that would end after the year 2200 is refused, and the error names the start or the variant', async () => {
    const [{ id: plan }] = (await caller.get('/v1/plans')).body.data;
    const century = { unit: 'year', count: 100 };
    const terms = { plan, name: 'For ever', fee: '1', fee_interval: century, trial: century };
    const forEver = (await caller.post('/v1/variants', terms)).body.id;
    const before = await count('/v1/contracts');
    for (const [field, order] of [
      ['start', { variant: 'basic', start: '2200-12-31' }],
      ['variant', { variant: forEver }],
    ] as const) {
      for (const path of ['/v1/orders', '/v1/orders/preview']) {
        const { body } = await caller.post(path, { customer: wallCustomer, ...order });
        expect(body).toMatchObject({ status: 422, code: 'invalid_date', errors: [{ field }] });
      }
    }
    expect(await count('/v1/contracts')).toBe(before);
  });
});

describe('a provider', () => {
  it.each(['constructor', '__proto__', 'stripe'])('with the unknown name %s is refused', async (provider) => {
    const { live } = await createMerchant(database.pool, 'Live');
    const owner = await api.caller(live);
    const customer = (await owner.post('/v1/customers', wallCustomer)).body.id;
    const { body } = await owner.post('/v1/payment-methods', { customer, provider, token: 'card' });
    expect(body).toMatchObject({
      status: 422,
      code: 'provider_not_available',
      errors: [{ field: 'provider' }],
    });
    expect((await owner.get('/v1/payment-methods')).body.data).toEqual([]);
  });
});

describe('at the same time', () => {
  const tenTimes = <T>(ask: (n: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 10 }, (_, n) => ask(n)));

  it('ten orders of a customer without an account create one account', async () => {
    const customer = (await caller.post('/v1/customers', wallCustomer)).body.id;
    const answers = await tenTimes(() => caller.post('/v1/orders', { customer, variant: 'pro' }));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202));
    expect((await caller.get(`/v1/billing-accounts?customer=${customer}`)).body.data).toHaveLength(1);
    expect((await caller.get(`/v1/contracts?customer=${customer}`)).body.data).toHaveLength(10);
  });

  it('requests that name a clock which is being deleted are refused, and the errors name the field', async () => {
    const clock = (await caller.post('/v1/test-clocks', { name: 'gone', at: '2024-01-01T00:00:00Z' })).body
      .id;
    const on = { ...wallCustomer, clock };
    const customer = (await caller.post('/v1/customers', on)).body.id;
    const answers: Promise<Answered>[] = [];
    await inTransaction(database.pool, async (tx) => {
      await deleteBelowClock(tx, merchant, clock);
      answers.push(
        caller.post('/v1/customers', on),
        caller.post('/v1/orders', { customer, variant: 'pro' }),
        caller.post('/v1/orders', { customer: on, variant: 'pro' }),
      );
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await expect.poll(async () => (await rows(database.pool, waiting)).length).toBe(answers.length);
    });
    expect(
      (await Promise.all(answers)).map(({ body }) => [body.status, body.code, body.errors?.[0].field]),
    ).toEqual([
      [422, 'not_found', 'clock'],
      [422, 'not_found', 'customer'],
      [422, 'not_found', 'customer.clock'],
    ]);
  });

  it('ten revisions of a party create ten versions', async () => {
    const [issuer] = (await caller.get('/v1/issuers')).body.data;
    const answers = await tenTimes((n) =>
      caller.patch(`/v1/issuers/${issuer.id}`, { party: { name: `I${n}` } }),
    );
    const versions = answers.map(({ body }) => Number(body.version)).sort((a, b) => a - b);
    expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe('a path', () => {
  it('takes only ids, not external ids, on every route', async () => {
    const order = { customer: wallCustomer, variant: 'pro', external_id: 'theirs' };
    const { contract } = (await caller.post('/v1/orders', order)).body;
    for (const rest of ['', '/commands']) {
      expect((await caller.get(`/v1/contracts/${contract}${rest}`)).status).toBe(200);
      expect((await caller.get(`/v1/contracts/theirs${rest}`)).body).toMatchObject({ status: 404 });
    }
    expect((await caller.get('/v1/invoices?contract=theirs')).status).toBe(200);
  });
});
