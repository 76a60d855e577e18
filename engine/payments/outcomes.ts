import { UNDECIDED, mayBecome } from '../../domain/payments/attempt.ts';
import { levelAfterDecline } from '../../domain/payments/dunning.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import type { Outcome } from '../../psp/port.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { loadCase } from './collection-case.ts';
import { setLevel } from './dunning.ts';
import { type WakeRule, updateCollections } from './update-collections.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { allocateWaiting, recordPayment } from './payments.ts';
import type { Tx } from '../../db/platform/pool.ts';
import {
  type AttemptToRecord,
  countLookup,
  lockAttempt,
  readAttempt,
  storeOutcome,
} from '../../db/payments/outcomes.ts';

/**
 * Records the outcome of an attempt in the caller's transaction, with all of its effects: the payment and its allocations,
 * the dunning level, collection's agenda row, and the wakes. It locks the account, the receivables and the attempt. Outcomes may
 * arrive twice and in any order.
 * @returns whether the outcome changed anything, and the customer's now
 */
export async function recordOutcome(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  outcome: Outcome,
  wakeRule: WakeRule = {},
): Promise<{ changed: boolean; at: string }> {
  const found = await readAttempt(tx, merchant, attemptId);
  if (found === null) throw new Error(`there is no attempt ${attemptId}`);
  const at = await lockAccount(tx, merchant, found.account_id);
  // It is read again, as no other transaction can change it under the lock.
  const attempt = await lockAttempt(tx, merchant, attemptId, found.receivables);
  if (attempt === null || !mayBecome(attempt.state, outcome.state)) return { changed: false, at };
  await storeOutcome(tx, merchant, attemptId, {
    state: outcome.state,
    reason: outcome.state === 'declined' ? outcome.reason : null,
    actionUrl: outcome.state === 'requires_action' ? outcome.actionUrl : null,
    at,
  });
  const touched = await effectsOf(tx, merchant, attemptId, attempt, outcome, at);
  await updateCollections(tx, merchant, [...new Set([...attempt.receivables, ...touched])], at, wakeRule);
  return { changed: true, at };
}

/** Records the effects of an outcome on money and dunning. Returns the receivables that it paid. */
async function effectsOf(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  attempt: AttemptToRecord,
  outcome: Outcome,
  at: string,
): Promise<string[]> {
  const { receivables, account_id, contract_id, provider, currency, amount_minor } = attempt;
  if (outcome.state === 'succeeded') {
    const { paid } = await recordPayment(tx, merchant, {
      accountId: account_id,
      attemptId,
      provider,
      reference: attempt.provider_object ?? attemptId,
      text: `Payment of ${formatMinor(amount_minor, currency)} ${currency}`,
      currency,
      amountMinor: amount_minor,
      receivableIds: receivables,
      contractId: attempt.collection_id === null ? contract_id : undefined,
      at,
    });
    return paid;
  }
  if (outcome.state !== 'declined') return [];
  const found = await loadCase(tx, merchant, {
    receivableId: attempt.receivable_id,
    collectionId: attempt.collection_id,
  });
  if (found !== null) {
    const level = levelAfterDecline(found, found.attempts.filter(({ state }) => state === 'declined').length);
    await setLevel(tx, merchant, found, level);
  }
  // Credit that waited for this attempt pays now, before anything is tried again.
  return allocateWaiting(tx, merchant, account_id, at);
}

/** Records a look-up that failed or found nothing new. It postpones the next one. */
export async function recordLookup(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  wakeRule: WakeRule = {},
): Promise<void> {
  const found = await readAttempt(tx, merchant, attemptId);
  if (found === null) return;
  const at = await lockAccount(tx, merchant, found.account_id);
  await countLookup(tx, merchant, attemptId, { states: UNDECIDED, at });
  await updateCollections(tx, merchant, found.receivables, at, wakeRule);
}
