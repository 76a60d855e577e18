import { Client, type QueryResultRow } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grantTo } from '../../../db/platform/grants.ts';
import { schemaProblem } from '../../../db/platform/migrate.ts';
import { createPool, type Pool } from '../../../db/platform/pool.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { max: 2 });
});

afterEach(async () => {
  await pool.end();
  await database.drop();
});

describe('the schema of the database', () => {
  test('is not a problem after it was migrated', async () => {
    expect(await schemaProblem(pool)).toBeNull();
  });

  test('is a problem if there is none', async () => {
    const empty = await createTestDatabase({ migrated: false });
    const before = createPool(empty.url, { max: 1 });
    expect(await schemaProblem(before)).toMatch(
      /^the database has no schema, and this code needs \d{4}_\w+\.sql: run tenor migrate$/,
    );
    await before.end();
    await empty.drop();
  });

  test('is a problem if it is older than the code', async () => {
    await pool.query(`delete from migrations where name > '0006'`);
    expect(await schemaProblem(pool)).toMatch(
      /^the database is at 0005_document_seals\.sql, and this code needs \d{4}_\w+\.sql: run tenor migrate$/,
    );
  });

  test('is not a problem if it is newer than the code and older processes can use it', async () => {
    await pool.query(`insert into migrations (name, sha256) values ('9998_later.sql', '')`);
    expect(await schemaProblem(pool)).toBeNull();
  });

  test('is a problem if a newer migration is breaking, also if it is not the last one', async () => {
    await pool.query(
      `insert into migrations (name, sha256, breaking) values ('9997_later.sql', '', null),
         ('9998_gone.sql', '', 'documents have no title any more'), ('9999_later.sql', '', null)`,
    );
    expect(await schemaProblem(pool)).toBe(
      'the database is at 9999_later.sql, newer than this code, which cannot run since 9998_gone.sql ' +
        '(documents have no title any more): start the newer version',
    );
  });

  test('is not a problem in a database from before breaking migrations', async () => {
    await pool.query('alter table migrations drop column breaking');
    expect(await schemaProblem(pool)).toBeNull();
  });

  test('is a problem if an applied migration differs from the file of that name', async () => {
    await pool.query(`update migrations set sha256 = 'other' where name like '0003%'`);
    expect(await schemaProblem(pool)).toBe('migration 0003_parties.sql was changed after it was applied');
  });
});

describe('the role of API and worker', () => {
  const role = 'tenor_app_of_test';

  /** Runs a statement as that role. */
  async function asRole<T extends QueryResultRow>(statement: string): Promise<T[]> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`set role ${role}`);
      return (await client.query<T>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  beforeEach(async () => {
    await pool.query(`do $$ begin create role ${role}; exception when duplicate_object then null; end $$`);
    await grantTo(database.url, role);
  });

  test('may read and write rows, and read the version of the schema', async () => {
    await asRole(`insert into merchants (id, name) values ('mer_1', 'Wolkenwerk')`);
    expect(await asRole('select name from merchants')).toEqual([{ name: 'Wolkenwerk' }]);
    expect((await asRole('select name from migrations')).length).toBeGreaterThan(0);
    expect(await asRole('select * from sandbox.intents')).toEqual([]);
  });

  test.each([
    ['drop a table', 'drop table documents', /must be owner/],
    ['disable a trigger', 'alter table documents disable trigger all', /must be owner/],
    ['empty a table', 'truncate documents', /permission denied/],
    ['create a table', 'create table more (id int)', /permission denied/],
    ['change the version of the schema', 'delete from migrations', /permission denied/],
    ['skip triggers', `set session_replication_role = 'replica'`, /permission denied/],
  ])('may not %s', async (_what, statement, refusal) => {
    await expect(asRole(statement)).rejects.toThrow(refusal);
  });

  test('gets rights on the tables of a later migration when they are granted again', async () => {
    await pool.query('create table later (id int)');
    await expect(asRole('select * from later')).rejects.toThrow(/permission denied/);
    await grantTo(database.url, role);
    expect(await asRole('select * from later')).toEqual([]);
  });

  test('is refused if it owns the schema or does not exist', async () => {
    const owner = new URL(database.url).username;
    await expect(grantTo(database.url, owner)).rejects.toThrow(
      `the role ${owner} could change the schema: take one that does not own it`,
    );
    await expect(grantTo(database.url, 'nobody_knows')).rejects.toThrow(
      'the database has no role nobody_knows',
    );
  });
});
