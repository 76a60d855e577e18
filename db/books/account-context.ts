import { z } from 'zod';
import type { OpenReceivable } from '../../domain/books/allocation.ts';
import type { InvoicedGroup } from '../../domain/books/credited.ts';
import type { OneTimePlace } from '../../domain/books/one-time.ts';
import { priceMode, taxRate } from '../catalogue/terms-schema.ts';
import {
  bigint,
  decimal,
  instant,
  int,
  jsonText,
  list,
  merchant as merchantColumn,
  text,
  truth,
} from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { sqlFile, statement } from '../platform/statement.ts';

const personalData = { subjectId: text, version: int };

/** The terms of the account that a document goes to. They are read without the account's lock. */
export const accountTerms = z.strictObject({
  merchantId: merchantColumn,
  accountId: text,
  clockId: text.nullable(),
  paymentTermDays: int,
  issuer: z.strictObject({ id: text, zone: text, ...personalData }),
  /** The customer's language tag as it was given, such as `de-AT`. */
  language: text,
  /** The customer's title pattern (`domain/books/title.ts`). */
  invoiceTitle: text.nullable(),
  recipient: z.strictObject(personalData),
  patterns: z.strictObject({ invoice: text, credit_note: text }),
});
export type AccountTerms = z.output<typeof accountTerms>;

const paymentMethod = z.strictObject({ id: text, provider: text }).nullable();

/** How many open receivables `account_books` reads at most. Only credit notes pay any, and most of them pay few. */
export const MOST_OPEN = 100;

const lockedBooks = z.strictObject({
  /** The contract's own method, if there is a contract and it has one; otherwise the account's. */
  paymentMethod,
  /** Oldest first. */
  credits: list(z.strictObject({ id: text, leftMinor: bigint })),
  /** Oldest first, at most `MOST_OPEN`. `collected`: an attempt was sent already. */
  openReceivables: list(z.strictObject({ id: text, openMinor: bigint, underWay: truth, collected: truth })),
  /** Those of the given one-time charges that no longer wait, because another document has them. */
  taken: list(text),
});

/**
 * The books of an account, by which a document is settled. The SQL function `account_books` reads them under the account's lock, in
 * the statement that takes the lock. Anything else that a document must know of its account's books belongs in that function and in
 * this type.
 */
export type AccountBooks = Omit<z.output<typeof lockedBooks>, 'openReceivables'> & {
  /** Oldest first, at most `MOST_OPEN`. `hasCollection`: its collection may be at work, beyond the contract's first attempt. */
  readonly openReceivables: readonly (OpenReceivable & { readonly hasCollection: boolean })[];
  /** The tax groups of the invoices whose charges may be credited: what was charged, and what was credited of it. */
  readonly credited: readonly InvoicedGroup[];
};

/** The books that an invoice needs if it takes nothing from the account. They are read without the account's lock. */
export const unlockedBooks = z.strictObject({
  paymentMethod,
  /** Whether the account has credit to pay from. */
  hasCredit: truth,
});

/** The terms of an account together with its books. */
export type AccountContext = AccountTerms & AccountBooks;

/** The account whose books are read, and the charges that they are read for. */
export interface AccountBooksQuery {
  readonly accountId: string;
  readonly contractId: string | null;
  readonly oneTimeIds?: readonly string[];
  /** Charges that are or may be credited. A second statement reads what was credited of their invoices. */
  readonly reversedIds?: readonly string[];
}

const accountBooksParams = {
  params: { merchant: 'text', account: 'text', contract: 'text?', oneTime: 'text[]' },
  row: { books: jsonText(lockedBooks).nullable() },
  planned: true,
} as const;

const selectBooks = statement('accountBooks', {
  sql: 'select account_books(:merchant, :account, :contract, :oneTime)::text as books',
  ...accountBooksParams,
});

const lockAndSelectBooks = statement('lockAccountBooks', {
  sql: 'select lock_account_books(:merchant, :account, :contract, :oneTime)::text as books',
  ...accountBooksParams,
});

/** Reads the books of an account without its lock. They may change at any time. */
export function readBooks(db: Db, merchant: MerchantId, of: AccountBooksQuery): Promise<AccountBooks> {
  return booksBy(selectBooks, db, merchant, of);
}

/**
 * Locks an account, and reads its books under the lock. The lock of the contract, if there is one, comes first (rule 46).
 */
export function lockAccountBooks(tx: Tx, merchant: MerchantId, of: AccountBooksQuery): Promise<AccountBooks> {
  return booksBy(lockAndSelectBooks, tx, merchant, of);
}

