import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
const MONTH = { unit: 'month', count: 1 };
const YEAR = { unit: 'year', count: 1 };
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  caller = await api.caller((await createMerchant(database.pool, 'Wolkenwerk')).test);
  await create('/v1/issuers', {
    external_id: 'wolkenwerk',
    party: { name: 'Wolkenwerk GmbH', address: { city: 'Berlin' } },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    series: { invoice: { pattern: 'S-{MM}/{YYYY}-{####}', first_counter: 1232 } },
  });
  await create('/v1/tax-policies', {
    external_id: 'software',
    name: 'Software',
    rates: [{ country: 'DE', valid_from: '2020-01-01', rate: '19' }],
  });
  const group = { tax_policy: 'software', issuer: 'wolkenwerk', currency: 'EUR' };
  await create('/v1/plan-groups', { ...group, external_id: 'cloud', name: 'Cloud EUR' });
  await create('/v1/plan-groups', { ...group, external_id: 'library', name: 'Library EUR' });
  await create('/v1/plans', { external_id: 'pro', plan_group: 'cloud', name: 'Pro' });
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

async function create(path: string, body: unknown) {
  const answer = await caller.post(path, body);
  expect(answer.body).toMatchObject({ id: expect.stringMatching(/^[a-z]{3}_/) });
  expect(answer.status).toBe(201);
  return answer.body;
}

async function refusal(path: string, body: unknown) {
  const answer = await caller.post(path, body);
  return [answer.status, answer.body.code, answer.body.errors?.[0]?.field];
}

const component = (more: object) => ({
  plan_group: 'cloud',
  kind: 'bookable',
  name: 'Seat',
  price: { kind: 'simple', price: '9.00' },
  interval: MONTH,
  ...more,
});
const variant = (more: object) => ({
  plan: 'pro',
  name: 'Pro monthly',
  fee: '99.00',
  fee_interval: MONTH,
  ...more,
});

