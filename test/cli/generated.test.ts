import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenor-generated-'));
  mkdirSync(join(folder, 'db'));
  for (const name of ['openapi.json', 'db/schema.sql', 'db/tables.ts']) cpSync(name, join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function check(): Promise<{ code: number; said: string }> {
  const program = [resolve('node_modules/tsx/dist/cli.mjs'), resolve('cli/generated.ts'), '--check'];
  return new Promise((done) => {
    const child = execFile(process.execPath, program, { cwd: folder }, (_, out, said) => {
      done({ code: child.exitCode ?? -1, said: out + said });
    });
  });
}

it('passes while the files are what the code makes', async () => {
  expect(await check()).toEqual({ code: 0, said: '' });
});

it('names each file that is not, and how to renew it, and changes nothing', async () => {
  const stale = new Map<string, string>();
  for (const [name, was, is] of [
    ['openapi.json', '"title": "Tenor"', '"title": "Tenors"'],
    ['db/schema.sql', 'create table contracts', 'create table contract'],
    ['db/tables.ts', 'readonly workflow_id: string;', 'readonly workflow_id: number;'],
  ] as const) {
    const text = readFileSync(join(folder, name), 'utf8');
    stale.set(name, text.replace(was, is));
    expect(stale.get(name)).not.toBe(text);
    writeFileSync(join(folder, name), stale.get(name) ?? '');
  }
  expect(await check()).toEqual({
    code: 1,
    said: [
      'openapi.json is not what the code makes: npm run openapi\n',
      'db/schema.sql is not what the code makes: npm run schema\n',
      'db/tables.ts is not what the code makes: npm run tables\n',
    ].join(''),
  });
  for (const [name, text] of stale) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
});
