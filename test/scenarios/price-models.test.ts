// Each price model through an order, its workflow and a real invoice: which lines and which total a quantity makes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { customerOn, documentsOf } from '../support/metered.ts';
import { liveUntil } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

const MONTH = { unit: 'month', count: 1 };
const UNITS = [
  { up_to: '10', price: '10.00' },
  { up_to: '50', price: '8.00' },
  { up_to: null, price: '6.00' },
];
const BUCKETS = [
  { up_to: '100', flat: '20.00' },
  { up_to: '1000', flat: '50.00' },
  { up_to: null, price: '0.04' },
];
const simple = { kind: 'simple', price: '9.00' };
const volume = { kind: 'volume', tiers: UNITS };
const graduated = { kind: 'graduated', tiers: UNITS };
const buckets = { kind: 'buckets', tiers: BUCKETS };
const discount = {
  kind: 'discount',
  price: '10.00',
  tiers: [
    { from: '10', percent: '5' },
    { from: '50', percent: '12.5' },
  ],
};
const capped = { price: { kind: 'simple', price: '0.96' }, cap: '500.00' };

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
let clock: string;

const create = async (path: string, body: object): Promise<string> => {
  const { status, body: answer } = await caller.post(path, body);
  expect([status, answer.code]).toEqual([201, undefined]);
  return answer.id;
};

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller((await createMerchant(pool, 'Models')).test);
  const issuer = { party: { name: 'I' }, country: 'DE', time_zone: 'Europe/Berlin' };
  await create('/v1/issuers', { external_id: 'issuer', ...issuer });
  const rates = [{ country: 'DE', valid_from: '2020-01-01', rate: '19' }];
  await create('/v1/tax-policies', { external_id: 'tax', name: 'T', rates });
  const group = { external_id: 'group', name: 'G', currency: 'EUR', tax_policy: 'tax', issuer: 'issuer' };
  await create('/v1/plan-groups', group);
  await create('/v1/plans', { external_id: 'plan', plan_group: 'group', name: 'P' });
  clock = await create('/v1/test-clocks', { name: 'C', at: '2024-01-01T09:00:00Z' });
}, 60_000);
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

