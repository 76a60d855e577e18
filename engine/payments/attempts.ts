import { mayBecome } from '../../domain/payments/attempt.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import {
  type AttemptToCharge,
  abandonAttempts,
  insertAttempt,
  loadAttempt,
  storeSent,
} from '../../db/payments/attempts.ts';
import { type ReceivableCase, loadCases } from '../../db/payments/cases.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { followReceivables } from './follow.ts';

/** The answer to a process that wants to send an attempt. */
export type Sending =
  | { readonly kind: 'go'; readonly at: string }
  /** Somebody else sent it, and may still wait for the answer. */
  | { readonly kind: 'busy'; readonly seconds: number }
  /** Nothing is left to send; if less is open than it was made for, another attempt replaces it. */
  | { readonly kind: 'over'; readonly replacedBy: string | null };

/**
 * The transaction before money moves: under the locks, looks once more whether the receivable is open, stores the
 * provider's object, and marks the attempt as sent under a lease. `again`: it was sent before and never executed.
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
  if (attempt === null) return { kind: 'over', replacedBy: null };
  const ready = again === (attempt.state !== 'planned') && mayBecome(attempt.state, 'sent');
  if (!ready) {
    return attempt.state === 'sent' ? busy(attempt) : { kind: 'over', replacedBy: null };
  }
  if (again && attempt.leaseSeconds > 0) return busy(attempt);
  const [found] = await loadCases(tx, merchant, [attempt.receivableId]);
  const openMinor = found?.openMinor ?? 0n;
  if (found === undefined || attempt.methodRemoved || openMinor < attempt.amountMinor) {
    return giveUp(tx, attempt, found, at);
  }
  await storeSent(tx, attempt, { providerObject, at, leaseSeconds });
  return { kind: 'go', at };
}

function busy({ leaseSeconds }: AttemptToCharge): Sending {
  return { kind: 'busy', seconds: Math.max(1, leaseSeconds) };
}

/** Its amount is no longer what is open (its provider object cannot change), or its method is gone. */
async function giveUp(
  tx: Tx,
  attempt: AttemptToCharge,
  found: ReceivableCase | undefined,
  at: string,
): Promise<Sending> {
  const { merchant, id, receivableId } = attempt;
  await abandonAttempts(tx, merchant, [id], at);
  const partly = found !== undefined && found.openMinor > 0n && !attempt.methodRemoved;
  const replacedBy = partly ? await planAttempt(tx, merchant, found, at) : null;
  await followReceivables(tx, merchant, [receivableId], at);
  return { kind: 'over', replacedBy };
}

/** Plans the next attempt for all that is open of a receivable; null without a payment method. */
export async function planAttempt(
  tx: Tx,
  merchant: MerchantId,
  found: ReceivableCase,
  at: string,
): Promise<string | null> {
  const { methodId, provider, attempts } = found;
  if (methodId === null || provider === null) return null;
  const n = 1 + Math.max(0, ...attempts.map((attempt) => attempt.n));
  return insertAttempt(tx, merchant, found, { n, methodId, provider, at });
}
