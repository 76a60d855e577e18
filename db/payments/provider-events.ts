import { text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** An event of a provider's webhook, as it is stored. */
interface ProviderEventRow {
  readonly provider: string;
  readonly eventId: string;
  readonly type: string;
  readonly providerObject: string;
  /** The body as it was received. */
  readonly body: object;
  /** Whether the event changed anything. */
  readonly changed: boolean;
}

const attemptOwner = { id: text, merchant_id: text, account_id: text };

const selectAttempt = statement('attemptOfObject', {
  sql: `
    select id, merchant_id, account_id from attempts
    where provider = :provider and provider_object = :object and merchant_id = :merchant`,
  params: { merchant: 'text', provider: 'text', object: 'text' },
  row: attemptOwner,
});

/** The attempt that a provider's object charges; null if the merchant has no attempt with this object. */
export function attemptOfObject(
  tx: Tx,
  merchant: string,
  { provider, providerObject }: Pick<ProviderEventRow, 'provider' | 'providerObject'>,
): Promise<RowOf<typeof attemptOwner> | null> {
  return selectAttempt.maybeRow(tx, { merchant, provider, object: providerObject });
}

const selectEvent = statement('providerEvent', {
  sql: 'select event_id from provider_events where provider = :provider and event_id = :event',
  params: { provider: 'text', event: 'text' },
  row: { event_id: text },
});

export async function isKnownEvent(tx: Tx, provider: string, eventId: string): Promise<boolean> {
  const known = await selectEvent.maybeRow(tx, { provider, event: eventId });
  return known !== null;
}

const insertEvent = statement('insertProviderEvent', {
  sql: `
    insert into provider_events (provider, event_id, merchant_id, type, provider_object, body, changed)
    values (:provider, :eventId, :merchant, :type, :providerObject, :body, :changed)`,
  params: {
    merchant: 'text',
    provider: 'text',
    eventId: 'text',
    type: 'text',
    providerObject: 'text',
    body: 'jsonb',
    changed: 'boolean',
  },
});

export async function storeProviderEvent(
  tx: Tx,
  merchant: MerchantId,
  event: ProviderEventRow,
): Promise<void> {
  await insertEvent.run(tx, { merchant, ...event });
}
