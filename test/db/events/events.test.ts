import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventFilter, eventsOnwards, newestEvents } from '../../../db/events/list-events.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { forget } from '../../../db/platform/retention.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { rows } from '../../support/rows.ts';

let pool: Pool;
let database: Awaited<ReturnType<typeof createTestPool>>;

beforeAll(async () => {
  database = await createTestPool();
  ({ pool } = database);
});
afterAll(() => database.close());

/** A merchant of its own for each test. */
const createTestMerchant = async (name: string): Promise<MerchantId> =>
  (await createMerchant(pool, name)).live;

const insert = (db: Pick<Pool, 'query'>, merchant: MerchantId, object: string, type = 'clock.ready') =>
  db.query(
    `insert into events (merchant_id, type, object_id, occurred_at, data) values ($1, $2, $3, now(), '{"now": "2024-01-01T00:00:00.000Z"}')`,
    [merchant, type, object],
  );

const onwards = async (merchant: MerchantId, after?: string) => {
  const of = { limit: 50, ...(after === undefined ? {} : { after }) };
  return (await eventsOnwards(pool, merchant, {}, of)).data.map(
    ({ object, sequence }) => `${object} ${sequence}`,
  );
};

describe('events', () => {
  it('of an object are numbered without a gap, also after a rollback (rule 51)', async () => {
    const merchant = await createTestMerchant('numbered');
    await insert(pool, merchant, 'clk_a');
    await inTransaction(pool, async (tx) => {
      await insert(tx, merchant, 'clk_a');
      await insert(tx, merchant, 'clk_b');
      throw new Error('rolled back');
    }).catch(() => undefined);
    await insert(pool, merchant, 'clk_a');
    expect(await onwards(merchant)).toEqual(['clk_a 1', 'clk_a 2']);
  });

  it('are read onwards only up to the first transaction that may still write one, so none is missed (rule 51)', async () => {
    const merchant = await createTestMerchant('onwards');
    await insert(pool, merchant, 'clk_first');
    const slow = await pool.connect();
    await slow.query('begin');
    await insert(slow, merchant, 'clk_slow');
    await insert(pool, merchant, 'clk_fast');
    expect(await onwards(merchant)).toEqual(['clk_first 1']);
    const newest = await newestEvents(pool, merchant, {}, { limit: 50 });
    expect(newest.data.map(({ object }) => object)).toEqual(['clk_fast', 'clk_first']);
    await insert(slow, merchant, 'clk_slow');
    await slow.query('commit');
    slow.release();
    expect(await onwards(merchant)).toEqual(['clk_first 1', 'clk_slow 1', 'clk_fast 1', 'clk_slow 2']);
    const { data } = await eventsOnwards(pool, merchant, {}, { limit: 2 });
    expect(await onwards(merchant, data[1]?.id)).toEqual(['clk_fast 1', 'clk_slow 2']);
  });

  it('are listed page by page, newest first and oldest first', async () => {
    const merchant = await createTestMerchant('pages');
    for (const object of ['clk_1', 'clk_2', 'clk_3']) await insert(pool, merchant, object);
    const first = await newestEvents(pool, merchant, {}, { limit: 2 });
    expect(first.data.map(({ object }) => object)).toEqual(['clk_3', 'clk_2']);
    const second = await newestEvents(pool, merchant, {}, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ data: [{ object: 'clk_1' }], nextCursor: null });
    const oldest = await eventsOnwards(pool, merchant, { object: 'clk_2' }, { limit: 2 });
    expect(oldest).toMatchObject({ data: [{ object: 'clk_2' }], nextCursor: null });
    await expect(eventsOnwards(pool, merchant, {}, { limit: 2, after: 'evt_unknown' })).rejects.toMatchObject(
      {
        code: 'not_found',
        field: 'after',
      },
    );
  });

  it('are filtered by several types, and by when they were written', async () => {
    const merchant = await createTestMerchant('filtered');
    for (const [n, type] of ['clock.ready', 'clock.stuck', 'incident.opened', 'clock.ready'].entries()) {
      await insert(pool, merchant, `clk_${n + 1}`, type);
    }
    await rows(pool, 'alter table events disable trigger is_never_edited');
    for (const n of [1, 2, 3, 4]) {
      await rows(pool, 'update events set recorded_at = $2 where merchant_id = $1 and object_id = $3', [
        merchant,
        `2020-01-0${n}T00:00:00Z`,
        `clk_${n}`,
      ]);
    }
    await rows(pool, 'alter table events enable trigger is_never_edited');
    const found = async (filter: EventFilter): Promise<string> => {
      const newest = await newestEvents(pool, merchant, filter, { limit: 50 });
      const oldest = await eventsOnwards(pool, merchant, filter, { limit: 50 });
      expect(oldest.data.toReversed()).toEqual(newest.data);
      return newest.data.map(({ object }) => object.slice(4)).join(' ');
    };
    expect(await found({ types: ['clock.ready', 'incident.opened'] })).toBe('4 3 1');
    const span = { recordedFrom: '2020-01-02T00:00:00.000Z', recordedBefore: '2020-01-04T00:00:00.000Z' };
    expect(await found(span)).toBe('3 2');
    expect(await found({ ...span, types: ['clock.stuck', 'clock.ready'] })).toBe('2');
    expect(await found({ ...span, object: 'clk_3' })).toBe('3');
    expect(await found({ recordedBefore: '2020-01-02T00:00:00.000Z' })).toBe('1');
    expect(await found({ recordedBefore: '2019-01-01T00:00:00.000Z' })).toBe('');
    expect(await found({ recordedFrom: '2199-01-01T00:00:00.000Z' })).toBe('');
    await rows(pool, 'delete from events where merchant_id = $1', [merchant]);
  });

  it('are read onwards page by page, and a cursor whose event is deleted is refused (rule 51)', async () => {
    const merchant = await createTestMerchant('cursors');
    for (const n of [1, 2, 3, 4, 5]) await insert(pool, merchant, `clk_${n}`);
    const first = await eventsOnwards(pool, merchant, {}, { limit: 2 });
    const page = { limit: 2, cursor: first.nextCursor ?? '' };
    const second = await eventsOnwards(pool, merchant, {}, page);
    expect(second.data.map(({ object }) => object)).toEqual(['clk_3', 'clk_4']);
    await rows(pool, `delete from events where merchant_id = $1 and object_id = 'clk_2'`, [merchant]);
    await expect(eventsOnwards(pool, merchant, {}, page)).rejects.toMatchObject({
      code: 'not_found',
      field: 'cursor',
    });
  });

  it('are never edited, and are deleted when their retention is over', async () => {
    const merchant = await createTestMerchant('kept');
    await insert(pool, merchant, 'clk_kept');
    await expect(
      rows(pool, `update events set type = 'x' where merchant_id = $1`, [merchant]),
    ).rejects.toThrow('events is append-only');
    expect(await forget(pool, 'event', 1)).toBe(0);
    expect(await forget(pool, 'event', 0)).toBeGreaterThan(0);
    expect(await onwards(merchant)).toEqual([]);
  });
});
