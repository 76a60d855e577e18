import { describe, expect, test } from 'vitest';
import { decText, formatMinor, roundToMinor } from '../../../domain/arithmetic/money.ts';
import { checkPriceModel, price, roundParts, total } from '../../../domain/catalogue/pricing.ts';
import type { PriceModel, PriceOptions } from '../../../domain/catalogue/pricing.ts';
import { refusal } from '../../support/refusal.ts';

const unitTiers = [
  { upTo: '10', price: '10.00' },
  { upTo: '50', price: '8.00' },
  { upTo: null, price: '6.00' },
];
const simple: PriceModel = { kind: 'simple', price: '9.00' };
const volume: PriceModel = { kind: 'volume', tiers: unitTiers };
const graduated: PriceModel = { kind: 'graduated', tiers: unitTiers };
const buckets: PriceModel = {
  kind: 'buckets',
  tiers: [
    { upTo: '100', flat: '20.00' },
    { upTo: '1000', flat: '50.00' },
    { upTo: null, price: '0.04' },
  ],
};
const discount: PriceModel = {
  kind: 'discount',
  price: '10.00',
  tiers: [
    { from: '10', percent: '5' },
    { from: '50', percent: '12.5' },
  ],
};
const capped: PriceModel = { kind: 'simple', price: '0.96' };
const surveys: PriceModel = {
  kind: 'graduated',
  tiers: [
    { upTo: '25', price: '0.952' },
    { upTo: null, price: '4.70' },
  ],
};
const apiCalls: PriceModel = {
  kind: 'graduated',
  tiers: [
    { upTo: '1000', price: '0.01' },
    { upTo: null, price: '0.005' },
  ],
};

const amount = (model: PriceModel, quantity: string, options?: PriceOptions) =>
  formatMinor(roundToMinor(total(price(model, quantity, options)), 'EUR'), 'EUR');

/** [kind, quantity, unit price, exact amount] of each part. */
const parts = (model: PriceModel, quantity: string, options?: PriceOptions) =>
  price(model, quantity, options).map((part) => [
    part.kind,
    part.quantity,
    part.unitPrice,
    decText(part.amount),
  ]);

describe('amounts of the price models', () => {
  test.each([
    ['simple', simple, '0', {}, '0.00'],
    ['simple', simple, '1', {}, '9.00'],
    ['simple', simple, '12', {}, '108.00'],
    ['volume', volume, '10', {}, '100.00'],
    ['volume', volume, '10.5', {}, '84.00'],
    ['volume', volume, '11', {}, '88.00'],
    ['volume', volume, '50', {}, '400.00'],
    ['volume', volume, '51', {}, '306.00'],
    ['volume, 5 included', volume, '12', { included: '5' }, '56.00'],
    ['graduated', graduated, '10', {}, '100.00'],
    ['graduated', graduated, '11', {}, '108.00'],
    ['graduated', graduated, '50', {}, '420.00'],
    ['graduated', graduated, '60', {}, '480.00'],
    ['graduated, 5 included', graduated, '12', { included: '5' }, '66.00'],
    ['buckets', buckets, '0', {}, '0.00'],
    ['buckets', buckets, '1', {}, '20.00'],
    ['buckets', buckets, '100', {}, '20.00'],
    ['buckets', buckets, '101', {}, '70.00'],
    ['buckets', buckets, '1000', {}, '70.00'],
    ['buckets', buckets, '1250', {}, '80.00'],
    ['buckets, 50 included', buckets, '120', { included: '50' }, '70.00'],
    ['buckets, 100 included', buckets, '120', { included: '100' }, '50.00'],
    ['discount', discount, '9', {}, '90.00'],
    ['discount', discount, '10', {}, '95.00'],
    ['discount', discount, '50', {}, '437.50'],
    ['discount, 5 included', discount, '12', { included: '5' }, '66.50'],
    ['simple with cap', capped, '500', { cap: '500.00' }, '480.00'],
    ['simple with cap', capped, '600', { cap: '500.00' }, '500.00'],
    ['free', { kind: 'free' }, '1000', {}, '0.00'],
    ['surveys', surveys, '30', { cap: '500.00' }, '47.30'],
    ['API calls, 500 included', apiCalls, '2000', { included: '500' }, '10.00'],
  ] as const)('%s: %3$s', (_, model, quantity, options, expected) => {
    checkPriceModel(model);
    expect(amount(model, quantity, options)).toBe(expected);
  });

  test('two bookings of ten are priced each on its own: 200.00, not 160.00 (rule 13)', () => {
    expect([amount(volume, '10'), amount(volume, '10'), amount(volume, '20')]).toEqual([
      '100.00',
      '100.00',
      '160.00',
    ]);
  });
});

