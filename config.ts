// Reads the environment. No other file does. Each root (`server.ts`, `worker.ts`, the CLI) parses it once, by one schema.
import { isIP } from 'node:net';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import type { WebhookTargets } from './engine/webhooks/targets.ts';
import { RETENTION, type Retention } from './db/platform/retention.ts';
import type { SmtpOptions } from './mail/smtp.ts';
import { smtpServerOf } from './mail/smtp-url.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A whole number within bounds. `error` is the text of the error. */
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
  /** The Postgres to use. Without it, `npm start` runs an embedded one. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgresql:// URL' })
    .refine((url) => isPlainOrVerified(url), 'takes no sslmode but verify-full and disable')
    .optional(),
  /** The Temporal to use, as host:port. Without it and without a profile, `npm start` runs an embedded one. */
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d+$/, 'is not host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().min(1).optional(),
  /** The program of the embedded Temporal server. */
  TEMPORAL_CLI: z.string().optional(),
  /** The port of the API. 0 takes any free port. */
  PORT: whole('is not a port', 0, 65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  /** The port on which a process answers /healthz, /readyz and /metrics. Without it, it does not. Each process needs its own. */
  TENOR_PROBE_PORT: whole('is not a port', 1, 65_535).optional(),
  /** After how many seconds of a blocked event loop the process ends itself. */
  TENOR_HANG_SECONDS: whole('is not a number from 5', 5).default(60),
  /** The data folder of the embedded servers. */
  TENOR_HOME: z.string().default('.tenor'),
  /** The master key of the vault. `npm start` creates one and keeps it in the data folder. */
  TENOR_MASTER_KEY: z
    .string()
    .refine((text) => isBase64Of32Bytes(text), 'is not 32 bytes in base64')
    .optional(),
  /** Master keys from before or after a rotation, separated by commas. They decrypt, and encrypt nothing. */
  TENOR_OTHER_MASTER_KEYS: z
    .string()
    .transform((text) => text.split(','))
    .refine((keys) => keys.every(isBase64Of32Bytes), 'is not a list of keys of 32 bytes in base64')
    .default([]),
  LOG_LEVEL: z.enum(logLevels, { error: `is none of ${logLevels.join(', ')}` }).default('info'),
  /** The URL of the API, as the worker reaches it. The sandbox provider posts its webhooks there. */
  TENOR_SANDBOX_URL: z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).optional(),
  /**
   * How many workflows a worker keeps in memory, about 0.4 MB each. Others are replayed when they wake. The default depends on
   * the heap.
   */
  TENOR_WORKFLOW_CACHE: whole('is not a number from 10', 10).optional(),
  /** How many connections to Postgres an API has, for requests that change something and for requests that only read. */
  TENOR_API_CONNECTIONS: count(20),
  TENOR_API_READ_CONNECTIONS: count(10),
  /** How many threads of an API calculate previews, forecasts and the try-outs of orders. By default its cores, two to four. */
  TENOR_API_THREADS: whole('is not a number from 1 to 64', 1, 64).default(
    Math.min(4, Math.max(2, availableParallelism())),
  ),
  /**
   * How many connections to Postgres a worker has: for `settle` as a local activity, for the relay, and for the rest. Six
   * handle a burst no slower than twenty, because each connection plans the statements of a step for itself, and again whenever
   * the tables' statistics change.
   */
  TENOR_SETTLE_CONNECTIONS: count(6),
  TENOR_RELAY_CONNECTIONS: count(4),
  TENOR_WORKER_CONNECTIONS: count(6),
  /** The rate limits: requests per second, and at once after a pause, of one API key and of all keys of a merchant. */
  TENOR_KEY_RATE: count(100),
  TENOR_KEY_BURST: count(200),
  TENOR_MERCHANT_RATE: count(300),
  TENOR_MERCHANT_BURST: count(600),
  /** Addresses and networks of trusted proxies, separated by commas. They report the address of a caller. */
  TENOR_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .refine((all) => all.every(isNetwork), 'is not a list of addresses and networks')
    .default([]),
  /** How many connections callers may have at once. */
  TENOR_API_CALLERS: count(5_000),
  /** How often, in seconds, the relay looks for overdue contracts and collections. */
  TENOR_SWEEP_SECONDS: seconds(30),
  /** After how many seconds due work is overdue, so that its workflow gets a remedy. */
  TENOR_OVERDUE_SECONDS: seconds(60),
  /**
   * Where webhooks may be sent: `public` allows https and public addresses only; `any` also allows http, and addresses of private
   * networks and of this machine.
   */
  TENOR_WEBHOOK_TARGETS: z.enum(['public', 'any'], { error: 'is neither public nor any' }).default('public'),
  /** For how many days delivered messages, payloads of provider events, and closed incidents are kept. */
  TENOR_KEEP_MESSAGES_DAYS: days(RETENTION.message),
  TENOR_KEEP_PAYLOADS_DAYS: days(RETENTION.payload),
  TENOR_KEEP_INCIDENTS_DAYS: days(RETENTION.incident),
  /** For how many days events, delivered webhooks with the log of tries, and mails are kept. */
  TENOR_KEEP_EVENTS_DAYS: days(RETENTION.event),
  TENOR_KEEP_WEBHOOKS_DAYS: days(RETENTION.webhook),
  TENOR_KEEP_MAILS_DAYS: whole('is not a number of days from 60', 60, 36_500).default(RETENTION.mail),
  /** The SMTP server of mails, as `smtp://user:password@host:port` or `smtps://…`. Without it none are sent. */
  TENOR_SMTP_URL: z
    .string()
    .refine((url) => smtpServerOf(url) !== null, 'is not an smtp(s):// URL with at most ?tls=disable')
    .optional(),
  /** The password of the SMTP server, if it is not in its URL. */
  TENOR_SMTP_PASSWORD: z.string().optional(),
  /** The sender of mails to operators. Its domain is that of all Message-IDs. */
  TENOR_MAIL_FROM: z.email('is not a mail address').optional(),
  /** The moment at which the process kills itself, for tests of faults. */
  TENOR_KILL_AT: z.string().optional(),
  /** `production` skips the check of rows against the schemas of their statements. */
  NODE_ENV: z.string().optional(),
  XDG_CACHE_HOME: z.string().optional(),
});

