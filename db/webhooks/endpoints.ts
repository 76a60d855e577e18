import { z } from 'zod';
import { bytes, instant, int, list, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const view = {
  id: text,
  url: text,
  description: text.nullable(),
  /** Null: all types. */
  event_types: list(text).nullable(),
  state: z.enum(['enabled', 'disabled']),
  disabled_because: z.enum(['failing', 'gone', 'merchant']).nullable(),
  /** The instant of the first failure since the last accepted webhook. */
  failing_since: instant.nullable(),
  /** Accurate to a minute. */
  accepted_at: instant.nullable(),
  old_secret_until: instant.nullable(),
  created_at: instant,
};

/** An endpoint without its secrets. */
export type EndpointRow = RowOf<typeof view>;

const VIEW = `e.id, e.url, e.description, e.event_types, e.state, e.disabled_because, e.failing_since, e.accepted_at,
  case when e.old_secret_until > clock_timestamp() then e.old_secret_until end as old_secret_until, e.created_at`;
const OF_MERCHANT = `select ${VIEW} from webhook_endpoints e where e.merchant_id = :merchant and e.state <> 'deleted'`;
const OF_ENDPOINT = { merchant: 'text', endpoint: 'text' } as const;

const selectEndpoint = statement('webhookEndpoint', {
  sql: `${OF_MERCHANT} and e.id = :endpoint`,
  params: OF_ENDPOINT,
  row: view,
});

export function getEndpoint(db: Db, merchant: MerchantId, id: string): Promise<EndpointRow | null> {
  return selectEndpoint.maybeRow(db, { merchant, endpoint: id });
}

const lock = statement('lockWebhookEndpoint', {
  sql: `${OF_MERCHANT} and e.id = :endpoint for no key update`,
  params: OF_ENDPOINT,
  row: view,
});

/** Locks an endpoint before it is changed, or before an event about it is written. Null if there is none. */
export function lockEndpoint(tx: Tx, merchant: MerchantId, id: string): Promise<EndpointRow | null> {
  return lock.maybeRow(tx, { merchant, endpoint: id });
}

const listOfMerchant = listStatement('webhookEndpoints', {
  sql: OF_MERCHANT,
  params: { merchant: 'text' },
  row: view,
});

export function listEndpoints(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<EndpointRow>> {
  return listOfMerchant.page(db, { merchant }, page);
}

const count = statement('countWebhookEndpoints', {
  sql: `select count(*)::int as endpoints from webhook_endpoints e where e.merchant_id = :merchant and e.state <> 'deleted'`,
  params: { merchant: 'text' },
  row: { endpoints: int },
});

export async function countEndpoints(db: Db, merchant: MerchantId): Promise<number> {
  return (await count.row(db, { merchant })).endpoints;
}

const insert = statement('insertWebhookEndpoint', {
  sql: `
    insert into webhook_endpoints (merchant_id, id, url, description, event_types, sealed_secret)
    values (:merchant, :endpoint, :url, :description, :types, :sealed)`,
  params: { ...OF_ENDPOINT, url: 'text', description: 'text?', types: 'text[]?', sealed: 'bytea' },
});

/** The settings of an endpoint that a merchant chooses. */
export interface EndpointSettings {
  readonly url: string;
  readonly description: string | null;
  /** Null: all types. */
  readonly eventTypes: readonly string[] | null;
}

/** Stores an endpoint. `sealedFor` seals its secret for its new id. */
export async function insertEndpoint(
  db: Db,
  merchant: MerchantId,
  { url, description, eventTypes }: EndpointSettings,
  sealedFor: (id: string) => Uint8Array,
): Promise<string> {
  const id = newId('webhookEndpoint');
  await insert.run(db, {
    merchant,
    endpoint: id,
    url,
    description,
    types: eventTypes,
    sealed: sealedFor(id),
  });
  return id;
}

const update = statement('updateWebhookEndpoint', {
  sql: `
    update webhook_endpoints set url = :url, description = :description, event_types = :types
    where merchant_id = :merchant and id = :endpoint`,
  params: { ...OF_ENDPOINT, url: 'text', description: 'text?', types: 'text[]?' },
});

export async function updateEndpoint(
  db: Db,
  merchant: MerchantId,
  id: string,
  { url, description, eventTypes }: EndpointSettings,
): Promise<void> {
  await update.run(db, { merchant, endpoint: id, url, description, types: eventTypes });
}

const disable = statement('disableWebhookEndpoint', {
  sql: `
    update webhook_endpoints set state = 'disabled', disabled_because = :because, resting_until = null
    where merchant_id = :merchant and id = :endpoint and state = 'enabled'`,
  params: { ...OF_ENDPOINT, because: 'text' },
});

/** Disables an endpoint that is enabled. Its events wait. */
export async function disableEndpoint(
  db: Db,
  merchant: MerchantId,
  id: string,
  because: 'failing' | 'gone' | 'merchant',
): Promise<void> {
  await disable.run(db, { merchant, endpoint: id, because });
}

const enable = statement('enableWebhookEndpoint', {
  sql: `
    with enabled as (
      update webhook_endpoints set state = 'enabled', disabled_because = null, failures = 0, failing_since = null, resting_until = null,
        paused_until = null
      where merchant_id = :merchant and id = :endpoint and state = 'disabled' returning merchant_id, id)
    update webhook_deliveries d set due_at = clock_timestamp(), tries = 0, first_tried_at = null, lease_until = null
    from enabled e
    where d.merchant_id = e.merchant_id and d.endpoint_id = e.id and d.state = 'waiting' and d.tries > 0
      and (d.lease_until is null or d.lease_until <= clock_timestamp())`,
  params: OF_ENDPOINT,
});

/** Enables a disabled endpoint. Its waiting events are due at once, and those that were tried have three days again. */
export async function enableEndpoint(db: Db, merchant: MerchantId, id: string): Promise<void> {
  await enable.run(db, { merchant, endpoint: id });
}

const remove = statement('deleteWebhookEndpoint', {
  sql: `
    update webhook_endpoints set state = 'deleted', disabled_because = null, sealed_secret = null, sealed_old_secret = null
    where merchant_id = :merchant and id = :endpoint and state <> 'deleted'`,
  params: OF_ENDPOINT,
});

/** Deletes an endpoint with its secrets. Its events and their log are deleted later (`deleteOfDeletedEndpoints`). */
export async function deleteEndpoint(db: Db, merchant: MerchantId, id: string): Promise<boolean> {
  return (await remove.run(db, { merchant, endpoint: id })) > 0;
}

const rotate = statement('rotateWebhookSecret', {
  sql: `
    update webhook_endpoints
    set sealed_old_secret = sealed_secret, sealed_secret = :sealed,
      old_secret_until = clock_timestamp() + make_interval(hours => :hours)
    where merchant_id = :merchant and id = :endpoint and state <> 'deleted'`,
  params: { ...OF_ENDPOINT, sealed: 'bytea', hours: 'int' },
});

/** Gives an endpoint a new secret. The previous one also signs for the given hours. One that was rotated earlier signs no more. */
export async function rotateSecret(
  db: Db,
  merchant: MerchantId,
  id: string,
  { sealed, hours }: { readonly sealed: Uint8Array; readonly hours: number },
): Promise<void> {
  await rotate.run(db, { merchant, endpoint: id, sealed, hours });
}

const BATCH = 500;
const secrets = { merchant: text, id: text, sealed: bytes, old: bytes.nullable() };

const selectSecrets = statement('webhookSecretsAfter', {
  sql: `
    select merchant_id as merchant, id, sealed_secret as sealed, sealed_old_secret as old from webhook_endpoints
    where sealed_secret is not null and (merchant_id, id) > (:merchant, :id)
    order by merchant_id, id limit ${BATCH}`,
  params: { merchant: 'text', id: 'text' },
  row: secrets,
});

const updateSecret = statement('rewrapWebhookSecret', {
  sql: `
    update webhook_endpoints set sealed_secret = :renewed, sealed_old_secret = :renewedOld
    where merchant_id = :merchant and id = :id and sealed_secret = :sealed`,
  params: { merchant: 'text', id: 'text', sealed: 'bytea', renewed: 'bytea', renewedOld: 'bytea?' },
});

/** Renews all secrets for a rotation of the master key. One that changes meanwhile has the current key already. Returns how many. */
export async function renewSecrets(
  db: Db,
  renew: (sealed: Uint8Array, about: string) => Uint8Array | null,
): Promise<number> {
  let count = 0;
  for (let after = { merchant: '', id: '' }; ;) {
    const batch = await selectSecrets.rows(db, after);
    for (const { merchant, id, sealed, old } of batch) {
      const [renewed, renewedOld] = [renew(sealed, id), old === null ? null : renew(old, id)];
      if (renewed === null && renewedOld === null) continue;
      const both = { renewed: renewed ?? sealed, renewedOld: renewedOld ?? old };
      count += await updateSecret.run(db, { merchant, id, sealed, ...both });
    }
    const last = batch.at(-1);
    if (last === undefined) return count;
    after = { merchant: last.merchant, id: last.id };
  }
}