describe('a price model on an invoice (rules 12, 13)', () => {
  it.each([
    ['simple', { price: simple }, [1, 12], '117.00', ['9.00', '108.00']],
    [
      'volume tiers',
      { price: volume },
      [10, '10.5', 11, 50, 51],
      '978.00',
      ['100.00', '84.00', '88.00', '400.00', '306.00'],
    ],
    ['volume tiers, 5 included', { price: volume, included: '5' }, [12], '56.00', ['56.00']],
    ['volume tiers, two bookings of 10', { price: volume }, [10, 10], '200.00', ['100.00', '100.00']],
    [
      'graduated per unit',
      { price: graduated },
      [10, 11, 50, 60],
      '1108.00',
      ['100.00', '100.00', '8.00', '100.00', '320.00', '100.00', '320.00', '60.00'],
    ],
    [
      'graduated per unit, 5 included',
      { price: graduated, included: '5' },
      [12],
      '66.00',
      ['50.00', '16.00'],
    ],
    [
      'graduated buckets',
      { price: buckets },
      [1, 100, 101, 1000, 1250],
      '260.00',
      ['20.00', '20.00', '20.00', '50.00', '20.00', '50.00', '20.00', '50.00', '10.00'],
    ],
    [
      'graduated buckets, 50 included',
      { price: buckets, included: '50' },
      [120],
      '70.00',
      ['20.00', '50.00'],
    ],
    ['graduated buckets, 100 included', { price: buckets, included: '100' }, [120], '50.00', ['50.00']],
    ['discount tiers', { price: discount }, [9, 10, 50], '622.50', ['90.00', '95.00', '437.50']],
    ['discount tiers, 5 included', { price: discount, included: '5' }, [12], '66.50', ['66.50']],
    ['simple with cap', capped, [500, 600], '980.00', ['480.00', '576.00', '-76.00']],
  ])('%s', async (name, terms, quantities, net, amounts) => {
    const component = await create('/v1/components', {
      plan_group: 'group',
      kind: 'bookable',
      name,
      interval: MONTH,
      ...terms,
    });
    const components = [{ component, rule: 'optional' }];
    const variant = await create('/v1/variants', {
      plan: 'plan',
      name,
      fee: null,
      fee_interval: MONTH,
      components,
    });
    const { body } = await caller.post('/v1/orders', {
      customer: customerOn(clock),
      variant,
      components: quantities.map((quantity) => ({ component, quantity })),
    });
    expect(body.command.state).toBe('applied');
    const [document = [], ...more] = await documentsOf(caller, body.contract);
    expect(more).toEqual([]);
    const [date, sum, ...lines] = document;
    expect([date, sum, lines.map((line) => line.split(' = ')[1])]).toEqual(['2024-01-01', net, amounts]);
  });

  it('is stored once, with its version: lines name the version, and are explained by it (rule 50)', async () => {
    const component = await create('/v1/components', {
      plan_group: 'group',
      kind: 'bookable',
      name: 'Surveys',
      interval: MONTH,
      price: graduated,
    });
    const components = [{ component, rule: 'optional' }];
    const terms = { plan: 'plan', name: 'Once', fee: '9.00', fee_interval: MONTH, components };
    const order = {
      customer: customerOn(clock),
      variant: await create('/v1/variants', terms),
      components: [11, 60].map((quantity) => ({ component, quantity })),
    };
    const { contract } = (await caller.post('/v1/orders', order)).body;
    const [{ id }] = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data;
    const explained = (await caller.get(`/v1/invoices/${id}/explain`)).body;
    const [previewed] = (await caller.post('/v1/orders/preview', order)).body.documents;
    for (const { lines, prices } of [explained, previewed]) {
      expect(prices.map((price: { model: object }) => price.model)).toEqual([
        { kind: 'simple', price: '9.00' },
        graduated,
      ]);
      const versions = lines.map((line: { derivation: { component_version: string | null } }) =>
        prices.findIndex(
          (price: { component_version: string | null }) =>
            price.component_version === line.derivation.component_version,
        ),
      );
      expect(versions).toEqual([0, 1, 1, 1, 1, 1]);
      expect(lines[2].tier).toMatchObject({ from: '10', to: '50' });
    }
    const storedModels = `select count(*)::int as n, count(derivation->'model')::int as models from charges where contract_id = $1`;
    expect(await rows(tenor.parts.pool, storedModels, [contract])).toEqual([{ n: 6, models: 0 }]);
  });

  it('makes a line of 0.00 for a component that costs nothing, beside lines that cost something (rule 28)', async () => {
    const bookable = (name: string, terms: object): Promise<string> =>
      create('/v1/components', { plan_group: 'group', kind: 'bookable', name, interval: MONTH, ...terms });
    const free = await bookable('Free', { price: { kind: 'free' } });
    const included = await bookable('Included', { price: simple, included: '5' });
    const variant = await create('/v1/variants', {
      plan: 'plan',
      name: 'Fee',
      fee: '9.00',
      fee_interval: MONTH,
      components: [free, included].map((component) => ({ component, rule: 'optional' })),
    });
    const { body } = await caller.post('/v1/orders', {
      customer: customerOn(clock),
      variant,
      components: [
        { component: free, quantity: 1000 },
        { component: included, quantity: 3 },
      ],
    });
    expect(await documentsOf(caller, body.contract)).toEqual([
      ['2024-01-01', '9.00', 'Fee 1 × 9 = 9.00', 'Free 1000 × 0 = 0.00', 'Included 3 × 0 = 0.00'],
    ]);
  });
});

