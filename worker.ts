import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import {
  type InjectedSinks,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerInterceptors,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { createChargeActivities } from './activities/charge.ts';
import { createClockActivities } from './activities/clock.ts';
import { createCollectActivities } from './activities/collect.ts';
import { currentMerchant } from './db/platform/call.ts';
import { createWorkflows } from './temporal/client.ts';
import { storedPdfOf } from './engine/books/pdfs.ts';
import type { PdfObject } from './db/books/pdfs.ts';
import type { MerchantId } from './db/platform/ids.ts';
import type { Mailer } from './mail/port.ts';
import { type SmtpOptions, createMailer } from './mail/smtp.ts';
import type { SweepSettings } from './relay/overdue.ts';
import { type Renderer, startRenderer } from './documents/pdf/threads.ts';
import { type RelayDeps, createRelay } from './relay/relay.ts';
import { createSender } from './relay/webhooks/send.ts';
import { createAccountActivities } from './activities/account.ts';
import { createJobActivities } from './activities/job.ts';
import { createSettling } from './engine/contracts/settle.ts';
import { createSettleActivities } from './activities/settle.ts';
import {
  type Parts,
  type Places,
  compose,
  killedAt,
  measure,
  notReady,
  placesOf,
  requireDatabase,
  runUntilStopped,
  temporalConnection,
} from './compose.ts';
import { createLog, sdkLogger } from './telemetry/log.ts';
import { type Config, loadConfig } from './config.ts';
import { type PoolsOptions, endPools } from './db/platform/pools.ts';
import type { Retention } from './db/platform/retention.ts';
import { probesOf } from './api/probes.ts';
import { type Observer, UNOBSERVED } from './telemetry/observer.ts';
import { exporterAddress, readExporter } from './telemetry/sdk-exporter.ts';
import { startWatchdog } from './telemetry/watchdog.ts';
import { requirePrepared } from './temporal/prepare.ts';
import type { Sinks as WorkflowSinks } from '@temporalio/workflow';
import { TASK_QUEUE, providerQueue } from './temporal/ids.ts';

/**
 * The number of history events after which a run continues as new: about twenty renewals, or ten with a charge. A contract that
 * has slept for a month is replayed from the start of its run, and short histories rarely span changes of the code.
 */
export const HISTORY_LIMIT = 120;
/** How many charges may be under way at each provider. */
const MOST_CHARGES = 40;
/** The options of a worker's connections to Postgres. Its statements are always the same, so each is planned once. */
export function connectionsOf({
  connections,
  checksRows,
}: Pick<Config, 'connections' | 'checksRows'>): Omit<PoolsOptions, 'name'> {
  // A workflow task has ten seconds, and is retried if it gets no connection in time.
  return { sizes: { ...connections, main: connections.work }, onePlan: true, connectMs: 8_000, checksRows };
}
/**
 * How many tasks a worker does at once, and how many polls for tasks it has open. Temporal writes a task that finds no open poll
 * to its database, and reads it again later. After 30 seconds in the queue, another worker may take a workflow and replay it;
 * after ten seconds, that would happen to many workflows whenever many are due at once.
 */
export const CAPACITY = {
  maxConcurrentActivityTaskExecutions: 100,
  maxConcurrentActivityTaskPolls: 40,
  maxConcurrentWorkflowTaskExecutions: 40, // a contract occupies one while it settles in a local activity
  maxConcurrentWorkflowTaskPolls: 40,
  stickyQueueScheduleToStartTimeout: '30s',
} as const;

/** The time limit for stopping: longer than tasks may take after that, and shorter than Compose waits before it kills. */
const STOPPED_WITHIN_MS = 43_000;

/** The bundle of the workflows, which `npm run build` writes beside the compiled worker. */
const BUILT_BUNDLE = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

/** The options of `startWorkers`. */
export interface WorkerOptions {
  readonly places: Places;
  readonly parts: Parts;
  readonly client: Client;
  /** The bundle of the workflows, from the build or from a test run. Without it the workflows are bundled at the start. */
  readonly workflowBundle?: WorkflowBundleOption;
  /** How far Temporal's clock may be ahead of Postgres', in milliseconds. It is larger where tests skip time. */
  readonly mostAheadMs?: number;
  readonly historyLimit?: number;
  /** How many workflows are kept in memory. Null for the SDK's default, about 600 per GB of heap. */
  readonly workflowCache: number | null;
  /** Called at the moments at which tests kill the process. */
  readonly onMoment?: (moment: string) => void;
  /** When the relay looks for overdue work. */
  readonly sweep?: SweepSettings;
  /** For how many days the relay keeps rows that are no longer needed. */
  readonly keep?: Retention;
  /** The SMTP server of mails. Without it none are sent. */
  readonly smtp?: SmtpOptions | undefined;
  /** Interceptors of activities and workflows, by which the bench counts calls and skips time. */
  readonly interceptors?: WorkerInterceptors;
  /** The sinks that the workflows' interceptors call. */
  readonly sinks?: InjectedSinks<WorkflowSinks>;
  readonly observer?: Observer;
}

/** Running workers. `failed` rejects if one of them ends by itself. */
export interface Workers {
  stop(): Promise<void>;
  readonly failed: Promise<never>;
  /** The reason why one of them takes no work. Null while all do. */
  idle(): string | null;
}

/** Starts the worker of workflows, a worker for each provider, and the relay. They run until `stop` is called. */
export async function startWorkers(options: WorkerOptions): Promise<Workers> {
  const { places, parts, client, onMoment = () => undefined, interceptors = {}, sinks = {} } = options;
  const { observer = UNOBSERVED } = options;
  const { pools, pool, providers, sandbox } = parts;
  const connection = await NativeConnection.connect({
    ...places.temporalConnection,
    address: places.temporalAddress,
  });
  const { temporalNamespace: namespace } = places;
  const workflows = createWorkflows(client, currentMerchant);
  const deliverSandboxEvent = (id: string): Promise<boolean> => sandbox.deliverSandboxEvent(id);
  const renderer = startRenderer();
  const mailer = options.smtp === undefined ? null : createMailer(options.smtp);
  const relay = createRelay({
    ...relayOf(options, observer, renderer, mailer),
    workflows,
    deliverSandboxEvent,
  });
  const grace = { shutdownGraceTime: '20s', shutdownForceTime: '40s' } as const;
  const main = Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    ...(options.workflowBundle === undefined
      ? { workflowsPath: fileURLToPath(new URL('./workflows/index.ts', import.meta.url)) }
      : { workflowBundle: options.workflowBundle }),
    activities: {
      ...createDecidingActivities(options, observer),
      ...createClockActivities({ pool, workflows, relay, deliverSandboxEvent }),
    },
    ...(options.workflowCache === null ? {} : { maxCachedWorkflows: options.workflowCache }),
    ...CAPACITY,
    // `settle` as a local activity starts only when there is a connection for it.
    maxConcurrentLocalActivityExecutions: pools.settle.options.max,
    interceptors,
    sinks,
    ...grace,
  });
  const activities = createChargeActivities({ pool, providers, onMoment, observer });
  const perProvider = Object.keys(providers).map((name) => {
    const maxConcurrentActivityTaskExecutions = MOST_CHARGES;
    const of = { taskQueue: providerQueue(name), activities, maxConcurrentActivityTaskExecutions };
    return Worker.create({ connection, namespace, ...of, interceptors, ...grace });
  });
  const workers = await Promise.all([main, ...perProvider]);
  const stopping = new AbortController();
  const running = [...workers.map((worker) => worker.run()), relay.run(stopping.signal)];
  return {
    failed: Promise.all(running).then(() => new Promise<never>(() => undefined)),
    idle() {
      const at = workers.findIndex((worker) => !isPolling(worker));
      return at < 0 ? null : `the worker of ${workers[at]?.options.taskQueue} is ${workers[at]?.getState()}`;
    },
    async stop() {
      stopping.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(running);
      await renderer.stop();
      mailer?.close();
      await connection.close();
    },
  };
}

