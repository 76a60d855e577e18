import { mayBecome } from '../../domain/payments/attempt.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import {
  type AttemptToCharge,
  abandonAttempts,
  insertAttempt,
  loadAttempt,
  storeSent,
} from '../../db/payments/attempts.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { type Case, collectedBy, loadCase, partsOf, receivablesOf } from './collection-case.ts';
import { updateCollections } from './update-collections.ts';

/** Whether a process may send an attempt. */
export type Sending =
  | { readonly kind: 'send'; readonly at: string }
  /** Another process sent it, and may still wait for the answer, for `seconds`. */
  | { readonly kind: 'in_flight'; readonly seconds: number }
  /** There is nothing to send. If less is open than the attempt's amount, another attempt replaces it. */
  | { readonly kind: 'not_needed'; readonly replacedBy: string | null };

/**
 * Marks an attempt as sent, in the transaction before money moves. Under the locks it checks again that the receivable is
 * open, stores the provider object, and starts the lease.
 * @param again whether the attempt was sent before, and never executed by the provider
 */
export async function markSent(
  tx: Tx,
  attempted: AttemptToCharge,
  providerObject: string,
  { leaseSeconds, again }: { leaseSeconds: number; again: boolean },
): Promise<Sending> {
  const { merchant, id, accountId } = attempted;
  const at = await lockAccount(tx, merchant, accountId);
  const attempt = await loadAttempt(tx, id);
  if (attempt === null) return { kind: 'not_needed', replacedBy: null };
  const ready = again === (attempt.state !== 'planned') && mayBecome(attempt.state, 'sent');
  if (!ready) {
    return attempt.state === 'sent' ? inFlight(attempt) : { kind: 'not_needed', replacedBy: null };
  }
  if (again && attempt.leaseSeconds > 0) return inFlight(attempt);
  const found = await loadCase(tx, merchant, attempt);
  const stops = attempt.methodRemoved || (found?.onHold === true && !again);
  if (found === null || stops || found.openMinor < attempt.amountMinor) {
    return abandonAndReplace(tx, attempt, found, at);
  }
  await storeSent(tx, attempt, { providerObject, at, leaseSeconds });
  return { kind: 'send', at };
}

function inFlight({ leaseSeconds }: AttemptToCharge): Sending {
  return { kind: 'in_flight', seconds: Math.max(1, leaseSeconds) };
}

/**
 * Abandons an attempt whose amount exceeds the open amount, whose payment method was removed, or whose account is deactivated. The amount of its provider
 * object cannot change, so another attempt replaces it if an amount is still open.
 */
async function abandonAndReplace(
  tx: Tx,
  attempt: AttemptToCharge,
  found: Case | null,
  at: string,
): Promise<Sending> {
  const { merchant, id } = attempt;
  await abandonAttempts(tx, merchant, [id], at);
  if (found === null) return { kind: 'not_needed', replacedBy: null };
  const partly = found.openMinor > 0n && !attempt.methodRemoved && !found.onHold;
  const replacedBy = partly ? await planAttempt(tx, merchant, found, at) : null;
  await updateCollections(tx, merchant, receivablesOf(found), at);
  return { kind: 'not_needed', replacedBy };
}

/**
 * Plans the next attempt, for the whole open amount of a receivable or of a collection. Returns its id, or null without a payment
 * method.
 */
export async function planAttempt(
  tx: Tx,
  merchant: MerchantId,
  of: Case,
  at: string,
): Promise<string | null> {
  const { accountId, currency, openMinor, methodId, provider, attempts } = of;
  if (methodId === null || provider === null) return null;
  return insertAttempt(tx, merchant, {
    ...collectedBy(of),
    accountId,
    contractId: of.kind === 'account' ? null : of.contractId,
    currency,
    amountMinor: openMinor,
    shares: partsOf(of),
    n: 1 + Math.max(0, ...attempts.map((attempt) => attempt.n)),
    methodId,
    provider,
    at,
  });
}
