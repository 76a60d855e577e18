import { describe, expect, test } from 'vitest';
import { checkTaxRate, rateFor, taxOf } from '../../../domain/books/tax.ts';
import type { TaxMode } from '../../../domain/books/tax.ts';
import { refusal } from '../../support/refusal.ts';

const lines = (rate: string, ...amounts: bigint[]) =>
  amounts.map((amount) => ({ amount, category: 'standard', rate }));

test.each([
  [
    "Muster's invoice of 9980.89",
    'net',
    '19',
    [750_000n, 85_000n, 2380n, 2350n, -1000n],
    838_730n,
    159_359n,
    998_089n,
  ],
  ['a gross one-time charge of 2300.80', 'gross', '19', [230_080n], 193_345n, 36_735n, 230_080n],
  ['a gross one-time charge of 8500.00', 'gross', '19', [850_000n], 714_286n, 135_714n, 850_000n],
  ['a gross line of 75.00', 'gross', '19', [7500n], 6303n, 1197n, 7500n],
  ['an e-book to Luxembourg', 'net', '2.5', [1000n], 1000n, 25n, 1025n],
  ['a change in the middle of a month', 'net', '19', [-1497n, 5110n], 3613n, 686n, 4299n],
  ['a credit note', 'net', '19', [-6600n, 1933n], -4667n, -887n, -5554n],
  ['a change in Austria', 'net', '20', [-929n, 2323n], 1394n, 279n, 1673n],
  ['a line at 0 %', 'net', '0', [1000n], 1000n, 0n, 1000n],
  ['a document without lines', 'net', '19', [], 0n, 0n, 0n],
] as [string, TaxMode, string, bigint[], bigint, bigint, bigint][])(
  'net, tax and gross of %s',
  (_, mode, rate, amounts, net, tax, gross) => {
    expect(taxOf(lines(rate, ...amounts), mode)).toMatchObject({ net, tax, gross });
  },
);

test('tax is rounded once per rate, not per line (rule 16)', () => {
  // 19 % of 0.08 would be 0.02 on each line; of both together it is 0.0304.
  expect(taxOf(lines('19', 8n, 8n), 'net')).toMatchObject({ tax: 3n });
});

describe('two rates on one document', () => {
  const document = taxOf(
    [
      { amount: 1000n, category: 'standard', rate: '19' },
      { amount: 1000n, category: 'standard', rate: '2.5' },
      { amount: 500n, category: 'standard', rate: '19.0' },
    ],
    'net',
  );

  test('are two groups in the order of their first line', () => {
    expect(document.groups).toEqual([
      { category: 'standard', rate: '19', lines: [0, 2], net: 1500n, tax: 285n, gross: 1785n },
      { category: 'standard', rate: '2.5', lines: [1], net: 1000n, tax: 25n, gross: 1025n },
    ]);
    expect(document).toMatchObject({ net: 2500n, tax: 310n, gross: 2810n });
  });

  test('give each line its share of its own group', () => {
    expect(document.lines).toEqual([
      { net: 1000n, tax: 190n, gross: 1190n },
      { net: 1000n, tax: 25n, gross: 1025n },
      { net: 500n, tax: 95n, gross: 595n },
    ]);
  });
});

test('two categories of one rate are two groups (rule 16)', () => {
  const { groups } = taxOf(
    [
      { amount: 1000n, category: 'reverse_charge', rate: '0' },
      { amount: 500n, category: 'exempt', rate: '0' },
    ],
    'net',
  );
  expect(groups).toMatchObject([
    { category: 'reverse_charge', rate: '0', net: 1000n, tax: 0n },
    { category: 'exempt', rate: '0', net: 500n, tax: 0n },
  ]);
});

test('the net amounts of gross lines add up to the net amount of their group: 3 × 0.33 at 19 % are 0.83 (rule 16)', () => {
  const { net, tax, lines: shares } = taxOf(lines('19', 33n, 33n, 33n), 'gross');
  expect([net, tax]).toEqual([83n, 16n]);
  expect(shares.map((line) => line.net)).toEqual([28n, 28n, 27n]);
});

test('a gross line and its credit add up to no net amount and no tax', () => {
  const { net, tax, lines: shares } = taxOf(lines('19', -2999n, 2999n), 'gross');
  expect([net, tax]).toEqual([0n, 0n]);
  expect(shares.map((line) => line.net)).toEqual([-2520n, 2520n]);
});

test.each(['-1', '100.01'])('a rate of %s percent is refused', (rate) => {
  expect(refusal(() => checkTaxRate(rate)).code).toBe('invalid_tax_rate');
});

describe('the rate of a policy', () => {
  const policy = [
    { country: 'DE', rate: '19', validFrom: '2007-01-01' },
    { country: 'DE', rate: '19', validFrom: '2021-01-01' },
    { country: 'DE', rate: '16', validFrom: '2020-07-01' },
    { country: 'AT', rate: '20', validFrom: '1984-01-01' },
  ];

  test.each([
    ['DE', '2020-06-30', '19'],
    ['DE', '2020-07-01', '16'],
    ['DE', '2020-12-31', '16'],
    ['DE', '2021-01-01', '19'],
    ['AT', '2024-01-01', '20'],
  ])('in %s on %s is %s', (country, date, rate) => {
    expect(rateFor(policy, country, date).rate).toBe(rate);
  });

  test('is missing for another country, or before it is valid', () => {
    expect(refusal(() => rateFor(policy, 'LU', '2024-01-01'))).toMatchObject({
      code: 'tax_rate_missing',
      details: { country: 'LU', serviceDate: '2024-01-01' },
    });
    expect(refusal(() => rateFor(policy, 'DE', '2006-12-31')).code).toBe('tax_rate_missing');
  });
});