/** The activities that decide the next steps of contracts, accounts, jobs and collections. They touch only our database. */
function createDecidingActivities(options: WorkerOptions, observer: Observer): object {
  const { parts, onMoment = () => undefined, historyLimit: limit = HISTORY_LIMIT, mostAheadMs } = options;
  const { pool, pools } = parts;
  const settling = { pool, limit, mostAheadMs, observer };
  const settle = createSettling(settling);
  const running = {
    pool,
    limit,
    observer,
    settle: (contractId: string, woken: string) => settle(contractId, { woken, asked: [], orders: [] }),
  };
  return {
    ...createSettleActivities({ ...settling, localPool: pools.settle, onMoment }),
    ...createAccountActivities({ ...running, onMoment }),
    ...createJobActivities({ ...running, onMoment }),
    ...createCollectActivities({ pool, limit, observer, onMoment }),
  };
}

/** The dependencies of the relay that do not need Temporal. */
function relayOf(
  { parts, sweep, keep, onMoment = () => undefined }: WorkerOptions,
  observer: Observer,
  { render }: Renderer,
  mailer: Mailer | null,
): Omit<RelayDeps, 'workflows' | 'deliverSandboxEvent'> {
  const { pools, log, vault, secrets, webhookTargets } = parts;
  const pdfs = { vault, render, onMoment };
  const pool = pools.relay;
  const pdfOf = (merchant: MerchantId, object: PdfObject) =>
    storedPdfOf({ pool, log, ...pdfs }, merchant, object);
  const mails = mailer === null ? undefined : { mailer, vault, pdfOf, onMoment };
  const webhooks = { sender: createSender({ targets: webhookTargets }), secrets, onMoment };
  return { pool, writers: [pools.main, pools.settle], log, sweep, keep, observer, pdfs, mails, webhooks };
}