/** The SQL state that says that an account has changed since it was read. */
const ACCOUNT_CHANGED = 'TN001';

const lockUnchanged = statement('lockUnchangedAccount', {
  sql: 'select lock_unchanged_account(:merchant, :account, :contract, :method)',
  params: { merchant: 'text', account: 'text', contract: 'text', method: 'text?' },
  planned: true,
});

/**
 * Locks an account whose books were read without its lock. If the books have changed since, the transaction fails: if credit has
 * come, or if another payment method is used. So rows that take nothing from the account can be written before the lock.
 */
export async function lockUnchangedAccount(
  tx: Tx,
  merchant: MerchantId,
  of: { readonly accountId: string; readonly contractId: string; readonly methodId: string | null },
): Promise<void> {
  const { accountId, contractId, methodId } = of;
  await lockUnchanged.run(tx, { merchant, account: accountId, contract: contractId, method: methodId });
}

/** Whether a transaction failed because an account has changed since it was read. */
export function isAccountChanged(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === ACCOUNT_CHANGED;
}

async function booksBy(
  select: typeof selectBooks,
  db: Db,
  merchant: MerchantId,
  { accountId, contractId, oneTimeIds = [], reversedIds = [] }: AccountBooksQuery,
): Promise<AccountBooks> {
  const { books } = await select.row(db, {
    merchant,
    account: accountId,
    contract: contractId,
    oneTime: oneTimeIds,
  });
  if (books === null) throw new Error(`there is no account ${accountId}`);
  // This statement comes after the lock, so it sees the commits for which the lock has waited.
  const credited = reversedIds.length === 0 ? [] : await creditedOf(db, merchant, reversedIds);
  const open = books.openReceivables.map(({ collected, ...each }) => ({ ...each, hasCollection: collected }));
  return { ...books, openReceivables: open, credited };
}

const selectCredited = statement('creditedOfInvoices', {
  sql: `
    select document_id as "documentId", category, rate, amount_minor as "amountMinor", tax_minor as "taxMinor",
      credited_minor as "creditedMinor", credited_tax_minor as "creditedTaxMinor", charge_ids as "chargeIds"
    from credited_taxes(:merchant, array(
      select distinct document_id from document_lines where merchant_id = :merchant and charge_id = any(:charges)))`,
  params: { merchant: 'text', charges: 'text[]' },
  row: {
    documentId: text,
    category: text,
    rate: decimal,
    amountMinor: bigint,
    taxMinor: bigint,
    creditedMinor: bigint,
    creditedTaxMinor: bigint,
    chargeIds: list(text),
  },
  planned: true,
});

function creditedOf(db: Db, merchant: MerchantId, charges: readonly string[]): Promise<InvoicedGroup[]> {
  return selectCredited.rows(db, { merchant, charges });
}

const lock = statement('lockAccount', {
  sql: 'select now_at from lock_account(:merchant, :account)',
  params: { merchant: 'text', account: 'text' },
  row: { now_at: instant },
  planned: true,
});

/** Locks an account and its clock (shared). Returns the customer's now. */
export async function lockAccount(tx: Tx, merchant: MerchantId, accountId: string): Promise<string> {
  const locked = await lock.maybeRow(tx, { merchant, account: accountId });
  if (locked === null) throw new Error(`there is no account ${accountId}`);
  return locked.now_at;
}

/** An account as a document without a step needs it, with the place where its one-time charges are taxed. */
export interface LoadedAccount {
  readonly context: AccountContext;
  readonly place: OneTimePlace;
  /** The only mode of a collective account; null for an immediate one. */
  readonly priceMode: 'net' | 'gross' | null;
  readonly deactivated: boolean;
}

const selectAccount = statement('loadAccount', {
  sql: sqlFile(import.meta.url, 'load-account.sql'),
  params: { merchant: 'text', account: 'text', contract: 'text?', taxPolicy: 'text' },
  row: {
    terms: accountTerms,
    mode: priceMode.nullable(),
    deactivated: truth,
    place: z.strictObject({ zone: text, country: text, currency: text, taxRates: list(taxRate) }),
  },
});

/**
 * Loads the data that is needed to bill a one-time charge by itself, for a contract or for none. The caller holds the account's
 * lock. Only the tax rates of one policy are loaded.
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
  const { terms, place, mode, deactivated } = await selectAccount.row(db, {
    merchant,
    account: accountId,
    contract: contractId,
    taxPolicy: taxPolicyId,
  });
  const books = await readBooks(db, merchant, { accountId, contractId });
  return { context: { ...terms, ...books }, place, priceMode: mode, deactivated };
}
