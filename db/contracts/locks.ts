import { priceMode } from '../catalogue/terms-schema.ts';
import { instant, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** The columns of a locked contract, and the time on its clock, which has a shared lock. */
export const locked = { now_at: instant, advancing: truth, phase: text, settled_through: instant };
export type Locked = RowOf<typeof locked>;

const lock = statement('lockContract', {
  sql: 'select now_at, advancing, phase, settled_through from lock_contract(:merchant, :contract) where phase is not null',
  params: { merchant: 'text', contract: 'text' },
  row: locked,
  planned: true,
});

/** Locks a contract, and its clock (shared), but nothing of its account. Null if the merchant has no such contract. */
export function lockContract(tx: Tx, merchant: MerchantId, contractId: string): Promise<Locked | null> {
  return lock.maybeRow(tx, { merchant, contract: contractId });
}

const selectOwner = statement('ownerOfContract', {
  sql: `select customer_id as "customerId", account_id as "accountId" from contracts
    where merchant_id = :merchant and id = :contract`,
  params: { merchant: 'text', contract: 'text' },
  row: { customerId: text, accountId: text },
});

/** The customer of a contract, and the account that it is billed to; null if the merchant has no such contract. */
export function ownerOfContract(
  db: Db,
  merchant: MerchantId,
  contractId: string,
): Promise<{ readonly customerId: string; readonly accountId: string } | null> {
  return selectOwner.maybeRow(db, { merchant, contract: contractId });
}

const selectDeactivated = statement('accountOfContractIsDeactivated', {
  sql: `
    select a.deactivated_at is not null as deactivated from contracts c
    join billing_accounts a on a.merchant_id = c.merchant_id and a.id = c.account_id
    where c.merchant_id = :merchant and c.id = :contract`,
  params: { merchant: 'text', contract: 'text' },
  row: { deactivated: truth },
});

/** Whether the account that a contract is billed to is deactivated. */
export async function isAccountDeactivated(
  db: Db,
  merchant: MerchantId,
  contractId: string,
): Promise<boolean> {
  return (await selectDeactivated.row(db, { merchant, contract: contractId })).deactivated;
}

const LIVING = `c.merchant_id = :merchant and c.account_id = :account and (:contract is null or c.id = :contract)
  and c.phase <> 'ended'`;
const OF_ACCOUNT = { merchant: 'text', account: 'text', contract: 'text?' } as const;

const lockLiving = statement('lockBillingContracts', {
  sql: `select from contracts c where ${LIVING} order by c.id for no key update`,
  params: OF_ACCOUNT,
});

const billing = { id: text, price_mode: priceMode };

const touchLiving = statement('touchBillingContracts', {
  sql: `
    with written as (update contracts c set last_seq = last_seq where ${LIVING} returning c.id, c.plan_group_id)
    select w.id, g.price_mode
    from written w join plan_groups g on g.merchant_id = :merchant and g.id = w.plan_group_id
    order by w.id`,
  params: OF_ACCOUNT,
  row: billing,
});

/** A contract that has not ended, and so may bill charges that wait for it or for its account. */
export type BillingContract = RowOf<typeof billing>;

/**
 * Locks the contracts of an account that have not ended, ordered by id, before the charges that wait for them change. It also
 * updates their rows, so that a transaction that waits for one of the locks reads all again (`loadLocked`). With `contractId`, it
 * locks only that contract. Returns the locked contracts.
 */
export async function lockBillingContracts(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  contractId: string | null,
): Promise<BillingContract[]> {
  const of = { merchant, account: accountId, contract: contractId };
  await lockLiving.run(tx, of);
  return touchLiving.rows(tx, of);
}
