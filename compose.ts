import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { schemaProblem } from './db/platform/migrate.ts';
import { type Pool, createPool } from './db/platform/pool.ts';
import { type Pools, type PoolsOptions, countPools, createPools } from './db/platform/pools.ts';
import { isTransient } from './db/platform/transient.ts';
import { type MasterKeys, masterKeyProblem, masterKeys } from './db/parties/master-keys.ts';
import { createVault, type Vault } from './db/parties/vault.ts';
import type { Providers } from './psp/port.ts';
import { loadBacklog } from './db/platform/backlog.ts';
import { loggedError } from './telemetry/log.ts';
import { type Metrics, createMetrics } from './telemetry/metrics.ts';
import { createSandbox, type Sandbox } from './psp/sandbox/sandbox.ts';

/** The parts that the API and the worker share. */
export interface Parts {
  /** For connections beside those of the pools. */
  readonly databaseUrl: string;
  readonly pools: Pools;
  /** Of the pools, the one for what changes something. */
  readonly pool: Pool;
  readonly vault: Vault;
  readonly keys: MasterKeys;
  readonly sandbox: Sandbox;
  readonly providers: Providers;
  readonly log: Logger;
}

/** Where things are: the configuration with every address known. */
export interface Places {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** TLS and API key of a Temporal profile. */
  readonly temporalConnection: Pick<NativeConnectionOptions, 'tls' | 'apiKey' | 'metadata'> | null;
  /** 32 bytes in base64. */
  readonly masterKey: string;
  /** Master keys that only open. */
  readonly otherMasterKeys?: readonly string[];
  /** Where the API is reached by the sandbox's webhooks. */
  readonly apiUrl: string;
}

const SANDBOX_WEBHOOKS = '/v1/providers/sandbox/webhooks';

/** Everything that stands on Postgres alone. */
export function compose(places: Places, log: Logger, connections: PoolsOptions): Parts {
  const pools = createPools(places.databaseUrl, connections);
  const pool = pools.main;
  const keys = masterKeysOf(places);
  const sandbox = createSandbox({
    pool,
    webhookUrl: `${places.apiUrl}${SANDBOX_WEBHOOKS}`,
    webhookSecret: createHmac('sha256', keys[0]).update('sandbox webhooks').digest('hex'),
  });
  const { databaseUrl } = places;
  return { databaseUrl, pools, pool, vault: createVault(keys), keys, sandbox, providers: { sandbox }, log };
}

/** The master keys as the configuration has them. */
export function masterKeysOf({
  masterKey,
  otherMasterKeys = [],
}: Pick<Places, 'masterKey' | 'otherMasterKeys'>): MasterKeys {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  return masterKeys(bytes(masterKey), otherMasterKeys.map(bytes));
}

/** A database that starts together with us has so long. */
const DATABASE_WITHIN_MS = 30_000;

/**
 * Refuses to start on a schema that it does not fit, or with a master key that is not the database's.
 * @throws an Error that says which schema the database has, or that the key is another
 */
export async function requireDatabase({ pool, keys }: Pick<Parts, 'pool' | 'keys'>): Promise<void> {
  for (const until = Date.now() + DATABASE_WITHIN_MS; ;) {
    try {
      const problem = (await schemaProblem(pool)) ?? (await masterKeyProblem(pool, keys));
      if (problem === null) return;
      throw new Error(problem);
    } catch (error) {
      if (!isTransient(error) || Date.now() >= until) throw error;
      await delay(250);
    }
  }
}

/**
 * Why a process should get no work now, as its /readyz says; null if it can work. The probe has a connection of its own, and
 * answers within three seconds whatever the database does.
 */
export async function notReady(probe: Pool): Promise<string | null> {
  try {
    return await schemaProblem(probe);
  } catch (error) {
    if (isTransient(error)) return 'the database does not answer';
    throw error;
  }
}

/** Counting what waits in the database takes milliseconds; a database that takes longer is not asked in vain. */
const COUNTED_WITHIN_MS = 3_000;

