// Rate limits of the API. Two of its processes on one database share the buckets of keys and merchants.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiDeps } from '../../api/deps.ts';
import { type MerchantId } from '../../db/platform/ids.ts';
import { createApiKey, revokeApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { takeTokens } from '../../db/platform/buckets.ts';
import { type Pool, createPool, inTransaction } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import type { SharedPool } from '../../db/platform/shared-pool.ts';
import { createVault } from '../../db/parties/vault.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { type Answered, type TestApi, answered, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
/** A token comes back in 1,000 seconds, so none does during a test. A batch of a key is 2 tokens, of a merchant 3. */
const RATES = { key: { perSecond: 0.001, burst: 20 }, merchant: { perSecond: 0.001, burst: 30 } };

let database: Awaited<ReturnType<typeof createTestPool>>;
/** The connections for the buckets. A statement that waits for a locked bucket gives up after 200 ms. */
let buckets: Pool;
const running: TestApi[] = [];
beforeAll(async () => {
  database = await createTestPool();
  buckets = createPool(database.url, { max: 2, limits: { lockMs: 200 } });
});
afterAll(async () => {
  for (const api of running) await api.stop();
  await buckets.end();
  await database.close();
});

type Options = Parameters<typeof startTestApi>[2];

/** A pool, and the number of look-ups of API keys on it. */
function countingLookUps(): { readonly pool: Pool; readonly lookUps: () => number } {
  const pool = createPool(database.url, { max: 5 });
  const query = vi.spyOn(pool, 'query');
  return {
    pool,
    lookUps: () =>
      query.mock.calls.filter((call) => /from api_keys k(\s|\\n)+join merchants/.test(JSON.stringify(call)))
        .length,
  };
}

/** A process of the API, and the number of times that it asked a bucket for tokens. */
async function startLimited(
  more: Options = {},
  pool = database.pool,
): Promise<TestApi & { readonly bucketRequests: () => number }> {
  let bucketRequests = 0;
  const rateLimits: ApiDeps['rateLimits'] = {
    rates: RATES,
    take: (bucket, wanted) => {
      bucketRequests++;
      return takeTokens(buckets, bucket, wanted);
    },
  };
  const api = await startTestApi(pool, vault, { rateLimits, ...more });
  running.push(api);
  return { ...api, bucketRequests: () => bucketRequests };
}

async function makeKey(merchant?: MerchantId): Promise<{ merchant: MerchantId; key: string; keyId: string }> {
  const owner = merchant ?? (await createMerchant(database.pool, 'Wolkenwerk')).live;
  return { merchant: owner, ...(await createApiKey(database.pool, owner, 'test', ['admin'])) };
}

async function ask({ url }: TestApi, key: string, path = '/v1/customers'): Promise<Answered> {
  return answered(await fetch(url + path, { headers: { authorization: `Bearer ${key}` } }));
}

/** Sends the given number of requests, one after the other, to the APIs in turn. */
async function askOften(apis: readonly TestApi[], key: string, times: number): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let n = 0; n < times; n++) answers.push(await ask(apis[n % apis.length]!, key));
  return answers;
}

const admitted = (answers: readonly Answered[]): number =>
  answers.filter(({ status }) => status === 200).length;

describe('a key', () => {
  it('may make as many requests as its bucket allows, at two processes together', async () => {
    const [one, two] = [await startLimited(), await startLimited()];
    const { key } = await makeKey();
    const answers = await askOften([one, two], key, 50);
    // One process may have an unused batch that the other one does not get.
    expect(admitted(answers)).toBeLessThanOrEqual(20);
    expect(admitted(answers)).toBeGreaterThanOrEqual(20 - 2);
    expect(answers.slice(-20).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 429));
  });

  it('reads in each answer how many requests are left, and in a refusal when to try again', async () => {
    const api = await startLimited();
    const { key } = await makeKey();
    const [first, ...others] = await askOften([api], key, 21);
    const policy = '"key";q=20;w=20000, "merchant";q=30;w=30000';
    expect(first?.headers.get('ratelimit-policy')).toBe(policy);
    expect(first?.headers.get('ratelimit')).toBe('"key";r=19;t=1000, "merchant";r=29;t=1000');
    const refused = others.at(-1)!;
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'too_many_requests', limit: 'key' });
    expect(refused.headers.get('ratelimit-policy')).toBe(policy);
    // A batch of two comes back in 2,000 seconds.
    expect(refused.headers.get('retry-after')).toBe('2000');
    expect(refused.headers.get('ratelimit')).toBe('"key";r=0;t=2000, "merchant";r=10;t=1000');
    expect(api.errors).toEqual([]);
  });

  it('keeps its used bucket when the process restarts', async () => {
    const { key } = await makeKey();
    const before = await startLimited();
    expect(admitted(await askOften([before], key, 20))).toBe(20);
    const after = await startLimited();
    expect(admitted(await askOften([after], key, 5))).toBe(0);
  });

  it('may make requests again when tokens have come back', async () => {
    let now = 0;
    const api = await startLimited({ now: () => now });
    const { key, keyId } = await makeKey();
    expect(admitted(await askOften([api], key, 25))).toBe(20);
    await rows(
      database.pool,
      `update rate_buckets set refilled_at = refilled_at - interval '2000 seconds' where holder = $1`,
      [keyId],
    );
    now = 1_999_000;
    expect(admitted(await askOften([api], key, 5))).toBe(0);
    now = 2_000_000;
    expect(admitted(await askOften([api], key, 5))).toBe(2);
  });
});

