import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { rmSync } from 'node:fs';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { startChild } from '../../dev/embedded/process.ts';

const folder = temporaryDataDir();
afterAll(() => rmSync(folder, { recursive: true }));

it('of a log that several processes write, each sees only its own part, also after letters of several bytes', async () => {
  const run = async (text: string) => {
    const child = await startChild({
      command: process.execPath,
      args: ['-e', `console.log(${JSON.stringify(text)})`],
      cwd: folder,
      env: {},
      logFile: join(folder, 'child.log'),
    });
    await child.exited;
    return child;
  };
  await run('‹äöü›'.repeat(500));
  const second = await run('ready');
  expect([second.said('ready'), second.said('ä'), second.log()]).toEqual([true, false, 'ready\n']);
});
