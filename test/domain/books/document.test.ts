import { describe, expect, test } from 'vitest';
import type { Charge } from '../../../domain/books/charge.ts';
import { type DocumentDraft, makeDocument } from '../../../domain/books/document.ts';
import type { LineTax } from '../../../domain/contracts/state.ts';
import { creditedOf } from '../../support/credited.ts';
import { lineOf } from '../../support/lines.ts';

const STANDARD: LineTax = { category: 'standard', rate: '19', text: '', country: 'DE' };
const REVERSE: LineTax = { category: 'reverse_charge', rate: '0', text: 'Reverse charge', country: 'AT' };
const AUSTRIAN: LineTax = { category: 'standard', rate: '20', text: '', country: 'AT' };
const EXEMPT: LineTax = { category: 'exempt', rate: '0', text: 'Exempt', country: 'AT' };

function documentOf(
  charges: readonly Charge[],
  earlier: readonly DocumentDraft[] = [],
  priceMode: 'net' | 'gross' = 'net',
): DocumentDraft {
  const context = {
    priceMode,
    currency: 'EUR',
    issuerZone: 'UTC',
    paymentTermDays: 14,
    titles: { invoice: 'Pro', credit_note: 'Pro' },
  };
  const id = `document-${earlier.length + 1}`;
  const document = makeDocument(
    id,
    [{ contractId: null, charges }],
    '2024-01-01T00:00:00.000Z',
    context,
    creditedOf(earlier),
  );
  if (document === null) throw new RangeError('there is no document, as all lines are 0.00');
  return document;
}

/** Makes documents one after the other. */
function booksOf(mode: 'net' | 'gross', ...documents: readonly (readonly Charge[])[]): DocumentDraft[] {
  const drafts: DocumentDraft[] = [];
  for (const charges of documents) drafts.push(documentOf(charges, drafts, mode));
  return drafts;
}

const sums = ({ netMinor, taxMinor, grossMinor }: DocumentDraft): bigint[] => [
  netMinor,
  taxMinor,
  grossMinor,
];
const credit = (of: string, amountMinor: bigint, tax = STANDARD): Charge =>
  lineOf(`credit of ${of} ${amountMinor}`, -amountMinor, tax, of);

describe('The tax groups of a document (rule 16):', () => {
  test('0 % reverse charge and 0 % exempt are two groups', () => {
    const { taxes } = documentOf([lineOf('a', 1000n, REVERSE), lineOf('b', 500n, EXEMPT)]);
    expect(taxes).toEqual([
      { category: 'reverse_charge', rate: '0', text: 'Reverse charge', netMinor: 1000n, taxMinor: 0n },
      { category: 'exempt', rate: '0', text: 'Exempt', netMinor: 500n, taxMinor: 0n },
    ]);
  });

  test('texts that differ within a group are joined, each of them once', () => {
    const { taxes } = documentOf([
      lineOf('a', 1000n, EXEMPT),
      lineOf('b', 500n, { ...EXEMPT, rate: '0.0', text: 'Article 132' }),
      lineOf('c', 200n, EXEMPT),
    ]);
    expect(taxes).toMatchObject([{ rate: '0', text: 'Exempt / Article 132', netMinor: 1700n }]);
  });

  test('the lines of a group share its tax: three lines of 4.82 at 19 % bear 2.75 together', () => {
    const { lines, taxMinor } = documentOf(['a', 'b', 'c'].map((id) => lineOf(id, 482n, STANDARD)));
    expect([taxMinor, ...lines.map((line) => line.taxMinor)]).toEqual([275n, 92n, 92n, 91n]);
  });
});

