import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { profileOf, temporalConnection } from '../compose.ts';
import { type Config, loadConfig } from '../config.ts';
import { migrate } from '../db/platform/migrate.ts';
import { prepareTemporal } from '../temporal/prepare.ts';
import { type Inbox, startInbox } from './inbox.ts';
import { isFree, pickPort } from './embedded/ports.ts';
import { endProcess, startChild, type Child } from './embedded/process.ts';
import { startStack, type Stack } from './embedded/stack.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_WITHIN_MS = 60_000;
/** How many probes must fail in a row within `hangMs` before a process counts as hanging. */
const LOOKS = 6;

/** Tenor with all of its processes. A process that is killed is started again. */
export interface Tenor {
  readonly apiUrl: string;
  readonly stack: Stack;
  /** The environment that API and worker run with. */
  readonly env: Record<string, string>;
  readonly api: Supervised;
  readonly worker: Supervised;
  /** Shows the mails. Null if TENOR_SMTP_URL names a server. */
  readonly inbox: Inbox | null;
  stop(): Promise<void>;
}

/** A process that is started again if it ends by itself. */
interface Supervised {
  readonly pid: () => number;
  /** The URL of /healthz, /readyz and /metrics. */
  readonly probeUrl: string;
  /** Ends the process by a signal. It is not started again until `start`. */
  kill(signal: NodeJS.Signals): Promise<void>;
  start(more?: Record<string, string>): Promise<void>;
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly dataDir: string;
  readonly onProgress: (line: string) => void;
  /** 0 takes any free port. */
  readonly port?: number;
  readonly headless?: boolean;
  readonly durable?: boolean;
  /** After how long without an answer to its probe a process is restarted. By default TENOR_HANG_SECONDS. */
  readonly hangMs?: number;
}

/** Starts databases, migrations, the inbox of mails, API and worker, in this order, and waits until all are ready. */
export async function startTenor(options: StartOptions): Promise<Tenor> {
  const { onProgress } = options;
  const config = loadConfig();
  let port = options.port ?? 0;
  let stopping = false;
  const stack: Stack = await startStack({
    ...options,
    config,
    onLocked: async () => {
      port = await portOf(port, config.host);
    },
    onExit: (name) => {
      if (stopping) return;
      const title = name === 'postgres' ? 'Postgres' : 'Temporal';
      onProgress(`${title}: ended unexpectedly, starting it again`);
      const again = name === 'postgres' ? stack.restartPostgres() : stack.restartTemporal();
      again.then(
        () => onProgress(`${title}: ready again (pid ${stack.pids[name]})`),
        (error: unknown) => onProgress(`${title}: does not start: ${String(error)}`),
      );
    },
  });
  const started: Pick<Supervised, 'stop'>[] = [];
  const stopAll = async (): Promise<void> => {
    stopping = true;
    await Promise.allSettled(started.map((each) => each.stop()));
    await stack.stop();
  };
  try {
    await prepare(stack, config, onProgress);
    // No other process uses an embedded database.
    const applied = await migrate(stack.databaseUrl, { breaking: stack.pids.postgres !== null });
    onProgress(
      applied.length === 0
        ? 'Schema: up to date'
        : `Schema: ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'} applied`,
    );
    const apiUrl = `http://${config.host}:${port}`;
    const inbox = config.smtp === null ? await startInbox() : null;
    if (inbox !== null) started.push(inbox);
    const env = environmentOf(stack, {
      host: config.host,
      port,
      apiUrl: config.environment['TENOR_SANDBOX_URL'] ?? apiUrl,
      inbox,
    });
    const supervised = { stack, env, onProgress, hangMs: options.hangMs ?? config.hangSeconds * 1_000 };
    const api = await supervise('api', supervised);
    started.push(api);
    const worker = await supervise('worker', supervised);
    started.push(worker);
    stack.announce({ apiUrl, ...(inbox === null ? {} : { inboxUrl: inbox.url }) });
    return { apiUrl, stack, env, api, worker, inbox, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Registers search attributes in a Temporal that is not embedded. */
async function prepare(stack: Stack, config: Config, onProgress: (line: string) => void): Promise<void> {
  if (stack.pids.temporal !== null) return;
  const connection = temporalConnection({ ...stack, temporalConnection: profileOf(config) });
  try {
    const registered = await prepareTemporal(connection, stack.temporalNamespace);
    if (registered.length > 0) onProgress(`Temporal: ${registered.join(', ')} registered`);
  } finally {
    await connection.close();
  }
}

/**
 * Returns the port of the API.
 * @throws Error if another process listens there
 */
async function portOf(port: number, host: string): Promise<number> {
  if (port === 0) return pickPort();
  if (await isFree(port, host)) return port;
  throw new Error(`Port ${port} of ${host} is taken: set PORT to another, for example PORT=8181 npm start`);
}

function environmentOf(
  stack: Stack,
  { host, port, apiUrl, inbox }: { host: string; port: number; apiUrl: string; inbox: Inbox | null },
): Record<string, string> {
  const { environment } = loadConfig();
  const { PATH = '', HOME = '', LANG = 'C.UTF-8' } = environment;
  const named = (pattern: RegExp): Record<string, string> =>
    Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) =>
        value !== undefined && pattern.test(name) ? [[name, value]] : [],
      ),
    );
  return {
    // The TLS settings and the API key of a Temporal that is not embedded.
    ...(stack.pids.temporal === null ? named(/^(TEMPORAL|XDG_CONFIG)_/) : {}),
    TENOR_WEBHOOK_TARGETS: 'any', // receivers of webhooks run on the same machine
    ...named(/^(TENOR_|LOG_LEVEL$)/),
    ...(inbox === null ? {} : { TENOR_SMTP_URL: inbox.smtpUrl, TENOR_MAIL_FROM: 'tenor@tenor.localhost' }),
    PATH,
    HOME,
    LANG,
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: stack.temporalNamespace,
    TENOR_MASTER_KEY: stack.masterKey,
    TENOR_SANDBOX_URL: apiUrl,
    HOST: host,
    PORT: String(port),
  };
}

