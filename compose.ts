import { createHmac } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';
import { createPool, type Pool, type PoolOptions } from './db/platform/pool.ts';
import { createVault, type Vault } from './db/parties/vault.ts';
import type { Providers } from './psp/port.ts';
import { createSandbox, type Sandbox } from './psp/sandbox/sandbox.ts';

/** What the API and the worker are both made of. */
export interface Parts {
  readonly pool: Pool;
  readonly vault: Vault;
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
  /** Where the API is reached by the sandbox's webhooks. */
  readonly apiUrl: string;
}

const SANDBOX_WEBHOOKS = '/v1/providers/sandbox/webhooks';

/** A logger that keeps secrets out of its lines. */
export function createLog(level: string): Logger {
  return pino({ level, redact: ['req.headers.authorization', 'req.headers.cookie', 'token', 'masterKey'] });
}

/** Everything that stands on Postgres alone. */
export function compose(places: Places, log: Logger, connections: PoolOptions): Parts {
  const pool = createPool(places.databaseUrl, connections);
  const masterKey = Buffer.from(places.masterKey, 'base64');
  const sandbox = createSandbox({
    pool,
    webhookUrl: `${places.apiUrl}${SANDBOX_WEBHOOKS}`,
    webhookSecret: createHmac('sha256', masterKey).update('sandbox webhooks').digest('hex'),
  });
  return { pool, vault: createVault(masterKey), sandbox, providers: { sandbox }, log };
}

/** A client of the Temporal server, which may still be on its way up: connecting is left to the first call. */
export function temporalClient(
  places: Pick<Places, 'temporalAddress' | 'temporalNamespace' | 'temporalConnection'>,
): Client {
  const connection = Connection.lazy({ ...places.temporalConnection, address: places.temporalAddress });
  return new Client({ connection, namespace: places.temporalNamespace });
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

/** For tests of faults: kills this process, as a power cut would, when it reaches the moment. */
export function killedAt(moment: string | null): (reached: string) => void {
  return (reached) => {
    if (reached === moment) process.kill(process.pid, 'SIGKILL');
  };
}
