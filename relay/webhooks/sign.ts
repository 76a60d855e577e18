import { createHmac } from 'node:crypto';

/**
 * The headers of a webhook by Standard Webhooks. While a secret is being rotated there are two secrets, and a signature by each.
 * @param at the time of this try, in milliseconds
 */
export function signedHeaders(
  secrets: readonly Uint8Array[],
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(at / 1_000).toString();
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
