import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DocumentDraft, makeDocument } from '../../domain/books/document.ts';
import { creditedOf } from '../support/credited.ts';
import { lineOf } from '../support/lines.ts';

const minor = fc.bigInt({ min: 1n, max: 5000n });
const cut = fc.record({
  line: fc.nat(9),
  percent: fc.bigInt({ min: 1n, max: 100n }),
  beside: fc.option(minor, { nil: null }),
});

test('credits never exceed their invoice, and crediting all of its lines credits all of its tax (rule 16)', () => {
  const rate = fc.constantFrom('0', '2.5', '8.1', '19', '20');
  const mode = fc.constantFrom('net' as const, 'gross' as const);
  const amounts = fc.array(minor, { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(amounts, fc.array(cut, { maxLength: 12 }), rate, mode, (given, cuts, percent, priceMode) => {
      const tax = { category: 'standard', rate: percent, text: '', country: 'DE' };
      const context = {
        priceMode,
        currency: 'EUR',
        issuerZone: 'UTC',
        paymentTermDays: 14,
        titles: { invoice: 'Pro', credit_note: 'Pro' },
      };
      const left = [...given];
      const drafts: DocumentDraft[] = [];
      const make = (charges: readonly ReturnType<typeof lineOf>[]): void => {
        const id = `document-${drafts.length}`;
        const document = makeDocument(
          id,
          [{ contractId: null, charges }],
          '2024-01-01T00:00:00.000Z',
          context,
          creditedOf(drafts),
        );
        if (document === null) return;
        expect(document.lines.reduce((sum, line) => sum + line.taxMinor, 0n)).toBe(document.taxMinor);
        expect(document.lines.reduce((sum, line) => sum + line.netMinor, 0n)).toBe(document.netMinor);
        drafts.push(document);
        const [invoice] = creditedOf(drafts);
        expect((invoice?.creditedTaxMinor ?? 0n) <= (invoice?.taxMinor ?? 0n)).toBe(true);
      };
      make(given.map((amount, index) => lineOf(`line-${index}`, amount, tax)));
      const credit = (index: number, amount: bigint, beside: bigint | null): void => {
        left[index] = (left[index] ?? 0n) - amount;
        const charge = beside === null ? [] : [lineOf(`beside-${drafts.length}`, beside, tax)];
        make([lineOf(`credit-${drafts.length}`, -amount, tax, `line-${index}`), ...charge]);
      };
      for (const { line, percent: share, beside } of cuts) {
        const index = line % left.length;
        const amount = ((left[index] ?? 0n) * share) / 100n;
        if (amount > 0n) credit(index, amount, beside);
      }
      left.forEach((amount, index) => amount > 0n && credit(index, amount, null));
      const [invoice] = creditedOf(drafts);
      expect(invoice?.creditedMinor).toBe(invoice?.amountMinor);
      expect(invoice?.creditedTaxMinor).toBe(invoice?.taxMinor);
    }),
  );
});
