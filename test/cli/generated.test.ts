import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenor-generated-'));
  for (const name of ['client', 'db']) mkdirSync(join(folder, name));
  for (const name of ['openapi.json', 'client/types.ts', 'db/schema.sql', 'db/tables.ts'])
    cpSync(name, join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function check(): Promise<{ code: number; output: string }> {
  const program = [resolve('node_modules/tsx/dist/cli.mjs'), resolve('cli/generated.ts'), '--check'];
  return new Promise((finish) => {
    const child = execFile(process.execPath, program, { cwd: folder }, (_, out, err) => {
      finish({ code: child.exitCode ?? -1, output: out + err });
    });
  });
}

it('passes if the generated files are up to date', async () => {
  expect(await check()).toEqual({ code: 0, output: '' });
});

it('names each stale file and the command that renews it, and changes nothing', async () => {
  const stale = new Map<string, string>();
  for (const [name, before, after] of [
    ['openapi.json', '"title": "Tenor"', '"title": "Tenors"'],
    ['client/types.ts', 'export interface Invoice ', 'export interface Bill '],
    ['db/schema.sql', 'create table contracts', 'create table contract'],
    ['db/tables.ts', 'readonly workflow_id: string;', 'readonly workflow_id: number;'],
  ] as const) {
    const text = readFileSync(join(folder, name), 'utf8');
    stale.set(name, text.replace(before, after));
    expect(stale.get(name)).not.toBe(text);
    writeFileSync(join(folder, name), stale.get(name) ?? '');
  }
  expect(await check()).toEqual({
    code: 1,
    output: [
      'openapi.json is out of date: run npm run openapi\n',
      'client/types.ts is out of date: run npm run client\n',
      'db/schema.sql is out of date: run npm run schema\n',
      'db/tables.ts is out of date: run npm run tables\n',
    ].join(''),
  });
  for (const [name, text] of stale) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
});
