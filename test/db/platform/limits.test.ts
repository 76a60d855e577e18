// A database that becomes silent, or slow, costs seconds: everything that waits has a limit.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notReady } from '../../../compose.ts';
import { type Pool, type PoolOptions, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { givenUpBy } from '../../../db/platform/call.ts';
import { countPools, createPools, endPools } from '../../../db/platform/pools.ts';
import { OutOfTime, isTransient } from '../../../db/platform/transient.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { type Proxy, startProxy } from '../../support/proxy.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let proxy: Proxy;
const opened: Pool[] = [];

beforeAll(async () => {
  database = await createTestPool();
  await rows(database.pool, 'create table notes (text text primary key)');
  await rows(database.pool, `insert into notes values ('a')`);
});
afterAll(() => database.close());
beforeEach(async () => {
  proxy = await startProxy(database.url);
});
afterEach(async () => {
  proxy.cut();
  await Promise.all(opened.splice(0).map((pool) => pool.end()));
  await proxy.stop();
});

/** A pool by way of the proxy. */
function pooled(options: PoolOptions = {}): Pool {
  const pool = createPool(proxy.url, { max: 1, ...options });
  opened.push(pool);
  return pool;
}

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => thrown,
  );

const SHORT = { connectMs: 200, statementMs: 100 };

describe('a database that is silent', () => {
  it(
    'gives up a statement under way, and the next one has another connection',
    { timeout: 10_000 },
    async () => {
      const pool = pooled({ limits: SHORT });
      await rows(pool, 'select 1');
      proxy.silence();
      const error = await errorOf(rows(pool, 'select 2'));
      expect(error).toMatchObject({ message: 'Query read timeout' });
      expect(isTransient(error)).toBe(true);
      proxy.speak();
      expect(await rows(pool, 'select 3 as n')).toEqual([{ n: 3 }]);
    },
  );

  it('gives up a transaction, which Postgres rolls back', { timeout: 20_000 }, async () => {
    const pool = pooled({ limits: SHORT });
    const error = await errorOf(
      inTransaction(pool, async (tx) => {
        await rows(tx, `insert into notes values ('silent')`);
        proxy.silence();
        await rows(tx, `insert into notes values ('more')`);
      }),
    );
    expect(isTransient(error)).toBe(true);
    proxy.cut();
    // Whoever comes next need not wait for its locks.
    await expect
      .poll(() =>
        rows(database.pool, `insert into notes values ('silent') on conflict do nothing returning text`),
      )
      .toEqual([{ text: 'silent' }]);
  });

  it('gives up connecting', { timeout: 10_000 }, async () => {
    proxy.silence();
    const error = await errorOf(rows(pooled({ limits: SHORT }), 'select 1'));
    expect(error).toMatchObject({ message: expect.stringMatching(/timeout/) });
    expect(isTransient(error)).toBe(true);
  });

  it('is not ready, also on a connection that was open before', { timeout: 10_000 }, async () => {
    const sizes = { main: 1, reads: 1, settle: 1, relay: 1 };
    const pools = createPools(proxy.url, { name: 'probed', sizes, connectMs: 5_000 });
    expect(await notReady(pools.probe)).toBeNull();
    proxy.silence();
    expect(await notReady(pools.probe)).toBe('the database does not answer'); // the open connection
    expect(await notReady(pools.probe)).toBe('the database does not answer'); // a new one
    proxy.speak();
    expect(await notReady(pools.probe)).toBeNull();
    proxy.cut();
    await endPools(pools);
  });
});

describe('each connection', () => {
  it('has limits for statements, locks and transactions that nobody goes on with', async () => {
    const shown = await rows(
      pooled(),
      `select name, setting || coalesce(unit, '') as value from pg_settings where name in
         ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval') order by name`,
    );
    expect(shown).toEqual([
      { name: 'client_connection_check_interval', value: '1000ms' },
      { name: 'idle_in_transaction_session_timeout', value: '10000ms' },
      { name: 'lock_timeout', value: '2000ms' },
      { name: 'statement_timeout', value: '10000ms' },
    ]);
  });

  it('may work for as long as it takes where that is said, as for an audit', async () => {
    const [timeout] = await rows(pooled({ limits: { statementMs: 0 } }), 'show statement_timeout');
    expect(timeout).toEqual({ statement_timeout: '0' });
  });

  it('belongs to one purpose: a purpose whose connections are all taken leaves the others theirs', async () => {
    const sizes = { main: 1, reads: 1, settle: 1, relay: 1 };
    const pools = createPools(database.url, { name: 'purposes', sizes, connectMs: 5_000 });
    await inTransaction(pools.main, async (tx) => {
      await rows(tx, 'select 1');
      const waiting = rows(pools.main, 'select 2 as n');
      expect(await rows(pools.reads, 'select 3 as n')).toEqual([{ n: 3 }]);
      const [main, reads] = countPools(pools);
      expect(main).toEqual({ purpose: 'main', max: 1, open: 1, idle: 0, waiting: 1 });
      expect(reads).toEqual({ purpose: 'reads', max: 1, open: 1, idle: 1, waiting: 0 });
      void waiting.catch(() => undefined);
    });
    await endPools(pools);
  });
});

describe('work that is given up', () => {
  const locked = `select from notes where text = 'a' for update`;

  it('is rolled back, and its statement ends in Postgres, too', async () => {
    const giving = new AbortController();
    const pool = createPool(database.url, { name: 'given-up', max: 1, limits: { lockMs: 60_000 } });
    opened.push(pool);
    const waiting = `select 1 from pg_stat_activity where application_name = 'given-up' and wait_event_type = 'Lock'`;
    await inTransaction(database.pool, async (holder) => {
      await rows(holder, locked);
      const work = errorOf(
        givenUpBy(giving.signal, () =>
          inTransaction(pool, async (tx) => {
            await rows(tx, `insert into notes values ('given up')`);
            await rows(tx, locked);
          }),
        ),
      );
      await expect.poll(() => rows(database.pool, waiting)).toHaveLength(1);
      giving.abort();
      expect(await work).toBeInstanceOf(OutOfTime);
      await expect.poll(() => rows(database.pool, waiting), { timeout: 5_000 }).toHaveLength(0);
    });
    expect(await rows(database.pool, `select from notes where text = 'given up'`)).toEqual([]);
    expect(await rows(pool, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('does not wait for a connection any more, nor keeps one that comes too late', async () => {
    const pool = createPool(database.url, { max: 1 });
    opened.push(pool);
    const giving = new AbortController();
    await inTransaction(pool, async (tx) => {
      await rows(tx, 'select 1');
      const work = errorOf(
        givenUpBy(giving.signal, () => inTransaction(pool, (late) => rows(late, 'select 2'))),
      );
      giving.abort();
      expect(await work).toBeInstanceOf(OutOfTime);
    });
    expect(await rows(pool, 'select 3 as n')).toEqual([{ n: 3 }]);
    const again = givenUpBy(giving.signal, () => inTransaction(pool, (tx) => rows(tx, 'select 4')));
    expect(await errorOf(again)).toBeInstanceOf(OutOfTime);
  });
});