describe('a merchant', () => {
  it('has one limit for all its keys, and another merchant has its own', async () => {
    const [one, two] = [await startLimited(), await startLimited()];
    const [first, other] = [await makeKey(), await makeKey()];
    const second = await makeKey(first.merchant);
    const answers = [
      ...(await askOften([one, two], first.key, 18)),
      ...(await askOften([one, two], second.key, 18)),
    ];
    expect(admitted(answers)).toBeLessThanOrEqual(30);
    expect(admitted(answers)).toBeGreaterThanOrEqual(30 - 3);
    expect(answers.at(-1)?.body).toMatchObject({ code: 'too_many_requests', limit: 'merchant' });
    expect(admitted(await askOften([one, two], other.key, 10))).toBe(10);
  });
});

describe('the database work', () => {
  it('is one statement for each batch of requests, and none for refused requests', async () => {
    const api = await startLimited();
    const { key, keyId, merchant } = await makeKey();
    await askOften([api], key, 20);
    // Ten batches of the key, seven of the merchant, and one of each that is not needed yet.
    expect(api.bucketRequests()).toBeLessThanOrEqual(10 + 7 + 2);
    await askOften([api], key, 1); // waits for the requests to the buckets that are under way
    const before = api.bucketRequests();
    await rows(database.pool, `update api_keys set last_used_at = null where id = $1`, [keyId]);
    const answers = await askOften([api], key, 10);
    expect(admitted(answers)).toBe(0);
    expect(api.bucketRequests()).toBe(before);
    // A look-up would set `last_used_at`.
    const noted = await rows(
      database.pool,
      'select last_used_at from api_keys where merchant_id = $1 and last_used_at is not null',
      [merchant],
    );
    expect(noted).toEqual([]);
  });

  it('of 200 requests at once is one look-up for each of the 20 allowed requests, not for the refused ones', async () => {
    const { pool, lookUps } = countingLookUps();
    const api = await startLimited({}, pool);
    const { key } = await makeKey();
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(api, key)));
    expect(admitted(answers)).toBe(20);
    // Twenty, and the first one, by which the process learnt the key.
    expect(lookUps()).toBe(21);
    await pool.end();
  });

  it('is still done for a known key, so that a revoked one is refused with 401', async () => {
    const api = await startLimited();
    const { key, keyId, merchant } = await makeKey();
    await askOften([api], key, 3);
    await revokeApiKey(database.pool, merchant, keyId);
    expect((await ask(api, key)).status).toBe(401);
  });
});

describe('a bucket that does not answer', () => {
  it('lets a batch of requests in, and is asked again later', async () => {
    let now = 0;
    const api = await startLimited({ now: () => now });
    const { key, keyId } = await makeKey();
    expect(admitted(await askOften([api], key, 21))).toBe(20);
    now = 2_000_000;
    await inTransaction(database.pool, async (holder) => {
      await rows(holder, 'select from rate_buckets where holder = $1 for update', [keyId]);
      expect(admitted(await askOften([api], key, 10))).toBe(2);
      now = 4_000_000;
      expect(admitted(await askOften([api], key, 10))).toBe(2);
    });
    expect(api.errors.length).toBeGreaterThanOrEqual(2);
    now = 6_000_000;
    expect(admitted(await askOften([api], key, 5))).toBe(0);
  });
});

