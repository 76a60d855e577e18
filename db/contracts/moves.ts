import type { CreditedElsewhere } from '../../domain/books/moved.ts';
import { text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';

const selectElsewhere = statement('creditedElsewhere', {
  sql: `select id, account_id as account from charges
    where merchant_id = :merchant and id = any(:charges) and account_id <> :account`,
  params: { merchant: 'text', charges: 'text[]', account: 'text' },
  row: { id: text, account: text },
});

/** Those of the charges that belong to another account than the contract's present one. */
export async function creditedElsewhere(
  db: Db,
  merchant: MerchantId,
  accountId: string,
  charges: readonly string[],
): Promise<CreditedElsewhere> {
  if (charges.length === 0) return new Map();
  const found = await selectElsewhere.rows(db, { merchant, charges, account: accountId });
  return new Map(found.map(({ id, account }) => [id, account]));
}

const selectPaused = statement('pausedForDunning', {
  sql: 'select paused_for_dunning(c) as paused from contracts c where c.merchant_id = :merchant and c.id = :contract',
  params: { merchant: 'text', contract: 'text' },
  row: { paused: truth },
});

/** Whether a contract is paused for dunning, or collection has asked it to pause. */
export async function isPausedForDunning(db: Db, merchant: MerchantId, contract: string): Promise<boolean> {
  return (await selectPaused.row(db, { merchant, contract })).paused;
}

const updateContract = statement('moveContract', {
  sql: 'update contracts set account_id = :account where merchant_id = :merchant and id = :contract',
  params: { merchant: 'text', contract: 'text', account: 'text' },
});

const updateOneTime = statement('moveOneTimeCharges', {
  sql: `update one_time_charges o set account_id = :account
    from billing_accounts a
    where o.merchant_id = :merchant and o.contract_id = :contract and o.state = 'waiting'
      and a.merchant_id = o.merchant_id and a.id = o.account_id and (a.kind = 'immediate' or o.kind = 'setup')`,
  params: { merchant: 'text', contract: 'text', account: 'text' },
});

/**
 * Moves a contract to another account, with its waiting one-time charges that only its own bill would take. Those that wait for a
 * run of a collective account stay there. The caller holds the contract's lock.
 */
export async function storeMove(
  tx: Tx,
  merchant: MerchantId,
  move: { readonly contract: string; readonly account: string },
): Promise<void> {
  await updateContract.run(tx, { merchant, ...move });
  await updateOneTime.run(tx, { merchant, ...move });
}
