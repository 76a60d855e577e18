import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { refuseEnded } from '../../domain/contracts/conflicts.ts';
import { loadContract } from '../../db/contracts/contracts.ts';
import { lockContract, ownerOfContract } from '../../db/contracts/locks.ts';
import { isPausedForDunning, storeMove } from '../../db/contracts/moves.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ContractState } from '../../domain/contracts/state.ts';
import { accountOfCustomer, lockOrderingCustomer } from '../../db/contracts/orders.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { namedAccount, refuseDeactivated, refuseOtherMode } from '../books/find-account.ts';
import { refuseTooManyWaiting } from '../books/waiting-charges.ts';
import { reschedule } from '../platform/agenda.ts';

/**
 * Locks the customer of a contract, before the contract is locked, and returns its id.
 * @throws DomainError not_found, clock_advancing
 */
export async function lockOwner(tx: Tx, merchant: MerchantId, contractId: string): Promise<string> {
  const { customerId } = found(await ownerOfContract(tx, merchant, contractId), 'contract');
  refuseAdvancing(await lockOrderingCustomer(tx, merchant, customerId));
  return customerId;
}

/**
 * Moves a contract to another account of the same issuer and currency, from its next charge on. Earlier charges stay on the
 * old account, and so does every later credit of them. This function takes the locks of the customer, under which accounts
 * keep their kinds, and of the contract, but of no account.
 * @throws DomainError not_found, contract_ended, currency_mismatch, price_mode_mismatch, account_deactivated, paused_by_account,
 *   too_many_waiting, clock_advancing
 */
export async function moveContract(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  accountId: string,
): Promise<void> {
  const customerId = await lockOwner(tx, merchant, contractId);
  const locked = found(await lockContract(tx, merchant, contractId), 'contract');
  const { state, context } = await loadContract(tx, merchant, contractId);
  if (context.accountId === accountId) return;
  refuseEnded(locked);
  const { currency, priceMode } = state;
  const from = found(await accountOfCustomer(tx, merchant, customerId, context.accountId), 'billing account');
  const to = await namedAccount(tx, merchant, customerId, accountId, { issuerId: from.issuer_id, currency });
  refuseOtherMode(to, priceMode, 'account');
  for (const each of [from, to]) refuseDeactivated(each, 'account');
  await refusePausing(tx, merchant, contractId, state);
  await storeMove(tx, merchant, { contract: contractId, account: accountId });
  await refuseTooManyWaiting(tx, { merchantId: merchant, accountId }, currency, 'account');
  await reschedule(tx, merchant, [contractId]);
}

/**
 * Refuses to move a contract that its account has paused, or asks to pause: only that account resumes it.
 * @throws DomainError paused_by_account
 */
async function refusePausing(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  { pauseReasons }: Pick<ContractState, 'pauseReasons'>,
): Promise<void> {
  if (!pauseReasons.includes('deactivated') && !(await isPausedForDunning(tx, merchant, contractId))) return;
  throw new DomainError(
    'paused_by_account',
    'its account has paused the contract, and must resume it first',
    {
      field: 'account',
    },
  );
}
