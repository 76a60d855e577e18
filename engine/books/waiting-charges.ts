import { dec, roundToMinor } from '../../domain/arithmetic/money.ts';
import type { OneTimeCharge } from '../../domain/contracts/state.ts';
import { DomainError } from '../../domain/errors.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { kindOfAccount } from '../../db/books/accounts.ts';
import { refuseOtherMode } from './find-account.ts';
import type { Origin } from '../../db/books/charge-rows.ts';
import { getOneTime, oneTimeState, storeWithdrawn, waitingOn } from '../../db/books/one-time.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { storeWaitingOneTime } from '../../db/books/one-time-rows.ts';
import { type BillingContract, lockBillingContracts } from '../../db/contracts/locks.ts';
import { lockOrderingCustomer } from '../../db/contracts/orders.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { reschedule } from '../platform/agenda.ts';

/**
 * How many one-time charges may wait on an account. All of them may be billed on one document, so their total must also fit
 * into one amount.
 */
const MOST_WAITING = 1_000;

/**
 * Stores a one-time charge that waits for the next invoice, and moves the agenda rows of the contracts that may bill it. The
 * caller holds the locks of these contracts and of the account.
 * @throws DomainError no_next_invoice, price_mode_mismatch, too_many_waiting, invalid_amount
 */
export async function addWaiting(
  tx: Tx,
  origin: Origin,
  charge: OneTimeCharge,
  contracts: readonly BillingContract[],
): Promise<void> {
  const { account, priceMode } = origin;
  if (contracts.length === 0) {
    throw new DomainError('no_next_invoice', 'the account has no contract that could bill it', {
      field: 'bill',
    });
  }
  if (contracts.some(({ price_mode }) => price_mode !== priceMode)) {
    throw new DomainError(
      'price_mode_mismatch',
      `not every contract that may bill it has ${priceMode} prices`,
      {
        field: 'price_mode',
      },
    );
  }
  await storeWaitingOneTime(tx, origin, charge);
  await refuseTooManyWaiting(tx, origin.account, origin.currency, 'unit_price');
  await reschedule(
    tx,
    account.merchantId,
    contracts.map(({ id }) => id),
  );
}

/**
 * Stores a one-time charge that waits for the next run of its collective account. The caller holds the account's lock.
 * @throws DomainError price_mode_mismatch, too_many_waiting, invalid_amount
 */
export async function addWaitingForRun(
  tx: Tx,
  origin: Origin,
  charge: OneTimeCharge,
  modeOfAccount: 'net' | 'gross' | null,
): Promise<void> {
  refuseOtherMode({ price_mode: modeOfAccount }, origin.priceMode, 'price_mode');
  await storeWaitingOneTime(tx, origin, charge);
  await refuseTooManyWaiting(tx, origin.account, origin.currency, 'unit_price');
}

/**
 * Refuses more waiting one-time charges on an account than one document can bill.
 * @throws DomainError too_many_waiting, invalid_amount
 */
export async function refuseTooManyWaiting(
  tx: Tx,
  { merchantId, accountId }: { readonly merchantId: MerchantId; readonly accountId: string },
  currency: string,
  field: string,
): Promise<void> {
  const { waiting, size } = await waitingOn(tx, merchantId, accountId);
  if (waiting > MOST_WAITING) {
    throw new DomainError(
      'too_many_waiting',
      `at most ${MOST_WAITING} one-time charges may wait on an account`,
    );
  }
  try {
    roundToMinor(dec(size), currency);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.code, `the total of all waiting charges is too large: ${error.message}`, {
      field,
    });
  }
}

/**
 * Withdraws a one-time charge that waits. Withdrawing it again changes nothing. This function takes all locks itself.
 * @throws DomainError not_found, already_billed, clock_advancing
 */
export async function withdrawOneTime(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  const { customer } = found(await getOneTime(tx, merchant, id), 'one-time charge');
  const locked = await lockOrderingCustomer(tx, merchant, customer);
  const { account, contract } = found(await getOneTime(tx, merchant, id), 'one-time charge'); // it may have moved
  const isOfRun = contract === null && (await kindOfAccount(tx, merchant, account)) === 'collective';
  const contracts = isOfRun ? [] : await lockBillingContracts(tx, merchant, account, contract);
  await lockAccount(tx, merchant, account);
  const state = await oneTimeState(tx, merchant, id);
  if (state === 'billed')
    throw new DomainError('already_billed', 'the one-time charge is billed already: credit it instead');
  if (state === 'withdrawn') return;
  refuseAdvancing(locked);
  await storeWithdrawn(tx, merchant, id);
  await reschedule(
    tx,
    merchant,
    contracts.map((each) => each.id),
  );
}
