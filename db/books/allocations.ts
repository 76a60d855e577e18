import type { Allocation, AccountCredit } from '../../domain/books/allocation.ts';
import { UNDER_WAY } from '../../domain/payments/attempt.ts';
import { bigint, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import type { Tables } from '../tables.ts';
import { mutation, writeRows } from '../platform/write.ts';

const openReceivable = {
  id: text,
  openMinor: bigint,
  underWay: truth,
  contractId: text.nullable(),
  /** Whether an attempt was sent already, so that it may have a collection beyond the contract's first attempt. */
  hasCollection: truth,
};
export type OpenReceivableOfAccount = RowOf<typeof openReceivable>;

const OPEN = `
  select r.id, r.open_minor as "openMinor", r.contract_id as "contractId", t."underWay", t."hasCollection"
  from receivables r
  cross join lateral (
    select coalesce(bool_or(state = any(:underWay)), false) as "underWay",
      coalesce(bool_or(state <> 'planned'), false) as "hasCollection"
    from attempts_of(r.merchant_id, r.id)) t
  where r.merchant_id = :merchant and r.account_id = :account and r.open_minor > 0`;
const OF_ACCOUNT = { merchant: 'text', account: 'text', underWay: 'text[]' } as const;

const selectOpen = statement('openReceivablesOfAccount', {
  sql: `${OPEN} order by r.effective_at, r.id`,
  params: OF_ACCOUNT,
  row: openReceivable,
});

const selectSome = statement('someOpenReceivables', {
  sql: `${OPEN} and r.id = any(:receivables) order by r.effective_at, r.id`,
  params: { ...OF_ACCOUNT, receivables: 'text[]' },
  row: openReceivable,
});

/** The open receivables of an account, oldest first: all of them, or only some. */
export function openReceivables(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  only: readonly string[] | null = null,
): Promise<OpenReceivableOfAccount[]> {
  const of = { merchant, account: accountId, underWay: UNDER_WAY };
  return only === null ? selectOpen.rows(db, of) : selectSome.rows(db, { ...of, receivables: only });
}

/** Rows of allocations. A negative amount takes an allocation back. */
export function allocationRows(
  merchant: MerchantId,
  allocations: readonly Allocation[],
  at: string,
): Tables['allocations'][] {
  return allocations.map(({ creditId, receivableId, amountMinor }) => ({
    merchant_id: merchant,
    id: newId('allocation'),
    credit_id: creditId,
    receivable_id: receivableId,
    amount_minor: amountMinor,
    effective_at: at,
  }));
}

/** Reduces the open amounts of receivables by the allocations that the same statement inserts. */
export const reduceOpenAmounts = mutation('reduce_open_amounts', {
  sql: `update receivables r set open_minor = r.open_minor - x.amount
    from (select receivable_id, sum(amount_minor) as amount
          from jsonb_to_recordset(:rows->'allocations') as y(receivable_id text, amount_minor bigint) group by 1) x
    where r.merchant_id = :merchant and r.id = x.receivable_id`,
  params: { merchant: 'text' },
});

/** Reduces the rest of credits by the allocations that the same statement inserts. */
export const reduceCredits = mutation('reduce_credits', {
  sql: `update credits c set left_minor = c.left_minor - x.amount
    from (select credit_id, sum(amount_minor) as amount
          from jsonb_to_recordset(:rows->'allocations') as y(credit_id text, amount_minor bigint) group by 1) x
    where c.merchant_id = :merchant and c.id = x.credit_id`,
  params: { merchant: 'text' },
});

const selectCredits = statement('creditsOfAccount', {
  sql: `
    select id, left_minor as "leftMinor" from credits
    where merchant_id = :merchant and account_id = :account and left_minor > 0
    order by effective_at, id`,
  params: { merchant: 'text', account: 'text' },
  row: { id: text, leftMinor: bigint },
});

/** The credits of an account that have something left, oldest first. */
export function waitingCredits(db: Db, merchant: MerchantId, accountId: string): Promise<AccountCredit[]> {
  return selectCredits.rows(db, { merchant, account: accountId });
}

/** Stores allocations, and reduces the rest of their credits and the open amounts of their receivables. */
export async function storeAllocations(
  tx: Tx,
  merchant: MerchantId,
  allocations: readonly Allocation[],
  at: string,
): Promise<void> {
  await writeRows(tx, 'storeAllocations', { allocations: allocationRows(merchant, allocations, at) }, [
    reduceOpenAmounts({ merchant }),
    reduceCredits({ merchant }),
  ]);
}
