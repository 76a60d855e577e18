// A bucket of tokens that several processes take from, refilled by the database's clock.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeTokens } from '../../../db/platform/buckets.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { rows } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestPool();
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).live;
});
afterAll(() => database.close());

/** One token in 1,000 seconds: while a test runs, none comes back. */
const slow = (holder: string) => ({ merchant, holder, perSecond: 0.001, burst: 10 });
const take = (holder: string, wanted: number) => takeTokens(database.pool, slow(holder), wanted);
/** So many seconds go by for a bucket. */
const later = (holder: string, seconds: number) =>
  rows(
    database.pool,
    `update rate_buckets set refilled_at = refilled_at - make_interval(secs => $2) where holder = $1`,
    [holder, seconds],
  );

describe('a bucket', () => {
  it('is full at first, gives what it has, and then nothing', async () => {
    expect(await take('a', 4)).toEqual({ granted: 4, left: 6 });
    expect(await take('a', 4)).toEqual({ granted: 4, left: 2 });
    expect(await take('a', 4)).toEqual({ granted: 2, left: 0 });
    expect(await take('a', 4)).toEqual({ granted: 0, left: 0 });
    expect(await take('b', 12)).toEqual({ granted: 10, left: 0 });
  });

  it('gets a token in each of its intervals, and parts of one are kept', async () => {
    await take('c', 10);
    await later('c', 1_500);
    expect(await take('c', 4)).toEqual({ granted: 1, left: 0 });
    await later('c', 400);
    expect(await take('c', 4)).toEqual({ granted: 0, left: 0 });
    await later('c', 150);
    expect(await take('c', 4)).toEqual({ granted: 1, left: 0 });
  });

  it('is never fuller than full, also when it becomes smaller', async () => {
    await take('d', 1);
    await later('d', 1_000_000);
    expect(await take('d', 1)).toEqual({ granted: 1, left: 9 });
    expect(await takeTokens(database.pool, { ...slow('d'), burst: 5 }, 1)).toEqual({ granted: 1, left: 4 });
  });

  it('gives each token once, however many take at once', async () => {
    const takes = await Promise.all(Array.from({ length: 20 }, () => take('e', 3)));
    expect(takes.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
  });

  it('of one merchant is none of another', async () => {
    const { live: other } = await createMerchant(database.pool, 'Regenbogen');
    await take('f', 10);
    expect(await takeTokens(database.pool, { ...slow('f'), merchant: other }, 1)).toEqual({
      granted: 1,
      left: 9,
    });
  });

  it('is not filled by a clock that goes back, and is filled again by its new time', async () => {
    await take('g', 10);
    await later('g', -5_000);
    expect(await take('g', 1)).toEqual({ granted: 0, left: 0 });
    await later('g', 1_500);
    expect(await take('g', 1)).toEqual({ granted: 1, left: 0 });
  });

  it('is written without waiting for the disk', async () => {
    const [table] = await rows<{ relpersistence: string }>(
      database.pool,
      `select relpersistence from pg_class where relname = 'rate_buckets'`,
    );
    expect(table?.relpersistence).toBe('u');
  });
});