describe('The credits of an invoice (rule 16):', () => {
  test('three lines of 4.82 at 19 % are 17.21, and their three credits are 17.21, too', () => {
    const ids = ['a', 'b', 'c'];
    const [invoice, ...credits] = booksOf(
      'net',
      ids.map((id) => lineOf(id, 482n, STANDARD)),
      ...ids.map((id) => [credit(id, 482n)]),
    );
    expect(invoice && sums(invoice)).toEqual([1446n, 275n, 1721n]);
    // The tax on 4.82 is 0.9158, on 9.64 it is 1.8316, and on 14.46 it is 2.7474.
    expect(credits.map(sums)).toEqual([
      [-482n, -92n, -574n],
      [-482n, -91n, -573n],
      [-482n, -92n, -574n],
    ]);
  });

  test('20 seats of 0.03 at 20 % bear 0.12 of tax, and their credits give back 0.12, not 20 times 0.01', () => {
    const ids = Array.from({ length: 20 }, (_, index) => `seat ${index}`);
    const [invoice, ...credits] = booksOf(
      'net',
      ids.map((id) => lineOf(id, 3n, AUSTRIAN)),
      ...ids.map((id) => [credit(id, 3n, AUSTRIAN)]),
    );
    expect(invoice && sums(invoice)).toEqual([60n, 12n, 72n]);
    expect(credits.reduce((sum, each) => sum + each.grossMinor, 0n)).toBe(-72n);
    // The tax on one to five seats is 0.006, 0.012, 0.018, 0.024 and 0.03.
    expect(credits.slice(0, 5).map(({ taxMinor }) => taxMinor)).toEqual([-1n, 0n, -1n, 0n, -1n]);
  });

  test('the credits of 20 bookings of 4.82 give back 18.32 of tax, not 20 times 0.92', () => {
    const ids = Array.from({ length: 20 }, (_, index) => `booking ${index}`);
    const [invoice, ...credits] = booksOf(
      'net',
      ids.map((id) => lineOf(id, 482n, STANDARD)),
      ...ids.map((id) => [credit(id, 482n)]),
    );
    expect(invoice?.taxMinor).toBe(1832n);
    expect(credits.reduce((sum, each) => sum + each.taxMinor, 0n)).toBe(-1832n);
  });

  test('credits beside charges give back the tax that is left, and the charges take the cent: 5.51 of 29.00 as 2.85 and 2.66', () => {
    const [, second, third] = booksOf(
      'net',
      [lineOf('a', 2900n, STANDARD)],
      [credit('a', 1497n), lineOf('b', 5110n, STANDARD)],
      [credit('a', 1403n), lineOf('c', 5110n, STANDARD)],
    );
    // The tax at 19 % on 36.13 is 6.86, and on 37.07 it is 7.04.
    expect(second?.lines.map(({ taxMinor }) => taxMinor)).toEqual([-285n, 971n]);
    expect(third?.lines.map(({ taxMinor }) => taxMinor)).toEqual([-266n, 970n]);
    expect([second, third].map((each) => each?.taxMinor)).toEqual([686n, 704n]);
  });

  test('a credit of 0.00 bears no tax, even if its invoice has given back a cent too much before', () => {
    const [, , , note] = booksOf(
      'net',
      [lineOf('a', 2900n, STANDARD), lineOf('free', 0n, STANDARD)],
      [lineOf('d', 100n, STANDARD)],
      // A credit of 14.97 alone would give back 2.84.
      [credit('a', 1497n), lineOf('b', 5110n, STANDARD)],
      [credit('free', 0n), credit('d', 100n)],
    );
    expect(note?.lines.map(({ taxMinor }) => taxMinor)).toEqual([0n, -19n]);
    expect(note?.grossMinor).toBe(-119n);
  });

  test('a credit note for two invoices gives back the tax of each invoice by itself', () => {
    const [, , note] = booksOf(
      'net',
      [lineOf('a', 8n, STANDARD)],
      [lineOf('b', 8n, STANDARD)],
      [credit('a', 8n), credit('b', 8n)],
    );
    // Each invoice has 0.02 of tax; the tax on 0.16 would be 0.03.
    expect(note && sums(note)).toEqual([-16n, -4n, -20n]);
    expect(note?.taxes).toMatchObject([{ rate: '19', netMinor: -16n, taxMinor: -4n }]);
  });

  test('with gross prices, the credit of the last gross amount takes all that is left of the net amount', () => {
    const ids = ['a', 'b', 'c'];
    const [invoice, ...credits] = booksOf(
      'gross',
      ids.map((id) => lineOf(id, 33n, STANDARD)),
      ...ids.map((id) => [credit(id, 33n)]),
    );
    // 0.99 gross contains 0.16 of tax, 0.33 contains 0.0527, and 0.66 contains 0.1054.
    expect(invoice && sums(invoice)).toEqual([83n, 16n, 99n]);
    expect(credits.map(sums)).toEqual([
      [-28n, -5n, -33n],
      [-27n, -6n, -33n],
      [-28n, -5n, -33n],
    ]);
  });

  test('three credits beside charges at another rate give back 0.92, 0.91 and 0.92: the 2.75 of the invoice', () => {
    const ids = ['a', 'b', 'c'];
    const [invoice, ...changes] = booksOf(
      'net',
      ids.map((id) => lineOf(id, 482n, STANDARD)),
      ...ids.map((id) => [credit(id, 482n), lineOf(`new ${id}`, 1000n, { ...STANDARD, rate: '21' })]),
    );
    expect(invoice?.taxMinor).toBe(275n);
    // Three times 0.92 would be 2.76.
    expect(changes.map(({ taxes }) => taxes.map(({ taxMinor }) => taxMinor))).toEqual([
      [-92n, 210n],
      [-91n, 210n],
      [-92n, 210n],
    ]);
  });

  test('a credit has the tax rate of its invoice, even beside charges at a newer rate', () => {
    const [, changed] = booksOf(
      'net',
      ['a', 'b', 'c'].map((id) => lineOf(id, 482n, { ...STANDARD, rate: '16' })),
      [
        ...['a', 'b', 'c'].map((id) => credit(id, 482n, { ...STANDARD, rate: '16' })),
        lineOf('d', 1000n, STANDARD),
      ],
    );
    expect(changed?.taxes).toMatchObject([
      { rate: '16', netMinor: -1446n, taxMinor: -231n },
      { rate: '19', netMinor: 1000n, taxMinor: 190n },
    ]);
  });
});
