import type { MerchantId } from '../platform/ids.ts';
import { type Tx, maybeRow, rows } from '../platform/pool.ts';

/** An event of a provider's webhook, as it is stored. */
interface ProviderEventRow {
  readonly provider: string;
  readonly eventId: string;
  readonly type: string;
  readonly providerObject: string;
  /** As it came. */
  readonly body: object;
  /** Whether it said something new. */
  readonly changed: boolean;
}

/** The attempt that a provider's object charges; null for an object that is none of the merchant's. */
export function attemptOfObject(
  tx: Tx,
  merchant: string,
  { provider, providerObject }: Pick<ProviderEventRow, 'provider' | 'providerObject'>,
): Promise<{ readonly id: string; readonly merchant_id: string; readonly account_id: string } | null> {
  return maybeRow(
    tx,
    `select id, merchant_id, account_id from attempts
     where provider = $1 and provider_object = $2 and merchant_id = $3`,
    [provider, providerObject, merchant],
  );
}

export async function isKnownEvent(tx: Tx, provider: string, eventId: string): Promise<boolean> {
  const known = await maybeRow(tx, 'select 1 from provider_events where provider = $1 and event_id = $2', [
    provider,
    eventId,
  ]);
  return known !== null;
}

export async function storeProviderEvent(
  tx: Tx,
  merchant: MerchantId,
  { provider, eventId, type, providerObject, body, changed }: ProviderEventRow,
): Promise<void> {
  await rows(
    tx,
    `insert into provider_events (provider, event_id, merchant_id, type, provider_object, body, changed)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [provider, eventId, merchant, type, providerObject, JSON.stringify(body), changed],
  );
}
