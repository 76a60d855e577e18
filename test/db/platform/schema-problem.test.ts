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
  test('is not a problem once it is migrated', async () => {
    expect(await schemaProblem(pool)).toBeNull();
  });

  test('is a problem while there is none', async () => {
    const empty = await createTestDatabase({ migrated: false });
    const before = createPool(empty.url, { max: 1 });
    expect(await schemaProblem(before)).toMatch(
      /^the database has no schema, and this code needs \d{4}_\w+\.sql: run tenor migrate$/,
    );
    await before.end();
    await empty.drop();
  });

  test('is a problem when it is older than the code', async () => {
    await pool.query(`delete from migrations where name > '0006'`);
    expect(await schemaProblem(pool)).toMatch(
      /^the database is at 0005_document_seals\.sql, and this code needs \d{4}_\w+\.sql: run tenor migrate$/,
    );
  });

  test('is not a problem when it is newer than the code, and older processes can run on it', async () => {
    await pool.query(`insert into migrations (name, sha256) values ('9998_later.sql', '')`);
    expect(await schemaProblem(pool)).toBeNull();
  });

  test('is a problem when a newer migration is breaking, also before others', async () => {
    await pool.query(
      `insert into migrations (name, sha256, breaking) values ('9997_later.sql', '', null),
         ('9998_gone.sql', '', 'documents have no title any more'), ('9999_later.sql', '', null)`,
    );
    expect(await schemaProblem(pool)).toBe(
      'the database is at 9999_later.sql, newer than this code, which cannot run since 9998_gone.sql ' +
        '(documents have no title any more): start the newer version',
    );
  });

  test('is none in a database of before migrations could be breaking', async () => {
    await pool.query('alter table migrations drop column breaking');
    expect(await schemaProblem(pool)).toBeNull();
  });

  test('is a problem when another text was applied under a known name', async () => {
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

  test('reads and writes rows, and sees the version of the schema', async () => {
    await asRole(`insert into merchants (id, name) values ('mer_1', 'Wolkenwerk')`);
    expect(await asRole('select name from merchants')).toEqual([{ name: 'Wolkenwerk' }]);
    expect((await asRole('select name from migrations')).length).toBeGreaterThan(0);
    expect(await asRole('select * from sandbox.intents')).toEqual([]);
  });

  test.each([
    ['drop a table', 'drop table documents', /must be owner/],
    ['switch off a trigger', 'alter table documents disable trigger all', /must be owner/],
    ['empty a table', 'truncate documents', /permission denied/],
    ['make a table', 'create table more (id int)', /permission denied/],
    ['pretend another version of the schema', 'delete from migrations', /permission denied/],
    ['let triggers be skipped', `set session_replication_role = 'replica'`, /permission denied/],
  ])('may not %s', async (_what, statement, refusal) => {
    await expect(asRole(statement)).rejects.toThrow(refusal);
  });

  test('has rights on tables that a later migration makes, after it is granted again', async () => {
    await pool.query('create table later (id int)');
    await expect(asRole('select * from later')).rejects.toThrow(/permission denied/);
    await grantTo(database.url, role);
    expect(await asRole('select * from later')).toEqual([]);
  });

  test('cannot be the owner of the schema, or unknown', async () => {
    const owner = new URL(database.url).username;
    await expect(grantTo(database.url, owner)).rejects.toThrow(
      `the role ${owner} could change the schema: take one that does not own it`,
    );
    await expect(grantTo(database.url, 'nobody_knows')).rejects.toThrow(
      'the database has no role nobody_knows',
    );
  });
});
