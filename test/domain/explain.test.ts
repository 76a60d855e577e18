import { describe, expect, it } from 'vitest';
import type { CreditDerivation, Derivation } from '../../domain/billing/charge.ts';
import { type ExplainedLine, explainLine } from '../../domain/explain/explain.ts';

const derivation: Derivation = {
  price: { variant_version: 'vav_1', component_version: null },
  model: { kind: 'simple', price: '99.00' },
  quantity: '1',
  included: null,
  cap: null,
  part: { kind: 'units', tier: null, from: null, to: null, quantity: '1', unitPrice: '99', amount: '99' },
  full_amount: '99',
  full_period: { start: '2024-01-01', end: '2024-02-01' },
  fraction: { days: 16, of: 31, unit: 'day' },
  why: 'change',
  rounding: 'half away from zero',
};
const half: ExplainedLine = {
  text: 'Pro monthly',
  from: '2024-01-16',
  to: '2024-02-01',
  amountMinor: 5110n,
  currency: 'EUR',
  priceMode: 'net',
  tax: { rate: '19', country: 'DE' },
  derivation,
};
const whole = { days: 31, of: 31, unit: 'day' as const };
const credit: CreditDerivation = {
  reverses: 'chg_1',
  line_minor: '2900',
  credited_before_minor: '0',
  full_amount: '29',
  fraction: { days: 16, of: 31, unit: 'day' },
  takes_the_rest: false,
  why: 'change',
  rounding: 'half away from zero',
};

/** The sentence of a whole period with another part of a price, without what all sentences share. */
function part(
  language: 'de' | 'en',
  more: Partial<Derivation['part']>,
  derived: Partial<Derivation> = {},
): string {
  const told = explainLine(
    {
      ...half,
      from: '2024-01-01',
      derivation: {
        ...derivation,
        fraction: whole,
        ...derived,
        part: { ...derivation.part, ...more },
      },
    },
    language,
  );
  return told.slice(told.indexOf(': ') + 2).split(language === 'de' ? ', für den' : ', for the')[0] ?? '';
}

