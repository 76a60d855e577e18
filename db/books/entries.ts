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

const selectEntries = statement('entriesOfAccount', {
  sql: sqlFile(import.meta.url, 'account-entries.sql'),
  params: { merchant: 'text', account: 'text', afterAt: 'timestamptz', afterId: 'text', limit: 'int' },
  row: accountEntry,
});

/**
 * The entries that moved the customer's balance, oldest first, with the running balance. A debt is negative. A page reads its own
 * entries, and one sum of all earlier ones. An entry that was posted late at an earlier instant therefore counts on each later page.
 * @throws DomainError invalid_request for a text that is not a cursor of this list
 */
export async function listEntries(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  { limit, cursor }: PageOf,
): Promise<Page<AccountEntryRow>> {
  const after = cursor === undefined ? { at: '-infinity', id: '' } : keyOf(afterCursor(cursor));
  const found = await selectEntries.rows(db, {
    merchant,
    account: accountId,
    afterAt: after.at,
    afterId: after.id,
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
