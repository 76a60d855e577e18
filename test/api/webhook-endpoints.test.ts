// Webhook endpoints over the API: their secrets are shown once, and only allowed addresses are accepted.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { row, rows } from '../support/rows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let strict: TestApi;
let caller: Caller;
let strictCaller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  const vault = createVault([Buffer.alloc(32, 7)]);
  api = await startTestApi(database.pool, vault);
  strict = await startTestApi(database.pool, vault, { webhookTargets: 'public' });
});
beforeEach(async () => {
  const { test } = await createMerchant(database.pool, 'Wolkenwerk');
  caller = await api.caller(test);
  strictCaller = await strict.caller(test);
});
afterAll(async () => {
  expect([api.errors, strict.errors]).toEqual([[], []]);
  await Promise.all([api.stop(), strict.stop()]);
  await database.close();
});

const URL = 'https://shop.example/hooks';
const make = async (body: object = {}) =>
  (await caller.post('/v1/webhook-endpoints', { url: URL, ...body })).body;

describe('an endpoint', () => {
  it('shows its secret once, which the database has only sealed', async () => {
    const made = await caller.post('/v1/webhook-endpoints', { url: URL }, { 'idempotency-key': 'k' });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^whe_/),
        url: URL,
        description: null,
        event_types: null,
        state: 'enabled',
        disabled_because: null,
        failing_since: null,
        accepted_at: null,
        old_secret_until: null,
        created_at: expect.any(String),
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      },
    ]);
    const { secret, ...shown } = made.body;
    expect((await caller.get(`/v1/webhook-endpoints/${made.body.id}`)).body).toEqual(shown);
    const again = await caller.post('/v1/webhook-endpoints', { url: URL }, { 'idempotency-key': 'k' });
    expect(again.body).toEqual({ ...shown, secret: null });
    expect((await caller.get('/v1/webhook-endpoints')).body).toEqual({ data: [shown], next_cursor: null });
    const stored = await row<{ sealed: Buffer }>(
      database.pool,
      'select sealed_secret as sealed from webhook_endpoints where id = $1',
      [made.body.id],
    );
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
    expect(stored.sealed.includes(bytes)).toBe(false);
  });

  it.each([
    ['http://shop.example/', 'must begin with https://'],
    ['https://127.0.0.1/', 'is not a public address'],
    ['https://169.254.169.254/latest', 'is not a public address'],
    ['https://[::ffff:10.0.0.1]/', 'is not a public address'],
    ['https://localhost/', 'is not a public address'],
  ])('of %s is refused unless the installation allows it', async (url, message) => {
    const { status, body } = await strictCaller.post('/v1/webhook-endpoints', { url });
    expect([status, body.code, body.errors]).toEqual([
      422,
      'invalid_webhook_url',
      [{ field: 'url', message }],
    ]);
    const { id } = await make();
    expect((await strictCaller.patch(`/v1/webhook-endpoints/${id}`, { url })).body.code).toBe(
      'invalid_webhook_url',
    );
    expect((await caller.post('/v1/webhook-endpoints', { url })).status).toBe(201);
  });

  it('may want some types of events, and an unknown type is refused', async () => {
    const { id } = await make({ event_types: ['invoice.paid'] });
    const changed = await caller.patch(`/v1/webhook-endpoints/${id}`, {
      event_types: null,
      description: 'Shop',
    });
    expect(changed.body).toMatchObject({ event_types: null, description: 'Shop', url: URL });
    expect(
      (await caller.patch(`/v1/webhook-endpoints/${id}`, { event_types: ['invoice.gone'] })).status,
    ).toBe(400);
  });

  it('can be disabled, enabled and deleted', async () => {
    const { id } = await make();
    const path = `/v1/webhook-endpoints/${id}`;
    expect((await caller.patch(path, { enabled: false })).body).toMatchObject({
      state: 'disabled',
      disabled_because: 'merchant',
    });
    expect((await caller.patch(path, { enabled: true })).body).toMatchObject({
      state: 'enabled',
      disabled_because: null,
    });
    const { event } = (await caller.post(`${path}/test`)).body;
    expect((await caller.delete(path)).status).toBe(204);
    expect([(await caller.get(path)).status, (await caller.delete(path)).status]).toEqual([404, 404]);
    for (const below of ['deliveries', `deliveries/${event}`]) {
      expect((await caller.get(`${path}/${below}`)).status).toBe(404);
    }
    const stored = await rows(
      database.pool,
      'select sealed_secret, sealed_old_secret from webhook_endpoints where id = $1',
      [id],
    );
    expect(stored).toEqual([{ sealed_secret: null, sealed_old_secret: null }]);
  });

  it('gets another secret by a rotation, and keeps the old one for some hours', async () => {
    const { id, secret } = await make();
    const rotated = await caller.post(`/v1/webhook-endpoints/${id}/rotate-secret`, { hours: 2 });
    expect(rotated.status).toBe(201);
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(rotated.body.secret).not.toBe(secret);
    const left = Date.parse(rotated.body.old_secret_until) - Date.now();
    expect(Math.round(left / 60_000)).toBe(120);
  });

  it('is one of at most fifty', async () => {
    await rows(
      database.pool,
      `insert into webhook_endpoints (merchant_id, id, url, sealed_secret)
       select merchant_id, 'whe_' || n, url, '' from webhook_endpoints, generate_series(1, 49) n where id = $1`,
      [(await make()).id],
    );
    expect((await caller.post('/v1/webhook-endpoints', { url: URL })).body.code).toBe(
      'too_many_webhook_endpoints',
    );
  });

  it('can be changed only by a key with the scope admin, and tested by one with the scope write', async () => {
    const { id } = await make();
    const { merchant } = await row<{ merchant: never }>(
      database.pool,
      'select merchant_id as merchant from webhook_endpoints where id = $1',
      [id],
    );
    const writer = await api.caller(merchant, ['webhook-endpoints:write']);
    expect((await writer.post('/v1/webhook-endpoints', { url: URL })).status).toBe(403);
    expect((await writer.post(`/v1/webhook-endpoints/${id}/test`)).status).toBe(202);
    const reader = await api.caller(merchant, ['webhook-endpoints:read']);
    expect((await reader.post(`/v1/webhook-endpoints/${id}/test`)).status).toBe(403);
    expect((await reader.get(`/v1/webhook-endpoints/${id}/deliveries`)).status).toBe(200);
  });
});

