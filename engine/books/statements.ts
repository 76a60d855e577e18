import {
  type StatementView,
  getStatement,
  insertStatement,
  loadAccountSpan,
} from '../../db/books/statements.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { getAccount } from '../../db/books/accounts.ts';
import { found } from '../../db/platform/refs.ts';
import type { PrintedStatement } from '../../documents/document.ts';
import { addDays, dateAt, startOfDay } from '../../domain/arithmetic/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import { loadParties } from './printed-parties.ts';

/** A longer statement could not be made and printed in the time of a request. */
const MOST_ENTRIES = 5_000;

/** The days of a statement, in the account's time zone. `to` is the day after the last day. */
export interface StatementDays {
  readonly from: string;
  readonly to: string;
}

/**
 * Makes a statement of an account: its entries in a span of days, with the balances before and after. Later entries do not change it.
 * @throws DomainError not_found, span_empty, date_in_the_future, too_many_entries
 */
export async function createStatement(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  { from, to }: StatementDays,
): Promise<string> {
  if (from >= to) throw new DomainError('span_empty', 'must be after `from`', { field: 'to' });
  const { time_zone: zone } = found(await getAccount(db, merchant, accountId), 'billing account');
  const of = { fromAt: startOfDay(from, zone), toAt: startOfDay(to, zone), most: MOST_ENTRIES };
  const account = found(await loadAccountSpan(db, merchant, accountId, of), 'billing account');
  const tomorrow = addDays(dateAt(account.now_at, zone), 1);
  if (to > tomorrow) {
    throw new DomainError('date_in_the_future', `must be ${tomorrow} at the latest`, { field: 'to' });
  }
  const { entries, opening_minor: openingMinor } = account;
  if (entries.length > MOST_ENTRIES) {
    throw new DomainError('too_many_entries', 'the span has more than 5,000 entries', { field: 'from' });
  }
  const { recipient_subject_id, recipient_version, issuer_subject_id, issuer_version } = account;
  const versions = { recipient_subject_id, recipient_version, issuer_subject_id, issuer_version };
  const closingMinor = entries.reduce((sum, { amountMinor }) => sum + amountMinor, openingMinor);
  const balances = { openingMinor, closingMinor };
  return insertStatement(db, merchant, {
    accountId,
    from,
    to,
    entries,
    ...balances,
    ...versions,
    at: account.now_at,
  });
}

/** Loads a statement and everything that is printed of it. @throws DomainError not_found */
export async function loadPrintedStatement(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  id: string,
): Promise<{ readonly row: StatementView; readonly printed: PrintedStatement }> {
  const row = found(await getStatement(db, merchant, id), 'statement');
  const { from, to, currency, time_zone: zone } = row;
  const printed = {
    from,
    to,
    issueDate: dateAt(row.effective_at, zone),
    account: row.account_name,
    currency,
    ...(await loadParties(db, vault, merchant, row)),
    openingMinor: row.opening_minor,
    closingMinor: row.closing_minor,
    entries: row.entries.map(({ at, kind, text, reference, amountMinor }) => ({
      date: dateAt(at, zone),
      kind,
      text,
      reference,
      amountMinor,
    })),
  };
  return { row, printed };
}
