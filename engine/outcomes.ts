import { type AttemptState, levelAfterDecline, mayBecome } from '../domain/payments/dunning.ts';
import { formatMinor } from '../domain/arithmetic/money.ts';
import type { Outcome } from '../psp/port.ts';
import { lockAccount } from '../db/books/account-context.ts';
import { loadCases, setDunningLevel } from '../db/payments/cases.ts';
import { type Listeners, followReceivables } from './follow.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import { allocateWaiting, bookPayment } from './payments.ts';
import { type Tx, maybeRow, rows } from '../db/platform/pool.ts';

interface Booked {
  readonly receivable_id: string;
  readonly account_id: string;
  readonly contract_id: string | null;
  readonly provider: string;
  readonly provider_object: string | null;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly state: AttemptState;
}

const ATTEMPT = `select receivable_id, account_id, contract_id, provider, provider_object, currency, amount_minor, state
  from attempts where merchant_id = $1 and id = $2`;

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
  const found = await maybeRow<Booked>(tx, ATTEMPT, [merchant, attemptId]);
  if (found === null) throw new Error(`there is no attempt ${attemptId}`);
  const at = await lockAccount(tx, merchant, found.account_id);
  await rows(tx, 'select from receivables where merchant_id = $1 and id = $2 for no key update', [
    merchant,
    found.receivable_id,
  ]);
  // Once more, now that nobody else can book on it.
  const attempt = await maybeRow<Booked>(tx, `${ATTEMPT} for no key update`, [merchant, attemptId]);
  if (attempt === null || !mayBecome(attempt.state, outcome.state)) return { changed: false, at };
  await rows(
    tx,
    `update attempts set state = $3, reason = $4, action_url = $5, decided_at = $6, lease_until = null, lookups = 0
     where merchant_id = $1 and id = $2`,
    [
      merchant,
      attemptId,
      outcome.state,
      outcome.state === 'declined' ? outcome.reason : null,
      outcome.state === 'requires_action' ? outcome.actionUrl : null,
      at,
    ],
  );
  const touched = await effectsOf(tx, merchant, attemptId, attempt, outcome, at);
  await followReceivables(tx, merchant, [...new Set([attempt.receivable_id, ...touched])], at, listeners);
  return { changed: true, at };
}

/** What an outcome does to money and dunning; answers further receivables that it touched. */
async function effectsOf(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  attempt: Booked,
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
  const found = await maybeRow<Booked>(tx, ATTEMPT, [merchant, attemptId]);
  if (found === null) return;
  const at = await lockAccount(tx, merchant, found.account_id);
  await rows(
    tx,
    `update attempts set lookups = lookups + 1, decided_at = $3
     where merchant_id = $1 and id = $2 and state in ('unknown', 'pending', 'requires_action')`,
    [merchant, attemptId, at],
  );
  await followReceivables(tx, merchant, [found.receivable_id], at, listeners);
}
