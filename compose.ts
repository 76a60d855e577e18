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
import { type SecretBox, createSecretBox } from './db/parties/secrets.ts';
import { createVault, type Vault } from './db/parties/vault.ts';
import type { WebhookTargets } from './engine/webhooks/targets.ts';
import type { Providers } from './psp/port.ts';
import { loadBacklog } from './db/platform/backlog.ts';
import { loggedError } from './telemetry/log.ts';
import { type Metrics, createMetrics } from './telemetry/metrics.ts';
import { createSandbox, type Sandbox } from './psp/sandbox/sandbox.ts';

/** The parts that the API and the worker share. */
export interface Parts {
  /** The database of connections outside the pools. */
  readonly databaseUrl: string;
  readonly pools: Pools;
  /** The pool for work that changes something. */
  readonly pool: Pool;
  readonly vault: Vault;
  readonly keys: MasterKeys;
  readonly secrets: SecretBox;
  readonly webhookTargets: WebhookTargets;
  readonly sandbox: Sandbox;
  readonly providers: Providers;
  readonly log: Logger;
}

/** The addresses and keys that a process needs. All of them are known. */
export interface Places {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** TLS and API key of a Temporal profile. */
  readonly temporalConnection: Pick<NativeConnectionOptions, 'tls' | 'apiKey' | 'metadata'> | null;
  /** 32 bytes in base64. */
  readonly masterKey: string;
  /** Master keys that only decrypt. */
  readonly otherMasterKeys?: readonly string[];
  /** The URL of the API for the sandbox's webhooks. */
  readonly apiUrl: string;
  /** Where webhooks may be sent: by default to public addresses. */
  readonly webhookTargets?: WebhookTargets;
}

const SANDBOX_WEBHOOKS = '/v1/providers/sandbox/webhooks';

/** Creates the parts that need only Postgres. */
export function compose(places: Places, log: Logger, connections: PoolsOptions): Parts {
  const pools = createPools(places.databaseUrl, connections);
  const pool = pools.main;
  const keys = masterKeysOf(places);
  const sandbox = createSandbox({
    pool,
    webhookUrl: `${places.apiUrl}${SANDBOX_WEBHOOKS}`,
    webhookSecret: createHmac('sha256', keys[0]).update('sandbox webhooks').digest('hex'),
  });
  return {
    databaseUrl: places.databaseUrl,
    pools,
    pool,
    vault: createVault(keys),
    keys,
    secrets: createSecretBox(keys),
    webhookTargets: places.webhookTargets ?? 'public',
    sandbox,
    providers: { sandbox },
    log,
  };
}

/** Decodes the master keys of the configuration. */
export function masterKeysOf({
  masterKey,
  otherMasterKeys = [],
}: Pick<Places, 'masterKey' | 'otherMasterKeys'>): MasterKeys {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  return masterKeys(bytes(masterKey), otherMasterKeys.map(bytes));
}

/** How long to wait for a database that is still starting. */
const DATABASE_WITHIN_MS = 30_000;

/**
 * Checks that the code fits the database's schema, and that the master keys are those of the database.
 * @throws Error that says which schema the database has, or that the master key is a different one
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
 * The reason for /readyz why a process should get no work now. Null if it can work. The probe has a connection of its own, and
 * answers within three seconds even if the database does not.
 */
export async function notReady(probe: Pool): Promise<string | null> {
  try {
    return await schemaProblem(probe);
  } catch (error) {
    if (isTransient(error)) return 'the database does not answer';
    throw error;
  }
}

/** The time limit for counting the waiting work. It normally takes milliseconds. */
const COUNTED_WITHIN_MS = 3_000;

/** Creates the metrics of a process. They count waiting work on a connection of their own, in case all others are taken. */
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

/** Creates a connection to the Temporal server. It connects at the first call, as the server may still be starting. */
export function temporalConnection(places: Omit<TemporalPlaces, 'temporalNamespace'>): Connection {
  return Connection.lazy({ ...places.temporalConnection, address: places.temporalAddress });
}

/** Creates a client with such a connection. */
export function temporalClient(places: TemporalPlaces): Client {
  return new Client({ connection: temporalConnection(places), namespace: places.temporalNamespace });
}

/**
 * Takes the addresses and keys from the configuration. A process that is started by itself needs all of them.
 * @throws Error with the name of a variable that is not set
 */
export function placesOf(config: Config): Places {
  const need = <T>(value: T | null, name: string): T => {
    if (value === null) throw new Error(`${name} is not set; npm start runs Tenor with embedded servers`);
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
    webhookTargets: config.webhookTargets,
  };
}

/** The TLS settings, API key and metadata of a Temporal profile, in the form that client and worker both accept. */
export function profileOf({ temporalConnection: profile }: Config): Places['temporalConnection'] {
  if (profile === null) return null;
  const { tls, apiKey, metadata } = profile;
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** A process's work, which runs until it is stopped. `failed` rejects if it ends by itself, and never resolves. */
interface Running {
  stop(): Promise<void>;
  readonly failed?: Promise<never>;
}

/**
 * Runs a root until SIGTERM or SIGINT, then lets it finish the work under way. A second signal changes nothing. The signal handlers
 * are set before the start, because the first process of a container does not end by a signal without a handler. If the root
 * has not stopped after `withinMs`, for example because a connection to a lost server cannot be closed, the process exits with 1.
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
  throw new Error(
    `the process did not stop within ${ms / 1_000} seconds, and exits with work or connections open`,
  );
}

/** Whether an error is Postgres'. Such an error may contain data of rows. */
function isOfDatabase(error: unknown): boolean {
  return error instanceof Error && 'severity' in error;
}

/** Returns a function that kills this process when it reaches the moment, as a power failure would. It is for tests of faults. */
export function killedAt(killAt: string | null): (moment: string) => void {
  return (moment) => {
    if (moment === killAt) process.kill(process.pid, 'SIGKILL');
  };
}
