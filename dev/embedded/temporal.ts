// The embedded Temporal: the development server of its CLI, with the UI, as a child process. Its data is in SQLite.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { registerMissing, SEARCH_ATTRIBUTES } from '../../temporal/prepare.ts';
import { readJson, writePrivate } from './files.ts';
import { accepts, LOOPBACK, pickPort } from './ports.ts';
import type { ChildOptions, ProcessMark } from './process.ts';
import { superviseServer, type Server } from './server.ts';

export type TemporalOptions = {
  binary: string;
  dataDir: string;
  /** True to start without the UI. */
  headless: boolean;
  /** Settings of the server by key, each value as JSON. */
  dynamicConfig: Record<string, string>;
  onSpawn: (process: ProcessMark) => void;
  onExit: () => void;
};

export type TemporalServer = Server & {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  readonly uiUrl: string | null;
  /** Deletes all of its data. The server must not run. */
  wipe(): void;
};

const portsSchema = z.object({ port: z.int(), uiPort: z.int() });
type Ports = z.infer<typeof portsSchema>;

/** The namespace that the development server creates by itself. */
export const NAMESPACE = 'default';

/** Starts Temporal on the data folder. Resolves when it answers and the search attributes are registered. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const statePath = join(options.dataDir, 'temporal.json');
  const kept = readJson(statePath, portsSchema);
  const ports = { port: await pickPort(kept?.port), uiPort: await pickPort(kept?.uiPort) };
  const save = () => writePrivate(statePath, JSON.stringify(ports, null, 2));
  save();
  const address = () => `${LOOPBACK}:${ports.port}`;
  const server = superviseServer({
    name: 'Temporal',
    launch: () => launch(options, ports),
    ready: async () => {
      if (!(await accepts(ports.port)) || (!options.headless && !(await accepts(ports.uiPort)))) return false;
      await withConnection(address(), (to) => registerMissing(to, NAMESPACE));
      return true;
    },
    readyWithinMs: 60_000,
    endBy: [
      ['SIGINT', 10_000],
      ['SIGKILL', 5000],
    ],
    retry: async (log, attempt) => {
      if (!/address already in use|can't set .*port/i.test(log) || attempt >= 5) return false;
      Object.assign(ports, { port: await pickPort(), uiPort: await pickPort() });
      save();
      return true;
    },
    onSpawn: options.onSpawn,
    onExit: options.onExit,
  });
  await server.start();
  closeToOthers(databaseOf(options));
  return {
    ...server,
    address: address(),
    uiUrl: options.headless ? null : `http://${LOOPBACK}:${ports.uiPort}`,
    wipe: () => {
      if (server.pid() !== null) throw new Error('Temporal still runs');
      for (const suffix of ['', '-wal', '-shm']) rmSync(databaseOf(options) + suffix, { force: true });
    },
  };
}

/** Calls `use` with a connection, and closes it afterwards. */
async function withConnection<T>(address: string, use: (to: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address, connectTimeout: 2000 });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

function databaseOf(options: TemporalOptions): string {
  return join(options.dataDir, 'temporal.db');
}

/** Lets only the owner of the data folder read the histories of workflows. SQLite gives later files the mode of the database. */
function closeToOthers(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
}

function launch(options: TemporalOptions, ports: Ports): ChildOptions {
  const args = ['server', 'start-dev', '--db-filename', databaseOf(options), '--log-level', 'error'];
  // Without these two settings the server does a tenth of the work per second (docs/performance.md). With them a killed server loses
  // nothing. `tenor repair` restores from Postgres the workflows that a power failure may lose.
  args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL');
  args.push('--ip', LOOPBACK, '--port', String(ports.port));
  if (options.headless) args.push('--headless');
  else args.push('--ui-ip', LOOPBACK, '--ui-port', String(ports.uiPort), '--ui-disable-news-fetch');
  for (const each of SEARCH_ATTRIBUTES) args.push('--search-attribute', `${each.name}=${each.cliType}`);
  for (const [key, value] of Object.entries(options.dynamicConfig)) {
    args.push('--dynamic-config-value', `${key}=${value}`);
  }
  return {
    command: options.binary,
    args,
    cwd: options.dataDir,
    // A profile or address in the user's environment must not reach the server.
    env: { PATH: '/usr/bin:/bin', HOME: options.dataDir },
    logFile: join(options.dataDir, 'temporal.log'),
  };
}
