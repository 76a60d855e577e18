import { describe, expect, test } from 'vitest';
import type { Charge } from '../../../domain/books/charge.ts';
import { type DocumentDraft, makeDocument } from '../../../domain/books/document.ts';
import type { LineTax } from '../../../domain/contracts/state.ts';

const STANDARD: LineTax = { category: 'standard', rate: '19', text: '', country: 'DE' };
const REVERSE: LineTax = { category: 'reverse_charge', rate: '0', text: 'Reverse charge', country: 'AT' };
const EXEMPT: LineTax = { category: 'exempt', rate: '0', text: 'Exempt', country: 'AT' };

/** A line as the taxes of a document see it. */
function charge(id: string, amountMinor: bigint, tax: LineTax, reversesId: string | null = null): Charge {
  return {
    id,
    itemId: 'item',
    subject: 'fee',
    part: 1,
    kind: reversesId === null ? 'recurring' : 'credit',
    reversesId,
    oneTimeId: null,
    text: id,
    startsAt: '2024-01-01T00:00:00.000Z',
    endsAt: '2024-02-01T00:00:00.000Z',
    from: '2024-01-01',
    to: '2024-02-01',
    quantity: '1',
    unitPrice: '1',
    fullAmount: '1',
    unit: 'day',
    days: 31,
    fullDays: 31,
    amountMinor,
    tax,
    derivation: {} as Charge['derivation'],
  };
}

function documentOf(charges: readonly Charge[]): DocumentDraft {
  const document = makeDocument('document', charges, '2024-01-01T00:00:00.000Z', {
    priceMode: 'net',
    currency: 'EUR',
    issuerZone: 'UTC',
    paymentTermDays: 14,
    titles: { invoice: 'Pro', credit_note: 'Pro' },
  });
  if (document === null) throw new RangeError('it comes to nothing');
  return document;
}

describe('The tax groups of a document (rule 16)', () => {
  test('are two for 0 % reverse charge and 0 % exempt', () => {
    const { taxes } = documentOf([charge('a', 1000n, REVERSE), charge('b', 500n, EXEMPT)]);
    expect(taxes).toEqual([
      { category: 'reverse_charge', rate: '0', text: 'Reverse charge', netMinor: 1000n, taxMinor: 0n },
      { category: 'exempt', rate: '0', text: 'Exempt', netMinor: 500n, taxMinor: 0n },
    ]);
  });

  test('join the texts that differ, each of them once', () => {
    const { taxes } = documentOf([
      charge('a', 1000n, EXEMPT),
      charge('b', 500n, { ...EXEMPT, rate: '0.0', text: 'Article 132' }),
      charge('c', 200n, EXEMPT),
    ]);
    expect(taxes).toMatchObject([{ rate: '0', text: 'Exempt / Article 132', netMinor: 1700n }]);
  });

  test('are shared by their lines: three of 4.82 at 19 % bear 2.75 together', () => {
    const { lines, taxMinor } = documentOf(['a', 'b', 'c'].map((id) => charge(id, 482n, STANDARD)));
    expect([taxMinor, ...lines.map((line) => line.taxMinor)]).toEqual([275n, 92n, 92n, 91n]);
  });
});