/** A burst must be at least the requests of one second. Mails need a sender. */
const environmentSchema = variables
  .refine((read) => read.TENOR_KEY_BURST >= read.TENOR_KEY_RATE, {
    path: ['TENOR_KEY_BURST'],
    error: 'is less than TENOR_KEY_RATE',
  })
  .refine((read) => read.TENOR_MERCHANT_BURST >= read.TENOR_MERCHANT_RATE, {
    path: ['TENOR_MERCHANT_BURST'],
    error: 'is less than TENOR_MERCHANT_RATE',
  })
  .refine((read) => read.TENOR_SMTP_URL === undefined || read.TENOR_MAIL_FROM !== undefined, {
    path: ['TENOR_MAIL_FROM'],
    error: 'is not set, and TENOR_SMTP_URL is',
  });

/** The configuration of a process. */
export type Config = {
  /** Null for an embedded Postgres. */
  databaseUrl: string | null;
  /** `host:port`, from TEMPORAL_ADDRESS or a Temporal profile. Null for an embedded Temporal. */
  temporalAddress: string | null;
  temporalNamespace: string;
  /** TLS, API key and metadata of a Temporal profile, for a connection to `temporalAddress`. Null without TLS. */
  temporalConnection: ClientConnectConfig['connectionOptions'] | null;
  temporalCli: string | null;
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** The port on which the process answers probes and shows its metrics. Null if it does not. */
  probePort: number | null;
  /** After how many seconds of a blocked event loop the process ends itself. */
  hangSeconds: number;
  home: string;
  /** The folder of downloads. */
  cacheDir: string;
  /** 32 bytes in base64. Null if `npm start` keeps the key in the data folder. */
  masterKey: string | null;
  /** Each has 32 bytes in base64. */
  otherMasterKeys: readonly string[];
  logLevel: (typeof logLevels)[number];
  /** How many workflows a worker keeps in memory. Null if the heap decides. */
  workflowCache: number | null;
  /** Numbers of connections to Postgres, by task. */
  connections: {
    readonly commands: number;
    readonly reads: number;
    readonly settle: number;
    readonly relay: number;
    readonly work: number;
  };
  /** The limits of requests. */
  requests: {
    readonly key: { readonly perSecond: number; readonly burst: number };
    readonly merchant: { readonly perSecond: number; readonly burst: number };
    readonly trustedProxies: readonly string[];
    /** How many connections callers may have at once. */
    readonly callers: number;
  };
  /** How many threads of the API calculate. */
  threads: number;
  /** How often the relay looks for overdue work, and after how long work is overdue, in milliseconds. */
  sweep: { everyMs: number; overdueMs: number };
  /** Where webhooks may be sent. */
  webhookTargets: WebhookTargets;
  /** For how many days rows are kept that are no longer needed. */
  keep: Retention;
  /** The SMTP server of mails. Null if none are sent. */
  smtp: SmtpOptions | null;
  /** Whether rows are checked against the schemas of their statements: always, except in production. */
  checksRows: boolean;
  /** The moment at which the process kills itself, for tests of faults. */
  killAt: string | null;
  /** Null only if PORT is 0. Then the URL is known when the API listens. */
  sandboxUrl: string | null;
  /** The environment as it is, for programs that Tenor runs, such as pip with its proxies. */
  environment: NodeJS.ProcessEnv;
};

