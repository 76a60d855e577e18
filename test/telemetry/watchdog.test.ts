// A thread of a process ends the process if its event loop is blocked.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

async function run(work: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const script = `import { startWatchdog } from './telemetry/watchdog.ts'; startWatchdog(2); ${work}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, output };
}

it('the watchdog ends a process that hangs, with a message', async () => {
  expect(await run('setTimeout(() => { for (;;); }, 100);')).toEqual({
    code: null,
    signal: 'SIGKILL',
    output: 'the event loop is blocked: this process ends itself, to be started again\n',
  });
});

it('the watchdog does not end a process that is busy for less than its limit several times, nor delay its end', async () => {
  const busy =
    'for (let n = 0; n < 4; n++) setTimeout(() => { for (const end = Date.now() + 900; Date.now() < end;); }, n * 1000);';
  expect(await run(busy)).toEqual({ code: 0, signal: null, output: '' });
});
