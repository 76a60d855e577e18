import { UNDECIDED, mayBecome } from '../../domain/payments/attempt.ts';
import { levelAfterDecline } from '../../domain/payments/dunning.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import type { Outcome } from '../../psp/port.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { loadCases, setDunningLevel } from '../../db/payments/cases.ts';
import { type Listeners, followReceivables } from './follow.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { allocateWaiting, bookPayment } from './payments.ts';
import type { Tx } from '../../db/platform/pool.ts';
import {
  type AttemptToBook,
  countLookup,
  lockAttempt,
  readAttempt,
  storeOutcome,
} from '../../db/payments/outcomes.ts';

/**
 * Books how an attempt stands, with all that follows from it, in the caller's transaction: the payment and what it
 * pays, dunning, collection's agenda row, and who is woken. Locks the account, the receivable and the attempt. Answers may come twice and in
 * any order; `changed` says whether this one said something new.
 */
export async function bookOutcome(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  outcome: Outcome,
  listeners: Listeners = {},
): Promise<{ changed: boolean; at: string }> {
  const found = await readAttempt(tx, merchant, attemptId);
  if (found === null) throw new Error(`there is no attempt ${attemptId}`);
  const at = await lockAccount(tx, merchant, found.account_id);
  // Once more, now that nobody else can book on it.
  const attempt = await lockAttempt(tx, merchant, attemptId, found.receivable_id);
  if (attempt === null || !mayBecome(attempt.state, outcome.state)) return { changed: false, at };
  await storeOutcome(tx, merchant, attemptId, {
    state: outcome.state,
    reason: outcome.state === 'declined' ? outcome.reason : null,
    actionUrl: outcome.state === 'requires_action' ? outcome.actionUrl : null,
    at,
  });
  const touched = await effectsOf(tx, merchant, attemptId, attempt, outcome, at);
  await followReceivables(tx, merchant, [...new Set([attempt.receivable_id, ...touched])], at, listeners);
  return { changed: true, at };
}

/** What an outcome does to money and dunning; answers further receivables that it touched. */
async function effectsOf(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  attempt: AttemptToBook,
  outcome: Outcome,
  at: string,
): Promise<string[]> {
  const { receivable_id, account_id, contract_id, provider, currency, amount_minor } = attempt;
  if (outcome.state === 'succeeded') {
    const { paid } = await bookPayment(tx, merchant, {
      accountId: account_id,
      attemptId,
      provider,
      reference: attempt.provider_object ?? attemptId,
      text: `Payment of ${formatMinor(amount_minor, currency)} ${currency}`,
      currency,
      amountMinor: amount_minor,
      receivableId: receivable_id,
      contractId: contract_id,
      at,
    });
    return paid;
  }
  if (outcome.state !== 'declined') return [];
  const [found] = await loadCases(tx, merchant, [receivable_id]);
  if (found !== undefined) {
    const level = levelAfterDecline(found, found.attempts.filter(({ state }) => state === 'declined').length);
    await setDunningLevel(tx, merchant, receivable_id, level);
  }
  // Credit that had to wait for this attempt pays now, before anything is tried again.
  return allocateWaiting(tx, merchant, account_id, at);
}

/** Notes that a look-up (made, or failed) told nothing new: the next one comes later. */
export async function noteLookup(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  listeners: Listeners = {},
): Promise<void> {
  const found = await readAttempt(tx, merchant, attemptId);
  if (found === null) return;
  const at = await lockAccount(tx, merchant, found.account_id);
  await countLookup(tx, merchant, attemptId, { states: UNDECIDED, at });
  await followReceivables(tx, merchant, [found.receivable_id], at, listeners);
}
