import {
  type DocumentLineView,
  type DocumentTaxView,
  type DocumentView,
  documentLines,
  documentTaxes,
  getDocument,
  paymentAtFinalising,
} from '../../db/books/documents.ts';
import type { Vault, VaultRef } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import type { PrintedDocument, PrintedLine, PrintedParty } from '../../documents/document.ts';
import { fractionOf, tierOf } from '../../domain/books/line-facts.ts';

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
  const issuer = await printedParty(db, vault, merchant, issuerOf(row));
  const recipient = await printedParty(db, vault, merchant, recipientOf(row));
  const payment = await paymentAtFinalising(db, merchant, row.id);
  return { row, printed: { ...printedOf(row, { issuer, recipient }, lines, taxes), ...paymentOf(payment) } };
}

/** The version of the issuer's data that a document prints. */
export const issuerOf = (row: DocumentView): VaultRef => ({
  subjectId: row.issuer_subject_id,
  version: row.issuer_version,
});

/** The version of the recipient's data that a document prints. */
export const recipientOf = (row: DocumentView): VaultRef => ({
  subjectId: row.recipient_subject_id,
  version: row.recipient_version,
});

/** Reads the printed data of a party from the vault, where the API has stored it after checking it. Null after erasure. */
async function printedParty(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  ref: VaultRef,
): Promise<PrintedParty | null> {
  return vault.open(db, merchant, ref);
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
    fraction: fractionOf(derivation),
    credited,
  };
}
