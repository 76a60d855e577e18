// A process is asked to stop while a server on which it waits does not answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { migrate } from '../../db/platform/migrate.ts';
import { createPool } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { type Stack, startStack } from '../../dev/embedded/stack.ts';
import { contractWorkflow } from '../../temporal/ids.ts';
import { createSampleMerchant, order } from '../support/merchant.ts';

const dataDir = temporaryDataDir('tenor-frozen-');
let stack: Stack;
let frozen: number[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  stack = await startStack({ dataDir, headless: true, durable: false, config, onProgress: () => undefined });
  await migrate(stack.databaseUrl);
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
});
afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The environment of API and worker: the addresses of their servers, and the master key. */
const places = (): Record<string, string> => ({
  DATABASE_URL: stack.databaseUrl,
  TENOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  TENOR_SANDBOX_URL: 'http://127.0.0.1:1',
});

interface Run {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<unknown[]>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { env: { ...env } });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  return { child, output: () => output, ended: once(child, 'exit') };
}

/** Freezes all processes of Postgres, as a disk that hangs would. */
async function freeze(): Promise<void> {
  const client = new Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const { rows: found } = await client.query<{ pid: number }>(
    'select pid from pg_stat_activity where pid <> pg_backend_pid()',
  );
  await client.end();
  frozen = [stack.pids.postgres!, ...found.map(({ pid }) => pid)];
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
}

it(
  'the API ends within 30 seconds although Postgres is frozen in the middle of requests',
  { timeout: 240_000 },
  async () => {
    const port = await pickPort();
    const api = run(['server.ts'], {
      ...places(),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      PORT: String(port),
    });
    await expect.poll(api.output, { timeout: 120_000 }).toContain('api ready');
    await freeze();
    const headers = { authorization: 'Bearer tnr_live_unknown' };
    const requests = Array.from({ length: 30 }, () =>
      fetch(`http://127.0.0.1:${port}/v1/customers`, { headers }).catch(() => undefined),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const began = Date.now();
    api.child.kill('SIGTERM');
    await api.ended;
    expect(Date.now() - began).toBeLessThan(30_000);
    await Promise.all(requests);
  },
);

it(
  'the worker ends cleanly within 40 seconds although Postgres is frozen and webhooks are not answered',
  { timeout: 240_000 },
  async () => {
    let webhooks = 0;
    const silent = createServer(() => void (webhooks += 1)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const worker = run(['worker.ts'], {
      ...places(),
      TEMPORAL_ADDRESS: stack.temporalAddress,
      TENOR_SANDBOX_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    await expect.poll(worker.output, { timeout: 120_000 }).toContain('worker ready');
    const contractId = await orderWithEvents(40);
    await expect.poll(() => webhooks, { timeout: 30_000 }).toBe(8);
    await freeze();
    // The contract's statement is not answered either.
    const connection = await Connection.connect({ address: stack.temporalAddress });
    const workflow = new TemporalClient({ connection }).workflow.getHandle(contractWorkflow(contractId));
    await workflow.signal('wake');
    await expect
      .poll(async () => (await workflow.describe()).raw.pendingWorkflowTask?.state, { timeout: 30_000 })
      .toBe(2); // started
    const began = Date.now();
    worker.child.kill('SIGTERM');
    expect({ ended: await worker.ended, webhooks, output: worker.output() }).toEqual({
      ended: [0, null],
      webhooks: 8,
      output: expect.not.stringContaining('could not stop'),
    });
    expect(Date.now() - began).toBeLessThan(40_000);
    await connection.close();
    silent.closeAllConnections();
    silent.close();
  },
);

/** Orders a contract and waits until it is billed. Then it stores the given number of sandbox events, which are all due. */
async function orderWithEvents(events: number): Promise<string> {
  const pool = createPool(stack.databaseUrl, { max: 1 });
  const merchant = await createSampleMerchant(pool);
  const party = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const { contractId } = await order(pool, merchant, { customer: party, variant: 'pro', components: [] });
  await expect
    .poll(() => rows(pool, 'select phase from contracts where id = $1', [contractId]), { timeout: 30_000 })
    .toEqual([{ phase: 'normal' }]);
  await rows(
    pool,
    `with intent as (insert into sandbox.intents (id, key, merchant_id, token, amount_minor, currency, state, prepared_at)
         values ('sbi_1', 'att_1', $1, 'card', 1, 'EUR', 'succeeded', clock_timestamp()) returning id),
       event as (insert into sandbox.events (id, merchant_id, intent_id, type, due_at, body)
         select 'evt_' || n, $1, intent.id, 'succeeded', clock_timestamp(), jsonb_build_object('id', 'evt_' || n,
           'merchant_id', $1, 'object', intent.id, 'type', 'succeeded', 'at', '2024-01-01T00:00:00.000Z') from intent, generate_series(1, $2) n returning id)
     insert into agenda (workflow_id, merchant_id, kind, due_at)
       select 'sandbox/' || id, $1, 'provider_event', clock_timestamp() from event`,
    [merchant, events],
  );
  await pool.end();
  return contractId;
}

it(
  'a process that does not stop in its time ends with exit code 1 and a message',
  { timeout: 120_000 },
  async () => {
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
    await expect.poll(never.output, { timeout: 60_000 }).toContain('runs');
    never.child.kill('SIGTERM');
    expect(await never.ended).toEqual([1, null]);
    expect(never.output()).toContain('the process did not stop within 0.5 seconds');
  },
);