describe('metered usage on an invoice, and late usage on the next one (rules 12, 13, 27)', () => {
  // Free usage makes a line of 0.00, and no usage makes no line. A difference between two prices is a line of quantity 1.
  it.each([
    ['simple', { price: simple }, [12, ['12 × 9 = 108.00']], [-2, ['-2 × 9 = -18.00']]],
    ['free', { price: { kind: 'free' } }, [12, ['12 × 0 = 0.00']], [-2, []]],
    [
      'volume tiers',
      { price: volume },
      [11, ['11 × 8 = 88.00']],
      [-1, ['10 × 10 = 100.00', '-11 × 8 = -88.00']],
    ],
    [
      'volume tiers, 5 included',
      { price: volume, included: '5' },
      [12, ['7 × 8 = 56.00']],
      [40, ['47 × 6 = 282.00', '-7 × 8 = -56.00']],
    ],
    [
      'graduated per unit',
      { price: graduated },
      [60, ['10 × 10 = 100.00', '40 × 8 = 320.00', '10 × 6 = 60.00']],
      [-20, ['-10 × 8 = -80.00', '-10 × 6 = -60.00']],
    ],
    [
      'graduated per unit, 5 included',
      { price: graduated, included: '5' },
      [12, ['5 × 10 = 50.00', '2 × 8 = 16.00']],
      [-8, ['-5 × 10 = -50.00', '-2 × 8 = -16.00']],
    ],
    [
      'graduated buckets',
      { price: buckets },
      [1250, ['1 × 20 = 20.00', '1 × 50 = 50.00', '250 × 0.04 = 10.00']],
      [-1200, ['-1 × 50 = -50.00', '-250 × 0.04 = -10.00']],
    ],
    [
      'graduated buckets, 50 included',
      { price: buckets, included: '50' },
      [50, ['50 × 0 = 0.00']],
      [51, ['1 × 20 = 20.00', '1 × 50 = 50.00']],
    ],
    ['discount tiers', { price: discount }, [9, ['9 × 10 = 90.00']], [1, ['1 × 5.00 = 5.00']]],
    [
      'discount tiers, 5 included',
      { price: discount, included: '5' },
      [12, ['7 × 9.5 = 66.50']],
      [40, ['47 × 8.75 = 411.25', '-7 × 9.5 = -66.50']],
    ],
    [
      'simple with cap',
      capped,
      [600, ['600 × 0.96 = 576.00', '1 × -76.00 = -76.00']],
      [-200, ['-200 × 0.96 = -192.00', '1 × 76.00 = 76.00']],
    ],
    [
      'simple below its cap',
      capped,
      [400, ['400 × 0.96 = 384.00']],
      [200, ['200 × 0.96 = 192.00', '1 × -76.00 = -76.00']],
    ],
    ['simple, not used', { price: simple }, [0, []], [2, ['2 × 9 = 18.00']]],
    ['simple, corrected below zero', { price: simple }, [-5, []], [2, []]],
    [
      'simple, all of it included',
      { price: simple, included: '5' },
      [5, ['5 × 0 = 0.00']],
      [2, ['2 × 9 = 18.00']],
    ],
  ] as const)('%s', async (_name, terms, [used, lines], [late, difference]) => {
    const started = await create('/v1/test-clocks', { name: 'C', at: '2024-01-01T09:00:00Z' });
    const component = await create('/v1/components', {
      plan_group: 'group',
      kind: 'metered',
      name: 'Calls',
      interval: MONTH,
      ...terms,
    });
    const variant = await create('/v1/variants', {
      plan: 'plan',
      name: 'Fee',
      fee: '1.00',
      fee_interval: MONTH,
      components: [{ component, rule: 'included' }],
    });
    const { body } = await caller.post('/v1/orders', { customer: customerOn(started), variant });
    const report = async (event_id: string, quantity: number): Promise<void> => {
      const event = { event_id, component, quantity, at: '2024-01-01T09:00:00Z' };
      const { results } = (await caller.post(`/v1/contracts/${body.contract}/usage`, event)).body;
      expect(results).toMatchObject([{ result: 'consumed' }]);
    };
    await report('in time', used);
    await liveUntil(caller, started, '2024-02-02T09:00:00.000Z');
    // An event that is reported twice counts once.
    await report('late', late);
    await report('late', late);
    await liveUntil(caller, started, '2024-03-02T09:00:00.000Z');
    const documents = await documentsOf(caller, body.contract);
    const calls = (of: readonly string[]): string[] => of.map((line) => `Calls ${line}`);
    expect(documents.map(([date, _net, fee, ...more]) => [date, fee, more])).toEqual([
      ['2024-01-01', 'Fee 1 × 1 = 1.00', []],
      ['2024-02-01', 'Fee 1 × 1 = 1.00', calls(lines)],
      ['2024-03-01', 'Fee 1 × 1 = 1.00', calls(difference)],
    ]);
  });
});
