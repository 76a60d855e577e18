import type { Charge } from '../../domain/books/charge.ts';
import type { Bill } from '../../domain/books/bill.ts';
import type { OneTimeCharge } from '../../domain/contracts/state.ts';
import type { Tx } from '../platform/pool.ts';
import { writeRows } from '../platform/write.ts';
import type { AccountBooks } from './account-context.ts';
import { type Origin, chargeRow, oneTimeRow } from './charge-rows.ts';
import { finalise, numberDocument } from './finalise.ts';

/** Stores a one-time charge that waits for the next invoice. */
export async function storeWaitingOneTime(tx: Tx, origin: Origin, charge: OneTimeCharge): Promise<void> {
  await writeRows(tx, 'storeWaitingOneTime', { one_time_charges: [oneTimeRow(origin, charge, 'waiting')] });
}

/** Stores a one-time charge with its line and the document that bills it. The document's number is taken last. */
export async function storeBilledOneTime(
  tx: Tx,
  origin: Origin,
  charge: OneTimeCharge,
  { line, billed, books }: { readonly line: Charge; readonly billed: Bill; readonly books: AccountBooks },
): Promise<void> {
  const { tables, mutations } = finalise(origin, billed, books);
  await writeRows(
    tx,
    'storeBilledOneTime',
    {
      one_time_charges: [oneTimeRow(origin, charge, 'billed')],
      charges: [chargeRow(origin, null, line)],
      ...tables,
    },
    mutations,
  );
  numberDocument(tx, origin, billed.document);
}