function isPolling(worker: Worker): boolean {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  return runState === 'RUNNING' && workflowPollerState !== 'FAILED' && activityPollerState !== 'FAILED';
}

/** Finds the workflow of a run, by a search in Temporal. Some log lines of the SDK name only the run. */
async function workflowOfRun(client: Client, runId: string): Promise<string | null> {
  for await (const { workflowId } of client.workflow.list({ query: `RunId = '${runId}'` })) return workflowId;
  return null;
}

/** Adds to an observer that incidents are also written to the log. */
function logged(observer: Observer, log: Parts['log']): Observer {
  return {
    ...observer,
    incident(opened) {
      observer.incident(opened);
      log.error(opened, 'a step failed: an incident is open');
    },
  };
}

async function start(): Promise<Workers> {
  const config = loadConfig();
  const watchdog = startWatchdog(config.hangSeconds);
  const places = placesOf(config);
  const log = createLog(config.logLevel);
  const exporter = config.probePort === null ? null : await exporterAddress();
  const connection = temporalConnection(places);
  const client = new Client({ connection, namespace: places.temporalNamespace });
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(exporter === null
        ? {}
        : {
            metrics: {
              prometheus: {
                bindAddress: exporter,
                countersTotalSuffix: true,
                unitSuffix: true,
                useSecondsForDurations: true,
              },
            },
          }),
    },
    logger: sdkLogger(log, (runId) => workflowOfRun(client, runId)),
  });
  const parts = compose(places, log, { name: 'tenor-worker', ...connectionsOf(config) });
  await requireDatabase(parts);
  await requirePrepared(connection, places.temporalNamespace);
  let workers: Workers | null = null;
  const idle = (): string | null => workers?.idle() ?? null;
  const ready = async (): Promise<string | null> => (await notReady(parts.pools.probe)) ?? idle();
  const measured = measure(places, parts, ready);
  const started = await startWorkers({
    places,
    parts,
    client,
    observer: logged(measured.metrics.observer, log),
    ...(existsSync(BUILT_BUNDLE) ? { workflowBundle: { codePath: BUILT_BUNDLE } } : {}),
    onMoment: killedAt(config.killAt),
    workflowCache: config.workflowCache,
    sweep: config.sweep,
    keep: config.keep,
    smtp: config.smtp ?? undefined,
  });
  workers = started;
  const probes = await probesOf(config, {
    notReady: ready,
    notAlive: idle,
    metrics: async () =>
      (await measured.metrics.text()) + (exporter === null ? '' : await readExporter(exporter)),
  });
  console.log('worker ready'); // at every log level, as programs that start the worker wait for this line
  return {
    failed: started.failed,
    idle,
    async stop() {
      await started.stop();
      await probes?.stop();
      await measured.stop();
      await watchdog.stop();
      await connection.close();
      await endPools(parts.pools);
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runUntilStopped(start, STOPPED_WITHIN_MS);
