import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { readLock } from '../../dev/embedded/lock.ts';
import { markOf } from '../../dev/embedded/process.ts';
import { startStack, type Stack } from '../../dev/embedded/stack.ts';
import { loadConfig } from '../../config.ts';

let dataDir: string;
let lines: string[];
let running: Stack[];
let owners: ChildProcess[];

beforeEach(() => {
  dataDir = join(temporaryDataDir('tenor-stack-'), 'home');
  lines = [];
  running = [];
  owners = [];
});

afterEach(async () => {
  for (const stack of running) await stack.stop();
  for (const owner of owners) owner.kill('SIGKILL');
  rmSync(join(dataDir, '..'), { recursive: true, force: true });
});

describe('the embedded servers', () => {
  test('keep their data and ports over a stop and a start, and leave no process running', async () => {
    const first = await start();
    await write(first);
    const { postgres, temporal } = first.pids;
    expect(readLock(dataDir)?.addresses).toMatchObject({ temporalAddress: first.temporalAddress });
    await first.stop();
    expect([markOf(postgres!), markOf(temporal!)]).toEqual([null, null]);
    expect(existsSync(join(dataDir, 'tenor.lock'))).toBe(false);

    const second = await start();
    expect(second.databaseUrl).toBe(first.databaseUrl);
    expect(second.temporalAddress).toBe(first.temporalAddress);
    expect(second.masterKey).toBe(first.masterKey);
    await expectWritten(second);
  });

  test('listen only on the loopback address, and only their owner can read secret files', async () => {
    const stack = await start({ headless: false });
    const addresses = [stack.databaseUrl, `http://${stack.temporalAddress}`, stack.uiUrl!];
    expect(addresses.map((address) => new URL(address).hostname)).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '127.0.0.1',
    ]);
    expect((await fetch(stack.uiUrl!)).status).toBe(200);
    const secret = [
      'tenor.lock',
      'master.key',
      'postgres.json',
      'temporal.db',
      'temporal.db-wal',
      'temporal.db-shm',
    ];
    for (const file of secret) {
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
    }
    if (process.platform === 'linux') {
      expect(listeners([stack.pids.postgres!, stack.pids.temporal!])).toEqual(['127.0.0.1']);
    }
  });

  test('lose no data when they are killed and restarted, and a wiped Temporal is empty but usable', async () => {
    const stack = await start();
    await write(stack);
    await Promise.all([stack.killPostgres('SIGKILL'), stack.killTemporal('SIGKILL')]);
    expect(stack.pids).toEqual({ postgres: null, temporal: null });
    await Promise.all([stack.restartPostgres(), stack.restartTemporal()]);
    await expectWritten(stack);
    await stack.wipeTemporal();
    await expect(workflowType(stack)).rejects.toThrow(/not found/);
    await write(stack);
  });

  test('report a server that ends unexpectedly, and it can be restarted', async () => {
    const ended: string[] = [];
    const stack = await start({ onExit: (name) => ended.push(name) });
    process.kill(stack.pids.postgres!, 'SIGKILL');
    await expect.poll(() => ended, { interval: 20 }).toEqual(['postgres']);
    await stack.restartPostgres();
    await write(stack);
  });

  test('are not started if the configuration names other servers', async () => {
    const config = {
      ...loadConfig({}),
      databaseUrl: 'postgresql://a@b/c',
      temporalAddress: 'example.test:7233',
    };
    const stack = await start({ config });
    expect(stack.pids).toEqual({ postgres: null, temporal: null });
    expect(stack).toMatchObject({ databaseUrl: 'postgresql://a@b/c', temporalAddress: 'example.test:7233' });
    expect(lines).toEqual(['Postgres: the one in DATABASE_URL', 'Temporal: the one at example.test:7233']);
    await expect(stack.killPostgres('SIGKILL')).rejects.toThrow('Postgres was not started here');
  });
});

