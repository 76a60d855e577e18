import { lockAccount } from '../../db/books/account-context.ts';
import {
  type AccountRevision,
  type NewAccount,
  type RunsRevision,
  createAccount,
  getAccount,
  storeRevision,
  takeMethod,
} from '../../db/books/accounts.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { lockOrderingCustomer } from '../../db/contracts/orders.ts';
import { reviseRuns } from './account-runs.ts';
import { lockContract, ownerOfContract } from '../../db/contracts/locks.ts';
import { checkUsable, storeContractMethod } from '../../db/payments/methods.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { checkIssuer } from '../parties/trees.ts';
import { type CollectionRevision, reviseCollection } from '../payments/revise-collection.ts';
import { updateCollectionsOfAccount } from '../payments/update-collections.ts';

/**
 * Opens another billing account for a customer.
 * @throws DomainError not_found for a payment method that the customer does not have, foreign_issuer
 */
export async function openAccount(
  tx: Tx,
  merchant: MerchantId,
  account: NewAccount & RunsRevision & { readonly collection?: CollectionRevision },
): Promise<string> {
  const { customer, payment_method: method } = account;
  if (method !== undefined) await checkUsable(tx, merchant, customer, method);
  await checkIssuer(tx, merchant, account.issuer, { customer });
  const { kind, runs, price_mode, collection } = account;
  const isImmediate =
    (kind ?? 'immediate') === 'immediate' && (runs ?? null) === null && price_mode === undefined;
  if (isImmediate && collection === undefined) return createAccount(tx, merchant, account);
  refuseAdvancing(await lockOrderingCustomer(tx, merchant, customer)); // the clock's lock comes before the customer's
  const id = await createAccount(tx, merchant, account);
  if (!isImmediate) await reviseRuns(tx, merchant, { id, customer }, account);
  if (collection !== undefined) await reviseCollection(tx, merchant, id, collection);
  return id;
}

/**
 * Changes the terms of an account, from its next document on, and the kind and runs of the account (`reviseRuns`). A new payment
 * method is also tried on each open receivable that has no attempt under way.
 * @param onLocked is called when the account is locked and nothing is written yet. It may refuse the change by what it reads
 * @throws DomainError not_found, also for a payment method that the customer does not have
 */
export async function reviseAccount(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  revision: AccountRevision & RunsRevision & { readonly collection?: CollectionRevision },
  onLocked?: () => Promise<void>,
): Promise<void> {
  const { customer } = found(await getAccount(tx, merchant, id), 'billing account');
  const { payment_method: method } = revision;
  if (typeof method === 'string') await checkUsable(tx, merchant, customer, method);
  const { kind, runs, price_mode, collection } = revision;
  const revisesRuns = kind !== undefined || runs !== undefined || price_mode !== undefined;
  if (collection !== undefined) refuseAdvancing(await lockOrderingCustomer(tx, merchant, customer));
  if (revisesRuns) await reviseRuns(tx, merchant, { id, customer }, revision, onLocked);
  const at = await lockAccount(tx, merchant, id);
  if (!revisesRuns) await onLocked?.();
  await storeRevision(tx, merchant, id, revision);
  if (typeof method === 'string') await updateCollectionsOfAccount(tx, merchant, id, at);
  if (collection !== undefined) await reviseCollection(tx, merchant, id, collection);
}

/**
 * Sets the payment method of a contract, or removes it (null: the account's method applies). The method is also tried on
 * each open receivable that has no attempt under way.
 * @throws DomainError not_found, also for a payment method that the customer does not have
 */
export async function setContractMethod(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  methodId: string | null,
): Promise<void> {
  const { customerId } = found(await ownerOfContract(tx, merchant, contractId), 'contract');
  if (methodId !== null) await checkUsable(tx, merchant, customerId, methodId);
  await lockContract(tx, merchant, contractId);
  const { accountId } = found(await ownerOfContract(tx, merchant, contractId), 'contract');
  const at = await lockAccount(tx, merchant, accountId);
  await storeContractMethod(tx, merchant, contractId, methodId);
  await updateCollectionsOfAccount(tx, merchant, accountId, at);
}

/** Gives an account the payment method of an order if it has none. The method is also tried on its open receivables. */
export async function adoptMethod(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  methodId: string,
): Promise<void> {
  const at = await lockAccount(tx, merchant, accountId);
  if (await takeMethod(tx, merchant, accountId, methodId))
    await updateCollectionsOfAccount(tx, merchant, accountId, at);
}