/**
 * Reads the configuration. An empty variable counts as absent.
 * @throws Error with the name of each variable that cannot be read
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
    webhookTargets: read.TENOR_WEBHOOK_TARGETS,
    keep: {
      ...RETENTION,
      message: read.TENOR_KEEP_MESSAGES_DAYS,
      payload: read.TENOR_KEEP_PAYLOADS_DAYS,
      incident: read.TENOR_KEEP_INCIDENTS_DAYS,
      event: read.TENOR_KEEP_EVENTS_DAYS,
      mail: read.TENOR_KEEP_MAILS_DAYS,
      webhook: read.TENOR_KEEP_WEBHOOKS_DAYS,
      webhook_try: read.TENOR_KEEP_WEBHOOKS_DAYS,
      bucket: Math.max(
        RETENTION.bucket,
        read.TENOR_KEY_BURST / read.TENOR_KEY_RATE / 86_400,
        read.TENOR_MERCHANT_BURST / read.TENOR_MERCHANT_RATE / 86_400,
      ),
    },
    smtp: smtpOptionsOf(read),
    checksRows: read.NODE_ENV !== 'production',
    killAt: read.TENOR_KILL_AT ?? null,
    sandboxUrl: read.TENOR_SANDBOX_URL ?? (read.PORT === 0 ? null : `http://${read.HOST}:${read.PORT}`),
    environment: env,
  };
}

/** The Temporal profile that applies, with TEMPORAL_ADDRESS in place of its address if that is set. Null without an address. */
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

/** The options of the SMTP server. */
function smtpOptionsOf(read: z.output<typeof environmentSchema>): SmtpOptions | null {
  const server = read.TENOR_SMTP_URL === undefined ? null : smtpServerOf(read.TENOR_SMTP_URL);
  if (server === null || read.TENOR_MAIL_FROM === undefined) return null;
  const { user, password, ...rest } = server;
  const login = user === '' ? null : { user, password: read.TENOR_SMTP_PASSWORD ?? password };
  return { ...rest, login, from: read.TENOR_MAIL_FROM };
}

/** Whether a connection uses either no TLS or TLS with a verified certificate. An unverified one does not prevent interception. */
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
