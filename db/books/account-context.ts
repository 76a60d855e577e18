import type { Credit, OpenReceivable } from '../../domain/books/allocation.ts';
import type { CreditedGroup } from '../../domain/books/credited.ts';
import type { OneTimePlace } from '../../domain/books/one-time.ts';
import { TAX_RATES_OF } from '../catalogue/fragments.ts';
import { type Db, type Tx, preparedRows, row } from '../platform/pool.ts';
import type { MerchantId } from '../platform/ids.ts';

/** The terms of the account that a document goes to. They are read without the account's lock. */
export interface AccountTerms {
  readonly merchantId: MerchantId;
  readonly accountId: string;
  readonly clockId: string | null;
  readonly paymentTermDays: number;
  readonly issuer: {
    readonly id: string;
    readonly zone: string;
    readonly subjectId: string;
    readonly version: number;
  };
  /** The customer's, as it was given: `de-AT`. */
  readonly language: string;
  /** The customer's pattern of `domain/books/title.ts`. */
  readonly invoiceTitle: string | null;
  readonly recipient: { readonly subjectId: string; readonly version: number };
  readonly patterns: { readonly invoice: string; readonly credit_note: string };
}

/**
 * How a document is settled on its account. It is read under the account's lock, in the statement that takes the lock,
 * by the SQL function `account_books`. Whatever else a document must know of what its account has booked belongs into
 * that function, and here.
 */
export interface AccountBooks {
  /** The contract's, if there is one and it has one; else the account's. */
  readonly paymentMethod: { readonly id: string; readonly provider: string } | null;
  /** Oldest first. */
  readonly credits: readonly Credit[];
  /**
   * Oldest first, `MOST_OPEN` at most; `collected` ones have a collection of their own, beyond the contract's first
   * attempt.
   */
  readonly openReceivables: readonly (OpenReceivable & { readonly collected: boolean })[];
  /** Of the invoices of the charges that may be credited: what each had, and what was credited of it. */
  readonly credited: readonly CreditedGroup[];
  /** Of the one-time charges that were asked about, those that do not wait any more: another document has them. */
  readonly taken: readonly string[];
}

/** So many open receivables does `account_books` read: only credit notes pay any, and most of them pay few. */
export const MOST_OPEN = 100;

/** Of an account's books, what settles an invoice that takes nothing from the account. It is read without the account's lock. */
export interface UnlockedBooks {
  readonly paymentMethod: AccountBooks['paymentMethod'];
  /** Whether there is credit to pay from. */
  readonly hasCredit: boolean;
}

/** Both. */
export interface AccountContext extends AccountTerms, AccountBooks {}

/** `AccountTerms` as JSON: of account `a`, its customer `u` and issuer `i`. */
export const ACCOUNT_TERMS = `json_build_object(
  'merchantId', a.merchant_id, 'accountId', a.id, 'clockId', a.clock_id, 'paymentTermDays', a.payment_term_days,
  'issuer', json_build_object('id', i.id, 'zone', i.time_zone, 'subjectId', i.subject_id, 'version', i.subject_version),
  'language', u.language, 'invoiceTitle', u.invoice_title, 'recipient', json_build_object('subjectId', u.subject_id, 'version', u.subject_version),
  'patterns', (select json_object_agg(kind, pattern) from number_series where merchant_id = a.merchant_id and issuer_id = i.id))`;

/** `UnlockedBooks` as JSON: of account `a`, for contract `c`. */
export const UNLOCKED_BOOKS = `json_build_object(
  'paymentMethod', (select json_build_object('id', m.id, 'provider', m.provider) from payment_methods m
    where m.merchant_id = a.merchant_id and m.removed_at is null and m.id = coalesce(c.payment_method_id, a.payment_method_id)),
  'hasCredit', exists (select from credits x where x.merchant_id = a.merchant_id and x.account_id = a.id and x.left_minor > 0))`;

/** Whose books are read, and about which one-time charges they are asked. */
export interface BooksOf {
  readonly accountId: string;
  readonly contractId: string | null;
  readonly oneTimeIds?: readonly string[];
  /** Charges that are credited, or may be: a statement more reads what was credited of their invoices. */
  readonly reversedIds?: readonly string[];
}

/** The books of an account as they are now; without its lock, they may change at once. */
export function readBooks(db: Db, merchant: MerchantId, of: BooksOf): Promise<AccountBooks> {
  return booksBy('account_books', db, merchant, of);
}

/**
 * Locks an account, and reads its books as they are under the lock. The contract's lock, if there is one, comes before
 * (rule 46).
 */
export function lockAccountBooks(tx: Tx, merchant: MerchantId, of: BooksOf): Promise<AccountBooks> {
  return booksBy('lock_account_books', tx, merchant, of);
}

