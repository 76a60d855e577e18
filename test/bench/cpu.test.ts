import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readCpu } from '../../bench/cpu.ts';

/** A process that uses the CPU until it is killed, and has a child that does the same. */
const WORKS = `require('node:child_process').spawn(process.execPath, ['-e', 'for (;;);']).on('spawn', () => { for (;;); })`;

it('CPU time is counted for each server with its child processes, and as 0 on systems without /proc', async () => {
  if (!existsSync('/proc/self/stat')) {
    expect(readCpu({ postgres: null, temporal: null })).toEqual({ node: 0, postgres: 0, temporal: 0 });
    return;
  }
  const server = spawn(process.execPath, ['-e', WORKS], { detached: true });
  try {
    const nobody = { postgres: null, temporal: null };
    await expect
      .poll(() => readCpu({ ...nobody, postgres: server.pid! }).postgres, { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(300);
    const [ours, all] = [readCpu({ ...nobody, postgres: server.pid! }), readCpu(nobody)];
    expect(ours.temporal).toBe(0);
    expect(all.postgres).toBe(0);
    expect(all.node).toBeGreaterThanOrEqual(ours.node + 300);
  } finally {
    const ended = once(server, 'exit');
    process.kill(-server.pid!, 'SIGKILL');
    await ended;
  }
});
