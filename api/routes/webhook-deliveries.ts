import { z } from 'zod';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import {
  type DeliveryRow,
  MOST_REPLAYED,
  getDelivery,
  listDeliveries,
  listWebhookAttempts,
} from '../../db/webhooks/deliveries.ts';
import { getEndpoint } from '../../db/webhooks/endpoints.ts';
import { replayMany, replayOne, sendTestEvent } from '../../engine/webhooks/endpoints.ts';
import { type Route, route } from '../route.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';
import {
  deliveryOut,
  deliveryParams,
  deliveryState,
  deliveryWithLogOut,
  replay,
  replayedOut,
} from '../schemas/webhook-endpoints.ts';

const tag = 'Webhook endpoints';

const deliveryToWire = (row: DeliveryRow): z.input<typeof deliveryOut> => ({
  endpoint: row.endpoint_id,
  event: row.event_id,
  type: row.type,
  object: row.object_id,
  sequence: row.sequence,
  state: row.state,
  next_try_at: row.state === 'waiting' ? row.due_at : null,
  tries: row.tries,
  first_tried_at: row.first_tried_at,
  done_at: row.done_at,
});

export const webhookDeliveryRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints/{id}/test',
      tag,
      summary: 'Send a test event',
      description:
        'The event `webhook.test` is sent to this endpoint alone, in the same way as other events.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [202],
      response: deliveryOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => deliveryToWire(await sendTestEvent(db, merchant, params.id)),
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhook-endpoints/{id}/deliveries',
      tag,
      summary: 'List the deliveries of a webhook endpoint',
      description: 'The events of the endpoint with the state of their delivery, newest first.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject({ ...pageQuery, state: deliveryState.exactOptional() }),
      status: [200],
      response: page(deliveryOut),
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      found(await getEndpoint(db, merchant, params.id), 'webhook endpoint');
      const { state } = query;
      const filter = { endpoint: params.id, ...(state === undefined ? {} : { state }) };
      return mapPage(await listDeliveries(db, merchant, filter, query), deliveryToWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhook-endpoints/{id}/deliveries/{event}',
      tag,
      summary: 'Read a delivery and its log',
      scope: 'read',
      effect: 'read',
      params: deliveryParams,
      status: [200],
      response: deliveryWithLogOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => {
      found(await getEndpoint(db, merchant, params.id), 'webhook endpoint');
      const of = { endpoint: params.id, event: params.event };
      const row = found(await getDelivery(db, merchant, of), 'webhook delivery');
      return { ...deliveryToWire(row), log: await listWebhookAttempts(db, merchant, of) };
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints/{id}/deliveries/{event}/replay',
      tag,
      summary: 'Send an event again',
      description:
        'The event is sent again with the same id, even if it was delivered. It is tried for three days.',
      scope: 'write',
      effect: 'transaction',
      params: deliveryParams,
      status: [202],
      response: deliveryOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      deliveryToWire(await replayOne(db, merchant, { endpoint: params.id, event: params.event })),
  ),
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints/{id}/replay',
      tag,
      summary: 'Send many events again',
      description: `All dead events, or those of a span of time: at most ${MOST_REPLAYED.toLocaleString('en')} for each request.`,
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: replay,
      status: [202],
      response: replayedOut,
      errors: ['invalid_date'],
    },
    async ({ params, body }, { db, merchant }) => ({
      replayed: await replayMany(db, merchant, params.id, body),
    }),
  ),
];
