// A process is asked to stop while something that it waits for does not answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../db/platform/migrate.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { type Postgres, startPostgres } from '../../dev/embedded/postgres.ts';

const dataDir = temporaryDataDir('tenor-frozen-');
let postgres: Postgres;
let postmaster = 0;
let frozen: number[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  postgres = await startPostgres({
    dataDir,
    durable: false,
    report: () => undefined,
    onSpawn: ({ pid }) => void (postmaster = pid),
    onExit: () => undefined,
  });
  await migrate(postgres.url);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  said(): string;
  readonly ended: Promise<unknown[]>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { env: { ...env } });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  return { child, said: () => said, ended: once(child, 'exit') };
}

/** Stops all processes of Postgres where they are, as a disk that hangs does. */
async function freeze(): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows: found } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where pid <> pg_backend_pid()',
  );
  await client.end();
  frozen = [postmaster, ...found.map(({ pid }) => pid)];
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
}

it(
  'the API ends within its time while Postgres is frozen in the middle of requests',
  { timeout: 240_000 },
  async () => {
    const port = await pickPort();
    const api = run(['server.ts'], {
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TENOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      TENOR_SANDBOX_URL: 'http://127.0.0.1:1',
      PORT: String(port),
    });
    await expect.poll(api.said, { timeout: 120_000 }).toContain('api ready');
    await freeze();
    const headers = { authorization: 'Bearer tnr_live_unknown' };
    const asked = Array.from({ length: 30 }, () =>
      fetch(`http://127.0.0.1:${port}/v1/customers`, { headers }).catch(() => undefined),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const began = Date.now();
    api.child.kill('SIGTERM');
    await api.ended;
    expect(Date.now() - began).toBeLessThan(30_000);
    await Promise.all(asked);
  },
);

it('what never stops is ended after its time, with 1 and a sentence', { timeout: 120_000 }, async () => {
  const never = run([
    '--input-type=module',
    '--eval',
    `import { runUntilStopped } from './compose.ts';
     await runUntilStopped(async () => {
       setInterval(() => undefined, 1_000);
       console.log('runs');
       return { stop: () => new Promise(() => undefined) };
     }, 500);`,
  ]);
  await expect.poll(never.said, { timeout: 60_000 }).toContain('runs');
  never.child.kill('SIGTERM');
  expect(await never.ended).toEqual([1, null]);
  expect(never.said()).toContain('it could not stop within 0.5 seconds');
});
