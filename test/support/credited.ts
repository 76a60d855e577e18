import type { Charge } from '../../domain/books/charge.ts';
import type { InvoicedGroup } from '../../domain/books/credited.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import { checkTaxRate } from '../../domain/books/tax.ts';

interface Group extends InvoicedGroup {
  amountMinor: bigint;
  taxMinor: bigint;
  creditedMinor: bigint;
  creditedTaxMinor: bigint;
  chargeIds: string[];
}

/** The amounts that documents charged by category and rate and that were credited of them, as the database reads them. */
export function creditedOf(documents: readonly DocumentDraft[]): InvoicedGroup[] {
  const groups = new Map<string, Group>();
  const groupOf = new Map<string, Group>();
  const found = (documentId: string, { tax }: Charge): Group => {
    const [category, rate] = [tax.category, checkTaxRate(tax.rate)];
    const key = `${documentId} ${category} ${rate}`;
    const zero = { amountMinor: 0n, taxMinor: 0n, creditedMinor: 0n, creditedTaxMinor: 0n };
    const group = groups.get(key) ?? { documentId, category, rate, ...zero, chargeIds: [] };
    groups.set(key, group);
    return group;
  };
  for (const { id, lines } of documents) {
    for (const { charge, taxMinor } of lines) {
      const { reversesId } = charge;
      if (charge.kind === 'one_time' && charge.amountMinor < 0n) continue;
      if (reversesId === null) {
        const group = found(id, charge);
        group.amountMinor += charge.amountMinor;
        group.taxMinor += taxMinor;
        group.chargeIds.push(charge.id);
        groupOf.set(charge.id, group);
        continue;
      }
      const group = groupOf.get(reversesId);
      if (group === undefined) continue;
      group.creditedMinor -= charge.amountMinor;
      group.creditedTaxMinor -= taxMinor;
    }
  }
  return [...groups.values()];
}
