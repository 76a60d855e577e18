import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DocumentDraft, makeDocument } from '../../domain/books/document.ts';
import { type TaxableLine, Taxes } from '../sim/model/taxes.ts';
import { creditedOf } from '../support/credited.ts';
import { lineOf } from '../support/lines.ts';

const rate = fc.constantFrom('0', '2.5', '19', '21');
const charge = fc.record({ minor: fc.bigInt({ min: 1n, max: 3000n }), rate });
/** A part of an earlier charge. */
const cut = fc.record({ of: fc.nat(30), percent: fc.bigInt({ min: 1n, max: 100n }) });
const document = fc.record({
  charges: fc.array(charge, { maxLength: 3 }),
  cuts: fc.array(cut, { maxLength: 3 }),
});

test('the taxes of charges and credits, mixed at random, equal those of an independent model (rule 16)', () => {
  const documents = fc.array(document, { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(documents, fc.constantFrom('net' as const, 'gross' as const), (given, priceMode) => {
      const taxes = new Taxes(priceMode);
      const titles = { invoice: 'Pro', credit_note: 'Pro' };
      const context = { priceMode, currency: 'EUR', issuerZone: 'UTC', paymentTermDays: 14, titles };
      const drafts: DocumentDraft[] = [];
      const charged: { readonly id: string; readonly line: TaxableLine; left: bigint }[] = [];
      for (const { charges, cuts } of given) {
        const credits = cuts.flatMap(({ of, percent }) => {
          const known = charged[of % Math.max(1, charged.length)];
          const minor = known === undefined ? 0n : (known.left * percent + 99n) / 100n;
          if (known === undefined || minor === 0n) return [];
          known.left -= minor;
          return [{ of: known.id, line: { ...known.line, minor: -minor, credits: known.line } }];
        });
        const added = charges.map((each, n) => {
          const line: TaxableLine = { ...each, credits: null, byHand: false };
          return { id: `${drafts.length}-${n}`, line, left: each.minor };
        });
        const tax = ({ rate: percent }: TaxableLine) => ({
          category: 'standard',
          rate: percent,
          text: '',
          country: 'DE',
        });
        const lines = [
          ...added.map(({ id, line }) => lineOf(id, line.minor, tax(line))),
          ...credits.map(({ of, line }, n) =>
            lineOf(`${drafts.length}-credit-${n}`, line.minor, tax(line), of),
          ),
        ];
        const id = `document-${drafts.length}`;
        const draft = makeDocument(
          id,
          [{ contractId: null, charges: lines }],
          '2024-01-01T00:00:00.000Z',
          context,
          creditedOf(drafts),
        );
        if (draft === null) continue;
        drafts.push(draft);
        charged.push(...added);
        const expected = taxes.next([...added, ...credits].map(({ line }) => line));
        const plain = (groups: readonly { rate: string; netMinor: bigint; taxMinor: bigint }[]) =>
          groups.map((group) => `${group.rate}: ${group.netMinor} + ${group.taxMinor}`).sort();
        expect(plain(draft.taxes)).toEqual(
          plain(
            expected.map(({ rate: percent, net, tax: taxMinor }) => ({
              rate: percent,
              netMinor: net,
              taxMinor,
            })),
          ),
        );
      }
    }),
    { numRuns: 500 },
  );
});
