import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tenor-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function tenor(...words: string[]): Promise<string> {
  const { DATABASE_URL: _, TEMPORAL_ADDRESS: __, ...environment } = loadConfig().environment;
  const program = [resolve('node_modules/tsx/dist/cli.mjs'), resolve('cli/tenor.ts'), ...words];
  const env = { ...environment, TENOR_HOME: home };
  return new Promise((finish) => {
    execFile(process.execPath, program, { env }, (_error, _out, err) => finish(err));
  });
}

it.each([
  ['merchant', ['merchant', 'Wolkenwerk'], 'DATABASE_URL'],
  ['migrate', ['migrate'], 'TEMPORAL_ADDRESS'],
])(
  '`tenor %s` without a running instance says where it looked, and what to set',
  async (_, words, variable) => {
    const said = await tenor(...words);
    expect(said).toContain(
      `no instance of Tenor runs in ${home}: run npm start first, set TENOR_HOME to the folder of a running one, or set ${variable}`,
    );
  },
);