describe('deliveries', () => {
  it('are listed by state, read with their log, and replayed', async () => {
    const { id } = await make();
    const path = `/v1/webhook-endpoints/${id}`;
    const tested = await caller.post(`${path}/test`);
    expect([tested.status, tested.body]).toEqual([
      202,
      {
        endpoint: id,
        event: expect.stringMatching(/^evt_/),
        type: 'webhook.test',
        object: id,
        sequence: 1,
        state: 'waiting',
        next_try_at: expect.any(String),
        tries: 0,
        first_tried_at: null,
        done_at: null,
      },
    ]);
    const { event: second } = (await caller.post(`${path}/test`)).body;
    const { event } = tested.body;
    await rows(
      database.pool,
      `insert into webhook_attempts (merchant_id, endpoint_id, event_id, at, duration_ms, status, error, answer)
       select merchant_id, endpoint_id, event_id, '2024-01-01T00:00:00Z', 12, 500, 'the answer has the status 500', 'no'
       from webhook_deliveries where event_id = $1`,
      [event],
    );
    await rows(
      database.pool,
      `update webhook_deliveries set state = 'dead', tries = 18, done_at = clock_timestamp() where event_id = $1`,
      [event],
    );
    const eventsOf = async (query: string): Promise<string[]> => {
      const { body } = await caller.get(`${path}/deliveries${query}`);
      return (body.data as { event: string }[]).map((each) => each.event);
    };
    expect(await eventsOf('?state=dead')).toEqual([event]);
    expect(await eventsOf('?state=waiting')).toHaveLength(1);
    expect(await eventsOf('?state=delivered')).toEqual([]);
    expect(await eventsOf('')).toEqual([second, event]);
    const first = (await caller.get(`${path}/deliveries?limit=1`)).body;
    expect(await eventsOf(`?limit=1&cursor=${first.next_cursor}`)).toEqual([event]);
    expect((await caller.get(`${path}/deliveries/${event}`)).body).toMatchObject({
      state: 'dead',
      tries: 18,
      next_try_at: null,
      log: [
        {
          at: '2024-01-01T00:00:00.000Z',
          duration_ms: 12,
          status: 500,
          error: 'the answer has the status 500',
          answer: 'no',
        },
      ],
    });
    expect((await caller.post(`${path}/deliveries/${event}/replay`)).body).toMatchObject({
      state: 'waiting',
      tries: 0,
    });
    await rows(database.pool, `update webhook_deliveries set state = 'dead' where endpoint_id = $1`, [id]);
    const replayed = await caller.post(`${path}/replay`, { dead: true });
    expect([replayed.status, replayed.body]).toEqual([202, { replayed: 2 }]);
    await rows(database.pool, `update webhook_deliveries set state = 'delivered' where endpoint_id = $1`, [
      id,
    ]);
    const span = { from: '2024-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
    expect((await caller.post(`${path}/replay`, span)).body).toEqual({ replayed: 2 });
    const backwards = await caller.post(`${path}/replay`, { from: span.to, to: span.from });
    expect(backwards.status).toBe(400);
    const refusals = [
      [{}, 'from'],
      [{ from: span.from }, 'to'],
      [{ dead: true, ...span }, 'from'],
    ] as const;
    for (const [body, field] of refusals) {
      const refused = await caller.post(`${path}/replay`, body);
      expect([refused.status, refused.body.errors[0].field]).toEqual([400, field]);
    }
  });
});