interface Supervision {
  readonly stack: Stack;
  readonly env: Record<string, string>;
  readonly onProgress: (line: string) => void;
  readonly hangMs: number;
}

async function supervise(
  name: 'api' | 'worker',
  { stack, env, onProgress, hangMs }: Supervision,
): Promise<Supervised> {
  const title = name === 'api' ? 'API' : 'Worker';
  const logFile = join(stack.dataDir, `${name}.log`);
  const probePort = await pickPort();
  let [wanted, wasReady, child]: [boolean, boolean, Child | null] = [true, false, null];
  const start = async (more: Record<string, string> = {}): Promise<void> => {
    wanted = true;
    const mine = await startChild({
      command: process.execPath,
      args: ['--import', 'tsx', name === 'api' ? 'server.ts' : 'worker.ts'],
      cwd: ROOT,
      env: { ...env, TENOR_PROBE_PORT: String(probePort), ...more },
      logFile,
    });
    child = mine;
    stack.adopt(name, { pid: mine.pid, mark: mine.mark });
    const revive = async (): Promise<void> => {
      if (!wanted || !wasReady || child !== mine) return; // if it never was ready, the caller of `supervise` gets the error
      onProgress(`${title}: ended unexpectedly, starting it again`);
      await delay(500);
      if (wanted) await start();
    };
    // If a process ends during its restart, or is ended because it hangs, its own end starts the next one.
    mine.exited
      .then(revive)
      .catch(() => onProgress(`${title}: did not start, and is started again. The reason is in ${logFile}`));
    await ready(name, mine);
    wasReady = true;
    onProgress(`${title}: ready (pid ${mine.pid})`);
    void endedWhenItHangs(mine, `http://${env['HOST']}:${probePort}/healthz`, hangMs).then((hung) => {
      if (hung) onProgress(`${title}: did not answer for ${hangMs / 1_000} seconds, and was ended`);
    });
  };
  const end = async (...steps: [NodeJS.Signals, number][]): Promise<void> => {
    wanted = false;
    if (child !== null) await endProcess(child, steps);
  };
  try {
    await start();
  } catch (error) {
    await end(['SIGKILL', 5_000]); // a process that never was ready is not started again
    throw error;
  }
  return {
    pid: () => child?.pid ?? 0,
    probeUrl: `http://${env['HOST']}:${probePort}`,
    start,
    ended: async () => child?.exited,
    kill: (signal) => end([signal, 10_000]),
    stop: () => end(['SIGTERM', 30_000], ['SIGKILL', 5_000]),
  };
}

/** Waits until the process logs that it is ready. A probe of its port could reach another program. */
async function ready(name: 'api' | 'worker', child: Child): Promise<void> {
  for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until;) {
    if (!child.running()) throw new Error(`${name} ended while it started:\n${child.log()}`);
    if (child.said(`${name} ready`)) return;
    await delay(50);
  }
  const log = child.log();
  await endProcess(child, [['SIGKILL', 5_000]]);
  throw new Error(
    `${name} was not ready within a minute (is the machine busy?); it wrote ${log === '' ? 'nothing' : `:\n${log}`}`,
  );
}

/** Probes a process while it runs, and kills it if it has not answered for `hangMs`. Returns whether it killed it. */
async function endedWhenItHangs(child: Child, url: string, hangMs: number): Promise<boolean> {
  const everyMs = hangMs / LOOKS / 2; // the length of each pause, and the time limit of each answer
  for (let silent = 0; child.running();) {
    await delay(everyMs, undefined, { ref: false });
    const answers = await fetch(url, { signal: AbortSignal.timeout(everyMs) }).then(
      ({ ok }) => ok,
      () => false,
    );
    silent = answers ? 0 : silent + 1;
    if (silent < LOOKS || !child.running()) continue;
    await endProcess(child, [['SIGKILL', 5_000]]);
    return true;
  }
  return false;
}
