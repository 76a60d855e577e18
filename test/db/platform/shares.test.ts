// The connections of a pool are divided among merchants.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onBehalfOf } from '../../../db/platform/call.ts';
import { type Pool, type PoolOptions, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { countPools, createPools, endPools } from '../../../db/platform/pools.ts';
import { Shares } from '../../../db/platform/shares.ts';
import { Busy, OutOfTime } from '../../../db/platform/transient.ts';
import { createTestPool } from '../../support/fixtures.ts';

/** Asks for so many; answers how many of them there are by now, and gives one back. */
async function taking(shares: Shares, whose: string, count: number) {
  const taken: (() => void)[] = [];
  for (let n = 0; n < count; n++) void shares.take(whose).then((giveBack) => taken.push(giveBack));
  await Promise.resolve();
  return {
    count: () => taken.length,
    async giveOneBack() {
      taken.shift()?.();
      await Promise.resolve();
    },
  };
}

describe('shares', () => {
  it('of 20, a merchant alone has 16', async () => {
    const shares = new Shares(20, 0);
    expect((await taking(shares, 'theirs', 100)).count()).toBe(16);
    expect(shares.waiting).toBe(0);
  });

  it('of two, one is left for whoever has none; of one, anybody has it', async () => {
    const two = new Shares(2, 0);
    expect((await taking(two, 'theirs', 2)).count()).toBe(1);
    expect((await taking(two, 'ours', 2)).count()).toBe(1);
    const one = new Shares(1, 0);
    expect((await taking(one, 'theirs', 1)).count()).toBe(1);
    expect((await taking(one, 'ours', 1)).count()).toBe(0);
    expect(one.waiting).toBe(1);
  });

  it('become equal when somebody else comes: what one gives back, the other gets', async () => {
    const shares = new Shares(20, 0);
    const theirs = await taking(shares, 'theirs', 100);
    const ours = await taking(shares, 'ours', 100);
    expect([theirs.count(), ours.count()]).toEqual([16, 3]);
    for (let n = 0; n < 7; n++) await theirs.giveOneBack();
    expect([theirs.count(), ours.count()]).toEqual([9, 9]);
    await ours.giveOneBack();
    await theirs.giveOneBack();
    expect([theirs.count(), ours.count()]).toEqual([9, 9]);
  });

  it('go to those who wait in the order in which they came', async () => {
    const shares = new Shares(1, 0);
    const seen: string[] = [];
    const giveBack = await shares.take('theirs');
    const waiting = ['first', 'second', 'third'].map(async (name) => {
      const back = await shares.take('theirs');
      seen.push(name);
      back();
    });
    expect(seen).toEqual([]);
    giveBack();
    await Promise.all(waiting);
    expect(seen).toEqual(['first', 'second', 'third']);
  });

  it('go round among the merchants who wait', async () => {
    const shares = new Shares(1, 0);
    const seen: string[] = [];
    const giveBack = await shares.take('theirs');
    const waiting = ['a', 'a', 'a', 'b', 'c', 'b'].map(async (whose) => {
      const back = await shares.take(whose);
      seen.push(whose);
      back();
    });
    giveBack();
    await Promise.all(waiting);
    expect(seen).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
  });

  it('are not waited for without end, and who gave up is not called', async () => {
    const shares = new Shares(2, 10);
    const giveBack = await shares.take('theirs');
    await expect(shares.take('theirs')).rejects.toBeInstanceOf(Busy);
    const other = await shares.take('ours');
    await expect(shares.take('ours')).rejects.toThrow('timeout exceeded when trying to connect');
    giveBack();
    other();
    (await shares.take('theirs'))();
  });

  it('are free for the next in line when whoever is before leaves it', async () => {
    const shares = new Shares(2, 0);
    const giveBack = await shares.take('theirs');
    const leaving = new AbortController();
    const gone = shares.take('theirs', leaving.signal);
    leaving.abort();
    await expect(gone).rejects.toBeInstanceOf(OutOfTime);
    await expect(shares.take('theirs', leaving.signal)).rejects.toBeInstanceOf(OutOfTime);
    const next = shares.take('theirs');
    giveBack();
    (await next)();
  });

  it('do not bound the work of no merchant', async () => {
    const shares = new Shares(2, 0);
    const given = [await shares.take(undefined), await shares.take(undefined)];
    const waiting = shares.take('ours');
    given[0]?.();
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

  function pooled(options: PoolOptions): Pool {
    const pool = createPool(database.url, options);
    opened.push(pool);
    return pool;
  }

  const LOCKING = 'select from notes for update';
  const locking = (pool: Pool): Promise<unknown> => inTransaction(pool, (tx) => rows(tx, LOCKING));
  const reading = (pool: Pool): Promise<unknown> => rows(pool, LOCKING);

  it.each([
    ['transactions', locking],
    ['statements', reading],
  ])('a merchant whose %s all wait leaves some to others, who do not wait', async (_, waiting) => {
    const pool = pooled({ max: 5 });
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

  it('a merchant alone works with nearly all of them at once', async () => {
    const pool = pooled({ max: 5 });
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

  it('those who wait because all are taken are counted', async () => {
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