/** The code under which Postgres says that an account is not as it was read. */
const OVERTAKEN = 'TN001';

/**
 * Locks an account whose books were read without its lock, and has the transaction fail where they are others now: credit has
 * come, or something else pays. Everything that takes nothing from the account can be written before.
 */
export async function lockUnchangedAccount(
  tx: Tx,
  merchant: MerchantId,
  of: { readonly accountId: string; readonly contractId: string; readonly methodId: string | null },
): Promise<void> {
  const { accountId, contractId, methodId } = of;
  await preparedRows(tx, 'select lock_unchanged_account($1, $2, $3, $4)', [
    merchant,
    accountId,
    contractId,
    methodId,
  ]);
}

/** Whether a transaction failed because an account is not as it was read. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === OVERTAKEN;
}

async function booksBy(
  read: 'account_books' | 'lock_account_books',
  db: Db,
  merchant: MerchantId,
  { accountId, contractId, oneTimeIds = [], reversedIds = [] }: BooksOf,
): Promise<AccountBooks> {
  const [found] = await preparedRows<{ books: Json<Omit<AccountBooks, 'credited'>> | null }>(
    db,
    `select ${read}($1, $2, $3, $4)::text as books`,
    [merchant, accountId, contractId, oneTimeIds],
  );
  if (found === undefined || found.books === null) throw new Error(`there is no account ${accountId}`);
  // After the lock, so that it sees what the lock has waited for.
  const credited = reversedIds.length === 0 ? [] : await creditedOf(db, merchant, reversedIds);
  return { ...parseJson(found.books), credited };
}

async function creditedOf(
  db: Db,
  merchant: MerchantId,
  chargeIds: readonly string[],
): Promise<CreditedGroup[]> {
  const [found] = await preparedRows<{ groups: Json<CreditedGroup[]> }>(
    db,
    `select coalesce(json_agg(json_build_object('documentId', t.document_id, 'category', t.category, 'rate', t.rate::text,
       'amountMinor', t.amount_minor::text, 'taxMinor', t.tax_minor::text, 'creditedMinor', t.credited_minor::text,
       'creditedTaxMinor', t.credited_tax_minor::text, 'chargeIds', t.charge_ids)), '[]')::text as groups
     from credited_taxes($1, array(select distinct document_id from document_lines where merchant_id = $1 and charge_id = any($2))) t`,
    [merchant, chargeIds],
  );
  return found === undefined ? [] : parseJson(found.groups);
}

/** Locks an account and its clock (shared); answers the customer's now. */
export async function lockAccount(tx: Tx, merchant: MerchantId, accountId: string): Promise<string> {
  const [locked] = await preparedRows<{ now_at: string }>(tx, 'select now_at from lock_account($1, $2)', [
    merchant,
    accountId,
  ]);
  if (locked === undefined) throw new Error(`there is no account ${accountId}`);
  return locked.now_at;
}

/** JSON text that the database wrote of a `T`. */
export type Json<T> = string & { readonly of?: T };

/** What the text says; minor units are text in it, and bigint here. */
export function parseJson<T>(text: Json<T>): T {
  return JSON.parse(text, (key, value: unknown) =>
    key.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value,
  ) as T;
}

/** An account as a document of its own needs it, with the place where its one-time charges are taxed. */
export interface LoadedAccount {
  readonly context: AccountContext;
  readonly place: OneTimePlace;
}

/**
 * All that a one-time charge needs to be billed by itself, for a contract or for none; the caller holds the account's
 * lock. Of tax rates, those of one policy.
 */
export async function loadAccount(
  db: Db,
  merchant: MerchantId,
  {
    accountId,
    contractId,
    taxPolicyId,
  }: { accountId: string; contractId: string | null; taxPolicyId: string },
): Promise<LoadedAccount> {
  const { terms, place } = await row<{ terms: Json<AccountTerms>; place: OneTimePlace }>(
    db,
    `select (${ACCOUNT_TERMS})::text as terms, json_build_object('zone', coalesce(c.time_zone, a.time_zone), 'country', u.country,
       'currency', a.currency, 'taxRates', (select ${TAX_RATES_OF} from tax_rates t where t.merchant_id = a.merchant_id and t.tax_policy_id = $4 and t.country = u.country)) as place
     from billing_accounts a
     join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
     join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
     left join contracts c on c.merchant_id = a.merchant_id and c.id = $3
     where a.merchant_id = $1 and a.id = $2`,
    [merchant, accountId, contractId, taxPolicyId],
  );
  const books = await readBooks(db, merchant, { accountId, contractId });
  return { context: { ...parseJson(terms), ...books }, place };
}
