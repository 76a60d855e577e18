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
import { type EndpointRow, getEndpoint, listEndpoints, lockEndpoint } from '../../db/webhooks/endpoints.ts';
import {
  type MadeEndpoint,
  changeEndpoint,
  makeEndpoint,
  removeEndpoint,
  replayMany,
  replayOne,
  rotateEndpointSecret,
  sendTestEvent,
} from '../../engine/webhooks/endpoints.ts';
import { refuseChanged } from '../etag.ts';
import { type Personal, type Route, route } from '../route.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';
import {
  deliveryOut,
  deliveryParams,
  deliveryState,
  deliveryWithTriesOut,
  endpointChange,
  endpointOut,
  madeEndpointOut,
  newEndpoint,
  replay,
  replayedOut,
  secretRotation,
} from '../schemas/webhook-endpoints.ts';

const tag = 'Webhook endpoints';

/** A secret is shown once. It is stored only in its sealed form. */
const shownOnce: Personal<z.input<typeof madeEndpointOut>> = {
  keep: (body) => ({ ...body, secret: null }),
  restore: (kept) => Promise.resolve(kept),
};

const endpointToWire = (row: EndpointRow): z.input<typeof endpointOut> => ({
  id: row.id,
  url: row.url,
  description: row.description,
  event_types: row.event_types,
  state: row.state,
  disabled_because: row.disabled_because,
  failing_since: row.failing_since,
  accepted_at: row.accepted_at,
  old_secret_until: row.old_secret_until,
  created_at: row.created_at,
});
const madeToWire = (made: MadeEndpoint): z.input<typeof madeEndpointOut> => ({
  ...endpointToWire(made),
  secret: made.secret,
});

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

const endpoints: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints',
      tag,
      summary: 'Create a webhook endpoint',
      description:
        'From now on, the endpoint is sent events as signed POST requests by Standard Webhooks. The body of a request is the ' +
        'event. Any status from 200 to 299 accepts it; otherwise it is sent again, with growing pauses, for three days.',
      scope: 'admin',
      effect: 'transaction',
      body: newEndpoint,
      status: [201],
      response: madeEndpointOut,
      errors: ['invalid_webhook_url', 'too_many_webhook_endpoints'],
      personal: shownOnce,
    },
    async ({ body }, { db, merchant, deps }) => {
      const { url, description, event_types: eventTypes } = body;
      return madeToWire(await makeEndpoint(db, merchant, deps, { url, description, eventTypes }));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhook-endpoints',
      tag,
      summary: 'List webhook endpoints',
      scope: 'read',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(endpointOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => mapPage(await listEndpoints(db, merchant, query), endpointToWire),
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhook-endpoints/{id}',
      tag,
      summary: 'Read a webhook endpoint',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: endpointOut,
      etag: versionOf,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      endpointToWire(found(await getEndpoint(db, merchant, params.id), 'webhook endpoint')),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/webhook-endpoints/{id}',
      tag,
      summary: 'Change a webhook endpoint',
      description:
        'A filter of types applies to events that are recorded from now on. An endpoint that accepts nothing for three days ' +
        'is disabled. Its events wait until it is enabled again.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: endpointChange,
      status: [200],
      response: endpointOut,
      etag: versionOf,
      errors: ['invalid_webhook_url'],
    },
    async ({ params, body }, { db, merchant, deps, ifMatch }) => {
      await refuseChanged(ifMatch, async () =>
        versionOf(endpointToWire(found(await lockEndpoint(db, merchant, params.id), 'webhook endpoint'))),
      );
      const { event_types: eventTypes, ...same } = body;
      const change = { ...same, ...(eventTypes === undefined ? {} : { eventTypes }) };
      return endpointToWire(await changeEndpoint(db, merchant, deps, { id: params.id, change }));
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/webhook-endpoints/{id}',
      tag,
      summary: 'Delete a webhook endpoint',
      description:
        'It is sent nothing more. Events that waited for it and the log of its tries are deleted, too.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      status: [204],
      response: z.undefined(),
      errors: [],
    },
    async ({ params }, { db, merchant }) => {
      await removeEndpoint(db, merchant, params.id);
      return undefined;
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints/{id}/rotate-secret',
      tag,
      summary: 'Rotate the secret of a webhook endpoint',
      description:
        'For some hours, each webhook has two signatures, one by each secret, so that receivers can change without a gap.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: secretRotation,
      status: [201],
      response: madeEndpointOut,
      errors: [],
      personal: shownOnce,
    },
    async ({ params, body }, { db, merchant, deps }) =>
      madeToWire(await rotateEndpointSecret(db, merchant, deps, { id: params.id, hours: body.hours })),
  ),
];

const deliveries: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints/{id}/test',
      tag,
      summary: 'Send a test event',
      description: 'The event `webhook.test` is sent to this endpoint alone, in the ordinary way.',
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
      description: 'The events that the endpoint is sent, newest first.',
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
      response: deliveryWithTriesOut,
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
        'The event is sent again with the same id, also if it was delivered. It is tried for three days.',
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
      description: `All dead ones, or those of a span of time: at most ${MOST_REPLAYED.toLocaleString('en')} for each request.`,
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

/** The version of an endpoint. What its deliveries change does not belong to it. */
function versionOf({
  failing_since: _failing,
  accepted_at: _accepted,
  ...terms
}: z.input<typeof endpointOut>): object {
  return terms;
}

export const webhookEndpointRoutes: readonly Route[] = [...endpoints, ...deliveries];
