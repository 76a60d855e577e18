// Time limits of connections. A silent or slow database costs seconds, as everything that waits for it has a limit.
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

/** A pool that connects through the proxy. */
function poolThroughProxy(options: PoolOptions = {}): Pool {
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
    'ends the statement under way with a timeout, and the next one uses another connection',
    { timeout: 10_000 },
    async () => {
      const pool = poolThroughProxy({ limits: SHORT });
      await rows(pool, 'select 1');
      proxy.silence();
      const error = await errorOf(rows(pool, 'select 2'));
      expect(error).toMatchObject({ message: 'Query read timeout' });
      expect(isTransient(error)).toBe(true);
      proxy.speak();
      expect(await rows(pool, 'select 3 as n')).toEqual([{ n: 3 }]);
    },
  );

  it('ends a transaction with a timeout, and Postgres rolls it back', { timeout: 20_000 }, async () => {
    const pool = poolThroughProxy({ limits: SHORT });
    const error = await errorOf(
      inTransaction(pool, async (tx) => {
        await rows(tx, `insert into notes values ('silent')`);
        proxy.silence();
        await rows(tx, `insert into notes values ('more')`);
      }),
    );
    expect(isTransient(error)).toBe(true);
    proxy.cut();
    // The next transaction does not wait for its locks.
    await expect
      .poll(() =>
        rows(database.pool, `insert into notes values ('silent') on conflict do nothing returning text`),
      )
      .toEqual([{ text: 'silent' }]);
  });

  it('ends the attempt to connect with a timeout', { timeout: 10_000 }, async () => {
    proxy.silence();
    const error = await errorOf(rows(poolThroughProxy({ limits: SHORT }), 'select 1'));
    expect(error).toMatchObject({ message: expect.stringMatching(/timeout/) });
    expect(isTransient(error)).toBe(true);
  });

  it('is reported as not ready, also on a connection that was open before', { timeout: 10_000 }, async () => {
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
  it('has limits for statements, locks and idle transactions', async () => {
    const shown = await rows(
      poolThroughProxy(),
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

  it('has no limit for statements if it is so configured, as for an audit', async () => {
    const [timeout] = await rows(poolThroughProxy({ limits: { statementMs: 0 } }), 'show statement_timeout');
    expect(timeout).toEqual({ statement_timeout: '0' });
  });

  it('belongs to one purpose, and a purpose without free connections takes none of the others', async () => {
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

describe('aborted work', () => {
  const locked = `select from notes where text = 'a' for update`;

  it('is rolled back, and its statement also ends in Postgres', async () => {
    const abort = new AbortController();
    const pool = createPool(database.url, { name: 'given-up', max: 1, limits: { lockMs: 60_000 } });
    opened.push(pool);
    const waiting = `select 1 from pg_stat_activity where application_name = 'given-up' and wait_event_type = 'Lock'`;
    await inTransaction(database.pool, async (holder) => {
      await rows(holder, locked);
      const work = errorOf(
        givenUpBy(abort.signal, () =>
          inTransaction(pool, async (tx) => {
            await rows(tx, `insert into notes values ('given up')`);
            await rows(tx, locked);
          }),
        ),
      );
      await expect.poll(() => rows(database.pool, waiting)).toHaveLength(1);
      abort.abort();
      expect(await work).toBeInstanceOf(OutOfTime);
      await expect.poll(() => rows(database.pool, waiting), { timeout: 5_000 }).toHaveLength(0);
    });
    expect(await rows(database.pool, `select from notes where text = 'given up'`)).toEqual([]);
    expect(await rows(pool, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('no longer waits for a connection, and returns one that arrives too late', async () => {
    const pool = createPool(database.url, { max: 1 });
    opened.push(pool);
    const abort = new AbortController();
    await inTransaction(pool, async (tx) => {
      await rows(tx, 'select 1');
      const work = errorOf(
        givenUpBy(abort.signal, () => inTransaction(pool, (late) => rows(late, 'select 2'))),
      );
      abort.abort();
      expect(await work).toBeInstanceOf(OutOfTime);
    });
    expect(await rows(pool, 'select 3 as n')).toEqual([{ n: 3 }]);
    const again = givenUpBy(abort.signal, () => inTransaction(pool, (tx) => rows(tx, 'select 4')));
    expect(await errorOf(again)).toBeInstanceOf(OutOfTime);
  });
});
