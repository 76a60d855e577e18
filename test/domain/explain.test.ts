import { describe, expect, it } from 'vitest';
import type { CreditDerivation, Derivation } from '../../domain/billing/charge.ts';
import { explainLine } from '../../domain/explain.ts';

const line = { currency: 'EUR', priceMode: 'net' } as const;
const derivation: Derivation = {
  price: { variant_version: 'vav_1', component_version: null },
  model: { kind: 'simple', price: '99.00' },
  quantity: '1',
  included: null,
  cap: null,
  part: { kind: 'units', tier: null, from: null, to: null, quantity: '1', unitPrice: '99', amount: '99' },
  full_amount: '99',
  full_period: { start: '2024-01-01', end: '2024-02-01' },
  fraction: { days: 16, of: 31 },
  why: 'change',
  rounding: 'half away from zero',
};

describe('the sentence that explains a line', () => {
  it('gives price, days and reason of a prorated fee', () => {
    expect(
      explainLine({
        ...line,
        text: 'Pro monthly',
        from: '2024-01-16',
        to: '2024-02-01',
        amountMinor: 5110n,
        derivation,
      }),
    ).toBe(
      'Pro monthly, 2024-01-16 to 2024-01-31: 1 × 99.00 = 99.00 × 16 ÷ 31 days of the period 2024-01-01 to ' +
        '2024-01-31; rounded half away from zero, 51.10 EUR net, because the contract was changed.',
    );
  });

  it('names the tier that a graduated line is of, with as many digits as the price has', () => {
    expect(
      explainLine({
        ...line,
        text: 'Surveys',
        from: '2016-11-01',
        to: '2016-12-01',
        amountMinor: 2380n,
        derivation: {
          ...derivation,
          part: {
            kind: 'units',
            tier: 0,
            from: '0',
            to: '25',
            quantity: '25',
            unitPrice: '0.952',
            amount: '23.8',
          },
          full_amount: '23.8',
          full_period: { start: '2016-11-01', end: '2016-12-01' },
          fraction: { days: 30, of: 30 },
          why: 'renewal',
        },
      }),
    ).toBe(
      'Surveys, 2016-11-01 to 2016-11-30: 25 × 0.952 = 23.80, the price of the tier up to 25, for all of the ' +
        'period 2016-11-01 to 2016-11-30; rounded half away from zero, 23.80 EUR net, because the period began.',
    );
  });

  it('says of a credit which line it takes back, and whether that was all that was left', () => {
    const credit: CreditDerivation = {
      reverses: 'chg_1',
      line_minor: '2900',
      credited_before_minor: '0',
      full_amount: '29',
      fraction: { days: 16, of: 31 },
      takes_the_rest: false,
      why: 'change',
      rounding: 'half away from zero',
    };
    const credited = {
      ...line,
      text: 'Basic monthly',
      from: '2024-01-16',
      to: '2024-02-01',
      amountMinor: -1497n,
    };
    expect(explainLine({ ...credited, derivation: credit })).toBe(
      'Basic monthly, 2024-01-16 to 2024-01-31: the line of 29.00 that was billed for these days is no longer due, ' +
        'and 29.00 × 16 ÷ 31 days of the period is credited; rounded half away from zero, -14.97 EUR net, because ' +
        'the contract was changed.',
    );
    expect(
      explainLine({
        ...credited,
        derivation: { ...credit, takes_the_rest: true, credited_before_minor: '1403' },
      }),
    ).toContain('(14.03 was credited before) is no longer due, and all that was left of it is credited');
  });

  it('tells what a cap, a bucket and included units cost', () => {
    const part = (more: Partial<Derivation['part']>): string =>
      explainLine({
        ...line,
        text: 'Calls',
        from: '2024-01-01',
        to: '2024-02-01',
        amountMinor: -7600n,
        derivation: { ...derivation, cap: '500', part: { ...derivation.part, ...more } },
      });
    expect(part({ kind: 'cap', amount: '-76' })).toContain(
      'the most that a period costs is 500.00, so -76.00',
    );
    expect(part({ kind: 'flat', tier: 1, from: '100', to: '1000', amount: '50' })).toContain(
      'the tier above 100 up to 1000 costs 50.00 as a whole,',
    );
    expect(part({ kind: 'included', quantity: '5', amount: '0' })).toContain('5 included in the price, 0.00');
  });
});
