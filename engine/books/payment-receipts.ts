import type { Vault } from '../../db/parties/vault.ts';
import { type ReceiptView, getReceipt } from '../../db/payments/views.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import type { PrintedReceipt } from '../../documents/document.ts';
import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { loadParties } from './printed-parties.ts';

/** Loads a payment and everything that its receipt prints. @throws DomainError not_found */
export async function loadPrintedReceipt(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  paymentId: string,
): Promise<{ readonly row: ReceiptView; readonly printed: PrintedReceipt }> {
  const row = found(await getReceipt(db, merchant, paymentId), 'payment');
  const printed = {
    date: dateAt(row.effective_at, row.time_zone),
    // The references of providers mean nothing to customers.
    reference: row.provider === 'hand' ? row.reference : null,
    currency: row.currency,
    amountMinor: row.amount_minor,
    isReversed: row.reversed_minor > 0n,
    ...(await loadParties(db, vault, merchant, row)),
    paid: row.paid,
  };
  return { row, printed };
}
