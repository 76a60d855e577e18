import type { z } from 'zod';
import type { DocumentLineView, DocumentTaxView, DocumentView } from '../db/books/documents.ts';
import { fractionOf, tierOf } from '../domain/books/line-facts.ts';
import type { PrintedDocument, PrintedLine } from '../documents/document.ts';
import type { partyOut } from './schemas/parties.ts';

type Party = z.output<typeof partyOut> | null;

/** Collects everything that is printed of a document. */
export function printedOf(
  row: DocumentView,
  { issuer, recipient }: { issuer: Party; recipient: Party },
  lines: readonly DocumentLineView[],
  taxes: readonly DocumentTaxView[],
): PrintedDocument {
  return {
    kind: row.kind,
    number: row.number,
    title: row.title,
    issueDate: row.issue_date,
    dueDate: row.due_date,
    serviceFrom: row.service_from,
    serviceTo: row.service_to,
    currency: row.currency,
    priceMode: row.price_mode,
    issuer,
    recipient,
    lines: lines.map(lineOf),
    taxes: taxes.map(({ category, rate, text, net_minor, tax_minor }) => ({
      category,
      rate,
      text,
      netMinor: net_minor,
      taxMinor: tax_minor,
    })),
    netMinor: row.net_minor,
    grossMinor: row.gross_minor,
  };
}

function lineOf(line: DocumentLineView): PrintedLine {
  const { derivation, credited } = line;
  return {
    position: line.position,
    from: line.from,
    to: line.to,
    text: line.text,
    reference: 'one_time' in derivation ? derivation.reference : null,
    quantity: line.quantity,
    unitPrice: line.unit_price,
    amountMinor: line.amount_minor,
    tier: tierOf(derivation, credited),
    fraction: fractionOf(derivation),
    credited,
  };
}
