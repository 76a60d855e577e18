/**
 * The queue of webhooks that are due. Relays read the endpoints with due webhooks in the order of their ids, so that merchants and
 * their endpoints take turns. A claim has a lease: if a relay dies, its webhooks can be claimed again when the lease ends. Of the events
 * of one object only the oldest is claimed, so an endpoint gets them in order.
 */
import { bytes, float, instant, int, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

/** The lease of a claimed webhook. It is longer than a try may take. */
export const LEASE_SECONDS = 60;

const dueEndpoint = {
  merchant: merchantColumn,
  endpoint: text,
  live: truth,
  /** Whether its newest try failed. */
  failing: truth,
};
/** An endpoint with due webhooks. */
export type DueEndpoint = RowOf<typeof dueEndpoint>;

const selectDue = statement('endpointsWithDueWebhooks', {
  sql: sqlFile(import.meta.url, 'due-endpoints.sql'),
  params: { merchant: 'text', endpoint: 'text', busy: 'text[]', limit: 'int' },
  row: dueEndpoint,
});

/** The next endpoints with due webhooks, after one in the order of (merchant, id). Those in `busy` are passed over. */
export function endpointsWithDue(
  db: Db,
  after: { readonly merchant: string; readonly endpoint: string },
  { busy, limit }: { readonly busy: readonly string[]; readonly limit: number },
): Promise<DueEndpoint[]> {
  return selectDue.rows(db, { ...after, busy, limit });
}

const claimed = {
  merchant: merchantColumn,
  endpoint: text,
  event: text,
  /** How often it was tried since it was last made due by hand, this time included. The number also identifies the claim. */
  tries: int,
  url: text,
  sealed_secret: bytes,
  /** The previous secret, during a rotation. */
  sealed_old_secret: bytes.nullable(),
};
/** A webhook that the caller may send now. */
export type ClaimedWebhook = RowOf<typeof claimed>;

const claim = statement('claimWebhooks', {
  sql: sqlFile(import.meta.url, 'claim-webhooks.sql'),
  params: { merchants: 'text[]', endpoints: 'text[]', most: 'int[]', lease: 'int' },
  row: claimed,
});

/** Claims due webhooks for the caller: at most `most` of each endpoint, and of the events of an object only the oldest. */
export function claimWebhooks(
  db: Db,
  turns: readonly { readonly merchant: string; readonly endpoint: string; readonly most: number }[],
): Promise<ClaimedWebhook[]> {
  return claim.rows(db, {
    merchants: turns.map(({ merchant }) => merchant),
    endpoints: turns.map(({ endpoint }) => endpoint),
    most: turns.map(({ most }) => most),
    lease: LEASE_SECONDS,
  });
}

/** The name of a webhook: an event of an endpoint. */
export interface WebhookKey {
  readonly endpoint: string;
  readonly event: string;
}

/** A try, for the log. */
export interface LoggedTry {
  /** When it began. */
  readonly at: string;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
}

const KEY = { merchant: 'text', endpoint: 'text', event: 'text' } as const;
const TRY = {
  at: 'timestamptz',
  durationMs: 'int',
  status: 'int?',
  error: 'text?',
  answer: 'text?',
} as const;
const LOGGING = `
  insert into webhook_attempts (merchant_id, endpoint_id, event_id, at, duration_ms, status, error, answer)
  values (:merchant, :endpoint, :event, :at, :durationMs, :status, :error, :answer)`;
/** SQL that makes the next event of the object due, after the one in `done` was delivered or died. */
const NEXT = `
  update webhook_deliveries d set due_at = statement_timestamp()
  from done
  where d.merchant_id = done.merchant_id and d.endpoint_id = done.endpoint_id and d.event_id = (
    select b.event_id from webhook_deliveries b
    where b.merchant_id = done.merchant_id and b.endpoint_id = done.endpoint_id and b.object_id = done.object_id
      and b.state = 'waiting' and b.event_id <> done.event_id
    order by b.sequence limit 1)`;

const accept = statement('webhookAccepted', {
  sql: `
    with done as (
      update webhook_deliveries set state = 'delivered', done_at = statement_timestamp(), lease_until = null
      where merchant_id = :merchant and endpoint_id = :endpoint and event_id = :event and state = 'waiting'
      returning merchant_id, endpoint_id, event_id, object_id),
    next as (${NEXT}),
    logged as (${LOGGING}),
    works as (
      update webhook_endpoints
      set failures = 0, failing_since = null, resting_until = null, accepted_at = statement_timestamp()
      where merchant_id = :merchant and id = :endpoint
        and (failing_since is not null or accepted_at is null or accepted_at <= statement_timestamp() - interval '1 minute')
      returning merchant_id, id, old.resting_until is not null as rested)
    update webhook_deliveries d set due_at = statement_timestamp()
    from works w
    where w.rested and d.merchant_id = w.merchant_id and d.endpoint_id = w.id and d.state = 'waiting' and d.tries > 0
      and d.event_id <> :event and d.due_at > statement_timestamp()`,
  params: { ...KEY, ...TRY },
});

/**
 * Records that an endpoint accepted a webhook. The next event of its object is due at once. If the endpoint had to rest, everything
 * that it did not accept before is due, too.
 */
export async function storeAccepted(
  db: Db,
  merchant: MerchantId,
  key: WebhookKey,
  logged: LoggedTry,
): Promise<void> {
  const { at, durationMs, status, error, answer } = logged;
  await accept.run(db, { merchant, ...key, at, durationMs, status, error, answer });
}

const failedWebhook = {
  tries: int,
  triedFor: float,
  acceptedMeanwhile: truth,
  failures: int,
  failingFor: float,
  failing_since: instant,
  enabled: truth,
  url: text,
};

const lockFailed = statement('lockFailedWebhook', {
  sql: `
    select d.tries, extract(epoch from statement_timestamp() - d.first_tried_at)::float8 as "triedFor",
      coalesce(e.accepted_at > d.first_tried_at, false) as "acceptedMeanwhile", e.failures,
      coalesce(extract(epoch from statement_timestamp() - e.failing_since), 0)::float8 as "failingFor",
      coalesce(e.failing_since, statement_timestamp()) as failing_since, e.state = 'enabled' as enabled, e.url
    from webhook_endpoints e
    join webhook_deliveries d on d.merchant_id = e.merchant_id and d.endpoint_id = e.id
    where e.merchant_id = :merchant and e.id = :endpoint and e.state <> 'deleted'
      and d.event_id = :event and d.state = 'waiting' and d.tries = :tries
    for no key update`,
  params: { ...KEY, tries: 'int' },
  row: failedWebhook,
});

/** Locks an endpoint and a webhook that it did not accept. Null if another relay has claimed the webhook since, or it is done. */
export function lockFailedWebhook(
  tx: Tx,
  merchant: MerchantId,
  key: WebhookKey,
  tries: number,
): Promise<RowOf<typeof failedWebhook> | null> {
  return lockFailed.maybeRow(tx, { merchant, ...key, tries });
}

const fail = statement('webhookFailed', {
  sql: `
    with done as (
      update webhook_deliveries set lease_until = null, due_at = statement_timestamp() + make_interval(secs => :pause),
        state = case when :dead then 'dead' else state end, done_at = case when :dead then statement_timestamp() end
      where merchant_id = :merchant and endpoint_id = :endpoint and event_id = :event
      returning merchant_id, endpoint_id, event_id, object_id),
    logged as (${LOGGING}),
    fails as (
      update webhook_endpoints
      set failures = :failures, failing_since = coalesce(failing_since, statement_timestamp()),
        resting_until = statement_timestamp() + make_interval(secs => :rest),
        paused_until = greatest(paused_until, statement_timestamp() + make_interval(secs => :asked))
      where merchant_id = :merchant and id = :endpoint)
    ${NEXT} and :dead`,
  params: {
    ...KEY,
    ...TRY,
    pause: 'float8',
    dead: 'boolean',
    failures: 'int',
    rest: 'float8?',
    asked: 'float8?',
  },
});

/** The decision of `afterFailedTry`, in the form that is stored. */
export interface StoredFailure {
  readonly dead: boolean;
  readonly pause: number;
  readonly failures: number;
  readonly rest: number | null;
  readonly askedPause: number | null;
}

/** Records that an endpoint did not accept a webhook. The transaction has locked both rows. */
export async function storeFailed(
  tx: Tx,
  merchant: MerchantId,
  key: WebhookKey,
  logged: LoggedTry,
  { dead, pause, failures, rest, askedPause: asked }: StoredFailure,
): Promise<void> {
  const { at, durationMs, status, error, answer } = logged;
  await fail.run(tx, {
    merchant,
    ...key,
    at,
    durationMs,
    status,
    error,
    answer,
    dead,
    pause,
    failures,
    rest,
    asked,
  });
}

const discard = statement('discardWebhook', {
  sql: `
    with done as (
      delete from webhook_deliveries
      where merchant_id = :merchant and endpoint_id = :endpoint and event_id = :event and state = 'waiting'
      returning merchant_id, endpoint_id, event_id, object_id)
    ${NEXT}`,
  params: KEY,
});

/** Deletes a webhook whose event is not stored any more: its endpoint was disabled for longer than events are kept. */
export async function discardWebhook(db: Db, merchant: MerchantId, key: WebhookKey): Promise<void> {
  await discard.run(db, { merchant, ...key });
}

const deleteLogs = statement('deleteAttemptsOfDeletedEndpoints', {
  sql: `
    delete from webhook_attempts where ctid = any(array(
      select a.ctid from webhook_endpoints e
      join webhook_attempts a on a.merchant_id = e.merchant_id and a.endpoint_id = e.id
      where e.state = 'deleted' limit 1000))`,
});
const deleteRows = statement('deleteWebhooksOfDeletedEndpoints', {
  sql: `
    delete from webhook_deliveries where ctid = any(array(
      select d.ctid from webhook_endpoints e
      join webhook_deliveries d on d.merchant_id = e.merchant_id and d.endpoint_id = e.id
      where e.state = 'deleted' limit 1000))`,
});

/** Deletes a batch of the webhooks of deleted endpoints, and of their log. Returns how many rows it deleted. */
export async function deleteOfDeletedEndpoints(db: Db): Promise<number> {
  return (await deleteLogs.run(db, {})) + (await deleteRows.run(db, {}));
}
