// The embedded Postgres: a real server as a child process. Its data survives `kill -9` of the server and of this process.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { readJson, writePrivate } from './files.ts';
import { LOOPBACK, pickPort } from './ports.ts';
import { preparePostgresFiles, type PostgresFiles } from './postgres-files.ts';
import { commandLine, endProcess, markOf, type ChildOptions, type ProcessMark } from './process.ts';
import { superviseServer, type Server } from './server.ts';

export type PostgresOptions = {
  dataDir: string;
  /** False to give up safety against a crash of the machine, for tests. */
  durable: boolean;
  report: (line: string) => void;
  onSpawn: (process: ProcessMark) => void;
  onExit: () => void;
};

/** A running Postgres. `url` names the database `tenor`. */
export type Postgres = Server & { readonly url: string };

// The state that the data folder keeps, for the next start. `folder` is null if the cluster is inside the data folder.
const stateSchema = z.object({ port: z.int(), password: z.string(), folder: z.string().nullable() });
type State = z.infer<typeof stateSchema>;

const SUPERUSER = 'tenor';
const DATABASE = 'tenor';
const END_BY = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5000],
  ['SIGKILL', 5000],
] as const;

/** Starts Postgres on the data folder. The first call creates the cluster. Resolves when the server answers. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataDir, report } = options;
  const statePath = join(dataDir, 'postgres.json');
  const kept = readJson(statePath, stateSchema);
  const files = preparePostgresFiles(dataDir, dataFolder(dataDir, kept), report);
  const state: State = {
    port: await pickPort(kept?.port),
    password: kept?.password ?? randomBytes(18).toString('base64url'),
    folder: files.folder === resolve(dataDir, 'postgres') ? null : files.folder,
  };
  const save = () => writePrivate(statePath, JSON.stringify(state, null, 2));
  checkCluster(files, kept === null ? statePath : null);
  save();
  if (!existsSync(dataOf(files))) createCluster(files, state.password, options.durable, report);
  await endStrayServer(files, report);
  let started = false;
  const server = superviseServer({
    name: 'Postgres',
    launch: () => launch(files, state.port, options),
    ready: () => answers(urlOf(state, 'postgres')),
    readyWithinMs: 120_000, // Postgres may have to replay its log after a crash.
    endBy: END_BY,
    retry: async (log, attempt) => {
      if (/Address already in use|could not bind/i.test(log) && attempt < 5) {
        state.port = await pickPort();
        save();
        return true;
      }
      // Backends of a killed server end by themselves a moment later, and use its shared memory until then. Their last lines mix
      // with the log, so the reason may not be readable in it.
      await delay(200);
      return attempt < (started ? 50 : 5) || (/shared memory|postmaster\.pid/.test(log) && attempt < 50);
    },
    onSpawn: options.onSpawn,
    onExit: options.onExit,
  });
  await server.start();
  started = true;
  await createDatabase(state);
  return { ...server, url: urlOf(state, DATABASE) };
}

function dataOf(files: PostgresFiles): string {
  return join(files.folder, 'data');
}

/** The folder of an existing cluster. Null if there is none. */
function dataFolder(dataDir: string, kept: State | null): string | null {
  const inside = resolve(dataDir, 'postgres');
  const folder = existsSync(inside) || kept?.folder === undefined ? inside : (kept.folder ?? inside);
  return existsSync(folder) ? folder : null;
}

function urlOf(state: State, database: string): string {
  return `postgresql://${SUPERUSER}:${state.password}@${LOOPBACK}:${state.port}/${database}`;
}

/**
 * Checks an existing cluster. `lostState` is the path of the state file if that is missing.
 * @throws Error if the data has another major version, or if its password is lost
 */
function checkCluster(files: PostgresFiles, lostState: string | null): void {
  const data = dataOf(files);
  if (!existsSync(data)) return;
  if (lostState !== null)
    throw new Error(`there is data in ${data}, but ${lostState} with its password is missing`);
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (found !== files.version.split('.')[0]) {
    throw new Error(
      `the data in ${data} belongs to Postgres ${found}, but this is Postgres ${files.version}`,
    );
  }
}

/** Runs initdb in a temporary folder and renames it, so that an interrupted run leaves no incomplete cluster. */
function createCluster(
  files: PostgresFiles,
  password: string,
  durable: boolean,
  report: (line: string) => void,
): void {
  report('Postgres: creating the database cluster');
  const draft = join(files.folder, 'data.new');
  const passwordFile = join(files.folder, 'password');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (files.user !== null) {
    for (const path of [draft, passwordFile]) chownSync(path, files.user.uid, files.user.gid);
  }
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = ['-D', draft, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, ...locale];
  const { uid, gid } = files.user ?? {};
  const made = spawnSync(
    join(files.bin, 'initdb'),
    [...args, '--no-instructions', ...(durable ? [] : ['--no-sync'])],
    {
      cwd: files.folder,
      env: childEnv(files),
      encoding: 'utf8',
      timeout: 120_000,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    },
  );
  rmSync(passwordFile);
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${made.error?.message ?? ''}${made.stderr ?? ''}${made.stdout ?? ''}`);
  }
  renameSync(draft, dataOf(files));
}

function launch(files: PostgresFiles, port: number, options: PostgresOptions): ChildOptions {
  // `synchronous_commit` is always on: without it a killed server would lose transactions that it had committed.
  const settings: Record<string, string> = {
    listen_addresses: LOOPBACK,
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A new database needs statistics soon: without them a step's plan reads all contracts of a merchant to find one.
    autovacuum_naptime: '5s',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return {
    command: join(files.bin, 'postgres'),
    args: [
      '-D',
      dataOf(files),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    cwd: files.folder,
    env: childEnv(files),
    uid: files.user?.uid,
    gid: files.user?.gid,
    logFile: join(options.dataDir, 'postgres.log'),
  };
}

function childEnv(files: PostgresFiles): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: files.folder };
}

/**
 * Ends a server that still runs on this folder but is in no lock file. If the server is dead and another process has its pid now,
 * it removes the pid file, because Postgres would assume that the server still runs.
 */
async function endStrayServer(files: PostgresFiles, report: (line: string) => void): Promise<void> {
  const path = join(dataOf(files), 'postmaster.pid');
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
  const mark = markOf(pid);
  if (mark === null) return;
  if (!commandLine(pid).includes(dataOf(files))) return rmSync(path, { force: true });
  report(`Postgres: ending pid ${pid}, left running on ${files.folder}`);
  await endProcess({ pid, mark }, END_BY);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createDatabase(state: State): Promise<void> {
  const client = new Client({ connectionString: urlOf(state, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