describe('a data folder', () => {
  test('in use is refused, and the error names the process that uses it', async () => {
    const stack = await start();
    await expect(startStack({ dataDir, onProgress: () => undefined })).rejects.toThrow(
      `Tenor already runs on ${dataDir}: it is starting. Stop it with kill -INT ${process.pid}`,
    );
    await expectAlive(stack);
  });

  test('whose owner was killed is taken over, and its servers are ended', async () => {
    const killed = await startOwner();
    process.kill(killed.owner, 'SIGKILL');
    await untilEnded(killed.owner);
    expect(readLock(dataDir)).toBeNull();
    expect(markOf(killed.postgres)).not.toBeNull();

    const stack = await start();
    expect([markOf(killed.postgres), markOf(killed.temporal)]).toEqual([null, null]);
    expect(lines).toContain(
      `ending postgres (pid ${killed.postgres}), left running by a start that was killed`,
    );
    expect(stack.databaseUrl).toBe(killed.databaseUrl);
    await write(stack);
  });

  test('is taken over if its owner and both servers were killed at once', async () => {
    const killed = await startOwner();
    for (const pid of [killed.owner, killed.postgres, killed.temporal]) process.kill(pid, 'SIGKILL');
    await untilEnded(killed.owner);
    await expectAlive(await start());
  });

  test('without a lock file is taken over, and the Postgres that still runs on it is ended', async () => {
    const killed = await startOwner();
    for (const pid of [killed.owner, killed.temporal]) process.kill(pid, 'SIGKILL');
    await untilEnded(killed.owner);
    rmSync(join(dataDir, 'tenor.lock'));
    await expectAlive(await start());
    expect(markOf(killed.postgres)).toBeNull();
  });

  test('is taken over without ending unrelated processes that now have the recorded pids', async () => {
    const bystander = spawn('sleep', ['60']);
    owners.push(bystander);
    mkdirSync(dataDir, { recursive: true });
    const record = { pid: bystander.pid, mark: 'an earlier process' };
    const lock = { ...record, startedAt: '', addresses: {}, children: [{ name: 'postgres', ...record }] };
    writeFileSync(join(dataDir, 'tenor.lock'), JSON.stringify(lock));
    await start();
    expect(bystander.exitCode).toBeNull();
    expect(markOf(bystander.pid!)).not.toBeNull();
  });

  test('goes to one of two starts at the same time', async () => {
    const both = await Promise.allSettled([start(), start()]);
    expect(both.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.runIf(process.getuid?.() === 0)(
    'that the database user cannot reach has its data in another folder, which is printed',
    async () => {
      const parent = join(dataDir, '..');
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const stack = await start();
      const printed = lines.find((line) => line.startsWith('Postgres: the data is in '));
      const elsewhere = printed?.match(
        /^Postgres: the data is in (\S+)\/postgres, because its user \w+ cannot reach /,
      )?.[1];
      expect(elsewhere).toMatch(/^\/var\/(lib|tmp)\/tenor-[0-9a-f]{12}$/);
      await write(stack);
      await stack.stop();
      await expectWritten(await start());
      for (const each of running) await each.stop();
      rmSync(elsewhere!, { recursive: true });
      expect(existsSync(join(parent, 'home/postgres'))).toBe(false);
    },
  );
});

type Options = Partial<Parameters<typeof startStack>[0]>;

async function start(more: Options = {}): Promise<Stack> {
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const stack = await startStack({
    dataDir,
    onProgress: (line) => lines.push(line),
    headless: true,
    durable: false,
    config,
    ...more,
  });
  running.push(stack);
  return stack;
}

type Owner = { owner: number; postgres: number; temporal: number; databaseUrl: string };

/** Starts a stack in a process of its own, and waits until it is ready. */
async function startOwner(): Promise<Owner> {
  const script = fileURLToPath(new URL('owner.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(child);
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Owner;
  throw new Error('the owner did not start');
}

async function untilEnded(pid: number): Promise<void> {
  await expect.poll(() => markOf(pid), { interval: 20 }).toBeNull();
}

async function query<T extends object>(stack: Stack, text: string): Promise<T[]> {
  const client = new Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function withTemporal<T>(stack: Stack, use: (client: TemporalClient) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  try {
    return await use(new TemporalClient({ connection, namespace: stack.temporalNamespace }));
  } finally {
    await connection.close();
  }
}

/** Leaves a row in Postgres and a workflow with a search attribute in Temporal. */
async function write(stack: Stack): Promise<void> {
  await query(stack, "create table if not exists marks (note text); insert into marks values ('here')");
  await withTemporal(stack, (client) =>
    client.workflow.start('kept', {
      taskQueue: 'none',
      workflowId: 'kept',
      searchAttributes: { Merchant: ['m1'] },
    }),
  );
}

async function expectWritten(stack: Stack): Promise<void> {
  expect(await query(stack, 'select note from marks')).toEqual([{ note: 'here' }]);
  expect(await workflowType(stack)).toBe('kept');
}

function workflowType(stack: Stack): Promise<string> {
  return withTemporal(stack, async (client) => (await client.workflow.getHandle('kept').describe()).type);
}

async function expectAlive(stack: Stack): Promise<void> {
  expect(await query(stack, 'select 1 as one')).toEqual([{ one: 1 }]);
}

/** The addresses on which these processes listen, without duplicates. */
function listeners(pids: number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))),
  );
  const found = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
    .map((fields) => fields[1]!.split(':')[0]!);
  return [...new Set(found.map((address) => (address === '0100007F' ? '127.0.0.1' : address)))];
}
