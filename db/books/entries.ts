import { instant } from '../../domain/arithmetic/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, afterCursor, cut } from '../platform/page.ts';
import { type Db, rows } from '../platform/pool.ts';

export interface AccountEntryRow {
  readonly id: string;
  readonly at: string;
  readonly text: string;
  /** The document's number, or the receipt's. */
  readonly reference: string;
  readonly document: string | null;
  readonly amount_minor: bigint;
  /** After this entry. */
  readonly balance_minor: bigint;
}

/**
 * The entries that moved the customer's balance, oldest first, with the running sum: a debt is negative. A page reads its own
 * entries, and of those before it one sum, so that what was booked late into the past counts on every later page.
 * @throws DomainError invalid_request for a cursor that is not one of ours
 */
export async function listEntries(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  { limit, cursor }: PageOf,
): Promise<Page<AccountEntryRow>> {
  const after = cursor === undefined ? { at: '-infinity', id: '' } : keyOf(afterCursor(cursor));
  const found = await rows<AccountEntryRow & { cursor_key: string }>(
    db,
    `with before as (select coalesce(-sum(p.amount_minor), 0)::bigint as balance_minor
       from journal_entries e join postings p on p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable'
       where e.merchant_id = $1 and e.account_id = $2 and (e.effective_at, e.id) <= ($3::timestamptz, $4))
     select iso(e.effective_at) || e.id as cursor_key, e.id, e.effective_at as at, e.text,
       coalesce(d.number, e.reference) as reference, d.id as document, m.amount_minor,
       (before.balance_minor + sum(m.amount_minor) over (order by e.effective_at, e.id))::bigint as balance_minor
     from before cross join journal_entries e
     cross join lateral (select -sum(p.amount_minor)::bigint as amount_minor from postings p
       where p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable') m
     left join documents d on d.merchant_id = e.merchant_id and d.id = e.reference and e.fact = 'document:' || d.id
     where e.merchant_id = $1 and e.account_id = $2 and (e.effective_at, e.id) > ($3::timestamptz, $4) and m.amount_minor <> 0
     order by e.effective_at, e.id limit $5`,
    [merchant, accountId, after.at, after.id, limit + 1],
  );
  return cut(found, limit);
}

const INSTANT_LENGTH = '2024-01-01T00:00:00.000Z'.length;

/** A cursor's key is an instant and the id of an entry, as the statement makes it. */
function keyOf(key: string): { at: string; id: string } {
  try {
    return { at: instant(key.slice(0, INSTANT_LENGTH)), id: key.slice(INSTANT_LENGTH) };
  } catch {
    throw new DomainError('invalid_request', 'not a cursor of this list', { field: 'cursor' });
  }
}
