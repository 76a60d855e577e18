// A bucket of tokens from which several processes take, and which the database's clock refills.
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

/** A token comes back in 1,000 seconds, so none does during a test. */
const slow = (holder: string) => ({ merchant, holder, perSecond: 0.001, burst: 10 });
const take = (holder: string, wanted: number) => takeTokens(database.pool, slow(holder), wanted);
/** Lets the given number of seconds pass for a bucket. */
const pass = (holder: string, seconds: number) =>
  rows(
    database.pool,
    `update rate_buckets set refilled_at = refilled_at - make_interval(secs => $2) where holder = $1`,
    [holder, seconds],
  );

describe('a bucket', () => {
  it('is full at first, and gives tokens until it is empty', async () => {
    expect(await take('a', 4)).toEqual({ granted: 4, left: 6 });
    expect(await take('a', 4)).toEqual({ granted: 4, left: 2 });
    expect(await take('a', 4)).toEqual({ granted: 2, left: 0 });
    expect(await take('a', 4)).toEqual({ granted: 0, left: 0 });
    expect(await take('b', 12)).toEqual({ granted: 10, left: 0 });
  });

  it('gets a token in each interval, and keeps parts of a token', async () => {
    await take('c', 10);
    await pass('c', 1_500);
    expect(await take('c', 4)).toEqual({ granted: 1, left: 0 });
    await pass('c', 400);
    expect(await take('c', 4)).toEqual({ granted: 0, left: 0 });
    await pass('c', 150);
    expect(await take('c', 4)).toEqual({ granted: 1, left: 0 });
  });

  it('never has more tokens than its size, also if the size is reduced', async () => {
    await take('d', 1);
    await pass('d', 1_000_000);
    expect(await take('d', 1)).toEqual({ granted: 1, left: 9 });
    expect(await takeTokens(database.pool, { ...slow('d'), burst: 5 }, 1)).toEqual({ granted: 1, left: 4 });
  });

  it('gives each token once to twenty callers at once', async () => {
    const takes = await Promise.all(Array.from({ length: 20 }, () => take('e', 3)));
    expect(takes.reduce((sum, { granted }) => sum + granted, 0)).toBe(10);
  });

  it('of one merchant is separate from that of another', async () => {
    const { live: other } = await createMerchant(database.pool, 'Regenbogen');
    await take('f', 10);
    expect(await takeTokens(database.pool, { ...slow('f'), merchant: other }, 1)).toEqual({
      granted: 1,
      left: 9,
    });
  });

  it('gets no tokens while the clock is set back, and gets tokens again from then on', async () => {
    await take('g', 10);
    await pass('g', -5_000);
    expect(await take('g', 1)).toEqual({ granted: 0, left: 0 });
    await pass('g', 1_500);
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
