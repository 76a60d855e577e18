import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { deleteClock } from './engine/clocks/clock.ts';
import { currentMerchant } from './db/platform/call.ts';
import { createWorkflows } from './temporal/client.ts';
import { createApp } from './api/app.ts';
import { startThreads } from './api/calculator/threads.ts';
import { createEngine } from './engine/create.ts';
import {
  type Parts,
  compose,
  killedAt,
  measure,
  notReady,
  placesOf,
  requireDatabase,
  runUntilStopped,
  temporalClient,
} from './compose.ts';
import { createLog } from './telemetry/log.ts';
import { type Config, loadConfig } from './config.ts';
import type { ApiDeps } from './api/deps.ts';
import { probesOf } from './api/probes.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { startWatchdog } from './telemetry/watchdog.ts';
import { takeTokens } from './db/platform/buckets.ts';
import { type Pools, endPools, isShortOf } from './db/platform/pools.ts';

export const VERSION = '0.1.0';

/** How long requests under way may take after the API is asked to stop. */
const GRACE_MS = 20_000;
/** How long connections may take to close afterwards. */
const CLOSING_MS = 5_000;

/**
 * How long a caller may take to send its headers and its body, and how long a connection may be unused, which is longer than
 * with most proxies. The last one is how often these times are checked.
 */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 2_000,
} as const;

/** An API that listens. */
export interface RunningApi {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ApiOptions {
  readonly host: string;
  readonly port: number;
  /** How many threads calculate. By default two. */
  readonly threads?: number;
  /** Whether every answer is checked against its schema, for tests. */
  readonly checkAnswers?: boolean;
  /** Called at the moments at which tests kill the process. */
  readonly onMoment?: (moment: string) => void;
  readonly metrics?: Metrics;
  /** The limits of requests. Without them there are none, for tests and measurements. */
  readonly requests?: Config['requests'];
}

/** Starts the API on a host and a port. Port 0 takes any free one. */
export async function startApi(
  parts: Parts,
  client: Client,
  {
    host,
    port,
    threads: count = 2,
    checkAnswers = false,
    onMoment = () => undefined,
    metrics,
    requests,
  }: ApiOptions,
): Promise<RunningApi> {
  const { databaseUrl, pools, pool, vault, secrets, webhookTargets, providers, log } = parts;
  const workflows = createWorkflows(client, currentMerchant);
  const waited = metrics?.calculations(() => threads.count());
  const threads = startThreads({
    databaseUrl,
    threads: count,
    checksRows: pool.checksRows ?? true,
    ...(waited === undefined ? {} : { waited }),
  });
  const { calculator } = threads;
  const engine = createEngine({
    pool,
    tryOrder: calculator.tryOrder,
    vault,
    providers,
    workflows,
    onMoment,
    deleteClock: (merchant, clockId, claim) => deleteClock({ pool, workflows }, merchant, clockId, claim),
  });
  const app = createApp({
    pool,
    reads: pools.reads,
    vault,
    secrets,
    webhookTargets,
    providers,
    engine,
    calculator,
    log,
    version: VERSION,
    checkAnswers,
    ...(metrics === undefined ? {} : { metrics }),
    ...(requests === undefined ? {} : limitsOf(pools, requests)),
    notReady: () => notReady(pools.probe),
  });
  const refused = (limit: string): void => metrics?.refused({ limit, mode: 'unknown' });
  const server = createServer(
    TIMES,
    oneAfterTheOther(app, () => refused('pipelined')),
  );
  if (requests !== undefined) server.maxConnections = requests.callers;
  server.on('drop', () => refused('callers'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    async stop() {
      await closeServer(server);
      await threads.stop();
    },
  };
}

/** The limits of requests. Their buckets have a pool of connections of their own. */
function limitsOf(
  pools: Pools,
  { key, merchant, trustedProxies }: Config['requests'],
): Pick<ApiDeps, 'rateLimits' | 'isShort' | 'trustedProxies'> {
  return {
    rateLimits: {
      rates: { key, merchant },
      take: (bucket, wanted) => takeTokens(pools.limits, bucket, wanted),
    },
    isShort: () => isShortOf(pools, ['main', 'reads']),
    trustedProxies,
  };
}

/** How many requests of one connection may be under way. Clients normally wait for an answer before they send the next request. */
const AT_ONCE = 10;

/**
 * Closes connections that send many requests without waiting for answers (HTTP pipelining). Otherwise Node would read and begin
 * all of them at once, before a limit could count them.
 */
function oneAfterTheOther(serve: RequestListener, refused: () => void): RequestListener {
  const underWay = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    const count = (change: 1 | -1): number => {
      const now = (underWay.get(socket) ?? 0) + change;
      underWay.set(socket, now);
      return now;
    };
    if (count(1) > AT_ONCE) {
      refused();
      socket.destroy();
      return;
    }
    response.once('close', () => count(-1));
    serve(request, response);
  };
}

/** Accepts no further requests, waits for those under way, and closes the remaining connections after the grace period. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50); // callers keep their connections after an answer
  const over = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(over);
}

async function start(): Promise<RunningApi> {
  const config = loadConfig();
  const watchdog = startWatchdog(config.hangSeconds);
  const places = placesOf(config);
  const log = createLog(config.logLevel);
  const { connections } = config;
  const parts = compose(places, log, {
    name: 'tenor-api',
    sizes: { ...connections, main: connections.commands },
    connectMs: 5_000,
    checksRows: config.checksRows,
  });
  await requireDatabase(parts);
  const client = temporalClient(places);
  const ready = (): Promise<string | null> => notReady(parts.pools.probe);
  const measured = measure(places, parts, ready);
  const api = await startApi(parts, client, {
    host: config.host,
    port: config.port,
    threads: config.threads,
    onMoment: killedAt(config.killAt),
    metrics: measured.metrics,
    requests: config.requests,
  });
  const probes = await probesOf(config, { notReady: ready, metrics: () => measured.metrics.text() });
  console.log(`api ready at ${api.url}`); // at every log level, as programs that start the API wait for this line
  return {
    url: api.url,
    async stop() {
      await api.stop();
      await probes?.stop();
      await measured.stop();
      await watchdog.stop();
      await client.connection.close();
      await endPools(parts.pools);
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runUntilStopped(start, GRACE_MS + CLOSING_MS);
