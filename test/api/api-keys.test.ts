import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { rows } from '../support/rows.ts';
import { AREAS } from '../../domain/parties/scopes.ts';
import { ROUTES } from '../../api/routes/index.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let admin: Caller;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, createVault([Buffer.alloc(32, 7)]));
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  admin = await api.caller(merchant, ['admin']);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const createKey = async (scopes: string[], caller = admin, more: object = {}) =>
  caller.post('/v1/api-keys', { name: 'reports', scopes, ...more });
const statusWith = async (key: string, path: string): Promise<number> =>
  (await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status;

describe('an API key', () => {
  it('is shown once: a repeated request under the same Idempotency-Key gets `null` instead', async () => {
    const request = { name: 'reports', scopes: ['invoices:read'] };
    const first = await admin.post('/v1/api-keys', request, { 'idempotency-key': 'make-1' });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      name: 'reports',
      scopes: ['invoices:read'],
      key: expect.stringMatching(/^tnr_test_[\w-]{32}$/),
      expires_at: null,
      last_used_at: null,
    });
    const again = await admin.post('/v1/api-keys', request, { 'idempotency-key': 'make-1' });
    expect(again.body).toEqual({ ...first.body, key: null });
    const stored = await rows(
      database.pool,
      `select from idempotency_keys x where x::text like '%${first.body.key}%'`,
    );
    expect(stored).toHaveLength(0);
    const read = await admin.get(`/v1/api-keys/${first.body.id}`);
    expect(read.body).not.toHaveProperty('key');
    expect((await admin.get('/v1/api-keys?limit=100')).body.data).toContainEqual(read.body);
  });

  it('with the scope `customers:write` may read customers, but not invoices or API keys', async () => {
    const { key } = (await createKey(['customers:write'])).body;
    expect(await statusWith(key, '/v1/customers')).toBe(200);
    expect(await statusWith(key, '/v1/invoices')).toBe(403);
    expect(await statusWith(key, '/v1/api-keys')).toBe(403);
    const { body } = await admin.get('/v1/api-keys?limit=100');
    const seen = body.data.findLast((each: { scopes: string[] }) => each.scopes[0] === 'customers:write');
    expect(seen.last_used_at).toEqual(expect.any(String));
  });

  it('gets no scope that the key that creates it does not have', async () => {
    const { key } = (await createKey(['api-keys:admin', 'usage:write'])).body;
    const clerk = async (scopes: string[]) =>
      fetch(`${api.url}/v1/api-keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'x', scopes }),
      });
    expect((await clerk(['usage:read', 'api-keys:admin'])).status).toBe(201);
    for (const scopes of [['read'], ['usage:admin'], ['usage:read', 'orders:read']]) {
      expect((await clerk(scopes)).status).toBe(403);
    }
    expect((await createKey(['usage:delete'])).body).toMatchObject({
      status: 400,
      errors: [{ field: 'scopes[0]' }],
    });
  });

  it('cannot revoke a key with more rights than its own', async () => {
    const { key } = (await createKey(['api-keys:admin'])).body;
    const revoke = async (id: string): Promise<number> =>
      (
        await fetch(`${api.url}/v1/api-keys/${id}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${key}` },
        })
      ).status;
    const [stronger, equal] = [(await createKey(['admin'])).body, (await createKey(['api-keys:read'])).body];
    expect(await revoke(stronger.id)).toBe(403);
    expect(await statusWith(stronger.key, '/v1/customers')).toBe(200);
    expect(await revoke(equal.id)).toBe(204);
  });

  it('expires at its `expires_at`, which must be in the future', async () => {
    const past = await createKey(['read'], admin, { expires_at: '2024-01-01T00:00:00Z' });
    expect(past.body).toMatchObject({ code: 'invalid_request', errors: [{ field: 'expires_at' }] });
    const { id, key } = (await createKey(['read'], admin, { expires_at: '2199-01-01T00:00:00Z' })).body;
    expect(await statusWith(key, '/v1/customers')).toBe(200);
    await rows(database.pool, `update api_keys set expires_at = clock_timestamp() where id = $1`, [id]);
    expect(await statusWith(key, '/v1/customers')).toBe(401);
  });

  it('stays valid for an hour after its rotation, and the new key has the same scopes and lifetime', async () => {
    const first = (await createKey(['customers:read'], admin, { expires_at: '2199-01-01T00:00:00Z' })).body;
    const next = await admin.post(`/v1/api-keys/${first.id}/rotate`, { hours: 1 });
    expect(next.status).toBe(201);
    expect(next.body).toMatchObject({ name: 'reports', scopes: ['customers:read'] });
    expect(next.body.expires_at.slice(0, 4)).toBe('2199');
    const old = (await admin.get(`/v1/api-keys/${first.id}`)).body;
    const left = Date.parse(old.expires_at) - Date.parse(next.body.created_at);
    expect(Math.round(left / 60_000)).toBe(60);
    expect(await statusWith(first.key, '/v1/customers')).toBe(200);
    expect(await statusWith(next.body.key, '/v1/customers')).toBe(200);

    expect((await admin.post(`/v1/api-keys/${next.body.id}/rotate`, { hours: 0 })).status).toBe(201);
    expect(await statusWith(next.body.key, '/v1/customers')).toBe(401);
    expect((await admin.post(`/v1/api-keys/${next.body.id}/rotate`, {})).status).toBe(404);
  });

  it('can be rotated again if the first answer was lost, and each new key has the same lifetime', async () => {
    const [endless, ending] = [
      (await createKey(['customers:read'])).body,
      (await createKey(['customers:read'], admin, { expires_at: '2199-01-01T00:00:00Z' })).body,
    ];
    for (const _ of [1, 2, 3]) {
      const next = await admin.post(`/v1/api-keys/${endless.id}/rotate`, { hours: 1 });
      expect([next.status, next.body.expires_at]).toEqual([201, null]);
      const after = await admin.post(`/v1/api-keys/${ending.id}/rotate`, { hours: 1 });
      expect(after.body.expires_at.slice(0, 4)).toBe('2199');
    }
  });

  it('stays valid for 24 hours after its rotation if the request has no body', async () => {
    const { id } = (await createKey(['customers:read'])).body;
    const next = await admin.post(`/v1/api-keys/${id}/rotate`);
    expect(next.status).toBe(201);
    const old = (await admin.get(`/v1/api-keys/${id}`)).body;
    const left = Date.parse(old.expires_at) - Date.parse(next.body.created_at);
    expect(Math.round(left / 3_600_000)).toBe(24);
  });

  it('is revoked immediately, and revoking it again succeeds', async () => {
    const { id, key } = (await createKey(['read'])).body;
    for (const _ of [1, 2]) expect((await admin.delete(`/v1/api-keys/${id}`)).status).toBe(204);
    expect(await statusWith(key, '/v1/customers')).toBe(401);
  });
});

it('twenty requests at once are authenticated with one key while its row is locked', async () => {
  const { id, key } = (await createKey(['read'])).body;
  const client = await database.pool.connect();
  await client.query('begin');
  await client.query('select from api_keys where id = $1 for update', [id]);
  const statuses = await Promise.all(Array.from({ length: 20 }, () => statusWith(key, '/v1/customers')));
  await client.query('rollback');
  client.release();
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it('each area of the scopes has a route', () => {
  const tags = new Set(ROUTES.map(({ spec }) => spec.tag));
  expect(Object.keys(AREAS).filter((area) => !tags.has(area as keyof typeof AREAS))).toEqual([]);
});

it('A merchant with 1,000 valid API keys gets no more until one is revoked', async () => {
  const busy = (await createMerchant(database.pool, 'Many keys')).test;
  const own = await api.caller(busy, ['admin']);
  await rows(
    database.pool,
    `insert into api_keys (merchant_id, id, name, hash, scopes)
     select $1, 'key_many_' || n, 'key', sha256(n::text::bytea), '{read}' from generate_series(2, 1000) n`,
    [busy],
  );
  const refused = await createKey(['read'], own);
  expect(refused.status).toBe(409);
  expect(refused.body.code).toBe('too_many_api_keys');
  expect((await own.delete('/v1/api-keys/key_many_2')).status).toBe(204);
  expect((await createKey(['read'], own)).status).toBe(201);
});
