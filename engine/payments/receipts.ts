import { DomainError } from '../../domain/errors.ts';
import { instant } from '../../domain/arithmetic/calendar.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { currencyOfAccount } from '../../db/books/accounts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { followReceivables } from './follow.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { bookPayment } from './payments.ts';
import type { Tx } from '../../db/platform/pool.ts';

/** Money that arrived some other way, as somebody read it from a bank statement. */
export interface NewReceipt {
  readonly accountId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The receipt's number or the transfer's text. */
  readonly reference: string;
  /** When it counts; the customer's now if left out. */
  readonly at?: string;
}

/**
 * Books a receipt onto an account: it pays the oldest open receivables, except those whose attempt is under way, and
 * the rest waits as credit. Locks the account.
 * @throws DomainError not_found, currency_mismatch, invalid_amount (not positive), date_in_the_future
 */
export async function bookReceipt(
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
    throw new DomainError(
      'date_in_the_future',
      `it is ${now} for the customer; money that is to come is not booked`,
      {
        field: 'at',
      },
    );
  }
  const { paymentId, paid } = await bookPayment(tx, merchant, {
    accountId,
    attemptId: null,
    provider: 'hand',
    reference,
    text: `Receipt of ${formatMinor(amountMinor, currency)} ${currency}`,
    currency,
    amountMinor,
    receivableId: null,
    contractId: null,
    at,
  });
  await followReceivables(tx, merchant, paid, now);
  return { paymentId, at };
}
