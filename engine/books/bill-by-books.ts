import type { Bill } from '../../domain/books/bill.ts';
import type { BilledCharge } from '../../domain/books/charge.ts';
import { type AccountBooks, MOST_OPEN } from '../../db/books/account-context.ts';
import { openReceivables } from '../../db/books/allocations.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';

/**
 * Bills by the books of an account. The caller holds the account's lock. The books have only the oldest open receivables. If
 * these do not use up a credit note, it is billed again with all open receivables.
 * @returns null if there is nothing to bill
 */
export async function billByBooks<Books extends AccountBooks, C extends BilledCharge>(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  books: Books,
  billBy: (books: Books) => Bill<C> | null,
): Promise<{ readonly billed: Bill<C>; readonly books: Books } | null> {
  const billed = billBy(books);
  if (billed === null) return null;
  const left = billed.initialPayment.credit?.leftMinor ?? 0n;
  if (left === 0n || books.openReceivables.length < MOST_OPEN) return { billed, books };
  const all = { ...books, openReceivables: await openReceivables(tx, merchant, accountId) };
  const billedByAll = billBy(all);
  return billedByAll && { billed: billedByAll, books: all };
}
