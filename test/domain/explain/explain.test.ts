import { describe, expect, it } from 'vitest';
import type { CreditLineDerivation, Derivation, UsageDerivation } from '../../../domain/books/charge.ts';
import { type ExplainedLine, explainLine } from '../../../domain/explain/explain.ts';

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
const credit: CreditLineDerivation = {
  reverses: 'chg_1',
  line_minor: '2900',
  credited_before_minor: '0',
  full_amount: '29',
  fraction: { days: 16, of: 31, unit: 'day' },
  takes_the_rest: false,
  why: 'change',
  rounding: 'half away from zero',
};

/** The words that explain the price, for a whole period. `more` and `derived` replace fields of the part and its derivation. */
function part(
  language: 'de' | 'en',
  more: Partial<Derivation['part']>,
  derived: Partial<Derivation> = {},
): string {
  const sentence = explainLine(
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
  return (
    sentence.slice(sentence.indexOf(': ') + 2).split(language === 'de' ? ', für den' : ', for the')[0] ?? ''
  );
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

  it('names the tier of a graduated line, with as many digits as the price has', () => {
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

  it('says which line a credit takes back, and whether it takes all that was left', () => {
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
  ] as const)('names in %s the price of a part %j', (language, more, derived, expected) => {
    expect(part(language, more, derived)).toBe(expected);
  });

  it('names the included units, and the discount', () => {
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

  it('gives the seconds of a line that is prorated by seconds', () => {
    const fraction = { days: 1_382_400, of: 2_678_400, unit: 'second' } as const;
    const seconds = { ...half, derivation: { ...derivation, fraction } };
    expect(explainLine(seconds, 'en')).toContain(
      'for 1,382,400 of 2,678,400 seconds of the period 2024-01-01 to 2024-01-31: ' +
        '99.00 × 1,382,400 ÷ 2,678,400 = 51.096774…, rounded',
    );
    expect(explainLine(seconds, 'de')).toContain('für 1.382.400 von 2.678.400 Sekunden des Zeitraums');
  });

  const calls: UsageDerivation = {
    price: { variant_version: null, component_version: 'cov_1' },
    model: {
      kind: 'graduated',
      tiers: [
        { upTo: '1000', price: '0.01' },
        { upTo: null, price: '0.005' },
      ],
    },
    quantity: '2000',
    included: '500',
    cap: null,
    part: { kind: 'units', tier: 0, from: '0', to: '1000', quantity: '500', unitPrice: '0.01', amount: '5' },
    full_amount: '5',
    full_period: { start: '2024-01-01', end: '2024-02-01' },
    rounding: 'half away from zero',
    usage: { aggregation: 'sum', total: '2000', shortfall: '0', tier_minor: '500', billed_before_minor: '0' },
    why: 'usage',
  };
  const used = { ...half, text: 'API calls', from: '2024-01-01', amountMinor: 500n, derivation: calls };

  it('says how the usage of a period was added up, and names the tier of the line', () => {
    expect(explainLine(used, 'en')).toBe(
      'API calls, 2024-01-01 to 2024-01-31: the usage adds up to 2,000: 500 × 0.01 = 5.00, the price of the tier up ' +
        'to 1,000, the first 500 of 2,000 being included, 5.00 EUR net, because the period of usage was over. Tax of ' +
        '19 % (DE) is added to the sum of all net lines at that rate.',
    );
    expect(explainLine(used, 'de')).toContain(
      'die Nutzung summiert sich auf 2.000: 500 × 0,01 = 5,00, Preis der Staffel bis 1.000, die ersten 500 von 2.000 ' +
        'sind enthalten, 5,00 EUR netto, weil der Nutzungszeitraum zu Ende war',
    );
  });

  it.each([
    ['max', 'the highest usage is 2,000', 'die höchste Nutzung ist 2.000'],
    ['last', 'the last usage is 2,000', 'die letzte Nutzung ist 2.000'],
    ['unique', 'the number of different values is 2,000', 'die Anzahl verschiedener Werte ist 2.000'],
  ] as const)('names the aggregation %s', (aggregation, english, german) => {
    const derived = { ...used, derivation: { ...calls, usage: { ...calls.usage, aggregation } } };
    expect(explainLine(derived, 'en')).toContain(english);
    expect(explainLine(derived, 'de')).toContain(german);
  });

  it('says what was billed before usage came late, and that a total below zero is rated as 0', () => {
    const usage = { ...calls.usage, billed_before_minor: '320' };
    const late = { ...used, amountMinor: 180n, derivation: { ...calls, usage, why: 'late_usage' } } as const;
    expect(explainLine(late, 'en')).toContain(
      'that makes 5.00, of which 3.20 was billed before, 1.80 EUR net, because usage of the period came late',
    );
    expect(explainLine(late, 'de')).toContain(
      'das macht 5,00, davon waren 3,20 schon berechnet, 1,80 EUR netto, weil Nutzung des Zeitraums nachgemeldet wurde',
    );
    const below = {
      ...used,
      derivation: { ...calls, usage: { ...calls.usage, total: '-3', shortfall: '3' } },
    };
    expect(explainLine(below, 'en')).toContain('the usage adds up to -3, rated as 0');
    expect(explainLine(below, 'de')).toContain('die Nutzung summiert sich auf -3, berechnet als 0');
  });

  it('gives the one day of a one-time charge, and multiplies its quantity by its price', () => {
    const once: ExplainedLine = {
      ...half,
      text: 'Workshop Cloud Compliance',
      from: '2016-11-15',
      to: '2016-11-16',
      amountMinor: 750000n,
      derivation: {
        one_time: 'otc_1',
        quantity: '1',
        unit_price: '7500.00',
        reference: null,
        application: null,
        why: 'one_time',
        rounding: 'half away from zero',
      },
    };
    expect(explainLine(once, 'en')).toMatch(
      /^Workshop Cloud Compliance, 2016-11-15: 1 × 7,500\.00 = 7,500\.00, 7,500\.00 EUR net, because it is a one-time item/,
    );
    expect(explainLine(once, 'de')).toMatch(
      /^Workshop Cloud Compliance, 15\.11\.2016: 1 × 7\.500,00 = 7\.500,00, 7\.500,00 EUR netto, weil es ein einmaliger Posten ist/,
    );
  });
});
