// The connections of a pool are shared among merchants.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onBehalfOf } from '../../../db/platform/call.ts';
import { type Pool, type PoolOptions, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { countPools, createPools, endPools } from '../../../db/platform/pools.ts';
import { ConnectionShares } from '../../../db/platform/shares.ts';
import { Busy, OutOfTime } from '../../../db/platform/transient.ts';
import { createTestPool } from '../../support/fixtures.ts';

/** Requests `count` connections. The result counts those that were granted so far, and can release one. */
async function request(shares: ConnectionShares, merchant: string, count: number) {
  const granted: (() => void)[] = [];
  for (let n = 0; n < count; n++) void shares.take(merchant).then((release) => granted.push(release));
  await Promise.resolve();
  return {
    count: () => granted.length,
    async releaseOne() {
      granted.shift()?.();
      await Promise.resolve();
    },
  };
}

describe('the shares of connections', () => {
  it('give one merchant at most 16 of 20 connections', async () => {
    const shares = new ConnectionShares(20, 0);
    expect((await request(shares, 'theirs', 100)).count()).toBe(16);
    expect(shares.waiting).toBe(0);
  });

  it('leave one of two connections for a merchant that has none, and a single one for any merchant', async () => {
    const two = new ConnectionShares(2, 0);
    expect((await request(two, 'theirs', 2)).count()).toBe(1);
    expect((await request(two, 'ours', 2)).count()).toBe(1);
    const one = new ConnectionShares(1, 0);
    expect((await request(one, 'theirs', 1)).count()).toBe(1);
    expect((await request(one, 'ours', 1)).count()).toBe(0);
    expect(one.waiting).toBe(1);
  });

  it('become equal when a second merchant arrives, as it gets the connections that the first releases', async () => {
    const shares = new ConnectionShares(20, 0);
    const theirs = await request(shares, 'theirs', 100);
    const ours = await request(shares, 'ours', 100);
    expect([theirs.count(), ours.count()]).toEqual([16, 3]);
    for (let n = 0; n < 7; n++) await theirs.releaseOne();
    expect([theirs.count(), ours.count()]).toEqual([9, 9]);
    await ours.releaseOne();
    await theirs.releaseOne();
    expect([theirs.count(), ours.count()]).toEqual([9, 9]);
  });

  it('serve the waiting requests of a merchant in the order of their arrival', async () => {
    const shares = new ConnectionShares(1, 0);
    const seen: string[] = [];
    const release = await shares.take('theirs');
    const waiting = ['first', 'second', 'third'].map(async (name) => {
      const releaseOwn = await shares.take('theirs');
      seen.push(name);
      releaseOwn();
    });
    expect(seen).toEqual([]);
    release();
    await Promise.all(waiting);
    expect(seen).toEqual(['first', 'second', 'third']);
  });

  it('serve waiting merchants in turn', async () => {
    const shares = new ConnectionShares(1, 0);
    const seen: string[] = [];
    const release = await shares.take('theirs');
    const waiting = ['a', 'a', 'a', 'b', 'c', 'b'].map(async (merchant) => {
      const releaseOwn = await shares.take(merchant);
      seen.push(merchant);
      releaseOwn();
    });
    release();
    await Promise.all(waiting);
    expect(seen).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
  });

  it('make a request wait only for a limited time, and skip requests that gave up', async () => {
    const shares = new ConnectionShares(2, 10);
    const release = await shares.take('theirs');
    await expect(shares.take('theirs')).rejects.toBeInstanceOf(Busy);
    const other = await shares.take('ours');
    await expect(shares.take('ours')).rejects.toThrow('timeout exceeded when trying to connect');
    release();
    other();
    (await shares.take('theirs'))();
  });

  it('pass a released connection to the next request if the first was aborted', async () => {
    const shares = new ConnectionShares(2, 0);
    const release = await shares.take('theirs');
    const abort = new AbortController();
    const aborted = shares.take('theirs', abort.signal);
    abort.abort();
    await expect(aborted).rejects.toBeInstanceOf(OutOfTime);
    await expect(shares.take('theirs', abort.signal)).rejects.toBeInstanceOf(OutOfTime);
    const next = shares.take('theirs');
    release();
    (await next)();
  });

  it('do not limit work without a merchant', async () => {
    const shares = new ConnectionShares(2, 0);
    const releases = [await shares.take(undefined), await shares.take(undefined)];
    const waiting = shares.take('ours');
    releases[0]?.();
    (await waiting)();
  });
});

describe('connections', () => {
  let database: Awaited<ReturnType<typeof createTestPool>>;
  const opened: Pool[] = [];
  beforeAll(async () => {
    database = await createTestPool();
    await rows(database.pool, 'create table notes (text text primary key)');
    await rows(database.pool, `insert into notes values ('a')`);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((pool) => pool.end()));
  });
  afterAll(() => database.close());

  function openPool(options: PoolOptions): Pool {
    const pool = createPool(database.url, options);
    opened.push(pool);
    return pool;
  }

  const LOCKING = 'select from notes for update';
  const lockInTransaction = (pool: Pool): Promise<unknown> => inTransaction(pool, (tx) => rows(tx, LOCKING));
  const lockInStatement = (pool: Pool): Promise<unknown> => rows(pool, LOCKING);

  it.each([
    ['transactions', lockInTransaction],
    ['statements', lockInStatement],
  ])('a merchant whose %s all wait leaves connections to other merchants', async (_, waiting) => {
    const pool = openPool({ max: 5 });
    await inTransaction(database.pool, async (holder) => {
      await rows(holder, LOCKING);
      const stuck = Array.from({ length: 20 }, () =>
        onBehalfOf('theirs', () => waiting(pool)).catch(() => undefined),
      );
      expect(await onBehalfOf('ours', () => rows(pool, 'select 1 as n'))).toEqual([{ n: 1 }]);
      expect(await onBehalfOf('ours', () => inTransaction(pool, (tx) => rows(tx, 'select 1 as n')))).toEqual([
        { n: 1 },
      ]);
      await rows(holder, 'rollback');
      await Promise.all(stuck);
    });
  });

  it('one merchant uses four of five connections at once if no other merchant needs any', async () => {
    const pool = openPool({ max: 5 });
    let [now, most] = [0, 0];
    let begin = (): void => undefined;
    const together = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const work = async (): Promise<void> => {
      most = Math.max(most, ++now);
      if (now === 4) begin();
      await together;
      now--;
    };
    const all = Array.from({ length: 9 }, () => onBehalfOf('ours', () => inTransaction(pool, work)));
    await Promise.all(all);
    expect(most).toBe(4);
  });

  it('requests that wait for a connection are counted', async () => {
    const pools = createPools(database.url, {
      name: 'tenor-test',
      sizes: { main: 1, reads: 1, settle: 1, relay: 1 },
      connectMs: 5_000,
    });
    let waits = (): number | undefined => 0;
    let waiting: Promise<unknown> = Promise.resolve();
    await inTransaction(pools.main, async () => {
      waiting = onBehalfOf('ours', () => rows(pools.main, 'select 1'));
      waits = () => countPools(pools).find(({ purpose }) => purpose === 'main')?.waiting;
      await expect.poll(waits).toBe(1);
    });
    await waiting;
    expect(waits()).toBe(0);
    await endPools(pools);
  });
});
