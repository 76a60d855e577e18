// The signatures are those of Standard Webhooks: its own library and our client accept them, and refuse altered ones.
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { WebhookRefused, verifyWebhook } from '../../client/index.ts';
import { signedHeaders } from '../../relay/webhooks/sign.ts';

const NEW = Buffer.from('a secret of 32 bytes, quite long');
const OLD = Buffer.from('the secret before, also 32 bytes');
const whsec = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;
const BODY = '{"id":"evt_1","type":"invoice.paid","sequence":2,"data":{"name":"Käse"}}';
const sign = (secrets: readonly Buffer[]) =>
  signedHeaders(secrets, { id: 'evt_1', at: Date.now(), body: BODY });

async function verdicts(secret: string, headers: Readonly<Record<string, string>>, body = BODY) {
  const ours = await verifyWebhook(secret, headers, body).then(
    () => 'accepted',
    (error: unknown) => (error instanceof WebhookRefused ? 'refused' : String(error)),
  );
  try {
    new Webhook(secret).verify(body, headers);
    return [ours, 'accepted'];
  } catch {
    return [ours, 'refused'];
  }
}

describe('a signed webhook', () => {
  it('is accepted by the library of Standard Webhooks and by the client', async () => {
    const headers = sign([NEW]);
    expect(headers).toMatchObject({
      'webhook-id': 'evt_1',
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
    expect(await verdicts(whsec(NEW), headers)).toEqual(['accepted', 'accepted']);
  });

  it('has two signatures while its secret is rotated, and either secret accepts it', async () => {
    const headers = sign([NEW, OLD]);
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(await verdicts(whsec(NEW), headers)).toEqual(['accepted', 'accepted']);
    expect(await verdicts(whsec(OLD), headers)).toEqual(['accepted', 'accepted']);
  });

  it('is refused with another secret, id, timestamp or body', async () => {
    const headers = sign([NEW]);
    const refused = ['refused', 'refused'];
    expect(await verdicts(whsec(OLD), headers)).toEqual(refused);
    expect(await verdicts(whsec(NEW), { ...headers, 'webhook-id': 'evt_2' })).toEqual(refused);
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(await verdicts(whsec(NEW), { ...headers, 'webhook-timestamp': later })).toEqual(refused);
    expect(await verdicts(whsec(NEW), headers, BODY.replace('paid', 'void'))).toEqual(refused);
  });
});
