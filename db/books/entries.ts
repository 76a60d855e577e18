import { instant as parseInstant } from '../../domain/arithmetic/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import { bigint, instant, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, afterCursor, cut } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

const accountEntry = {
  id: text,
  at: instant,
  text,
  /** The number of the document, or the reference of the payment. */
  reference: text,
  document: text.nullable(),
  amount_minor: bigint,
  /** The balance after this entry. */
  balance_minor: bigint,
  cursor_key: text,
};
export type AccountEntryRow = RowOf<typeof accountEntry>;

const SQL = sqlFile(import.meta.url, 'account-entries.sql');
const params = {
  merchant: 'text',
  account: 'text',
  from: 'timestamptz?',
  before: 'timestamptz?',
  afterAt: 'timestamptz?',
  afterId: 'text?',
  limit: 'int',
} as const;

const selectAscending = statement('entriesOfAccountAscending', { sql: SQL, params, row: accountEntry });
const selectDescending = statement('entriesOfAccount', {
  sql: SQL.replaceAll(' asc', ' desc').replace(
    '(e.effective_at, e.id) > (:afterAt',
    '(e.effective_at, e.id) < (:afterAt',
  ),
  params,
  row: accountEntry,
});

/** The filters of entries. The range includes its beginning and excludes its end. */
export interface EntryFilter {
  readonly from?: string;
  readonly before?: string;
  readonly ascending?: boolean;
}

/**
 * The entries that moved the customer's balance, newest first, with the balance after each. A debt is negative. A page reads its own
 * entries, and those from the nearest balance that was carried before it (`carried_balances`). An entry that was posted late at an
 * earlier instant counts at once.
 * @throws DomainError invalid_request for a text that is not a cursor of this list
 */
export async function listEntries(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  { from, before, ascending = false }: EntryFilter,
  { limit, cursor }: PageOf,
): Promise<Page<AccountEntryRow>> {
  const after = cursor === undefined ? null : keyOf(afterCursor(cursor));
  const select = ascending ? selectAscending : selectDescending;
  const found = await select.rows(db, {
    merchant,
    account: accountId,
    from: from ?? null,
    before: before ?? null,
    afterAt: after?.at ?? null,
    afterId: after?.id ?? null,
    limit: limit + 1,
  });
  return cut(found, limit, 'cursor_key');
}

const INSTANT_LENGTH = '2024-01-01T00:00:00.000Z'.length;

/** Splits the key of a cursor into an instant and the id of an entry. The statement joins them. */
function keyOf(key: string): { at: string; id: string } {
  try {
    return { at: parseInstant(key.slice(0, INSTANT_LENGTH)), id: key.slice(INSTANT_LENGTH) };
  } catch {
    throw new DomainError('invalid_request', 'not a cursor of this list', { field: 'cursor' });
  }
}
