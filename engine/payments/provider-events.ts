import type { ProviderEvent } from '../../psp/port.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { updateCollections } from './update-collections.ts';
import { type MerchantId, merchantId } from '../../db/platform/ids.ts';
import { recordOutcome } from './outcomes.ts';
import { recordChargeback } from './payments.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { attemptOfObject, isKnownEvent, storeProviderEvent } from '../../db/payments/provider-events.ts';

/**
 * Records a provider event, once per (provider, event id), whether or not a workflow runs (rule 38). Workflows are woken only
 * if something changed. An event for an unknown provider object, or for one of another merchant, changes nothing: the object
 * is stored before money moves, so no event can arrive before it.
 */
export function recordProviderEvent(
  pool: Pool,
  provider: string,
  event: ProviderEvent,
): Promise<{ changed: boolean }> {
  return onBehalfOf(event.merchantId, () => inTransaction(pool, (tx) => recordOnce(tx, provider, event)));
}

async function recordOnce(tx: Tx, provider: string, event: ProviderEvent): Promise<{ changed: boolean }> {
  const { providerObject, eventId, type } = event;
  const attempt = await attemptOfObject(tx, event.merchantId, { provider, providerObject });
  if (attempt === null) return { changed: false };
  const merchant = merchantId(attempt.merchant_id);
  // Two deliveries of one event both need the account's lock, and the second one then finds the row of the first.
  const at = await lockAccount(tx, merchant, attempt.account_id);
  if (await isKnownEvent(tx, provider, eventId)) return { changed: false };
  const changed = await record(tx, merchant, attempt.id, event, at);
  const stored = { provider, eventId, type, providerObject, body: event, changed };
  await storeProviderEvent(tx, merchant, stored);
  return { changed };
}

async function record(
  tx: Tx,
  merchant: MerchantId,
  attemptId: string,
  event: ProviderEvent,
  at: string,
): Promise<boolean> {
  const wakeRule = { wakesContract: true };
  if (event.type === 'pending') {
    return (await recordOutcome(tx, merchant, attemptId, { state: 'pending' }, wakeRule)).changed;
  }
  if (event.type === 'declined') {
    const outcome = { state: 'declined', reason: event.reason ?? 'other' } as const;
    return (await recordOutcome(tx, merchant, attemptId, outcome, wakeRule)).changed;
  }
  // A chargeback implies that the attempt succeeded before, even if no webhook said so.
  const { changed } = await recordOutcome(tx, merchant, attemptId, { state: 'succeeded' }, wakeRule);
  if (event.type === 'succeeded') return changed;
  const reopened = await recordChargeback(tx, merchant, attemptId, event.eventId, at);
  await updateCollections(tx, merchant, reopened, at, wakeRule);
  return reopened.length > 0 || changed;
}
