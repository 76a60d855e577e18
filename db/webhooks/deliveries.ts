import { z } from 'zod';
import { instant, int, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** The states of a delivery, that is, of an event of one endpoint. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const view = {
  endpoint_id: text,
  event_id: text,
  type: text,
  object_id: text,
  sequence: int,
  state: z.enum(DELIVERY_STATES),
  /** When a waiting one is tried next, if its endpoint is enabled and no earlier event of its object waits. */
  due_at: instant,
  tries: int,
  first_tried_at: instant.nullable(),
  done_at: instant.nullable(),
};
export type DeliveryRow = RowOf<typeof view>;

const VIEW = `
  select d.endpoint_id, d.event_id, v.type, d.object_id, d.sequence, d.state, greatest(d.due_at, d.lease_until) as due_at, d.tries,
    d.first_tried_at, d.done_at
  from webhook_deliveries d
  join events v on v.merchant_id = d.merchant_id and v.id = d.event_id
  where d.merchant_id = :merchant and d.endpoint_id = :endpoint`;
const OF_ENDPOINT = { merchant: 'text', endpoint: 'text' } as const;
const OF_DELIVERY = { ...OF_ENDPOINT, event: 'text' } as const;

const listAll = listStatement('webhookDeliveries', {
  sql: VIEW,
  params: OF_ENDPOINT,
  row: view,
  key: 'event_id',
  newestFirst: true,
});

// The condition on the state names the index of undelivered rows, which are few.
const listUndelivered = listStatement('undeliveredWebhooks', {
  sql: `${VIEW} and d.state <> 'delivered' and d.state = :state`,
  params: { ...OF_ENDPOINT, state: 'text' },
  row: view,
  key: 'event_id',
  newestFirst: true,
});

const listDelivered = listStatement('deliveredWebhooks', {
  sql: `${VIEW} and d.state = 'delivered'`,
  params: OF_ENDPOINT,
  row: view,
  key: 'event_id',
  newestFirst: true,
});

/** The deliveries of an endpoint, the newest event first. */
export function listDeliveries(
  db: Db,
  merchant: MerchantId,
  { endpoint, state }: { readonly endpoint: string; readonly state?: DeliveryState },
  page: PageOf,
): Promise<Page<DeliveryRow>> {
  const of = { merchant, endpoint };
  if (state === undefined) return listAll.page(db, of, page);
  if (state === 'delivered') return listDelivered.page(db, of, page);
  return listUndelivered.page(db, { ...of, state }, page);
}

const selectDelivery = statement('webhookDelivery', {
  sql: `${VIEW} and d.event_id = :event`,
  params: OF_DELIVERY,
  row: view,
});

export function getDelivery(
  db: Db,
  merchant: MerchantId,
  { endpoint, event }: { readonly endpoint: string; readonly event: string },
): Promise<DeliveryRow | null> {
  return selectDelivery.maybeRow(db, { merchant, endpoint, event });
}

const attempt = {
  at: instant,
  duration_ms: int,
  status: int.nullable(),
  error: text.nullable(),
  answer: text.nullable(),
};
export type AttemptRow = RowOf<typeof attempt>;

/** How many of the newest tries of a delivery are listed. */
const MOST_LISTED = 100;

const selectAttempts = statement('webhookAttempts', {
  sql: `
    select at, duration_ms, status, error, answer from webhook_attempts
    where merchant_id = :merchant and endpoint_id = :endpoint and event_id = :event
    order by id desc limit ${MOST_LISTED}`,
  params: OF_DELIVERY,
  row: attempt,
});

/** The logged tries of a delivery, oldest first. */
export async function listWebhookAttempts(
  db: Db,
  merchant: MerchantId,
  { endpoint, event }: { readonly endpoint: string; readonly event: string },
): Promise<AttemptRow[]> {
  return (await selectAttempts.rows(db, { merchant, endpoint, event })).reverse();
}

/** SQL that makes deliveries `d` due again, as if they had never been tried. One that is being sent stays as it is. */
const replaying = (which: string): string => `
  update webhook_deliveries d
  set state = 'waiting', due_at = clock_timestamp(), tries = 0, first_tried_at = null, done_at = null, lease_until = null
  where d.merchant_id = :merchant and d.endpoint_id = :endpoint
    and (d.state <> 'waiting' or d.lease_until is null or d.lease_until <= clock_timestamp()) and ${which}`;

const replayOne = statement('replayWebhook', {
  sql: replaying('d.event_id = :event'),
  params: OF_DELIVERY,
});

/** Makes a delivery due at once, in whatever state it is. */
export async function replayDelivery(
  db: Db,
  merchant: MerchantId,
  { endpoint, event }: { readonly endpoint: string; readonly event: string },
): Promise<void> {
  await replayOne.run(db, { merchant, endpoint, event });
}

/** How many deliveries one request replays at most. */
export const MOST_REPLAYED = 10_000;

const replayDead = statement('replayDeadWebhooks', {
  sql: replaying(`d.event_id = any(array(
    select x.event_id from webhook_deliveries x
    where x.merchant_id = :merchant and x.endpoint_id = :endpoint and x.state <> 'delivered' and x.state = 'dead'
    order by x.event_id limit ${MOST_REPLAYED}))`),
  params: OF_ENDPOINT,
});

/** SQL of the smallest id of an event that may have been recorded at an instant: ids begin with the milliseconds (migration 0041). */
const firstIdAt = (instant: string): string =>
  `'evt_' || lpad(to_hex((extract(epoch from ${instant}) * 1000)::bigint), 12, '0')`;

// The ids find the events of the span in the index, and a second more: an id is made just before its event is recorded.
const replaySpan = statement('replayWebhooksOfSpan', {
  sql: replaying(`d.state <> 'waiting' and d.event_id = any(array(
    select x.event_id from webhook_deliveries x
    join events v on v.merchant_id = x.merchant_id and v.id = x.event_id and v.recorded_at >= :from and v.recorded_at < :to
    where x.merchant_id = :merchant and x.endpoint_id = :endpoint and x.state <> 'waiting'
      and x.event_id >= ${firstIdAt(`(:from - interval '1 second')`)} and x.event_id <= ${firstIdAt(`(:to + interval '1 second')`)}
    order by x.event_id limit ${MOST_REPLAYED}))`),
  params: { ...OF_ENDPOINT, from: 'timestamptz', to: 'timestamptz' },
});

/** Replays all dead deliveries of an endpoint, up to a number. Returns how many. */
export function replayAllDead(db: Db, merchant: MerchantId, endpoint: string): Promise<number> {
  return replayDead.run(db, { merchant, endpoint });
}

/** Replays the delivered and dead events that were recorded in `[from, to)`, the oldest first, up to a number. Returns how many. */
export function replayRecorded(
  db: Db,
  merchant: MerchantId,
  { endpoint, from, to }: { readonly endpoint: string; readonly from: string; readonly to: string },
): Promise<number> {
  return replaySpan.run(db, { merchant, endpoint, from, to });
}

const insertEvent = statement('insertEndpointEvent', {
  sql: `
    insert into events (merchant_id, type, object_id, occurred_at, data)
    values (:merchant, :type, :endpoint, date_trunc('milliseconds', clock_timestamp()), :data) returning id`,
  params: { ...OF_ENDPOINT, type: 'text', data: 'jsonb' },
  row: { id: text },
});

/** Writes an event about an endpoint, whose row the transaction has locked. Returns the event's id. */
export async function insertEndpointEvent(
  db: Db,
  merchant: MerchantId,
  endpoint: string,
  event: { readonly type: 'webhook.test' | 'webhook_endpoint.disabled'; readonly data: object },
): Promise<string> {
  return (await insertEvent.row(db, { merchant, endpoint, ...event })).id;
}
