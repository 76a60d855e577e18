// Webhooks are verified as the library `standardwebhooks` does, which is the oracle here.
import { describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { WebhookRefused, verifyWebhook } from '../../client/index.ts';

const SECRET = `whsec_${btoa('a secret of 24 bytes long')}`;
const OTHER = `whsec_${btoa('another secret, 24 bytes.')}`;
const BODY = '{"type":"invoice.paid","data":{"id":"inv_1","name":"Käse"}}';

function signed(secret: string, { body = BODY, at = new Date(), id = 'msg_1' } = {}) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}
const secondsAgo = (seconds: number): Date => new Date(Date.now() - 1_000 * seconds);

/** Whether our function and the library accept the request. */
async function verdicts(secret: string, headers: Record<string, string>, body: string) {
  const ours = await verifyWebhook(secret, headers, body).then(
    () => true,
    (error: unknown) => {
      expect(error).toBeInstanceOf(WebhookRefused);
      return false;
    },
  );
  let theirs = true;
  try {
    new Webhook(secret).verify(body, headers);
  } catch {
    theirs = false;
  }
  return { ours, theirs };
}

const ACCEPTED = { ours: true, theirs: true };
const REFUSED = { ours: false, theirs: false };

describe('a webhook', () => {
  it('is accepted with the signature of its secret, as text, as bytes and with headers of fetch', async () => {
    expect(await verdicts(SECRET, signed(SECRET), BODY)).toEqual(ACCEPTED);
    const event = { type: 'invoice.paid', data: { id: 'inv_1', name: 'Käse' } };
    expect(await verifyWebhook(SECRET, signed(SECRET), new TextEncoder().encode(BODY))).toEqual(event);
    expect(await verifyWebhook(SECRET, new Headers(signed(SECRET)), BODY)).toEqual(event);
  });

  it('is accepted if one of several signatures fits, as during the rotation of a secret', async () => {
    const [first, second] = [signed(OTHER), signed(SECRET)];
    const both = {
      ...second,
      'webhook-signature': `v1a,abc ${first['webhook-signature']} v1,!! ${second['webhook-signature']}`,
    };
    expect(await verdicts(SECRET, both, BODY)).toMatchObject({ ours: true });
    expect(
      await verdicts(
        SECRET,
        { ...both, 'webhook-signature': `${first['webhook-signature']} ${second['webhook-signature']}` },
        BODY,
      ),
    ).toEqual(ACCEPTED);
    expect(await verdicts(SECRET, first, BODY)).toEqual(REFUSED);
  });

  it.each([
    ['an altered body', SECRET, signed(SECRET), BODY.replace('inv_1', 'inv_2')],
    ['a further space', SECRET, signed(SECRET), `${BODY} `],
    ['another secret', OTHER, signed(SECRET), BODY],
    ['another id', SECRET, { ...signed(SECRET), 'webhook-id': 'msg_2' }, BODY],
    [
      'a fresh timestamp over an old signature',
      SECRET,
      {
        ...signed(SECRET, { at: secondsAgo(900) }),
        'webhook-timestamp': signed(SECRET)['webhook-timestamp'],
      },
      BODY,
    ],
    ['an old timestamp', SECRET, signed(SECRET, { at: secondsAgo(310) }), BODY],
    ['a timestamp in the future', SECRET, signed(SECRET, { at: secondsAgo(-310) }), BODY],
    ['a timestamp that is no number', SECRET, { ...signed(SECRET), 'webhook-timestamp': 'now' }, BODY],
    ['no signature', SECRET, { ...signed(SECRET), 'webhook-signature': '' }, BODY],
    [
      'a signature of another version',
      SECRET,
      { ...signed(SECRET), 'webhook-signature': signed(SECRET)['webhook-signature'].replace('v1,', 'v2,') },
      BODY,
    ],
    ['a shortened signature', SECRET, { ...signed(SECRET), 'webhook-signature': 'v1,AAAA' }, BODY],
  ])('is refused with %s', async (_, secret, headers, body) => {
    expect(await verdicts(secret, headers, body)).toEqual(REFUSED);
  });

  it.each([290, -290])('is accepted %s seconds after its timestamp', async (seconds) => {
    expect(await verdicts(SECRET, signed(SECRET, { at: secondsAgo(seconds) }), BODY)).toEqual(ACCEPTED);
  });

  it.each(['', 'whsec_', 'whsec_!!', 'secret'])(
    'is refused with the unusable secret "%s"',
    async (secret) => {
      await expect(verifyWebhook(secret, signed(SECRET), BODY)).rejects.toThrow(WebhookRefused);
    },
  );
});
