import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dumpSchema } from '../../../db/platform/dump.ts';
import { migrate } from '../../../db/platform/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  folder = mkdtempSync(join(tmpdir(), 'tenor-migrations-'));
  file('0001_first.sql', 'create table first (id int primary key, note text)');
});

afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

describe('the migrations of the project', () => {
  test('apply nothing when they run a second time', async () => {
    expect(await migrate(database.url)).not.toEqual([]);
    expect(await migrate(database.url)).toEqual([]);
  });

  test('are applied once by two runs at the same time', async () => {
    const applied = await Promise.all([migrate(database.url), migrate(database.url)]);
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  });
});

describe('migrating', () => {
  test('applies only new files, in order', async () => {
    expect(await migrate(database.url, { folder })).toEqual(['0001_first.sql']);
    file('0002_second.sql', 'alter table first add column more text');
    file('0003_third.sql', 'create table third (id int references first)');
    expect(await migrate(database.url, { folder })).toEqual(['0002_second.sql', '0003_third.sql']);
  });

  test('refuses an applied file that was changed', async () => {
    await migrate(database.url, { folder });
    file('0001_first.sql', 'create table first (id bigint primary key)');
    await expect(migrate(database.url, { folder })).rejects.toThrow(
      'migration 0001_first.sql was changed after it was applied',
    );
  });

  test('does nothing in a database that a newer version has migrated', async () => {
    file('0002_second.sql', 'create table second (id int)');
    await migrate(database.url, { folder });
    rmSync(join(folder, '0002_second.sql'));
    expect(await migrate(database.url, { folder })).toEqual([]);
  });

  test('refuses a gap in the numbers, before it applies anything', async () => {
    file('0003_third.sql', 'select 1');
    await expect(migrate(database.url, { folder })).rejects.toThrow(
      'migration 0003_third.sql should be number 0002',
    );
    expect(await tables()).toEqual([]);
  });

  test('rolls a failing migration back, keeps the earlier ones, and continues when the file is fixed', async () => {
    file('0002_second.sql', 'create table second (id int); select * from nowhere');
    await expect(migrate(database.url, { folder })).rejects.toThrow(
      'migration 0002_second.sql failed: relation "nowhere" does not exist',
    );
    expect(await tables()).toEqual(['first', 'migrations']);
    file('0002_second.sql', 'create table second (id int)');
    expect(await migrate(database.url, { folder })).toEqual(['0002_second.sql']);
  });
});

test('a dump shows columns, constraints, indexes, triggers, functions, types and views', async () => {
  file(
    '0001_first.sql',
    `create type mood as enum ('good', 'bad');
     create table parent (id bigint generated always as identity primary key);
     create table child (
       id text primary key, parent_id bigint not null references parent, mood mood default 'good',
       amount numeric(20,2) not null check (amount >= 0), twice numeric generated always as (amount * 2) stored);
     create index child_by_parent on child (parent_id) where mood = 'bad';
     comment on column child.amount is 'in the currency''s unit';
     create function touch() returns trigger language plpgsql as 'begin return new; end';
     create trigger touched before update on child for each row execute function touch();
     create view bad_children as select id from child where mood = 'bad';`,
  );
  await migrate(database.url, { folder });
  const dump = await dumpSchema(database.url);
  for (const part of [
    "create type mood as enum ('good', 'bad');",
    '  id bigint not null generated always as identity',
    "  mood mood default 'good'::mood",
    '  twice numeric generated always as ((amount * (2)::numeric)) stored',
    '  constraint child_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parent(id)',
    '  constraint child_amount_check CHECK ((amount >= (0)::numeric))',
    "CREATE INDEX child_by_parent ON public.child USING btree (parent_id) WHERE (mood = 'bad'::mood);",
    "comment on column child.amount is 'in the currency''s unit';",
    'CREATE TRIGGER touched BEFORE UPDATE ON public.child FOR EACH ROW EXECUTE FUNCTION touch();',
    'CREATE OR REPLACE FUNCTION public.touch()',
    'create view bad_children as',
  ]) {
    expect(dump).toContain(part);
  }
});

function file(name: string, sql: string): void {
  writeFileSync(join(folder, name), sql);
}

async function tables(): Promise<string[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
  await client.end();
  return rows.map((row) => row.name);
}
