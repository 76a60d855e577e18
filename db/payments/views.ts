import { z } from 'zod';
import { ATTEMPT_STATES } from '../../domain/payments/attempt.ts';
import { bigint, date, decimal, instant, int, jsonText, list, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

/** The columns of a payment as the API shows it. */
export const paymentView = {
  id: text,
  account: text,
  attempt: text.nullable(),
  provider: text,
  reference: text,
  currency: text,
  amount_minor: bigint,
  left_minor: bigint,
  allocations: list(z.strictObject({ invoice: text.nullable(), amount_minor: decimal, at: instant })),
  effective_at: instant,
};

/** A payment, through a provider or as a receipt, and how much of it is left as account credit. */
export type PaymentView = RowOf<typeof paymentView>;

/** The select of `paymentView`, up to a condition on `p`. */
export const PAYMENT_VIEW = sqlFile(import.meta.url, 'payment-view.sql');

const selectPayment = statement('paymentView', {
  sql: `${PAYMENT_VIEW} and p.id = :payment`,
  params: { merchant: 'text', payment: 'text' },
  row: paymentView,
});

export function getPayment(db: Db, merchant: MerchantId, id: string): Promise<PaymentView | null> {
  return selectPayment.maybeRow(db, { merchant, payment: id });
}

const receipt = {
  provider: text,
  reference: text,
  currency: text,
  amount_minor: bigint,
  effective_at: instant,
  reversed_minor: bigint,
  time_zone: text,
  clock: text.nullable(),
  /** The customer's current language tag. */
  language: text,
  recipient_subject_id: text,
  recipient_version: int,
  issuer_subject_id: text,
  issuer_version: int,
  /** The invoices that it paid at once. */
  paid: jsonText(list(z.strictObject({ number: text, issueDate: date, amountMinor: bigint }))),
};

/** A payment with everything that its receipt prints. */
export type ReceiptView = RowOf<typeof receipt>;

const selectReceipt = statement('paymentReceipt', {
  sql: sqlFile(import.meta.url, 'payment-receipt.sql'),
  params: { merchant: 'text', payment: 'text' },
  row: receipt,
});

export function getReceipt(db: Db, merchant: MerchantId, paymentId: string): Promise<ReceiptView | null> {
  return selectReceipt.maybeRow(db, { merchant, payment: paymentId });
}

const attemptView = {
  id: text,
  account: text,
  contract: text.nullable(),
  invoice: text.nullable(),
  collection: text.nullable(),
  payment_method: text,
  provider: text,
  n: int,
  currency: text,
  amount_minor: bigint,
  state: z.enum(ATTEMPT_STATES),
  reason: text.nullable(),
  action_url: text.nullable(),
  effective_at: instant,
  decided_at: instant.nullable(),
};

/** An attempt to charge a receivable, or those of a collection of the account. */
export type AttemptView = RowOf<typeof attemptView>;

const ATTEMPT = `
  select t.id, t.account_id as account, t.contract_id as contract, r.document_id as invoice,
    t.collection_id as collection, t.payment_method_id as payment_method, t.provider, t.n, t.currency, t.amount_minor,
    t.state, t.reason, t.action_url, t.effective_at, t.decided_at
  from attempts t
  left join receivables r on r.merchant_id = t.merchant_id and r.id = t.receivable_id
  where t.merchant_id = :merchant`;

const selectAttempt = statement('attemptView', {
  sql: `${ATTEMPT} and t.id = :attempt`,
  params: { merchant: 'text', attempt: 'text' },
  row: attemptView,
});

const listOfAttempts = listStatement('attemptViews', {
  sql: `${ATTEMPT} and (:account is null or t.account_id = :account)
    and (:invoice is null or t.id = any(array(
      select a.id from receivables y
      join attempts a on a.merchant_id = y.merchant_id and a.receivable_id = y.id
      where y.merchant_id = :merchant and y.document_id = :invoice
      union all
      select x.attempt_id from receivables y
      join attempt_receivables x on x.merchant_id = y.merchant_id and x.receivable_id = y.id
      where y.merchant_id = :merchant and y.document_id = :invoice)))`,
  params: { merchant: 'text', account: 'text?', invoice: 'text?' },
  row: attemptView,
  newestFirst: true,
});

export function getAttempt(db: Db, merchant: MerchantId, id: string): Promise<AttemptView | null> {
  return selectAttempt.maybeRow(db, { merchant, attempt: id });
}

/** Lists attempts, the newest first. */
export function listAttempts(
  db: Db,
  merchant: MerchantId,
  filter: { account?: string; invoice?: string },
  page: PageOf,
): Promise<Page<AttemptView>> {
  const { account = null, invoice = null } = filter;
  return listOfAttempts.page(db, { merchant, account, invoice }, page);
}
