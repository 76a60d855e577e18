// A linter checks the locks that migrations take. These tests give it migrations that would block other transactions.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tenor-squawk-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The rules that a migration breaks. */
function brokenBy(sql: string, name = '0999_new.sql'): string[] {
  const file = join(folder, name);
  writeFileSync(file, sql);
  const { stdout } = spawnSync('node_modules/.bin/squawk', ['--reporter', 'json', file], {
    encoding: 'utf8',
  });
  const found = JSON.parse(stdout || '[]') as readonly { readonly rule_name: string }[];
  return found.map((each) => each.rule_name);
}

it.each([
  ['create index charges_by_text on charges (text);', 'require-concurrent-index-creation'],
  ['drop index charges_by_text;', 'require-concurrent-index-deletion'],
  ['alter table charges add column kept text not null;', 'adding-required-field'],
  ['alter table charges alter column text type varchar(20);', 'changing-column-type'],
  ['alter table charges add constraint few check (part < 9);', 'constraint-missing-not-valid'],
  ['alter table charges rename column text to title;', 'renaming-column'],
])('%s breaks the rule %s', (sql, rule) => expect(brokenBy(sql)).toContain(rule));

it.each([
  '-- no transaction\ncreate index concurrently if not exists charges_by_text on charges (text);',
  'alter table charges add column kept text;',
  'create or replace function one() returns int language sql immutable as $$ select 1 $$;',
])('%s breaks no rule', (sql) => expect(brokenBy(sql)).toEqual([]));
