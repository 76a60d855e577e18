import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { migrate } from '../../../db/platform/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let folder: string;
/** The session of another program, such as a report or a backup. */
let other: Client;
/** Reads the sessions outside of any transaction. Inside of one, `pg_stat_activity` would not change. */
let watcher: Client;
let open: Client[];

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  folder = mkdtempSync(join(tmpdir(), 'tenor-migrations-'));
  open = [];
  other = await connect('a report');
  watcher = await connect('a watcher');
  file(
    '0001_first.sql',
    'create table first (id int, note text); insert into first select n from generate_series(1, 100) n',
  );
  await migrate(database.url, { folder });
});

afterEach(async () => {
  await Promise.all(open.map((client) => client.end().catch(() => undefined)));
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function connect(name: string): Promise<Client> {
  const client = new Client({ connectionString: database.url, application_name: name });
  client.on('error', () => undefined);
  await client.connect();
  open.push(client);
  return client;
}

function file(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql);
}

/** Waits until the migrating session waits for a lock of a kind. Returns its pid. */
async function untilWaiting(locktype: 'relation' | 'virtualxid'): Promise<number> {
  return vi.waitFor(
    async () => {
      const { rows } = await watcher.query<{ pid: number }>(
        `select l.pid from pg_locks l join pg_stat_activity a using (pid)
         where not l.granted and l.locktype = $1 and a.application_name = 'tenor-migrate' and a.datname = current_database()`,
        [locktype],
      );
      return rows[0]?.pid ?? expect.fail('no session waits yet');
    },
    { timeout: 10_000, interval: 5 },
  );
}

async function names(sql: string): Promise<string[]> {
  const { rows } = await watcher.query<{ name: string }>(sql);
  return rows.map(({ name }) => name);
}
const applied = (): Promise<string[]> => names('select name from migrations order by name');
const columns = (): Promise<string[]> =>
  names(
    `select attname as name from pg_attribute where attrelid = 'first'::regclass and attnum > 0 order by attnum`,
  );
const indexes = (): Promise<string[]> =>
  names(`select indexrelid::regclass || case when indisvalid then '' else ' invalid' end as name from pg_index
         where indrelid = 'first'::regclass order by 1`);

describe('a migration of a table that a long transaction reads', () => {
  beforeEach(async () => {
    file('0002_second.sql', 'create table second (id int); alter table first add column more text');
    await other.query('begin; select from first');
  });

  test('gives up after three tries, names the session that has the table open, and applies nothing', async () => {
    const patience = { lockMs: 100, tries: 3, pauseMs: 10 };
    await expect(migrate(database.url, { folder, patience })).rejects.toThrow(
      /^migration 0002_second\.sql waited 0\.1 s, 3 times for a lock and gave up; nothing of it was applied\. Let these sessions finish, or end them: \d+ \(a report\)\. Then run tenor migrate again$/,
    );
    expect(await applied()).toEqual(['0001_first.sql']);
    expect(await names(`select to_regclass('second')::text as name`)).toEqual([null]);
    await other.query('commit');
    expect(await migrate(database.url, { folder })).toEqual(['0002_second.sql']);
  });

  test('blocks other readers of the table for no longer than its lock timeout', async () => {
    const patience = { lockMs: 300, tries: 2, pauseMs: 10 };
    const migrating = migrate(database.url, { folder, patience }).catch((error: Error) => error.message);
    await untilWaiting('relation');
    const reader = await connect('a reader');
    await reader.query(`set lock_timeout = '5s'`);
    // The report's transaction stays open, so only the migration can give way.
    expect((await reader.query('select from first')).rowCount).toBe(100);
    expect(await migrating).toContain('gave up');
  });

  test('is applied without a second run if the table becomes free within its tries', async () => {
    const migrating = migrate(database.url, { folder, patience: { lockMs: 50, tries: 1_000, pauseMs: 10 } });
    await untilWaiting('relation');
    await other.query('commit');
    expect(await migrating).toEqual(['0002_second.sql']);
    expect(await columns()).toEqual(['id', 'note', 'more']);
  });
});

describe('a migration without a transaction', () => {
  const NOTES = `-- Notes are looked up.
-- no transaction
create index concurrently if not exists first_by_note on first (note);
create unique index concurrently if not exists first_by_id on first (id);
`;

  test('runs statements that a transaction forbids, one by one, once', async () => {
    file('0002_indexes.sql', NOTES);
    expect(await migrate(database.url, { folder })).toEqual(['0002_indexes.sql']);
    expect(await indexes()).toEqual(['first_by_id', 'first_by_note']);
    expect(await migrate(database.url, { folder })).toEqual([]);
  });

  test('that fails half-way is repeated by the next run, which builds the invalid index again', async () => {
    file('0002_indexes.sql', NOTES);
    await other.query('insert into first values (7)');
    await expect(migrate(database.url, { folder })).rejects.toThrow(
      'migration 0002_indexes.sql failed: could not create unique index "first_by_id"',
    );
    expect(await applied()).toEqual(['0001_first.sql']);
    expect(await indexes()).toEqual(['first_by_id invalid', 'first_by_note']);
    await other.query('delete from first where ctid = (select max(ctid) from first)');
    expect(await migrate(database.url, { folder })).toEqual(['0002_indexes.sql']);
    expect(await indexes()).toEqual(['first_by_id', 'first_by_note']);
  });

  test('whose connection is cut while it builds an index is repeated by the next run', async () => {
    file('0002_indexes.sql', NOTES);
    await other.query('begin; update first set note = id');
    const migrating = migrate(database.url, { folder }).catch((error: Error) => error.message);
    const pid = await untilWaiting('virtualxid');
    const killer = await connect('an operator');
    await killer.query('select pg_terminate_backend($1, 5000)', [pid]);
    expect(await migrating).toMatch(/terminat|ended unexpectedly/i);
    await other.query('commit');
    expect(await indexes()).toEqual(['first_by_note invalid']);
    expect(await migrate(database.url, { folder })).toEqual(['0002_indexes.sql']);
    expect(await indexes()).toEqual(['first_by_id', 'first_by_note']);
  });

  test('waits for an open transaction while others read and write, and gives up after its time limit', async () => {
    file('0002_indexes.sql', NOTES);
    await other.query('begin; update first set note = id where id = 1');
    const migrating = migrate(database.url, { folder, patience: { concurrentlyMs: 500 } }).catch(
      (error: Error) => error.message,
    );
    await untilWaiting('virtualxid');
    const writer = await connect('a writer');
    await writer.query(`set lock_timeout = '200ms'`);
    expect((await writer.query(`update first set note = 'x' where id = 2`)).rowCount).toBe(1);
    expect(await migrating).toMatch(
      /^migration 0002_indexes\.sql waited 0\.5 s for a lock and gave up; the next run starts it again\. .*\(a report\)/,
    );
    await other.query('commit');
    expect(await migrate(database.url, { folder })).toEqual(['0002_indexes.sql']);
  });

  test('is applied once by two runs at the same time, without a deadlock', async () => {
    file('0002_indexes.sql', NOTES);
    const both = await Promise.all([migrate(database.url, { folder }), migrate(database.url, { folder })]);
    expect(both.flat()).toEqual(['0002_indexes.sql']);
  });

  test.each([
    [
      'create index concurrently by_note on first (note);',
      'write "if not exists" or "if exists", as it may run again',
    ],
    ['drop index concurrently by_note;', 'write "if not exists" or "if exists", as it may run again'],
    ['create function x() returns int language sql as $$ select 1 $$;', 'a function needs a transaction'],
  ])('is refused before anything runs if it cannot be repeated: %s', async (sql, message) => {
    file('0002_wrong.sql', `-- no transaction\n${sql}`);
    await expect(migrate(database.url, { folder })).rejects.toThrow(`migration 0002_wrong.sql: ${message}`);
  });
});

describe('a breaking migration', () => {
  beforeEach(() => {
    file('0002_more.sql', 'alter table first add column more text');
    file(
      '0003_gone.sql',
      '-- breaking: notes are in a table of their own\nalter table first drop column note',
    );
  });

  test('is refused with its reason without `--breaking`, and no earlier migration is applied', async () => {
    await expect(migrate(database.url, { folder })).rejects.toThrow(
      'migration 0003_gone.sql is breaking: notes are in a table of their own. Nothing was applied. ' +
        'Stop every process of the older version, then run tenor migrate --breaking',
    );
    expect(await applied()).toEqual(['0001_first.sql']);
    const migrated = await migrate(database.url, { folder, breaking: true });
    expect(migrated).toEqual(['0002_more.sql', '0003_gone.sql']);
  });

  test('is applied to a new database without `--breaking`', async () => {
    const fresh = await createTestDatabase({ migrated: false });
    expect(await migrate(fresh.url, { folder })).toHaveLength(3);
    await fresh.drop();
  });

  test('prevents older code from migrating the database afterwards', async () => {
    await migrate(database.url, { folder, breaking: true });
    rmSync(join(folder, '0003_gone.sql'));
    await expect(migrate(database.url, { folder })).rejects.toThrow(
      'the database is at 0003_gone.sql, newer than this code, which cannot run since 0003_gone.sql ' +
        '(notes are in a table of their own): start the newer version',
    );
  });

  test.each([
    ['-- breaking', 'say why, as in "-- breaking: the column x is gone"'],
    ['-- No transaction.', 'the line is "-- no transaction", and nothing more'],
  ])('is refused if its comment line is misspelt: %s', async (line, message) => {
    file('0003_gone.sql', `-- Notes.\n${line}\nselect 1`);
    await expect(migrate(database.url, { folder })).rejects.toThrow(`migration 0003_gone.sql: ${message}`);
  });
});

test('a database from before breaking migrations can be migrated, and readers of its versions do not wait', async () => {
  await other.query('alter table migrations drop column breaking');
  const reader = await connect('a probe');
  await reader.query('begin; select from migrations');
  const patience = { lockMs: 100, tries: 2, pauseMs: 10 };
  await expect(migrate(database.url, { folder, patience })).rejects.toThrow(
    'the table of migrations waited 0.1 s, 2 times for a lock and gave up; nothing was applied',
  );
  await reader.query('commit');
  file('0002_second.sql', 'create table second (id int)');
  expect(await migrate(database.url, { folder })).toEqual(['0002_second.sql']);
});