describe('the sentence that explains a line', () => {
  it('gives price, days, reason, rounding and tax of a prorated fee', () => {
    expect(explainLine(half, 'en')).toBe(
      'Pro monthly, 2024-01-16 to 2024-01-31: 1 × 99.00 = 99.00, for 16 of 31 days of the period 2024-01-01 to ' +
        '2024-01-31: 99.00 × 16 ÷ 31 = 51.096774…, rounded half away from zero to 51.10 EUR net, because the contract ' +
        'was changed. Tax of 19 % (DE) is added to the sum of all net lines at that rate.',
    );
    expect(explainLine(half, 'de')).toBe(
      'Pro monthly, 16.01.2024 bis 31.01.2024: 1 × 99,00 = 99,00, für 16 von 31 Tagen des Zeitraums 01.01.2024 bis ' +
        '31.01.2024: 99,00 × 16 ÷ 31 = 51,096774…, kaufmännisch gerundet 51,10 EUR netto, weil der Vertrag geändert ' +
        'wurde. Auf die Summe aller Nettobeträge mit diesem Satz kommen 19 % Steuer (DE).',
    );
  });

  it('names the tier that a graduated line is of, with as many digits as the price has', () => {
    const surveys: ExplainedLine = {
      ...half,
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
        fraction: { days: 30, of: 30, unit: 'day' },
        why: 'renewal',
      },
    };
    expect(explainLine(surveys, 'en')).toBe(
      'Surveys, 2016-11-01 to 2016-11-30: 25 × 0.952 = 23.80, the price of the tier up to 25, for the whole period ' +
        '2016-11-01 to 2016-11-30, 23.80 EUR net, because the period began. Tax of 19 % (DE) is added to the sum of ' +
        'all net lines at that rate.',
    );
    expect(explainLine(surveys, 'de')).toContain(
      '25 × 0,952 = 23,80, Preis der Staffel bis 25, für den ganzen Zeitraum 01.11.2016 bis 30.11.2016, 23,80 EUR netto',
    );
  });

  it('says that 3 × 283.3333 was rounded, to what, and that a gross line contains its tax', () => {
    const seats: ExplainedLine = {
      ...half,
      priceMode: 'gross',
      amountMinor: 85000n,
      derivation: {
        ...derivation,
        quantity: '3',
        part: { ...derivation.part, quantity: '3', unitPrice: '283.3333', amount: '849.9999' },
        full_amount: '849.9999',
        fraction: whole,
      },
    };
    expect(explainLine(seats, 'en')).toContain(
      '3 × 283.3333 = 849.9999, for the whole period 2024-01-01 to 2024-01-31, rounded half away from zero to ' +
        '850.00 EUR gross, because the contract was changed. Tax of 19 % (DE) is contained in it',
    );
    expect(explainLine(seats, 'de')).toContain('kaufmännisch gerundet 850,00 EUR brutto');
  });

  it('says of a credit which line it takes back, and whether that was all that was left', () => {
    const credited = { ...half, text: 'Basic monthly', amountMinor: -1497n, derivation: credit };
    expect(explainLine(credited, 'en')).toBe(
      'Basic monthly, 2024-01-16 to 2024-01-31: the line of 29.00 that was billed for these days is no longer due, ' +
        'and 16 of 31 days are credited: 29.00 × 16 ÷ 31 = 14.967741…, rounded half away from zero to -14.97 EUR net, ' +
        'because the contract was changed. Tax of 19 % (DE) is added to the sum of all net lines at that rate.',
    );
    expect(explainLine(credited, 'de')).toContain(
      'die Position über 29,00, die für diese Tage berechnet war, ist nicht mehr fällig, und 16 von 31 Tagen werden ' +
        'gutgeschrieben: 29,00 × 16 ÷ 31 = 14,967741…, kaufmännisch gerundet -14,97 EUR netto',
    );
    const rest = { ...credit, takes_the_rest: true, credited_before_minor: '1403' };
    const [en, de] = [
      explainLine({ ...credited, derivation: rest }, 'en'),
      explainLine({ ...credited, derivation: rest }, 'de'),
    ];
    expect(en).toContain(
      '(14.03 of it was credited before) is no longer due, and all that was left of it is',
    );
    expect(en).toContain('credited, -14.97 EUR net');
    expect(de).toContain(
      '(davon 14,03 schon gutgeschrieben), ist nicht mehr fällig, und der ganze Rest wird',
    );
  });

  it.each([
    ['en', { kind: 'cap', amount: '-76' }, { cap: '500' }, 'a period costs at most 500.00, hence -76.00'],
    [
      'de',
      { kind: 'cap', amount: '-76' },
      { cap: '500' },
      'ein Zeitraum kostet höchstens 500,00, daher -76,00',
    ],
    [
      'en',
      { kind: 'flat', tier: 1, from: '100', to: '1000', amount: '50' },
      {},
      'the tier above 100 up to 1,000 costs 50.00 as a whole',
    ],
    [
      'de',
      { kind: 'flat', tier: 1, from: '100', to: '1000', amount: '50' },
      {},
      'die Staffel über 100 bis 1.000 kostet insgesamt 50,00',
    ],
    ['en', { kind: 'included', quantity: '5', amount: '0' }, {}, '5 included in the price, 0.00'],
    ['de', { kind: 'included', quantity: '5', amount: '0' }, {}, '5 im Preis enthalten, 0,00'],
    ['en', { kind: 'free', quantity: '2.5', amount: '0' }, {}, '2.5 free of charge, 0.00'],
    ['de', { kind: 'free', quantity: '2.5', amount: '0' }, {}, '2,5 kostenlos, 0,00'],
  ] as const)('tells in %s what a part %j costs', (language, more, derived, told) => {
    expect(part(language, more, derived)).toBe(told);
  });

  it('tells which units are included, and what a discount takes off', () => {
    const discount = {
      model: { kind: 'discount', price: '10.00', tiers: [{ from: '10', percent: '5' }] },
      quantity: '12',
      included: '5',
    } as const;
    const seven = { tier: 0, from: '10', to: null, quantity: '7', unitPrice: '9.5', amount: '66.5' };
    expect(part('en', seven, discount)).toBe(
      '7 × 9.50 = 66.50, 10.00 less 5 % from 10 on, the first 5 of 12 being included',
    );
    expect(part('de', seven, discount)).toBe(
      '7 × 9,50 = 66,50, 10,00 abzüglich 5 % ab 10, die ersten 5 von 12 sind enthalten',
    );
  });
});
