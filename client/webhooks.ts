import type { TenorEvent } from './types.ts';

/** How far the timestamp of a webhook may be from now. */
const TOLERANCE_SECONDS = 300;

/** The reason why a webhook is not genuine, or cannot be checked. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

/** Headers of a request: those of fetch, or those of Node with lower-case names. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Checks the signature and the timestamp of a webhook by Standard Webhooks.
 * @param secret the secret of the endpoint, `whsec_…`. During a rotation, either secret fits.
 * @param rawBody the body as it was received. A body that was parsed and written again has another signature.
 * @returns the event. Later versions may send further types of events, and further fields
 * @throws WebhookRefused if no signature fits, or if the timestamp is more than five minutes from now
 */
export async function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  rawBody: string | Uint8Array,
): Promise<TenorEvent> {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  ) as [string, string, string];
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookRefused('the timestamp is not a number of seconds');
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new WebhookRefused('the timestamp is more than five minutes from now');
  }
  const key = await crypto.subtle.importKey('raw', keyOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
  const body = typeof rawBody === 'string' ? new TextEncoder().encode(rawBody) : rawBody;
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  const given = signatures
    .split(' ')
    .flatMap((each) => (each.startsWith('v1,') ? [bytesOf(each.slice(3)) ?? new Uint8Array()] : []));
  // `verify` compares in constant time.
  const fits = await Promise.all(
    given.map((signature) => crypto.subtle.verify('HMAC', key, signature, signed)),
  );
  if (!fits.includes(true)) throw new WebhookRefused('no signature fits');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new WebhookRefused('the body is not JSON');
  }
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = isFetchHeaders(headers) ? headers.get(name) : headers[name];
  if (typeof value !== 'string' || value === '') throw new WebhookRefused(`the header ${name} is missing`);
  return value;
}

const isFetchHeaders = (headers: WebhookHeaders): headers is { get(name: string): string | null } =>
  typeof headers.get === 'function';

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : null;
  if (key === null || key.length === 0) throw new WebhookRefused('the secret is not whsec_ and base64');
  return key;
}

/** Decodes base64. Null for anything else. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
