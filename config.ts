// The only file that reads the environment. One schema, parsed once, at the root that is started.
import { isIP } from 'node:net';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { RETENTION, type Retention } from './db/platform/retention.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A whole number within bounds; `error` says which. */
const whole = (error: string, from: number, to = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number({ error }).int(error).min(from, error).max(to, error);

/** A number of connections, or of requests. */
const count = (otherwise: number) => whole('is not a number from 1', 1).default(otherwise);

const days = (otherwise: number) => whole('is not a number of days from 1', 1, 36_500).default(otherwise);

const seconds = (otherwise: number) =>
  z.coerce
    .number({ error: 'is not a number of seconds from 1 to 3600' })
    .min(1, 'is not a number of seconds from 1 to 3600')
    .max(3600, 'is not a number of seconds from 1 to 3600')
    .default(otherwise);

const variables = z.object({
  /** Postgres to use; without it an embedded one is started. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgresql:// URL' })
    .refine((url) => isPlainOrVerified(url), 'takes no sslmode but verify-full and disable')
    .optional(),
  /** Temporal to use, as host:port; without it (and without a profile) an embedded one is started. */
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d+$/, 'is not host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).optional(),
  /** The program of the embedded Temporal server. */
  TEMPORAL_CLI: z.string().optional(),
  /** Where the API listens; 0 takes any free port. */
  PORT: whole('is not a port', 0, 65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  /** Where API and worker answer /healthz, /readyz and /metrics, each on a port of its own; without it nowhere. */
  TENOR_PROBE_PORT: whole('is not a port', 1, 65_535).optional(),
  /** For how many seconds the event loop may stand still until the process ends itself. */
  TENOR_HANG_SECONDS: whole('is not a number from 5', 5).default(60),
  /** The data folder of the embedded servers. */
  TENOR_HOME: z.string().default('.tenor'),
  /** The key of the personal-data vault; embedded mode makes one and keeps it in the data folder. */
  TENOR_MASTER_KEY: z
    .string()
    .refine((text) => isBase64Of32Bytes(text), 'is not 32 bytes in base64')
    .optional(),
  /** Keys of before or after a rotation, with commas between them: they open, and seal nothing. */
  TENOR_OTHER_MASTER_KEYS: z
    .string()
    .transform((text) => text.split(','))
    .refine((keys) => keys.every(isBase64Of32Bytes), 'is not a list of keys of 32 bytes in base64')
    .default([]),
  LOG_LEVEL: z.enum(logLevels, { error: `is none of ${logLevels.join(', ')}` }).default('info'),
  /** Where the sandbox provider posts its webhooks: the API as seen from the worker. */
  TENOR_SANDBOX_URL: z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).optional(),
  /** How many workflows a worker keeps in memory, about 0.4 MB each; others are replayed when they wake. By default as many as suit its heap. */
  TENOR_WORKFLOW_CACHE: whole('is not a number from 10', 10).optional(),
  /** How many connections to Postgres an API has for what it changes, and for what it reads. */
  TENOR_API_CONNECTIONS: count(20),
  TENOR_API_READ_CONNECTIONS: count(10),
  /** How many threads of an API calculate previews, forecasts and what orders come to. By default as many as it has cores, two to four. */
  TENOR_API_THREADS: whole('is not a number from 1 to 64', 1, 64).default(
    Math.min(4, Math.max(2, availableParallelism())),
  ),
  /**
   * How many a worker has: for contracts that decide where they wake, for messages, and for the rest. Six do a burst no
   * slower than twenty: each plans what a step loads for itself, and anew whenever the tables' statistics change.
   */
  TENOR_SETTLE_CONNECTIONS: count(6),
  TENOR_RELAY_CONNECTIONS: count(4),
  TENOR_WORKER_CONNECTIONS: count(6),
  /** So many requests each second, and so many at once after a pause: with one API key, and with all keys of a merchant. */
  TENOR_KEY_RATE: count(100),
  TENOR_KEY_BURST: count(200),
  TENOR_MERCHANT_RATE: count(300),
  TENOR_MERCHANT_BURST: count(600),
  /** Addresses and networks of proxies, with commas between them: callers have the address that these say. */
  TENOR_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .refine((all) => all.every(isNetwork), 'is not a list of addresses and networks')
    .default([]),
  /** So many callers are connected at once. */
  TENOR_API_CALLERS: count(5_000),
  /** Every so many seconds the relay looks for contracts and collections that are overdue. */
  TENOR_SWEEP_SECONDS: seconds(30),
  /** Rows that are due for longer than this are overdue: their workflow is looked after. */
  TENOR_OVERDUE_SECONDS: seconds(60),
  /** For so many days delivered messages, payloads of providers' events, and closed incidents are kept. */
  TENOR_KEEP_MESSAGES_DAYS: days(RETENTION.message),
  TENOR_KEEP_PAYLOADS_DAYS: days(RETENTION.payload),
  TENOR_KEEP_INCIDENTS_DAYS: days(RETENTION.incident),
  /** For tests of faults: the process kills itself at this moment. */
  TENOR_KILL_AT: z.string().optional(),
  /** `production`: rows of the database are not checked against what their statements declare. */
  NODE_ENV: z.string().optional(),
  XDG_CACHE_HOME: z.string().optional(),
});

/** A bucket takes at least what comes in a second. */
const environmentSchema = variables
  .refine((read) => read.TENOR_KEY_BURST >= read.TENOR_KEY_RATE, {
    path: ['TENOR_KEY_BURST'],
    error: 'is less than TENOR_KEY_RATE',
  })
  .refine((read) => read.TENOR_MERCHANT_BURST >= read.TENOR_MERCHANT_RATE, {
    path: ['TENOR_MERCHANT_BURST'],
    error: 'is less than TENOR_MERCHANT_RATE',
  });

export type Config = {
  /** Null: embedded. */
  databaseUrl: string | null;
  /** `host:port`, from TEMPORAL_ADDRESS or a Temporal profile; null: embedded. */
  temporalAddress: string | null;
  temporalNamespace: string;
  /** TLS, API key and metadata of a Temporal profile, for a connection to `temporalAddress`; null: plain. */
  temporalConnection: ClientConnectConfig['connectionOptions'] | null;
  temporalCli: string | null;
  host: string;
  /** 0: any free one. */
  port: number;
  /** Where the process answers probes and shows its metrics; null: nowhere. */
  probePort: number | null;
  /** For so long the event loop may stand still. */
  hangSeconds: number;
  home: string;
  /** Where downloads are kept. */
  cacheDir: string;
  /** 32 bytes in base64; null: kept in the data folder by embedded mode. */
  masterKey: string | null;
  /** Each 32 bytes in base64. */
  otherMasterKeys: readonly string[];
  logLevel: (typeof logLevels)[number];
  /** Workflows that a worker keeps in memory; null: as many as suit the heap. */
  workflowCache: number | null;
  /** Connections to Postgres, by what they are for. */
  connections: {
    readonly commands: number;
    readonly reads: number;
    readonly settle: number;
    readonly relay: number;
    readonly work: number;
  };
  /** How many requests may come, and from where. */
  requests: {
    readonly key: { readonly perSecond: number; readonly burst: number };
    readonly merchant: { readonly perSecond: number; readonly burst: number };
    readonly trustedProxies: readonly string[];
    /** Connections of callers at once. */
    readonly callers: number;
  };
  /** Threads of the API that calculate. */
  threads: number;
  /** How often the relay looks for what is overdue, and from when on it is, in milliseconds. */
  sweep: { everyMs: number; overdueMs: number };
  /** For how many days what nobody needs is kept. */
  keep: Retention;
  /** Whether rows are checked against what their statements declare: everywhere but in production. */
  checksRows: boolean;
  /** For tests of faults: where the process kills itself. */
  killAt: string | null;
  /** Null only while PORT is 0: then it is known when the API listens. */
  sandboxUrl: string | null;
  /** The environment as it is, to hand to programs that we run (pip with its proxies). */
  environment: NodeJS.ProcessEnv;
};

/**
 * Reads the configuration. An empty variable counts as absent.
 * @throws an Error that names each variable that cannot be understood.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '),
    );
  }
  const read = parsed.data;
  const temporal = loadTemporal(env, read.TEMPORAL_ADDRESS);
  return {
    databaseUrl: read.DATABASE_URL ?? null,
    temporalAddress: temporal?.connectionOptions.address ?? null,
    temporalNamespace: read.TEMPORAL_NAMESPACE ?? temporal?.namespace ?? 'default',
    temporalConnection: temporal?.connectionOptions ?? null,
    temporalCli: read.TEMPORAL_CLI ?? null,
    host: read.HOST,
    port: read.PORT,
    probePort: read.TENOR_PROBE_PORT ?? null,
    hangSeconds: read.TENOR_HANG_SECONDS,
    home: read.TENOR_HOME,
    cacheDir: join(read.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tenor'),
    masterKey: read.TENOR_MASTER_KEY ?? null,
    otherMasterKeys: read.TENOR_OTHER_MASTER_KEYS,
    logLevel: read.LOG_LEVEL,
    workflowCache: read.TENOR_WORKFLOW_CACHE ?? null,
    connections: {
      commands: read.TENOR_API_CONNECTIONS,
      reads: read.TENOR_API_READ_CONNECTIONS,
      settle: read.TENOR_SETTLE_CONNECTIONS,
      relay: read.TENOR_RELAY_CONNECTIONS,
      work: read.TENOR_WORKER_CONNECTIONS,
    },
    requests: {
      key: { perSecond: read.TENOR_KEY_RATE, burst: read.TENOR_KEY_BURST },
      merchant: { perSecond: read.TENOR_MERCHANT_RATE, burst: read.TENOR_MERCHANT_BURST },
      trustedProxies: read.TENOR_TRUSTED_PROXIES,
      callers: read.TENOR_API_CALLERS,
    },
    threads: read.TENOR_API_THREADS,
    sweep: { everyMs: read.TENOR_SWEEP_SECONDS * 1_000, overdueMs: read.TENOR_OVERDUE_SECONDS * 1_000 },
    keep: {
      ...RETENTION,
      message: read.TENOR_KEEP_MESSAGES_DAYS,
      payload: read.TENOR_KEEP_PAYLOADS_DAYS,
      incident: read.TENOR_KEEP_INCIDENTS_DAYS,
      bucket: Math.max(
        RETENTION.bucket,
        read.TENOR_KEY_BURST / read.TENOR_KEY_RATE / 86_400,
        read.TENOR_MERCHANT_BURST / read.TENOR_MERCHANT_RATE / 86_400,
      ),
    },
    checksRows: read.NODE_ENV !== 'production',
    killAt: read.TENOR_KILL_AT ?? null,
    sandboxUrl: read.TENOR_SANDBOX_URL ?? (read.PORT === 0 ? null : `http://${read.HOST}:${read.PORT}`),
    environment: env,
  };
}

/** The Temporal profile that applies, when it (or TEMPORAL_ADDRESS) names an address. */
function loadTemporal(env: NodeJS.ProcessEnv, address: string | undefined): ClientConnectConfig | null {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value) overrideEnvVars[name] = value;
  let profile: ClientConnectConfig;
  try {
    profile = loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    throw new Error(
      `the Temporal profile (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE) cannot be read: ${String(error)}`,
      { cause: error },
    );
  }
  const found = address ?? profile.connectionOptions.address;
  return found === undefined
    ? null
    : { ...profile, connectionOptions: { ...profile.connectionOptions, address: found } };
}

/** TLS without a verified certificate protects from nobody who could change what is sent. */
function isPlainOrVerified(databaseUrl: string): boolean {
  if (!URL.canParse(databaseUrl)) return true; // refused already
  const { searchParams } = new URL(databaseUrl);
  if (searchParams.has('ssl') || searchParams.has('uselibpqcompat')) return false;
  return [null, 'disable', 'verify-full'].includes(searchParams.get('sslmode'));
}

/** An address such as 10.0.0.7, or a network such as 10.0.0.0/8. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    more.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}

function isBase64Of32Bytes(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text;
}