describe('parts of a price', () => {
  test('graduated prices make one part per tier, with the bounds of the tier (rule 12)', () => {
    expect(parts(surveys, '30')).toEqual([
      ['units', '25', '0.952', '23.8'],
      ['units', '5', '4.7', '23.5'],
    ]);
    expect(price(surveys, '30')).toMatchObject([
      { tier: 0, from: '0', to: '25' },
      { tier: 1, from: '25', to: null },
    ]);
  });

  test('included units keep their place: 501 to 1000 at 0.01, 1001 to 2000 at 0.005 (rule 13)', () => {
    expect(parts(apiCalls, '2000', { included: '500' })).toEqual([
      ['included', '500', '0', '0'],
      ['units', '500', '0.01', '5'],
      ['units', '1000', '0.005', '5'],
    ]);
  });

  test('each bucket that is reached is a part of quantity 1, and the open tier is a part of its units', () => {
    expect(parts(buckets, '1250')).toEqual([
      ['flat', '1', '20', '20'],
      ['flat', '1', '50', '50'],
      ['units', '250', '0.04', '10'],
    ]);
    expect(parts(buckets, '120', { included: '100' })).toEqual([
      ['included', '100', '0', '0'],
      ['flat', '1', '50', '50'],
    ]);
  });

  test('the open bucket may be flat as well', () => {
    const model: PriceModel = { kind: 'buckets', tiers: [{ upTo: null, flat: '20.00' }] };
    checkPriceModel(model);
    expect(amount(model, '7')).toBe('20.00');
  });

  test('volume and discount make one part, at the price of the tier that the quantity reaches', () => {
    expect(price(volume, '12')).toMatchObject([{ kind: 'units', tier: 1, from: '10', to: '50' }]);
    expect(price(discount, '9')).toMatchObject([{ tier: null, from: null, to: '10', unitPrice: '10' }]);
    expect(price(discount, '50')).toMatchObject([{ tier: 1, from: '50', to: null, unitPrice: '8.75' }]);
  });

  test('a cap is a part below zero, and only if the price exceeds it (rule 12)', () => {
    expect(parts(capped, '600', { cap: '500.00' })).toEqual([
      ['units', '600', '0.96', '576'],
      ['cap', '1', '-76', '-76'],
    ]);
    expect(parts(capped, '500', { cap: '480.00' })).toHaveLength(1);
  });

  test('a quantity of 0 has no parts; a quantity that is included or free has one', () => {
    expect(parts(graduated, '0')).toEqual([]);
    expect(parts(graduated, '3', { included: '5' })).toEqual([['included', '3', '0', '0']]);
    expect(parts({ kind: 'free' }, '1000')).toEqual([['free', '1000', '0', '0']]);
  });

  test('rounded parts never add up to more than the cap', () => {
    const model: PriceModel = {
      kind: 'graduated',
      tiers: [
        { upTo: '1', price: '0.335' },
        { upTo: null, price: '0.335' },
      ],
    };
    const rounded = (cap?: string) =>
      roundParts(price(model, '2', cap === undefined ? {} : { cap }), 'EUR', cap).map(({ minor }) => minor);
    expect(rounded()).toEqual([34n, 34n]);
    expect(rounded('0.67')).toEqual([34n, 34n, -1n]);
    expect(rounded('0.50')).toEqual([34n, 34n, -18n]);
    expect(roundParts(price(capped, '600', { cap: '500.00' }), 'EUR', '500.00')).toMatchObject([
      { minor: 57_600n },
      { part: { kind: 'cap' }, minor: -7600n },
    ]);
  });

  test.each(['-1', '1,5', '', '1e3', '9'.repeat(1_000_000)])('the quantity %.20s is refused', (quantity) => {
    expect(refusal(() => price(simple, quantity))).toMatchObject({
      code: 'invalid_quantity',
      field: 'quantity',
    });
  });

  test('included units and caps below zero are refused', () => {
    expect(refusal(() => price(simple, '1', { included: '-1' }))).toMatchObject({ field: 'included' });
    expect(refusal(() => price(simple, '1', { cap: '-1' }))).toMatchObject({ field: 'cap' });
  });
});

