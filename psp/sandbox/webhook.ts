import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { DECLINE_REASONS, type ProviderEvent } from '../port.ts';

const TIMESTAMP = 'tenor-sandbox-timestamp';
const SIGNATURE = 'tenor-sandbox-signature';
/** How far the sender's wall clock may be from ours. This limits how long a captured request can be replayed. */
const TOLERANCE_SECONDS = 300;

const id = z.string().regex(/^[\x21-\x7e]{1,100}$/);
export const eventType = z.enum(['succeeded', 'declined', 'pending', 'chargeback']);

export const eventBody = z.strictObject({
  id,
  merchant_id: id,
  object: id,
  type: eventType,
  reason: z.enum(DECLINE_REASONS).optional(),
  at: z.iso.datetime({ precision: 3 }),
});

/** The JSON of an event, as it is stored and sent. */
export type EventBody = z.infer<typeof eventBody>;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function signature(secret: string, timestamp: string, rawBody: Buffer | string): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody).digest();
}

/** The headers that prove who sent the body, and when. `nowSeconds` is wall time. */
export function signedHeaders(secret: string, rawBody: string, nowSeconds: number): Record<string, string> {
  const timestamp = String(Math.floor(nowSeconds));
  return {
    'content-type': 'application/json',
    [TIMESTAMP]: timestamp,
    [SIGNATURE]: `v1=${signature(secret, timestamp, rawBody).toString('hex')}`,
  };
}

/**
 * Checks the time and the signature over the raw bytes, and parses the event.
 * @throws DomainError invalid_signature for a wrong, old or missing signature; invalid_webhook for a signed body that is
 * not an event
 */
export function readWebhook(
  secret: string,
  rawBody: Buffer,
  headers: Headers,
  nowSeconds: number,
): ProviderEvent {
  const timestamp = one(headers[TIMESTAMP]);
  const given = Buffer.from(one(headers[SIGNATURE]).replace(/^v1=/, ''), 'hex');
  const expected = signature(secret, timestamp, rawBody);
  const fresh = /^\d{1,12}$/.test(timestamp) && Math.abs(nowSeconds - Number(timestamp)) <= TOLERANCE_SECONDS;
  // Compared in constant time, so that the right signature cannot be guessed byte by byte.
  if (!fresh || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new DomainError('invalid_signature', 'the signature does not match the body and the time');
  }
  return readEvent(rawBody.toString());
}

function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}

function readEvent(text: string): ProviderEvent {
  const read = eventBody.safeParse(jsonOrNull(text));
  if (!read.success) throw new DomainError('invalid_webhook', 'the body is not an event of the sandbox');
  const { id, merchant_id, object, type, reason, at } = read.data;
  return {
    eventId: id,
    merchantId: merchant_id,
    providerObject: object,
    type,
    ...(reason !== undefined && { reason }),
    at,
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
