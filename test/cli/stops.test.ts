// A command that starts servers stops them, however it is ended itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { markOf } from '../../dev/embedded/process.ts';

test.each([
  ['while they start', 'Temporal: ready'],
  ['while it measures', 'counting'],
])('the bench, ended by SIGTERM twice %s, leaves no server running', async (_, line) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/run.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const servers: number[] = [];
  for await (const output of createInterface({ input: child.stdout })) {
    const pid = /ready.*\(pid (\d+)\)/.exec(output)?.[1];
    if (pid !== undefined) servers.push(Number(pid));
    if (!output.startsWith(line)) continue;
    child.kill('SIGTERM');
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual([1, null]);
  expect(servers).toHaveLength(2);
  expect(servers.map((pid) => markOf(pid))).toEqual([null, null]);
});

test('a process without signal handlers of its own also ends its servers on Ctrl-C', async () => {
  const dataDir = temporaryDataDir('tenor-owner-');
  const script = fileURLToPath(new URL('owner.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const servers: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { postgres, temporal } = JSON.parse(line) as Record<'postgres' | 'temporal', number>;
    servers.push(postgres, temporal);
    child.kill('SIGINT');
  }
  expect(await ended).toEqual([130, null]);
  await expect.poll(() => servers.map((pid) => markOf(pid)), { interval: 20 }).toEqual([null, null]);
  rmSync(dataDir, { recursive: true, maxRetries: 10, retryDelay: 100 });
});
