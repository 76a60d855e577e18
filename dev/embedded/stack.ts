// Runs the embedded servers on one data folder. The folder is locked, both servers are started in parallel, and stopped in order. A
// server that the configuration names is used instead of an embedded one.
import { resolve } from 'node:path';
import { loadConfig, type Config } from '../../config.ts';
import { keepMasterKey } from './files.ts';
import { locateTemporal } from './locate-temporal.ts';
import { acquireLock, type HeldLock } from './lock.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import type { ProcessMark } from './process.ts';
import { NAMESPACE, startTemporal, type TemporalServer } from './temporal.ts';

export type StackOptions = {
  dataDir: string;
  /** Called with a line of text for people. */
  onProgress: (line: string) => void;
  /** True to start Temporal without its UI. By default false. */
  headless?: boolean;
  /** False to give up safety against a crash of the machine (not of a process), for tests. By default true. */
  durable?: boolean;
  /** Called when the folder is locked and the processes of a killed start have ended, before anything is started. */
  onLocked?: () => Promise<void>;
  /** Called if a server ends by itself. It can then be restarted. */
  onExit?: (name: 'postgres' | 'temporal') => void;
  /** Settings of the Temporal server by key, each value as JSON. */
  dynamicConfig?: Record<string, string>;
  /** The configuration, by default that of the environment. */
  config?: Pick<
    Config,
    | 'databaseUrl'
    | 'temporalAddress'
    | 'temporalNamespace'
    | 'temporalCli'
    | 'cacheDir'
    | 'environment'
    | 'masterKey'
  >;
};

/** Running servers, with everything that Tenor needs to use them. */
export type Stack = {
  databaseUrl: string;
  /** `host:port` */
  temporalAddress: string;
  temporalNamespace: string;
  /** Null without a UI, and if Temporal is not embedded. */
  uiUrl: string | null;
  /** 32 bytes in base64: the configured key, or else that of the data folder. */
  masterKey: string;
  /** The absolute path of the data folder. */
  dataDir: string;
  /** The pids of the embedded servers that run now. */
  readonly pids: { postgres: number | null; temporal: number | null };
  /** Adds addresses to the lock file, where other processes find them. */
  announce(addresses: Record<string, string>): void;
  /** Records another process in the lock file, so that the next start ends it if this process is killed. */
  adopt(name: string, child: ProcessMark): void;
  /** Stops Temporal, then Postgres, and releases the lock. */
  stop(): Promise<void>;
  // The following is for tests of faults. A restart keeps ports and data. Killed servers may be restarted.
  restartPostgres(): Promise<void>;
  restartTemporal(): Promise<void>;
  killPostgres(signal: NodeJS.Signals): Promise<void>;
  killTemporal(signal: NodeJS.Signals): Promise<void>;
  /** Deletes all data of Temporal, and starts it again. */
  wipeTemporal(): Promise<void>;
};

/**
 * Starts the servers that the configuration does not name: Postgres, Temporal, or both.
 * @throws Error if another process uses the data folder, which it names, or if a server does not start. No server is left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  const config = options.config ?? loadConfig();
  const lock = await acquireLock(dataDir, options.onProgress);
  try {
    await options.onLocked?.();
    const [postgres, temporal] = await startBoth({ ...options, dataDir }, config, lock);
    return assemble(dataDir, config, lock, postgres, temporal);
  } catch (error) {
    lock.release();
    throw error;
  }
}

type StartConfig = NonNullable<StackOptions['config']>;

/** Starts both servers in parallel. If one fails, the other is stopped before the error is thrown. */
async function startBoth(
  options: StackOptions,
  config: StartConfig,
  lock: HeldLock,
): Promise<[Postgres | null, TemporalServer | null]> {
  const { dataDir, onProgress, onExit } = options;
  const watch = (name: 'postgres' | 'temporal') => ({
    onSpawn: (child: ProcessMark) => lock.adopt(name, child),
    onExit: () => onExit?.(name),
  });
  const postgres = async () => {
    if (config.databaseUrl !== null) return report(null, 'Postgres: the one in DATABASE_URL');
    const server = await startPostgres({
      dataDir,
      durable: options.durable ?? true,
      report: onProgress,
      ...watch('postgres'),
    });
    return report(server, `Postgres: ready (pid ${server.pid()})`);
  };
  const temporal = async () => {
    if (config.temporalAddress !== null)
      return report(null, `Temporal: the one at ${config.temporalAddress}`);
    const { temporalCli: cli, environment: env, cacheDir } = config;
    const server = await startTemporal({
      binary: await locateTemporal({ cli, env, cacheDir, report: onProgress }),
      dataDir,
      headless: options.headless ?? false,
      dynamicConfig: options.dynamicConfig ?? {},
      ...watch('temporal'),
    });
    return report(server, `Temporal: ready at ${server.address} (pid ${server.pid()})`);
  };
  const report = <T>(result: T, line: string): T => {
    onProgress(line);
    return result;
  };
  const [first, second] = await Promise.allSettled([postgres(), temporal()]);
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  for (const started of [second, first]) {
    if (started.status === 'fulfilled') await started.value?.stop();
  }
  throw first.status === 'rejected' ? first.reason : second.status === 'rejected' ? second.reason : undefined;
}

function assemble(
  dataDir: string,
  config: StartConfig,
  lock: HeldLock,
  postgres: Postgres | null,
  temporal: TemporalServer | null,
): Stack {
  const addresses = {
    databaseUrl: postgres?.url ?? config.databaseUrl ?? '',
    temporalAddress: temporal?.address ?? config.temporalAddress ?? '',
    temporalNamespace: temporal === null ? config.temporalNamespace : NAMESPACE,
  };
  const uiUrl = temporal?.uiUrl ?? null;
  lock.announce({ ...addresses, ...(uiUrl === null ? {} : { uiUrl }) });
  return {
    ...addresses,
    uiUrl,
    masterKey: config.masterKey ?? keepMasterKey(dataDir),
    dataDir,
    get pids() {
      return { postgres: postgres?.pid() ?? null, temporal: temporal?.pid() ?? null };
    },
    announce: (more) => lock.announce(more),
    adopt: (name, child) => lock.adopt(name, child),
    stop: async () => {
      try {
        await temporal?.stop();
      } finally {
        await postgres?.stop();
        lock.release();
      }
    },
    restartPostgres: async () => restart(ours(postgres, 'Postgres')),
    restartTemporal: async () => restart(ours(temporal, 'Temporal')),
    killPostgres: async (signal) => ours(postgres, 'Postgres').kill(signal),
    killTemporal: async (signal) => ours(temporal, 'Temporal').kill(signal),
    wipeTemporal: async () => {
      const server = ours(temporal, 'Temporal');
      await server.stop();
      server.wipe();
      await server.start();
    },
  };
}

function ours<T>(server: T | null, name: string): T {
  if (server === null) throw new Error(`${name} was not started here`);
  return server;
}

async function restart(server: Postgres | TemporalServer): Promise<void> {
  await server.stop();
  await server.start();
}