/** The metrics of a process. They count waiting work on a connection of their own, so that it is seen when all others are taken. */
export function measure(
  places: Pick<Places, 'databaseUrl'>,
  { pools, providers }: Pick<Parts, 'pools' | 'providers'>,
  readiness: () => Promise<string | null>,
): { readonly metrics: Metrics; stop(): Promise<void> } {
  const counting = createPool(places.databaseUrl, {
    max: 1,
    name: 'tenor-metrics',
    checksRows: pools.main.checksRows ?? true,
    inOrder: true,
    limits: { connectMs: COUNTED_WITHIN_MS, statementMs: COUNTED_WITHIN_MS },
  });
  const metrics = createMetrics({
    pools: () => countPools(pools),
    notReady: readiness,
    loadBacklog: () => loadBacklog(counting, Object.keys(providers)),
  });
  return { metrics, stop: () => counting.end() };
}

type TemporalPlaces = Pick<Places, 'temporalAddress' | 'temporalNamespace' | 'temporalConnection'>;

/** A connection to the Temporal server, which may still be on its way up: connecting is left to the first call. */
export function temporalConnection(places: Omit<TemporalPlaces, 'temporalNamespace'>): Connection {
  return Connection.lazy({ ...places.temporalConnection, address: places.temporalAddress });
}

/** A client on such a connection. */
export function temporalClient(places: TemporalPlaces): Client {
  return new Client({ connection: temporalConnection(places), namespace: places.temporalNamespace });
}

/** The places that the configuration names; a process that is started alone needs all of them. */
export function placesOf(config: Config): Places {
  const need = <T>(value: T | null, name: string): T => {
    if (value === null) throw new Error(`${name} is not set; npm start runs Tenor with servers of its own`);
    return value;
  };
  return {
    databaseUrl: need(config.databaseUrl, 'DATABASE_URL'),
    temporalAddress: need(config.temporalAddress, 'TEMPORAL_ADDRESS'),
    temporalNamespace: config.temporalNamespace,
    temporalConnection: profileOf(config),
    masterKey: need(config.masterKey, 'TENOR_MASTER_KEY'),
    otherMasterKeys: config.otherMasterKeys,
    apiUrl: need(config.sandboxUrl, 'TENOR_SANDBOX_URL'),
  };
}

/** What a Temporal profile says besides the address, in the form that client and worker both take. */
export function profileOf({ temporalConnection: profile }: Config): Places['temporalConnection'] {
  if (profile === null) return null;
  const { tls, apiKey, metadata } = profile;
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Something that runs until it is stopped. `failed` never resolves. */
interface Running {
  stop(): Promise<void>;
  readonly failed?: Promise<never>;
}

/**
 * Runs a root until SIGTERM or SIGINT, then lets it finish what it has begun; a second signal changes nothing. The signals
 * are heard from the first moment on: nothing else ends the first process of a container. What has not stopped after
 * `withinMs` never will: a connection to a server that is gone cannot be closed. The process then ends with 1.
 */
export async function runUntilStopped(start: () => Promise<Running>, withinMs: number): Promise<void> {
  const signalled = new Promise<'stop'>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve('stop'));
  });
  try {
    const running = await Promise.race([start(), signalled]);
    if (running !== 'stop') {
      await Promise.race([signalled, ...(running.failed === undefined ? [] : [running.failed])]);
      await Promise.race([running.stop(), tooLong(withinMs)]);
    }
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${inspect(isOfDatabase(error) ? loggedError(error) : error)}\n`);
    process.exit(1);
  }
}

async function tooLong(ms: number): Promise<never> {
  await delay(ms);
  throw new Error(`it could not stop within ${ms / 1_000} seconds, and ends with something left open`);
}

/** Such an error shows rows. */
function isOfDatabase(error: unknown): boolean {
  return error instanceof Error && 'severity' in error;
}

/** For tests of faults: kills this process, as a power cut would, when it reaches the moment. */
export function killedAt(moment: string | null): (reached: string) => void {
  return (reached) => {
    if (reached === moment) process.kill(process.pid, 'SIGKILL');
  };
}
