import { z } from 'zod';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import { lineTax, priceMode } from '../catalogue/terms-schema.ts';
import { bigint, date, decimal, instant, int, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { creditedLine, derivation } from './line-schema.ts';

/** The columns of a document as the API shows it. */
export const documentView = {
  id: text,
  kind: z.enum(['invoice', 'credit_note']),
  number: text,
  title: text,
  account: text,
  contract: text.nullable(),
  customer: text,
  /** The customer's current language tag as it was given, such as `de-AT`. */
  language: text,
  issuer: text,
  clock: text.nullable(),
  issue_date: date,
  due_date: date,
  service_from: date,
  /** The day after the last day. */
  service_to: date,
  currency: text,
  price_mode: priceMode,
  net_minor: bigint,
  tax_minor: bigint,
  gross_minor: bigint,
  /** The amount that is still to be paid. For a credit note, the amount that is left of it, as a number below zero. */
  open_minor: bigint,
  /** The instant at which its last part was allocated; null while a part is open. */
  paid_at: instant.nullable(),
  attempt: z
    .strictObject({ id: text, state: text, reason: text.nullable(), action_url: text.nullable() })
    .nullable(),
  recipient_subject_id: text,
  recipient_version: int,
  issuer_subject_id: text,
  issuer_version: int,
  effective_at: instant,
};

/** An invoice or credit note as it was finalised, with its open amount and its newest attempt. */
export type DocumentView = RowOf<typeof documentView>;

/** The select of `documentView`, up to a condition on `d`. */
export const DOCUMENT_VIEW = sqlFile(import.meta.url, 'document-view.sql');

const selectDocument = statement('documentView', {
  sql: `${DOCUMENT_VIEW} and d.id = :document`,
  params: { merchant: 'text', document: 'text' },
  row: documentView,
});

export function getDocument(db: Db, merchant: MerchantId, id: string): Promise<DocumentView | null> {
  return selectDocument.maybeRow(db, { merchant, document: id });
}

const paymentOfDocument = { charged: truth, credited_minor: bigint };

const selectPayment = statement('paymentOfDocument', {
  sql: sqlFile(import.meta.url, 'payment-of-document.sql'),
  params: { merchant: 'text', document: 'text' },
  row: paymentOfDocument,
});

/**
 * How an invoice was to be paid when it was finalised: whether a payment method was charged, and how much of it account credit
 * paid. Null for a credit note.
 */
export function paymentAtFinalising(
  db: Db,
  merchant: MerchantId,
  documentId: string,
): Promise<RowOf<typeof paymentOfDocument> | null> {
  return selectPayment.maybeRow(db, { merchant, document: documentId });
}

const documentLine = {
  position: int,
  charge: text,
  kind: z.enum(['recurring', 'credit', 'one_time', 'usage', 'discount']),
  text,
  from: date,
  /** The day after the last day. */
  to: date,
  quantity: decimal,
  unit_price: decimal,
  amount_minor: bigint,
  net_minor: bigint,
  tax: lineTax,
  derivation,
  /** Null for a line of the fee or of a one-time charge. */
  component: text.nullable(),
  subscription: text.nullable(),
  /** The external id of its contract, or else the id. Null for a one-time charge of the account. */
  contract: text.nullable(),
  contract_id: text.nullable(),
  /** The line that it credits; null if it is no credit line. */
  credited: creditedLine.nullable(),
};

/** A line of a document with the charge that it prints. */
export type DocumentLineView = RowOf<typeof documentLine>;

const selectLines = statement('linesOfDocument', {
  sql: sqlFile(import.meta.url, 'document-lines.sql'),
  params: { merchant: 'text', document: 'text' },
  row: documentLine,
});

/** The lines of a document in the order of their positions. */
export function documentLines(db: Db, merchant: MerchantId, documentId: string): Promise<DocumentLineView[]> {
  return selectLines.rows(db, { merchant, document: documentId });
}

const selectCredited = statement('creditedLines', {
  sql: sqlFile(import.meta.url, 'credited-lines.sql'),
  params: { merchant: 'text', charges: 'text[]' },
  row: { credited: creditedLine },
});

/** The lines of charges that are about to be credited, each with its document. */
export async function creditedLines(
  db: Db,
  merchant: MerchantId,
  chargeIds: readonly string[],
): Promise<CreditedLine[]> {
  const found = await selectCredited.rows(db, { merchant, charges: chargeIds });
  return found.map(({ credited }) => credited);
}

const documentTax = { category: text, rate: decimal, text, net_minor: bigint, tax_minor: bigint };
export type DocumentTaxView = RowOf<typeof documentTax>;

const selectTaxes = statement('taxesOfDocument', {
  sql: `
    select category, rate, text, net_minor, tax_minor from document_taxes
    where merchant_id = :merchant and document_id = :document
    order by category, rate desc`,
  params: { merchant: 'text', document: 'text' },
  row: documentTax,
});

/** The taxes of a document, one row for each tax group. */
export function documentTaxes(db: Db, merchant: MerchantId, documentId: string): Promise<DocumentTaxView[]> {
  return selectTaxes.rows(db, { merchant, document: documentId });
}
