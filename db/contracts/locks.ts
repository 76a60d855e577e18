import { type Db, type Tx, maybeRow, preparedRows, rows } from '../platform/pool.ts';
import type { MerchantId } from '../platform/ids.ts';

/** A contract under its lock and that of its clock (shared), and what time it is there. */
export interface Locked {
  readonly now_at: string;
  readonly advancing: boolean;
  readonly phase: string;
  readonly settled_through: string;
}

/** Locks a contract, and nothing of its account; null when the merchant has no such contract. */
export async function lockContract(tx: Tx, merchant: MerchantId, contractId: string): Promise<Locked | null> {
  const [locked] = await preparedRows<Locked | { phase: null }>(
    tx,
    'select now_at, advancing, phase, settled_through from lock_contract($1, $2)',
    [merchant, contractId],
  );
  return locked === undefined || locked.phase === null ? null : locked;
}

/** Whose a contract is, and the account that it is billed to; null when the merchant has no such contract. */
export function ownerOfContract(
  db: Db,
  merchant: MerchantId,
  contractId: string,
): Promise<{ readonly customerId: string; readonly accountId: string } | null> {
  return maybeRow(
    db,
    'select customer_id as "customerId", account_id as "accountId" from contracts where merchant_id = $1 and id = $2',
    [merchant, contractId],
  );
}

/** A living contract that may bill what waits for it, or for any contract of its account. */
export interface BillingContract {
  readonly id: string;
  readonly price_mode: 'net' | 'gross';
}

/**
 * Locks the living contracts of an account, by id, because what waits for them changes: their rows are written anew, so
 * that whoever waits for one of them loads it anew. A contract that is named is the only one. Answers those locked.
 */
export async function lockBillingContracts(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  contractId: string | null,
): Promise<BillingContract[]> {
  const living = `c.merchant_id = $1 and c.account_id = $2 and ($3::text is null or c.id = $3) and c.phase <> 'ended'`;
  await rows(tx, `select from contracts c where ${living} order by c.id for no key update`, [
    merchant,
    accountId,
    contractId,
  ]);
  return rows(
    tx,
    `with written as (update contracts c set last_seq = last_seq where ${living} returning c.id, c.plan_group_id)
     select w.id, g.price_mode from written w join plan_groups g on g.merchant_id = $1 and g.id = w.plan_group_id order by w.id`,
    [merchant, accountId, contractId],
  );
}
