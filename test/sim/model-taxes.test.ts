import { describe, expect, test } from 'vitest';
import { book, cancel, change, component, on, set, taxed, to, variant } from './model/story.ts';
import { Taxes } from './model/taxes.ts';
import type { PriceMode, TaxableLine } from './model/taxes.ts';

const charge = (minor: bigint, rate = '19'): TaxableLine => ({
  minor,
  rate,
  credits: null,
  byHand: false,
});
const credit = (of: TaxableLine, minor = of.minor): TaxableLine => ({ ...of, minor: -minor, credits: of });

/** The tax of each group of documents that are made one after the other. */
function taxesOf(documents: readonly (readonly TaxableLine[])[], mode: PriceMode = 'net'): bigint[][] {
  const taxes = new Taxes(mode);
  return documents.map((lines) => taxes.next(lines).map(({ tax }) => tax));
}

describe('the taxes of documents', () => {
  test('are rounded once per rate: 10.00 at 2.5 % bears 0.25, three of 4.82 at 19 % 2.75 (rule 16)', () => {
    expect(taxesOf([[charge(1000n, '2.5')]])).toEqual([[25n]]);
    expect(taxesOf([[charge(482n), charge(1000n, '20'), charge(482n), charge(482n)]])).toEqual([
      [275n, 200n],
    ]);
  });

  test('of a group of credits only are a difference: 2.75 is given back as 0.92, 0.91 and 0.92 (rule 16)', () => {
    const lines = [charge(482n), charge(482n), charge(482n)];
    // The tax on one, two and three lines is 0.9158, 1.8316 and 2.7474.
    expect(taxesOf([lines, ...lines.map((line) => [credit(line)])])).toEqual([
      [275n],
      [-92n],
      [-91n],
      [-92n],
    ]);
  });

  test('of a group of credits only are a difference also beside charges at another rate (rule 16)', () => {
    const lines = [charge(482n), charge(482n), charge(482n)];
    const mixed = lines.map((line) => [credit(line), charge(1000n, '21')]);
    // 0.92 three times would be 2.76, a cent more than the invoice had.
    expect(taxesOf([lines, ...mixed])).toEqual([[275n], [-92n, 210n], [-91n, 210n], [-92n, 210n]]);
    const seats = Array.from({ length: 20 }, () => charge(3n, '20'));
    const removed = taxesOf([seats, ...seats.map((line) => [credit(line), charge(1000n)])]).slice(1);
    // 0.12 in all. Each by itself would be 0.006, rounded to 0.01, and 0.20 for twenty.
    expect(removed.reduce((sum, [tax]) => sum + tax!, 0n)).toBe(-12n);
  });

  test('of credits beside charges at their rate are those of the sum; 2.85 and 2.66 of 5.51 are given back (rule 16)', () => {
    const line = charge(2900n);
    const [first, second] = [charge(5110n), charge(5110n)];
    const documents = [[line], [credit(line, 1497n), first], [credit(line, 1403n), second]];
    // The sums are 36.13 and 37.07. So the charges bear 9.71 and 9.70, and credits of them give these back.
    expect(taxesOf([...documents, [credit(first)], [credit(second)]])).toEqual([
      [551n],
      [686n],
      [704n],
      [-971n],
      [-970n],
    ]);
  });

  test('of a credit note for two invoices are those of each invoice: 1.91 and 1.91 (rule 16)', () => {
    const story = {
      variants: [variant('plan', { fee: '30.09' })],
      components: [component('seat', '30.09')],
      start: '2024-04-01',
      commands: [on('2024-04-11', change({ add: [book('seat')] })), on('2024-04-21', cancel)],
      until: '2024-04-30',
    };
    // Ten days of each are 10.03, with 1.9057 of tax; 20.06 at once would have 3.81.
    expect(taxed(story, () => '19')).toEqual([
      '2024-04-01 30.09 + 5.72 at 19',
      '2024-04-11 20.06 + 3.81 at 19',
      '2024-04-21 -20.06 + -3.82 at 19',
    ]);
  });

  test('of gross prices are contained in them: 0.99 contains 0.16, and its credits give back 0.05, 0.06 and 0.05 (rule 16)', () => {
    const story = {
      variants: [variant('plan')],
      components: ['a', 'b', 'c'].map((id) => component(id, '0.33')),
      start: '2024-04-01',
      booked: ['a', 'b', 'c'].map((id) => book(id)),
      commands: ['a', 'b', 'c'].map((id) => on('2024-04-01', change({ remove: [id] }))),
      until: '2024-04-30',
    };
    // 0.33 contains 0.0527, and 0.66 contains 0.1054. The last gross amount takes the last net amount.
    expect(taxed(story, () => '19', 'gross')).toEqual([
      '2024-04-01 0.83 + 0.16 at 19',
      '2024-04-01 -0.28 + -0.05 at 19',
      '2024-04-01 -0.27 + -0.06 at 19',
      '2024-04-01 -0.28 + -0.05 at 19',
    ]);
  });

  test('of a credit have the rate of the credited line, even if the rate has changed since (rules 7, 16)', () => {
    const story = {
      variants: [variant('plan', { fee: '29.00' }), variant('large', { fee: '99.00' })],
      start: '2024-01-01',
      commands: [on('2024-01-16', to('large'))],
      until: '2024-01-31',
    };
    const rateOf = ({ from }: { from: string }): string => (from < '2024-01-10' ? '19' : '16');
    // 14.97 at 19 % are 2.8443, 51.10 at 16 % are 8.176.
    expect(taxed(story, rateOf)).toEqual([
      '2024-01-01 29.00 + 5.51 at 19',
      '2024-01-16 -14.97 + -2.84 at 19, 51.10 + 8.18 at 16',
    ]);
    expect(taxed(story, () => '19')).toEqual([
      '2024-01-01 29.00 + 5.51 at 19',
      '2024-01-16 36.13 + 6.86 at 19',
    ]);
  });

  test('of a credit by hand do not reduce what its invoice charged (rule 16)', () => {
    const [line, byHand] = [charge(1000n), { ...charge(-500n), byHand: true }];
    // The sum bears 0.95. The charge alone bears 1.90, which its credit gives back in full.
    expect(taxesOf([[line, byHand], [credit(line)]])).toEqual([[95n], [-190n]]);
  });

  test('of a cap reduce what its invoice charged: 576.00 less 76.00 bears 95.00, and gives back 95.00 (rules 12, 16)', () => {
    const [line, cap] = [charge(57600n), charge(-7600n)];
    expect(
      taxesOf([
        [line, cap],
        [credit(line), credit(cap)],
      ]),
    ).toEqual([[9500n], [-9500n]]);
  });

  test('of five seats that become eight are those of the difference, 36.00 less 22.50 (rules 5, 16)', () => {
    const story = {
      variants: [variant('plan')],
      components: [component('seat', '9.00')],
      start: '2024-04-01',
      booked: [book('seat', '5')],
      commands: [on('2024-04-16', set('seat', '8'))],
      until: '2024-04-30',
    };
    expect(taxed(story, () => '20')).toEqual([
      '2024-04-01 45.00 + 9.00 at 20',
      '2024-04-16 13.50 + 2.70 at 20',
    ]);
  });
});
