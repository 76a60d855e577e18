import { z } from 'zod';
import { bigint, date, instant, int, jsonText, list, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';

const entry = z.strictObject({
  at: instant,
  kind: z.enum(['invoice', 'credit_note', 'payment', 'chargeback']),
  /** The text of the journal entry, such as the title of an invoice. */
  text,
  /** The number of the document, or the reference of the payment. */
  reference: text,
  document: text.nullable(),
  amountMinor: bigint,
});
/** An entry of a statement. A debt is negative. */
type StatementEntry = z.output<typeof entry>;

const parties = {
  recipient_subject_id: text,
  recipient_version: int,
  issuer_subject_id: text,
  issuer_version: int,
};

const account = {
  currency: text,
  name: text,
  time_zone: text,
  clock: text.nullable(),
  ...parties,
  /** The customer's now. */
  now_at: instant,
  opening_minor: bigint,
  entries: jsonText(list(entry)),
};

const selectAccount = statement('statementOfAccount', {
  sql: sqlFile(import.meta.url, 'statement-of-account.sql'),
  params: { merchant: 'text', account: 'text', fromAt: 'timestamptz', toAt: 'timestamptz', most: 'int' },
  row: account,
});

/** An account with its entries in a span of time, at most one more than `most`, and its balance before. Null if there is none. */
export function loadAccountSpan(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  span: { readonly fromAt: string; readonly toAt: string; readonly most: number },
): Promise<RowOf<typeof account> | null> {
  return selectAccount.maybeRow(db, { merchant, account: accountId, ...span });
}

/** A statement to store. */
export interface NewStatement extends RowOf<typeof parties> {
  readonly accountId: string;
  readonly from: string;
  /** The day after the last day. */
  readonly to: string;
  readonly openingMinor: bigint;
  readonly closingMinor: bigint;
  readonly entries: readonly StatementEntry[];
  readonly at: string;
}

/** Stores a statement and returns its id. */
export async function insertStatement(
  db: Db,
  merchant: MerchantId,
  { accountId, from, to, openingMinor, closingMinor, entries, at, ...versions }: NewStatement,
): Promise<string> {
  const id = newId('statement');
  const row = {
    merchant_id: merchant,
    id,
    account_id: accountId,
    from_date: from,
    to_date: to,
    opening_minor: openingMinor,
    closing_minor: closingMinor,
    entries,
    ...versions,
    effective_at: at,
  };
  await writeRows(db, 'insertStatement', { account_statements: [row] });
  return id;
}

const statementView = {
  id: text,
  account: text,
  account_name: text,
  customer: text,
  clock: text.nullable(),
  /** The customer's current language tag. */
  language: text,
  currency: text,
  time_zone: text,
  from: date,
  to: date,
  opening_minor: bigint,
  closing_minor: bigint,
  entries: jsonText(list(entry)),
  ...parties,
  effective_at: instant,
};
/** A statement as it was made. */
export type StatementView = RowOf<typeof statementView>;

const VIEW = `
  select s.id, s.account_id as account, a.name as account_name, a.customer_id as customer, a.clock_id as clock, u.language, a.currency,
    a.time_zone, s.from_date as from, s.to_date as to, s.opening_minor, s.closing_minor, s.entries::text as entries,
    s.recipient_subject_id, s.recipient_version, s.issuer_subject_id, s.issuer_version, s.effective_at
  from account_statements s
  join billing_accounts a on a.merchant_id = s.merchant_id and a.id = s.account_id
  join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
  where s.merchant_id = :merchant`;

const selectStatement = statement('accountStatement', {
  sql: `${VIEW} and s.id = :statement`,
  params: { merchant: 'text', statement: 'text' },
  row: statementView,
});

export function getStatement(db: Db, merchant: MerchantId, id: string): Promise<StatementView | null> {
  return selectStatement.maybeRow(db, { merchant, statement: id });
}

const listOfAccount = listStatement('accountStatements', {
  sql: `${VIEW} and s.account_id = :account`,
  params: { merchant: 'text', account: 'text' },
  row: statementView,
});

/** The statements of an account. */
export function listStatements(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  page: PageOf,
): Promise<Page<StatementView>> {
  return listOfAccount.page(db, { merchant, account: accountId }, page);
}
