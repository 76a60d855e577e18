// Transactions that send statements without waiting for the answers of earlier ones.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pool, type Tx, inTransaction, send } from '../../../db/platform/pool.ts';
import { preparedRows, rows } from '../../support/rows.ts';
import { isTransient } from '../../../db/platform/transient.ts';
import { createTestPool } from '../../support/fixtures.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  await rows(pool, 'create table notes (text text primary key)');
});
afterAll(() => database.close());

const notes = async (): Promise<string[]> =>
  (await rows<{ text: string }>(pool, 'select text from notes order by text')).map(({ text }) => text);
const note = 'insert into notes values ($1)';

describe('a transaction', () => {
  it('commits statements that it did not await', async () => {
    expect(
      await inTransaction(pool, async (tx) => {
        send(tx, rows(tx, note, ['a']));
        send(tx, rows(tx, note, ['b']));
        return 'done';
      }),
    ).toBe('done');
    expect(await notes()).toEqual(['a', 'b']);
  });

  it('throws the error of the failed statement, changes nothing, and its connection can be used again', async () => {
    const failing = inTransaction(pool, async (tx) => {
      send(tx, rows(tx, note, ['c']));
      send(tx, preparedRows(tx, note, ['a']));
      send(tx, preparedRows(tx, 'insert into notes values ($1), ($1 || $1)', ['d']));
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await notes()).toEqual(['a', 'b']);
    await inTransaction(pool, async (tx) => {
      send(tx, preparedRows(tx, 'insert into notes values ($1), ($1 || $1)', ['d']));
    });
    expect(await notes()).toEqual(['a', 'b', 'd', 'dd']);
  });

  it('rolls back statements that it did not await when its work throws', async () => {
    const failing = inTransaction(pool, async (tx) => {
      send(tx, rows(tx, note, ['e']));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await notes()).not.toContain('e');
  });
});

/** The error of a transaction, or null. */
const failureOf = (work: (tx: Tx) => Promise<unknown>): Promise<unknown> =>
  inTransaction(pool, work).then(
    () => null,
    (thrown: unknown) => thrown,
  );

describe('a transient error', () => {
  it('is the loss of a connection, which rolls back only its own transaction', async () => {
    const error = await failureOf(async (tx) => {
      await rows(tx, note, ['f']);
      const [own] = await rows<{ pid: number }>(tx, 'select pg_backend_pid() as pid');
      await rows(pool, 'select pg_terminate_backend($1, 10000)', [own?.pid]);
      await rows(tx, note, ['g']);
    });
    expect(isTransient(error)).toBe(true);
    expect(await notes()).toEqual(['a', 'b', 'd', 'dd']);
  });

  it('is a lock timeout, which is two seconds for each connection', async () => {
    expect(await rows(pool, 'show lock_timeout')).toEqual([{ lock_timeout: '2s' }]);
    await inTransaction(pool, async (holder) => {
      await rows(holder, `select from notes where text = 'a' for update`);
      const error = await failureOf(async (tx) => {
        await rows(tx, `set local lock_timeout = '1ms'`);
        await rows(tx, `select from notes where text = 'a' for update`);
      });
      expect(error).toMatchObject({ code: '55P03' });
      expect(isTransient(error)).toBe(true);
    });
  });

  it('is a statement timeout', async () => {
    const error = await failureOf(async (tx) => {
      await rows(tx, `set local statement_timeout = '1ms'`);
      await rows(tx, 'select count(*) from generate_series(1, 100000000)');
    });
    expect(error).toMatchObject({ code: '57014' });
    expect(isTransient(error)).toBe(true);
  });
});

it('a statement with too many parameters is not a transient error', async () => {
  const error: unknown = await rows(pool, 'select $1::text', ['a', 'b']).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: '08P01' });
  expect(isTransient(error)).toBe(false);
});
