import { lockAccount } from '../db/books/account-context.ts';
import { type AccountRevision, storeRevision, takeMethod } from '../db/books/accounts.ts';
import { lockContract } from '../db/contracts/commands.ts';
import { storeContractMethod } from '../db/payments/methods.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Tx } from '../db/platform/pool.ts';
import { followAccount } from './follow.ts';

/** Changes what the next document goes by. A payment method also pays what is open and not under way. */
export async function reviseAccount(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  revision: AccountRevision,
): Promise<void> {
  const at = await lockAccount(tx, merchant, id);
  await storeRevision(tx, merchant, id, revision);
  if (typeof revision.payment_method === 'string') await followAccount(tx, merchant, id, at);
}

/** Gives a contract a method of its own (null: its account's), which also pays what is open and not under way. */
export async function setContractMethod(
  tx: Tx,
  merchant: MerchantId,
  { accountId, contractId }: { readonly accountId: string; readonly contractId: string },
  methodId: string | null,
): Promise<void> {
  await lockContract(tx, merchant, contractId);
  const at = await lockAccount(tx, merchant, accountId);
  await storeContractMethod(tx, merchant, contractId, methodId);
  await followAccount(tx, merchant, accountId, at);
}

/** An account that has no payment method takes that of an order, which also pays what is open. */
export async function adoptMethod(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  methodId: string,
): Promise<void> {
  const at = await lockAccount(tx, merchant, accountId);
  if (await takeMethod(tx, merchant, accountId, methodId)) await followAccount(tx, merchant, accountId, at);
}
