import {
  type DocumentLineView,
  type DocumentTaxView,
  type DocumentView,
  documentLines,
  documentTaxes,
  getDocument,
  paymentAtFinalising,
} from '../../db/books/documents.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import type { PrintedDocument, PrintedLine } from '../../documents/document.ts';
import { loadParties } from './printed-parties.ts';
import { fractionOf, priceNoteOf, tierOf } from '../../domain/books/line-facts.ts';

/** A document with everything that is printed of it. */
export interface LoadedDocument {
  readonly row: DocumentView;
  readonly printed: PrintedDocument;
}

/** Loads a document and everything that is printed of it; null if there is none. Parties are null after erasure. */
export async function loadPrinted(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  documentId: string,
): Promise<LoadedDocument | null> {
  const row = await getDocument(db, merchant, documentId);
  if (row === null) return null;
  const lines = await documentLines(db, merchant, row.id);
  const taxes = await documentTaxes(db, merchant, row.id);
  const parties = await loadParties(db, vault, merchant, row);
  const payment = await paymentAtFinalising(db, merchant, row.id);
  return { row, printed: { ...printedOf(row, parties, lines, taxes), ...paymentOf(payment) } };
}

function paymentOf(
  payment: Awaited<ReturnType<typeof paymentAtFinalising>>,
): Pick<PrintedDocument, 'payment' | 'creditedMinor'> {
  if (payment === null) return {};
  return { payment: payment.charged ? 'charge' : 'transfer', creditedMinor: payment.credited_minor };
}

/** Collects everything that is printed of a document. */
function printedOf(
  row: DocumentView,
  { issuer, recipient }: Pick<PrintedDocument, 'issuer' | 'recipient'>,
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
    contract: line.contract,
    from: line.from,
    to: line.to,
    text: line.text,
    reference: 'one_time' in derivation ? derivation.reference : null,
    quantity: line.quantity,
    unitPrice: line.unit_price,
    amountMinor: line.amount_minor,
    tier: tierOf(derivation, credited),
    priceNote: priceNoteOf(derivation, credited),
    fraction: fractionOf(derivation),
    credited,
  };
}