describe('models that could not price every quantity are refused', () => {
  const tiers = (...bounds: (string | null)[]): PriceModel => ({
    kind: 'graduated',
    tiers: bounds.map((upTo) => ({ upTo, price: '1' })),
  });
  test.each([
    ['the last tier has a bound', tiers('10', '50'), 'tiers_not_open', 'tiers[1].upTo'],
    ['there is no tier', tiers(), 'tiers_not_open', 'tiers'],
    ['bounds decrease', tiers('50', '10', null), 'tiers_out_of_order', 'tiers[1].upTo'],
    ['bounds repeat', tiers('10', '10.0', null), 'tiers_out_of_order', 'tiers[1].upTo'],
    ['the first bound is zero', tiers('0', null), 'tiers_out_of_order', 'tiers[0].upTo'],
    ['an open tier in the middle', tiers('10', null, null), 'tiers_out_of_order', 'tiers[1].upTo'],
    ['a bound is no number', tiers('ten', null), 'invalid_quantity', 'tiers[0].upTo'],
    ['a price below zero', { kind: 'simple', price: '-1' }, 'invalid_price', 'price'],
    ['a price that is no number', { kind: 'simple', price: '1,50' }, 'invalid_quantity', 'price'],
    [
      'a tier price below zero',
      { kind: 'volume', tiers: [{ upTo: null, price: '-0.01' }] },
      'invalid_price',
      'tiers[0].price',
    ],
    [
      'a flat price below zero',
      { kind: 'buckets', tiers: [{ upTo: null, flat: '-1' }] },
      'invalid_price',
      'tiers[0].flat',
    ],
    [
      'the quantities of discounts decrease',
      {
        kind: 'discount',
        price: '1',
        tiers: [
          { from: '50', percent: '5' },
          { from: '10', percent: '6' },
        ],
      },
      'tiers_out_of_order',
      'tiers[1].from',
    ],
    [
      'a discount above a hundred',
      { kind: 'discount', price: '1', tiers: [{ from: '1', percent: '100.1' }] },
      'invalid_price',
      'tiers[0].percent',
    ],
  ] as [string, PriceModel, string, string][])('%s', (_, model, code, field) => {
    expect(refusal(() => checkPriceModel(model))).toMatchObject({ code, field });
  });

  test('a bucket before the last one has no flat price', () => {
    const tiers: unknown = [
      { upTo: '10', price: '1' },
      { upTo: null, flat: '1' },
    ];
    const model = { kind: 'buckets', tiers } as PriceModel;
    expect(refusal(() => checkPriceModel(model))).toMatchObject({
      code: 'invalid_price',
      field: 'tiers[0].price',
    });
  });

  test('the kind is unknown', () => {
    const kind: unknown = 'auction';
    expect(refusal(() => checkPriceModel({ kind } as PriceModel))).toMatchObject({ field: 'kind' });
  });
});