describe('unknown keys', () => {
  it('are refused without a look-up after thirty of one address, and known keys are not', async () => {
    let now = 0;
    const api = await startLimited({ now: () => now });
    const [known, fresh] = [await makeKey(), await makeKey()];
    expect((await ask(api, known.key)).status).toBe(200);
    const unknown = await Promise.all(
      Array.from({ length: 30 }, (_, n) => ask(api, `tnr_live_${n}`.padEnd(41, 'x'))),
    );
    expect(new Set(unknown.map(({ status }) => status))).toEqual(new Set([401]));
    const refused = await ask(api, 'tnr_live_unknown');
    expect(refused.body).toMatchObject({ code: 'too_many_requests', limit: 'address' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await ask(api, fresh.key)).status).toBe(429);
    expect((await ask(api, known.key)).status).toBe(200);
    now = 1_000;
    expect((await ask(api, fresh.key)).status).toBe(200);
  });

  it('that come at once cost thirty look-ups, and a new key of the same address is refused for a second', async () => {
    const { pool, lookUps } = countingLookUps();
    const api = await startLimited({ now: () => 0 }, pool);
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => (await ask(api, `tnr_live_${n}`.padEnd(41, 'x'))).status),
    );
    expect([401, 429].map((status) => statuses.filter((each) => each === status).length)).toEqual([30, 170]);
    expect(lookUps()).toBe(30);
    const { key } = await makeKey();
    const refused = await ask(api, key);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    await pool.end();
  });

  it('are not counted if they turn out to be valid: fifty requests at once with a new key are all answered', async () => {
    const api = await startTestApi(database.pool, vault, { now: () => 0 });
    running.push(api);
    const { key } = await makeKey();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(api, key)));
    expect(admitted(answers)).toBe(50);
    for (let n = 0; n < 30; n++) expect((await ask(api, `tnr_live_${n}`)).status).toBe(401);
  });

  it('are counted by the address that a trusted proxy names, and other proxies are ignored', async () => {
    const fail = async (api: TestApi, from: string): Promise<number> => {
      const headers = { authorization: 'Bearer tnr_live_unknown', 'x-forwarded-for': from };
      return (await fetch(`${api.url}/v1/customers`, { headers })).status;
    };
    const [trusting, open] = [
      await startLimited({ now: () => 0, trustedProxies: ['127.0.0.1'] }),
      await startLimited({ now: () => 0 }),
    ];
    for (let n = 0; n < 30; n++) {
      await fail(trusting, '192.0.2.1');
      await fail(open, '192.0.2.1');
    }
    expect([await fail(trusting, '192.0.2.1'), await fail(trusting, '192.0.2.2')]).toEqual([429, 401]);
    expect(await fail(open, '192.0.2.2')).toBe(429);
  });
});

describe('while a process is short of connections', () => {
  it('a live merchant is answered before test merchants that waited longer', async () => {
    const pool = createPool(database.url, { max: 1 }) as SharedPool;
    const api = await startTestApi(pool, vault, { isShort: () => pool.inLine > pool.idleCount });
    const { live, test } = await createMerchant(database.pool, 'Wolkenwerk');
    const [liveKey, testKey] = [await makeKey(live), await makeKey(test)];
    const answeredFirst: string[] = [];
    const note = (name: string) => (answer: Answered) => {
      answeredFirst.push(`${name} ${answer.status}`);
    };
    await inTransaction(pool, async (holder) => {
      await rows(holder, 'select 1');
      const first = ask(api, testKey.key).then(note('test, under way'));
      await expect.poll(() => pool.inLine).toBe(1);
      const waits = ask(api, testKey.key).then(note('test, waiting'));
      const comes = ask(api, liveKey.key).then(note('live'));
      await expect.poll(() => pool.inLine).toBe(2);
      void Promise.all([first, waits, comes]);
    });
    await expect.poll(() => answeredFirst.length).toBe(3);
    expect(answeredFirst).toEqual(['test, under way 200', 'live 200', 'test, waiting 200']);
    await api.stop();
    await pool.end();
  });
});

describe('refused requests', () => {
  it('are counted by the limit and the kind of merchant', async () => {
    const metrics = createMetrics({
      pools: () => [],
      notReady: () => Promise.resolve(null),
      loadBacklog: () => Promise.resolve([]),
    });
    const api = await startLimited({ metrics });
    const { key } = await makeKey();
    await askOften([api], key, 23);
    const text = await metrics.text();
    expect(text).toContain('tenor_rate_limited_total{limit="key",mode="live"} 3');
  });
});
