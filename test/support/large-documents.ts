// The filters and orders of documents in a large book.
import { type DocumentFilter, listDocuments } from '../../db/books/list-documents.ts';
import { type Case, type Combined, type ListCases, ONE_MORE } from './large-case.ts';

const OPEN = `coalesce((select r.open_minor > 0 from receivables r where r.merchant_id = d.merchant_id and r.document_id = d.id),
  (select c.left_minor > 0 from credits c where c.merchant_id = d.merchant_id and c.document_id = d.id))`;
const OF_CUSTOMER_1 = `d.account_id = 'acc_00000001'`;

const single: readonly Case<DocumentFilter>[] = [
  // The entries of both kinds are merged.
  { name: 'no filter', filter: {}, index: 'documents_by_kind', most: 2 * ONE_MORE, where: 'true' },
  {
    name: 'no filter, oldest first',
    filter: { ascending: true },
    order: 'd.effective_at, d.id',
    index: 'documents_by_kind',
    most: 2 * ONE_MORE,
    where: 'true',
  },
  {
    name: 'credit notes',
    filter: { kind: 'credit_note' },
    index: 'documents_by_kind',
    most: ONE_MORE,
    where: `d.kind = 'credit_note'`,
  },
  {
    name: 'a rare currency',
    filter: { currency: 'CHF' },
    index: 'documents_by_currency',
    most: ONE_MORE,
    where: `d.currency = 'CHF'`,
  },
  {
    name: 'open documents',
    filter: { state: 'open' },
    index: 'receivables_by_state',
    most: ONE_MORE,
    where: OPEN,
  },
  {
    name: 'paid invoices',
    filter: { state: 'paid' },
    index: 'receivables_by_state',
    most: ONE_MORE,
    where: `d.kind = 'invoice' and not ${OPEN}`,
  },
  {
    name: 'used credit notes',
    filter: { state: 'used' },
    index: 'credits_by_state',
    most: ONE_MORE,
    where: `d.kind = 'credit_note' and not ${OPEN}`,
  },
  {
    name: 'a customer',
    filter: { customer: 'cus_00000001' },
    index: 'documents_on_account',
    most: ONE_MORE,
    where: OF_CUSTOMER_1,
  },
  {
    name: 'an account',
    filter: { account: 'acc_00000001' },
    index: 'documents_on_account',
    most: ONE_MORE,
    where: OF_CUSTOMER_1,
  },
  {
    name: 'a contract',
    filter: { contract: 'con_00000001' },
    index: 'documents_for_contract',
    most: ONE_MORE,
    where: `d.contract_id = 'con_00000001'`,
  },
  {
    name: 'a number',
    filter: { number: 'R-2024-00000777' },
    index: 'documents_numbered',
    most: 1,
    where: `d.number = 'R-2024-00000777'`,
  },
  {
    name: 'days of issue',
    filter: { issuedFrom: '2024-01-03', issuedBefore: '2024-01-05' },
    index: 'documents_by_kind',
    most: 2 * ONE_MORE,
    where: `d.issue_date >= '2024-01-03' and d.issue_date < '2024-01-05'`,
  },
  {
    name: 'invoices by due date',
    filter: { dueFrom: '2024-01-18', dueBefore: '2024-01-20' },
    index: 'receivables_by_due_date',
    most: 2 * ONE_MORE,
    where: `d.kind = 'invoice' and d.due_date >= '2024-01-18' and d.due_date < '2024-01-20'`,
    order: 'd.due_date desc, d.id desc',
  },
  {
    name: 'invoices that are overdue',
    filter: { state: 'open', dueBefore: '2024-01-20' },
    index: 'receivables_by_due_date',
    most: ONE_MORE,
    where: `d.kind = 'invoice' and d.due_date < '2024-01-20' and ${OPEN}`,
    order: 'd.due_date desc, d.id desc',
  },
  {
    name: 'an amount',
    filter: { currency: 'EUR', amountMin: 4500n, amountMax: 4500n },
    index: 'documents_by_amount',
    most: ONE_MORE,
    where: `d.currency = 'EUR' and d.gross_minor = 4500`,
  },
  {
    name: 'a range of amounts',
    filter: { currency: 'EUR', amountMin: 4500n, amountMax: 9900n },
    index: 'documents_by_amount',
    most: ONE_MORE,
    where: `d.currency = 'EUR' and d.gross_minor between 4500 and 9900`,
    order: 'd.gross_minor desc, d.effective_at desc, d.id desc',
  },
  {
    name: 'the smallest amounts first',
    filter: { currency: 'CHF', sort: 'amount', ascending: true },
    index: 'documents_by_amount',
    most: ONE_MORE,
    where: `d.currency = 'CHF'`,
    order: 'd.gross_minor, d.effective_at, d.id',
  },
];

/** Filters that no index has together. */
const combined: readonly Combined<DocumentFilter>[] = [
  {
    name: 'open documents in a rare currency',
    filter: { currency: 'CHF', state: 'open' },
    where: `d.currency = 'CHF' and ${OPEN}`,
  },
  {
    name: 'open documents of a customer with many',
    filter: { customer: 'cus_00000001', state: 'open' },
    where: `${OF_CUSTOMER_1} and ${OPEN}`,
  },
  {
    name: 'credit notes in a rare currency, of which there are none',
    filter: { kind: 'credit_note', currency: 'CHF' },
    where: 'false',
  },
  {
    name: 'open documents of a range of days',
    filter: { issuedFrom: '2024-01-02', state: 'open' },
    where: `d.issue_date >= '2024-01-02' and ${OPEN}`,
  },
  {
    name: 'paid documents with an amount',
    filter: { state: 'paid', currency: 'EUR', amountMin: 4500n },
    where: `d.currency = 'EUR' and d.kind = 'invoice' and not ${OPEN} and d.gross_minor >= 4500`,
    order: 'd.gross_minor desc, d.effective_at desc, d.id desc',
  },
  {
    name: 'everything, sorted against its filter',
    filter: { dueBefore: '2024-01-15', sort: 'at' },
    where: `d.kind = 'invoice' and d.due_date < '2024-01-15'`,
  },
];

export const documentCases: ListCases<DocumentFilter> = {
  name: 'documents',
  table: 'documents',
  order: 'd.effective_at desc, d.id desc',
  list: listDocuments,
  single,
  combined,
};
