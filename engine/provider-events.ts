import type { ProviderEvent } from '../psp/port.ts';
import { lockAccount } from '../db/books/account-context.ts';
import { followReceivables } from './follow.ts';
import { type MerchantId, merchantId } from '../db/platform/ids.ts';
import { bookOutcome } from './outcomes.ts';
import { bookChargeback } from './payments.ts';
import { type Pool, type Tx, inTransaction, maybeRow, rows } from '../db/platform/pool.ts';

interface Found {
  readonly id: string;
  readonly merchant_id: string;
  readonly account_id: string;
}

/**
 * Books what a provider's webhook says, once per (provider, event id), whether or not a workflow runs. Whoever waits
 * is woken only if something changed. An object that is not ours, or another merchant's, changes nothing: an object
 * is stored before money moves, so an event cannot come before it.
 */
export function bookProviderEvent(
  pool: Pool,
  provider: string,
  event: ProviderEvent,
): Promise<{ changed: boolean }> {
  return inTransaction(pool, async (tx) => {
    const attempt = await maybeRow<Found>(
      tx,
      `select id, merchant_id, account_id from attempts
       where provider = $1 and provider_object = $2 and merchant_id = $3`,
      [provider, event.providerObject, event.merchantId],
    );
    if (attempt === null) return { changed: false };
    const merchant = merchantId(attempt.merchant_id);
    // Under the account's lock, which both of two equal deliveries need: the second one finds the row of the first.
    const at = await lockAccount(tx, merchant, attempt.account_id);
    const known = await maybeRow(tx, 'select 1 from provider_events where provider = $1 and event_id = $2', [
      provider,
      event.eventId,
    ]);
    if (known !== null) return { changed: false };
    const changed = await book(tx, merchant, attempt, event, at);
    await rows(
      tx,
      `insert into provider_events (provider, event_id, merchant_id, type, provider_object, body, changed)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [provider, event.eventId, merchant, event.type, event.providerObject, JSON.stringify(event), changed],
    );
    return { changed };
  });
}

async function book(
  tx: Tx,
  merchant: MerchantId,
  attempt: Found,
  event: ProviderEvent,
  at: string,
): Promise<boolean> {
  const listeners = { elseContract: true };
  if (event.type === 'pending') {
    return (await bookOutcome(tx, merchant, attempt.id, { state: 'pending' }, listeners)).changed;
  }
  if (event.type === 'declined') {
    const outcome = { state: 'declined', reason: event.reason ?? 'other' } as const;
    return (await bookOutcome(tx, merchant, attempt.id, outcome, listeners)).changed;
  }
  // What is charged back was paid before, even if nobody told us.
  const { changed } = await bookOutcome(tx, merchant, attempt.id, { state: 'succeeded' }, listeners);
  if (event.type === 'succeeded') return changed;
  const reopened = await bookChargeback(tx, merchant, attempt.id, event.eventId, at);
  await followReceivables(tx, merchant, reopened, at, listeners);
  return reopened.length > 0 || changed;
}