describe('an issuer', () => {
  it('has a series for invoices and a default one for credit notes, and its party has versions', async () => {
    const { body } = await caller.get('/v1/issuers');
    const [issuer] = body.data;
    expect(issuer.series).toEqual({
      invoice: { pattern: 'S-{MM}/{YYYY}-{####}', first_counter: 1232 },
      credit_note: { pattern: 'CN-{YYYY}-{####}', first_counter: 1 },
    });
    const revised = await caller.patch(`/v1/issuers/${issuer.id}`, { party: { name: 'Wolkenwerk AG' } });
    expect(revised.body).toMatchObject({ version: 2, party: { name: 'Wolkenwerk AG' } });
  });

  it('is refused with a pattern that would repeat numbers, or one pattern for both series', async () => {
    const issuer = (series: object) => ({
      party: { name: 'X' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      series,
    });
    expect(await refusal('/v1/issuers', issuer({ invoice: { pattern: 'R-{YYYY}' } }))).toEqual([
      422,
      'invalid_number_pattern',
      'series.invoice.pattern',
    ]);
    const same = { pattern: 'R-{####}' };
    expect(await refusal('/v1/issuers', issuer({ invoice: same, credit_note: same }))).toEqual([
      422,
      'series_not_distinct',
      'series.credit_note.pattern',
    ]);
  });
});

describe('a tax policy', () => {
  it('accepts a new rate, and refuses a second one for the same country and day', async () => {
    const { id } = await create('/v1/tax-policies', { name: 'e-Books' });
    const rate = { country: 'LU', valid_from: '2020-01-01', rate: 2.5 };
    const added = await caller.post(`/v1/tax-policies/${id}/rates`, rate);
    expect(added.body.rates).toEqual([
      { country: 'LU', valid_from: '2020-01-01', category: 'standard', rate: '2.5', text: 'VAT 2.5 %' },
    ]);
    expect(await refusal(`/v1/tax-policies/${id}/rates`, { ...rate, rate: '3' })).toEqual([
      409,
      'tax_rate_exists',
      'valid_from',
    ]);
    expect(await refusal('/v1/tax-policies/tax_none/rates', rate)).toEqual([404, 'not_found', undefined]);
  });
});

describe('a plan group', () => {
  it('is refused if its currency or its issuer does not exist', async () => {
    const group = { name: 'X', currency: 'EUR', tax_policy: 'software', issuer: 'wolkenwerk' };
    expect(await refusal('/v1/plan-groups', { ...group, currency: 'EURO' })).toEqual([
      422,
      'unknown_currency',
      'currency',
    ]);
    expect(await refusal('/v1/plan-groups', { ...group, issuer: 'nobody' })).toEqual([
      422,
      'not_found',
      'issuer',
    ]);
  });

  it('is refused with an external id that is taken or looks like an id of Tenor (rule 48)', async () => {
    const group = { name: 'X', currency: 'EUR', tax_policy: 'software', issuer: 'wolkenwerk' };
    expect(await refusal('/v1/plan-groups', { ...group, external_id: 'cloud' })).toEqual([
      409,
      'external_id_taken',
      'external_id',
    ]);
    expect(
      await refusal('/v1/plan-groups', { ...group, external_id: 'grp_01jfa5z8n4b6c7d8e9f0g1h2j3' }),
    ).toEqual([400, 'invalid_request', 'external_id']);
  });
});

describe('a component', () => {
  it.each([
    [{ kind: 'graduated', tiers: [] }, 400, 'invalid_request', 'price.tiers'],
    [
      { kind: 'graduated', tiers: [{ up_to: '10', price: '1' }] },
      422,
      'tiers_not_open',
      'price.tiers[0].up_to',
    ],
    [
      {
        kind: 'volume',
        tiers: [
          { up_to: '10', price: '1' },
          { up_to: '5', price: '1' },
          { up_to: null, price: '1' },
        ],
      },
      422,
      'tiers_out_of_order',
      'price.tiers[1].up_to',
    ],
    [{ kind: 'buckets', tiers: [{ up_to: null }] }, 422, 'invalid_price', 'price.tiers[0]'],
    [
      { kind: 'discount', price: '10', tiers: [{ from: 5, percent: 101 }] },
      422,
      'invalid_price',
      'price.tiers[0].percent',
    ],
    [{ kind: 'simple', price: '-1' }, 422, 'invalid_price', 'price.price'],
    [{ kind: 'simple', price: 9 }, 400, 'invalid_request', 'price.price'],
    [{ kind: 'simple', price: '10000000000' }, 422, 'invalid_price', 'price.price'],
    [{ kind: 'dutch_auction' }, 400, 'invalid_request', 'price.kind'],
  ])('with the price %j is refused, and the error names the field', async (price, status, code, field) => {
    expect(await refusal('/v1/components', component({ price }))).toEqual([status, code, field]);
  });

  it('returns its price as it was sent, and a new version changes it (rule 47)', async () => {
    const price = {
      kind: 'buckets',
      tiers: [
        { up_to: '100', flat: '20.00' },
        { up_to: null, price: '0.04' },
      ],
    };
    const { id } = await create('/v1/components', component({ price, included: 50, cap: '500.00' }));
    const { body } = await caller.get(`/v1/components/${id}`);
    expect(body.version).toMatchObject({ version: 1, price, included: '50', cap: '500.00' });
    const next = await caller.post(`/v1/components/${id}/versions`, {
      name: 'Seat',
      price: { kind: 'free' },
      interval: YEAR,
    });
    expect(next.body.version).toMatchObject({ version: 2, price: { kind: 'free' }, included: null });
  });
});

describe('a variant', () => {
  it('lists the components that may be booked with it, by id or external id', async () => {
    const seat = await create('/v1/components', component({ external_id: 'seat' }));
    const pro = await create(
      '/v1/variants',
      variant({ components: [{ component: 'seat', rule: 'included', quantity: '2.50' }] }),
    );
    expect(pro.version).toMatchObject({
      version: 1,
      fee: '99.00',
      fee_interval: MONTH,
      billing_interval: MONTH,
      trial: null,
      components: [{ component: seat.id, rule: 'included', quantity: '2.50' }],
    });
    const next = await caller.post(`/v1/variants/${pro.id}/versions`, {
      name: 'Pro monthly',
      fee: null,
      fee_interval: MONTH,
    });
    expect(next.body.version).toMatchObject({ version: 2, fee: null, components: [] });
  });

  it('is published only with components that can be billed under its intervals (rule 3)', async () => {
    const publishWith = async (more: object) => {
      const { id } = await create('/v1/components', component(more));
      return refusal('/v1/variants', variant({ components: [{ component: id, rule: 'optional' }] }));
    };
    const field = 'components[0].component';
    const weekly = { interval: { unit: 'week', count: 1 } };
    expect(await publishWith(weekly)).toEqual([422, 'interval_mismatch', field]);
    expect(await publishWith({ interval: YEAR, payment_mode: 'billed_until' })).toEqual([
      422,
      'interval_mismatch',
      field,
    ]);
    expect(await publishWith({ plan_group: 'library' })).toEqual([
      422,
      'component_of_other_plan_group',
      field,
    ]);
    for (const more of [{ interval: YEAR }, { ...weekly, standalone: true }, { kind: 'metered' }]) {
      const { id } = await create('/v1/components', component(more));
      await create('/v1/variants', variant({ components: [{ component: id, rule: 'optional' }] }));
    }
  });

  it('is refused with a term, renewal or notice that contradicts its intervals', async () => {
    const weeks = { unit: 'week', count: 6 };
    const cases: [object, string][] = [
      [{ term: weeks }, 'term'],
      [{ renewal: YEAR }, 'renewal'],
      [{ term: YEAR, renewal: weeks }, 'renewal'],
      [{ term: MONTH, renewal: MONTH, notice: weeks }, 'notice'],
    ];
    for (const [more, field] of cases) {
      expect(await refusal('/v1/variants', variant(more))).toEqual([422, 'invalid_term', field]);
    }
    await create('/v1/variants', variant({ term: YEAR, renewal: YEAR, notice: weeks, setup_fee: '50.00' }));
  });

  it('needs a billing interval that divides the fee interval (rule 3)', async () => {
    const weekly = variant({ billing_interval: { unit: 'week', count: 1 } });
    expect(await refusal('/v1/variants', weekly)).toEqual([422, 'interval_mismatch', 'billing_interval']);
    await create('/v1/variants', variant({ fee_interval: YEAR, billing_interval: MONTH }));
  });

  it('is refused with an on/off component of quantity 2, or with one component twice', async () => {
    await create('/v1/components', component({ external_id: 'support', kind: 'on_off' }));
    const twice = [{ component: 'support', rule: 'included', quantity: 2 }];
    expect(await refusal('/v1/variants', variant({ components: twice }))).toEqual([
      422,
      'invalid_quantity',
      'components[0].quantity',
    ]);
    const doubled = [
      { component: 'support', rule: 'included' },
      { component: 'support', rule: 'optional' },
    ];
    expect((await refusal('/v1/variants', variant({ components: doubled })))[2]).toBe(
      'components[1].component',
    );
  });

  it('is refused with bounds that no quantity of the component can meet', async () => {
    await create('/v1/components', component({ external_id: 'bounded' }));
    const bounded = async (more: object) =>
      refusal('/v1/variants', variant({ components: [{ component: 'bounded', rule: 'included', ...more }] }));
    const cases: [object, string][] = [
      [{ most: '0' }, 'most'],
      [{ least: '6', most: '5' }, 'least'],
      [{ quantity: '6', most: '5' }, 'quantity'],
      [{ quantity: '1', least: '2' }, 'quantity'],
    ];
    for (const [more, field] of cases) {
      expect(await bounded(more)).toEqual([422, 'invalid_quantity', `components[0].${field}`]);
    }
  });

  it('refuses a new version of its component with an interval that does not fit', async () => {
    const { id } = await create('/v1/components', component({}));
    await create('/v1/variants', variant({ components: [{ component: id, rule: 'optional' }] }));
    const { plan_group: _, kind: __, ...terms } = component({ interval: YEAR });
    expect(await refusal(`/v1/components/${id}/versions`, terms)).toEqual([
      422,
      'interval_mismatch',
      'interval',
    ]);
  });

  it.each([
    ['0', 'invalid_quantity'],
    [-3, 'invalid_quantity'],
    ['10000001', 'invalid_quantity'],
    ['1e5', 'invalid_quantity'],
  ])('is refused with the quantity %s', async (quantity, code) => {
    const components = [{ component: 'seat', rule: 'included', quantity }];
    expect(await refusal('/v1/variants', variant({ components }))).toEqual([
      422,
      code,
      'components[0].quantity',
    ]);
  });

  it('gets five different version numbers when five versions are published at once', async () => {
    const { id } = await create('/v1/variants', variant({}));
    const terms = { name: 'Pro', fee: '1.00', fee_interval: MONTH };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => caller.post(`/v1/variants/${id}/versions`, terms)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect((await caller.get(`/v1/variants/${id}`)).body.version.version).toBe(6);
  });
});

describe('a price', () => {
  const inVnd = async (): Promise<{ plan_group: string; plan: string }> => {
    const group = { name: 'VND', currency: 'VND', tax_policy: 'software', issuer: 'wolkenwerk' };
    const plan_group = (await create('/v1/plan-groups', group)).id;
    return { plan_group, plan: (await create('/v1/plans', { name: 'VND', plan_group })).id };
  };

  it('has a limit in minor units, in every currency (rule 47)', async () => {
    const { plan, plan_group } = await inVnd();
    await create('/v1/variants', variant({ plan, fee: '150000000', setup_fee: '999999999999' }));
    const price = { kind: 'simple', price: '150000000.5' };
    await create('/v1/components', component({ plan_group, price, cap: '150000000' }));
    const tiers = (first: string, last: string) => ({
      price: {
        kind: 'graduated',
        tiers: [
          { up_to: '10', price: first },
          { up_to: null, price: last },
        ],
      },
    });
    const flat = { kind: 'buckets', tiers: [{ up_to: null, flat: '1000000000000' }] };
    const most = '1000000000000';
    for (const [path, body, field] of [
      ['/v1/variants', variant({ plan, fee: most }), 'fee'],
      ['/v1/variants', variant({ plan, setup_fee: most }), 'setup_fee'],
      ['/v1/components', component({ plan_group, cap: most }), 'cap'],
      ['/v1/components', component({ plan_group, ...tiers('1', most) }), 'price.tiers[1].price'],
      ['/v1/components', component({ plan_group, price: flat }), 'price.tiers[0].flat'],
      [
        '/v1/components',
        component({ plan_group: 'cloud', price: { ...price, price: '10000000000' } }),
        'price.price',
      ],
    ] as const) {
      expect([field, ...(await refusal(path, body))]).toEqual([field, 422, 'invalid_price', field]);
    }
  });

  it('may be finer than the currency for a unit, but not as a fee, set-up fee or cap (rules 10, 47)', async () => {
    const { plan, plan_group } = await inVnd();
    await create('/v1/components', component({ plan_group, price: { kind: 'simple', price: '0.00065' } }));
    await create('/v1/components', component({ price: { kind: 'simple', price: '283.3333' }, cap: '9.500' }));
    for (const [path, body, field] of [
      ['/v1/variants', variant({ plan, fee: '100.55' }), 'fee'],
      ['/v1/variants', variant({ plan, fee: '100', setup_fee: '0.5' }), 'setup_fee'],
      ['/v1/components', component({ plan_group, cap: '100.5' }), 'cap'],
      ['/v1/variants', variant({ fee: '9.995' }), 'fee'],
    ] as const) {
      expect([field, ...(await refusal(path, body))]).toEqual([field, 422, 'invalid_price', field]);
    }
  });
});
