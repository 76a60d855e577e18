import { type Allocation, type OpenReceivable, allocateCredits } from '../../domain/books/allocation.ts';
import {
  type OpenReceivableOfAccount,
  openReceivables,
  storeAllocations,
  waitingCredits,
} from '../../db/books/allocations.ts';
import { type NewPayment, findCredit, storeChargeback, storePayment } from '../../db/payments/payments.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';

/**
 * Records a payment. It pays the receivable that it was collected for, then the oldest open ones. The rest becomes account
 * credit. The caller holds the account's lock.
 * @returns the id of the payment, and the ids of the receivables that it paid, at least in part
 */
export async function recordPayment(
  tx: Tx,
  merchant: MerchantId,
  payment: NewPayment,
): Promise<{ paymentId: string; paid: string[] }> {
  const { amountMinor } = payment;
  const [paymentId, creditId] = [newId('payment'), newId('credit')];
  const open = await payableBy(tx, merchant, payment);
  const allocations = allocateCredits([{ id: creditId, leftMinor: amountMinor }], open);
  const leftMinor = allocations.reduce((left, each) => left - each.amountMinor, amountMinor);
  const shares = sharesOf(payment, allocations, open, leftMinor);
  await storePayment(tx, merchant, payment, { paymentId, creditId, allocations, leftMinor, shares });
  return { paymentId, paid: paidBy(allocations) };
}

/**
 * The receivables that a payment was collected for, then all other open ones, oldest first. Usually the first ones take the whole
 * payment. The others are then not read, as an account may have very many.
 */
async function payableBy(
  tx: Tx,
  merchant: MerchantId,
  { accountId, amountMinor, receivableIds }: NewPayment,
): Promise<OpenReceivableOfAccount[]> {
  if (receivableIds.length === 0) return openReceivables(tx, merchant, accountId);
  const own = await openReceivables(tx, merchant, accountId, receivableIds);
  const payable = own.reduce((sum, { underWay, openMinor }) => (underWay ? sum : sum + openMinor), 0n);
  if (payable >= amountMinor) return own;
  const all = await openReceivables(tx, merchant, accountId);
  return [...own, ...all.filter(({ id }) => !receivableIds.includes(id))];
}

/**
 * How a payment's amount is shared by contracts, for the postings. A payment that was collected for one receivable belongs to
 * the contract of its attempt, any other to the contracts of the receivables that it pays.
 */
function sharesOf(
  { contractId, amountMinor }: NewPayment,
  allocations: readonly Allocation[],
  open: readonly (OpenReceivable & { readonly contractId: string | null })[],
  leftMinor: bigint,
): [string | null, bigint][] {
  if (contractId !== undefined) return [[contractId, amountMinor]];
  const contractOf = new Map(open.map((each) => [each.id, each.contractId]));
  const paid = allocations.map((each): [string | null, bigint] => [
    contractOf.get(each.receivableId) ?? null,
    each.amountMinor,
  ]);
  return leftMinor > 0n ? [...paid, [null, leftMinor]] : paid;
}

/**
 * Pays receivables from account credit, after one was reopened or its attempt ended. The caller holds the account's lock.
 * Returns the ids of the receivables that were paid.
 */
export async function allocateWaiting(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  at: string,
): Promise<string[]> {
  const credits = await waitingCredits(tx, merchant, accountId);
  if (credits.length === 0) return [];
  const allocations = allocateCredits(credits, await openReceivables(tx, merchant, accountId));
  if (allocations.length > 0) await storeAllocations(tx, merchant, allocations, at);
  return paidBy(allocations);
}

/**
 * Records the chargeback of an attempt's payment, once. The receivables that it paid are open again, the rest of its credit is
 * removed, and its journal entry is reversed. The caller holds the account's lock.
 * @returns the ids of the receivables that changed; none if the chargeback was recorded before
 */
export async function recordChargeback(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  eventId: string,
  at: string,
): Promise<string[]> {
  const found = await findCredit(tx, merchant, attemptId);
  if (found === null) return [];
  const { credit, paid, shares } = found;
  const allocations = paid.map(({ receivableId, amountMinor }) => ({
    creditId: credit.id,
    receivableId,
    amountMinor: -amountMinor,
  }));
  await storeChargeback(tx, merchant, credit, { allocations, shares, eventId, at });
  const covered = await allocateWaiting(tx, merchant, credit.account_id, at);
  return [...new Set([...paid.map(({ receivableId }) => receivableId), ...covered])];
}

function paidBy(allocations: readonly Allocation[]): string[] {
  return [...new Set(allocations.map(({ receivableId }) => receivableId))];
}
