import { DomainError } from '../../domain/errors.ts';
import { instant } from '../../domain/arithmetic/calendar.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { currencyOfAccount } from '../../db/books/accounts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { updateCollections } from './update-collections.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { recordPayment } from './payments.ts';
import type { Tx } from '../../db/platform/pool.ts';

/** Money that arrived without a provider, such as a bank transfer. */
export interface NewReceipt {
  readonly accountId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The receipt's number, or the reference text of the transfer. */
  readonly reference: string;
  /** When it counts. By default the customer's now. */
  readonly at?: string;
}

/**
 * Records a receipt on an account. It pays the oldest open receivables, except those whose attempt is under way. The rest
 * becomes account credit. This function locks the account.
 * @throws DomainError not_found, currency_mismatch, invalid_amount (not positive), date_in_the_future
 */
export async function recordReceipt(
  tx: Tx,
  merchant: MerchantId,
  receipt: NewReceipt,
): Promise<{ paymentId: string; at: string }> {
  const { accountId, amountMinor, currency, reference } = receipt;
  const ofAccount = await currencyOfAccount(tx, merchant, accountId);
  if (ofAccount === null) throw new DomainError('not_found', 'there is no such billing account');
  if (ofAccount !== currency) {
    throw new DomainError('currency_mismatch', `the account is in ${ofAccount}`, {
      field: 'currency',
    });
  }
  if (amountMinor <= 0n) {
    throw new DomainError('invalid_amount', 'a receipt must be more than zero', { field: 'amount' });
  }
  const now = await lockAccount(tx, merchant, accountId);
  const at = receipt.at === undefined ? now : instant(receipt.at);
  if (at > now) {
    throw new DomainError('date_in_the_future', `must not be in the future: for the customer it is ${now}`, {
      field: 'at',
    });
  }
  const { paymentId, paid } = await recordPayment(tx, merchant, {
    accountId,
    attemptId: null,
    provider: 'hand',
    reference,
    text: `Receipt of ${formatMinor(amountMinor, currency)} ${currency}`,
    currency,
    amountMinor,
    receivableIds: [],
    contractId: undefined,
    at,
  });
  await updateCollections(tx, merchant, paid, now);
  return { paymentId, at };
}
