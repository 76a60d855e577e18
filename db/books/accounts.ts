import { z } from 'zod';
import { lockCustomer } from '../parties/customers.ts';
import { priceMode } from '../catalogue/terms-schema.ts';
import { bigint, date, instant, int, jsonText, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

export const accountKind = z.enum(['immediate', 'collective']);

export const runCalendar = z.strictObject({
  anchor: date,
  every: z.strictObject({ unit: z.enum(['week', 'month', 'year']), count: int }),
});
export type RunCalendarRow = z.output<typeof runCalendar>;

const accountView = {
  id: text,
  customer: text,
  issuer: text,
  clock: text.nullable(),
  currency: text,
  name: text,
  kind: accountKind,
  price_mode: priceMode.nullable(),
  /** The calendar of the runs of a collective account; null for runs by hand only. */
  calendar: runCalendar.nullable(),
  next_run_at: instant.nullable(),
  /** How it collects. */
  collection: jsonText(
    z.strictObject({
      by: z.enum(['invoice', 'balance']),
      every: runCalendar.shape.every.nullable(),
      anchor: date.nullable(),
      thresholdMinor: bigint,
      notice_days: int,
    }),
  ),
  next_collection: instant.nullable(),
  /** Null for an active account. */
  deactivated_at: instant.nullable(),
  is_default: truth,
  payment_term_days: int,
  payment_method: text.nullable(),
  time_zone: text,
  /** The customer's balance with the issuer. A debt is negative. */
  balance_minor: bigint,
  created_at: instant,
};
export type AccountRow = RowOf<typeof accountView>;

const VIEW = sqlFile(import.meta.url, 'account-view.sql');

const selectView = statement('accountView', {
  sql: `${VIEW} and a.id = :account`,
  params: { merchant: 'text', account: 'text' },
  row: accountView,
});

const listViews = listStatement('accountViews', {
  sql: `${VIEW} and (:customer is null or a.customer_id = :customer)`,
  params: { merchant: 'text', customer: 'text?' },
  row: accountView,
});

export interface NewAccount {
  /** The id of a customer. */
  readonly customer: string;
  /** The id of an issuer. */
  readonly issuer: string;
  readonly currency: string;
  readonly name?: string;
  readonly payment_term_days?: number;
  readonly payment_method?: string;
}

const insertAccount = statement('insertAccount', {
  sql: sqlFile(import.meta.url, 'insert-account.sql'),
  params: {
    merchant: 'text',
    account: 'text',
    customer: 'text',
    issuer: 'text',
    currency: 'text',
    name: 'text',
    termDays: 'int?',
    method: 'text?',
  },
});

/** Makes a further account and returns its id. The first account of a customer, issuer and currency is the default. */
export async function createAccount(tx: Tx, merchant: MerchantId, account: NewAccount): Promise<string> {
  // Without the lock, two first accounts at once would both be the default.
  await lockCustomer(tx, merchant, account.customer);
  const id = newId('account');
  await insertAccount.run(tx, {
    merchant,
    account: id,
    customer: account.customer,
    issuer: account.issuer,
    currency: account.currency,
    name: account.name ?? account.currency,
    termDays: account.payment_term_days ?? null,
    method: account.payment_method ?? null,
  });
  return id;
}

export interface AccountRevision {
  readonly name?: string;
  readonly payment_term_days?: number;
  readonly payment_method?: string | null;
}

const updateAccount = statement('reviseAccount', {
  sql: `
    update billing_accounts set name = coalesce(:name, name), payment_term_days = coalesce(:termDays, payment_term_days),
      payment_method_id = case when :newMethod then :method else payment_method_id end
    where merchant_id = :merchant and id = :account`,
  params: {
    merchant: 'text',
    account: 'text',
    name: 'text?',
    termDays: 'int?',
    newMethod: 'boolean',
    method: 'text?',
  },
});

/** Changes the terms of an account, from its next document on. The caller holds the account's lock. */
export async function storeRevision(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  revision: AccountRevision,
): Promise<void> {
  await updateAccount.run(tx, {
    merchant,
    account: id,
    name: revision.name ?? null,
    termDays: revision.payment_term_days ?? null,
    newMethod: revision.payment_method !== undefined,
    method: revision.payment_method ?? null,
  });
}

/** The kind of an account and the calendar of its runs. */
export interface RunsRevision {
  readonly kind?: z.output<typeof accountKind>;
  /** Null: by hand only. */
  readonly runs?: RunCalendarRow | null;
  readonly price_mode?: 'net' | 'gross';
}

const updateRuns = statement('reviseRuns', {
  sql: `
    update billing_accounts set kind = :kind, price_mode = :priceMode, run_unit = :unit, run_count = :count, run_anchor = :anchor,
      next_run_at = :next
    where merchant_id = :merchant and id = :account`,
  params: {
    merchant: 'text',
    account: 'text',
    kind: 'text',
    priceMode: 'text?',
    unit: 'text?',
    count: 'int?',
    anchor: 'date?',
    next: 'timestamptz?',
  },
});

/** Stores the kind of an account, and the calendar and the next of its runs. The caller holds the account's lock. */
export async function storeRuns(
  tx: Tx,
  merchant: MerchantId,
  account: string,
  to: {
    readonly kind: z.output<typeof accountKind>;
    readonly priceMode: 'net' | 'gross' | null;
    readonly calendar: RunCalendarRow | null;
    readonly nextRunAt: string | null;
  },
): Promise<void> {
  const { calendar, nextRunAt: next, ...kindAndMode } = to;
  const { unit = null, count = null } = calendar?.every ?? {};
  await updateRuns.run(tx, {
    merchant,
    account,
    ...kindAndMode,
    unit,
    count,
    anchor: calendar?.anchor ?? null,
    next,
  });
}

const giveMethod = statement('giveAccountMethod', {
  sql: `
    update billing_accounts set payment_method_id = :method
    where merchant_id = :merchant and id = :account and payment_method_id is null`,
  params: { merchant: 'text', account: 'text', method: 'text' },
});

/** Sets the payment method of an account that has none. Returns false if the account has one already. */
export async function takeMethod(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  methodId: string,
): Promise<boolean> {
  const taken = await giveMethod.run(tx, { merchant, account: accountId, method: methodId });
  return taken === 1;
}

const selectCurrency = statement('currencyOfAccount', {
  sql: 'select currency from billing_accounts where merchant_id = :merchant and id = :account',
  params: { merchant: 'text', account: 'text' },
  row: { currency: text },
});

/** The currency of an account; null if there is no such account. */
export async function currencyOfAccount(
  db: Db,
  merchant: MerchantId,
  accountId: string,
): Promise<string | null> {
  const found = await selectCurrency.maybeRow(db, { merchant, account: accountId });
  return found?.currency ?? null;
}

const selectKind = statement('kindOfAccount', {
  sql: 'select kind from billing_accounts where merchant_id = :merchant and id = :account',
  params: { merchant: 'text', account: 'text' },
  row: { kind: accountKind },
});

export async function kindOfAccount(
  db: Db,
  merchant: MerchantId,
  accountId: string,
): Promise<z.output<typeof accountKind>> {
  return (await selectKind.row(db, { merchant, account: accountId })).kind;
}

const selectState = statement('accountIsDeactivated', {
  sql: 'select deactivated_at is not null as deactivated from billing_accounts where merchant_id = :merchant and id = :account',
  params: { merchant: 'text', account: 'text' },
  row: { deactivated: truth },
});

export async function isDeactivated(db: Db, merchant: MerchantId, account: string): Promise<boolean> {
  return (await selectState.row(db, { merchant, account })).deactivated;
}

export function getAccount(db: Db, merchant: MerchantId, id: string): Promise<AccountRow | null> {
  return selectView.maybeRow(db, { merchant, account: id });
}

export function listAccounts(
  db: Db,
  merchant: MerchantId,
  customer: string | undefined,
  page: PageOf,
): Promise<Page<AccountRow>> {
  return listViews.page(db, { merchant, customer: customer ?? null }, page);
}

const selectAccounts = statement('accountIdsOfCustomer', {
  sql: 'select id from billing_accounts where merchant_id = :merchant and customer_id = :customer',
  params: { merchant: 'text', customer: 'text' },
  row: { id: text },
});

/** The accounts of which a list has rows; null for all. */
export async function accountsOf(
  db: Db,
  merchant: MerchantId,
  { customer, account }: { readonly customer?: string; readonly account?: string },
): Promise<readonly string[] | null> {
  if (customer === undefined) return account === undefined ? null : [account];
  const found = await selectAccounts.rows(db, { merchant, customer });
  return found.map(({ id }) => id).filter((id) => account === undefined || id === account);
}
