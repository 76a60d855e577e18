import { randomBytes } from 'node:crypto';
import type { SecretBox } from '../../db/parties/secrets.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import {
  type DeliveryRow,
  getDelivery,
  insertEndpointEvent,
  replayAllDead,
  replayDelivery,
  replayRecorded,
} from '../../db/webhooks/deliveries.ts';
import {
  type EndpointRow,
  type EndpointSettings,
  countEndpoints,
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  getEndpoint,
  insertEndpoint,
  lockEndpoint,
  rotateSecret,
  updateEndpoint,
} from '../../db/webhooks/endpoints.ts';
import { DomainError } from '../../domain/errors.ts';
import { type WebhookTargets, checkWebhookUrl } from './targets.ts';

/** The most endpoints that a merchant may have. Requests at the same instant may exceed it by one each. */
const MOST_ENDPOINTS = 50;
const SECRET_BYTES = 32;

export interface EndpointDeps {
  readonly secrets: SecretBox;
  readonly webhookTargets: WebhookTargets;
}

/** An endpoint with its new secret, which is shown only once. */
export interface EndpointWithSecret extends EndpointRow {
  readonly secret: string;
}

/** A secret as Standard Webhooks writes it. */
const secretText = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`;

/**
 * Creates an endpoint.
 * @throws DomainError invalid_webhook_url, too_many_webhook_endpoints
 */
export async function createEndpoint(
  db: Db,
  merchant: MerchantId,
  { secrets, webhookTargets }: EndpointDeps,
  settings: EndpointSettings,
): Promise<EndpointWithSecret> {
  const url = checkWebhookUrl(settings.url, webhookTargets);
  if ((await countEndpoints(db, merchant)) >= MOST_ENDPOINTS) {
    throw new DomainError(
      'too_many_webhook_endpoints',
      `the merchant has ${MOST_ENDPOINTS} webhook endpoints; delete one first`,
    );
  }
  const secret = randomBytes(SECRET_BYTES);
  const id = await insertEndpoint(db, merchant, { ...settings, url }, (about) => secrets.seal(secret, about));
  return { ...(await readEndpoint(db, merchant, id)), secret: secretText(secret) };
}

/** @throws DomainError not_found */
async function readEndpoint(db: Db, merchant: MerchantId, id: string): Promise<EndpointRow> {
  return found(await getEndpoint(db, merchant, id), 'webhook endpoint');
}

/** The fields of an endpoint to change. Those that are left out stay as they are. */
export type EndpointChange = Partial<EndpointSettings> & { readonly enabled?: boolean };

/**
 * Changes an endpoint. Enabling it makes its waiting events due.
 * @throws DomainError not_found, invalid_webhook_url
 */
export async function changeEndpoint(
  tx: Tx,
  merchant: MerchantId,
  { webhookTargets }: Pick<EndpointDeps, 'webhookTargets'>,
  { id, change }: { readonly id: string; readonly change: EndpointChange },
): Promise<EndpointRow> {
  const { enabled, ...settings } = change;
  const before = found(await lockEndpoint(tx, merchant, id), 'webhook endpoint');
  const { url, description, event_types: eventTypes } = before;
  const after = { url, description, eventTypes, ...settings };
  const checked = settings.url === undefined ? url : checkWebhookUrl(after.url, webhookTargets);
  await updateEndpoint(tx, merchant, id, { ...after, url: checked });
  if (enabled === true) await enableEndpoint(tx, merchant, id);
  if (enabled === false) await disableEndpoint(tx, merchant, id, 'merchant');
  return readEndpoint(tx, merchant, id);
}

/** Deletes an endpoint, with its events and its log. @throws DomainError not_found */
export async function removeEndpoint(db: Db, merchant: MerchantId, id: string): Promise<void> {
  if (!(await deleteEndpoint(db, merchant, id))) found(null, 'webhook endpoint');
}

/**
 * Gives an endpoint a new secret. For `hours` more, its webhooks are also signed by the old one.
 * @throws DomainError not_found
 */
export async function rotateEndpointSecret(
  tx: Tx,
  merchant: MerchantId,
  { secrets }: Pick<EndpointDeps, 'secrets'>,
  { id, hours }: { readonly id: string; readonly hours: number },
): Promise<EndpointWithSecret> {
  found(await lockEndpoint(tx, merchant, id), 'webhook endpoint');
  const secret = randomBytes(SECRET_BYTES);
  await rotateSecret(tx, merchant, id, { sealed: secrets.seal(secret, id), hours });
  return { ...(await readEndpoint(tx, merchant, id)), secret: secretText(secret) };
}

/** Writes a test event for this endpoint alone. Returns its delivery. @throws DomainError not_found */
export async function sendTestEvent(tx: Tx, merchant: MerchantId, id: string): Promise<DeliveryRow> {
  const endpoint = found(await lockEndpoint(tx, merchant, id), 'webhook endpoint');
  const { origin, pathname } = new URL(endpoint.url); // its query may have a token
  const data = { url: origin + pathname };
  const event = await insertEndpointEvent(tx, merchant, id, { type: 'webhook.test', data });
  return found(await getDelivery(tx, merchant, { endpoint: id, event }), 'webhook delivery');
}

/** Makes an event due again, in whatever state it is. Returns its delivery. @throws DomainError not_found */
export async function replayOne(
  tx: Tx,
  merchant: MerchantId,
  of: { readonly endpoint: string; readonly event: string },
): Promise<DeliveryRow> {
  await readEndpoint(tx, merchant, of.endpoint);
  await replayDelivery(tx, merchant, of);
  return found(await getDelivery(tx, merchant, of), 'webhook delivery');
}

/** The events to send again: all dead ones, or those that were recorded in `[from, to)`. */
export interface ReplayRequest {
  readonly dead?: true;
  readonly from?: string;
  readonly to?: string;
}

/** Makes many events due again. Returns how many. @throws DomainError not_found */
export async function replayMany(
  tx: Tx,
  merchant: MerchantId,
  endpoint: string,
  { from, to }: ReplayRequest,
): Promise<number> {
  await readEndpoint(tx, merchant, endpoint);
  return from === undefined || to === undefined
    ? replayAllDead(tx, merchant, endpoint)
    : replayRecorded(tx, merchant, { endpoint, from, to });
}
