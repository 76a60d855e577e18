import { z } from 'zod';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { type EndpointRow, getEndpoint, listEndpoints, lockEndpoint } from '../../db/webhooks/endpoints.ts';
import {
  type EndpointWithSecret,
  changeEndpoint,
  createEndpoint,
  removeEndpoint,
  rotateEndpointSecret,
} from '../../engine/webhooks/endpoints.ts';
import { refuseChanged } from '../etag.ts';
import { type Personal, type Route, route } from '../route.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';
import {
  endpointChange,
  endpointOut,
  endpointWithSecretOut,
  newEndpoint,
  secretRotation,
} from '../schemas/webhook-endpoints.ts';

const tag = 'Webhook endpoints';

/** A secret is shown once. Tenor stores only its sealed form. */
const shownOnce: Personal<z.input<typeof endpointWithSecretOut>> = {
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
const withSecretToWire = (row: EndpointWithSecret): z.input<typeof endpointWithSecretOut> => ({
  ...endpointToWire(row),
  secret: row.secret,
});

export const webhookEndpointRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/webhook-endpoints',
      tag,
      summary: 'Create a webhook endpoint',
      description:
        'Tenor then sends new events to the endpoint as signed POST requests by Standard Webhooks. The body of a request is the ' +
        'event. Any status from 200 to 299 accepts it. Otherwise it is sent again, with growing pauses, for three days.',
      scope: 'admin',
      effect: 'transaction',
      body: newEndpoint,
      status: [201],
      response: endpointWithSecretOut,
      errors: ['invalid_webhook_url', 'too_many_webhook_endpoints'],
      personal: shownOnce,
    },
    async ({ body }, { db, merchant, deps }) => {
      const { url, description, event_types: eventTypes } = body;
      return withSecretToWire(await createEndpoint(db, merchant, deps, { url, description, eventTypes }));
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
        'A new filter of types applies to events that are recorded after the change. An endpoint that accepts nothing for three ' +
        'days is disabled. Its events wait until it is enabled again.',
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
        'Tenor sends nothing more to it. Its waiting events and the log of its tries are deleted, too.',
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
      response: endpointWithSecretOut,
      errors: [],
      personal: shownOnce,
    },
    async ({ params, body }, { db, merchant, deps }) =>
      withSecretToWire(await rotateEndpointSecret(db, merchant, deps, { id: params.id, hours: body.hours })),
  ),
];

/** The version of an endpoint: all fields but those that deliveries change. */
function versionOf({
  failing_since: _failing,
  accepted_at: _accepted,
  ...terms
}: z.input<typeof endpointOut>): object {
  return terms;
}
