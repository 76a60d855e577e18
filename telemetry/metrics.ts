import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { type Sample, backlogGauges } from './backlog.ts';
import type { Observer } from './observer.ts';

/** An answered request. `route` is the declared path, never the requested URL. */
interface ObservedRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Connections to Postgres of one purpose. */
interface MeasuredPool {
  readonly purpose: string;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Calculations in the threads of an API. */
interface MeasuredTasks {
  readonly underWay: number;
  readonly waiting: number;
}

export interface MetricsOptions {
  readonly pools: () => readonly MeasuredPool[];
  /** Why the process should get no work now; null if it can work. */
  readonly notReady: () => Promise<string | null>;
  /** Counts the work that waits in the database. */
  readonly loadBacklog: () => Promise<readonly Sample[]>;
}

/** The metrics of a process, as `/metrics` shows them. */
export interface Metrics {
  readonly observer: Observer;
  /** Counts an answered request. */
  request(answered: ObservedRequest): void;
  /** Counts a request that a limit refused. */
  refused(request: { readonly limit: string; readonly mode: 'live' | 'test' | 'unknown' }): void;
  /** Adds the calculations of an API, which `count` counts at each read. Returns the function that records how long one waited. */
  calculations(count: () => MeasuredTasks): (waitSeconds: number) => void;
  /** All metrics, in Prometheus' text format. */
  text(): Promise<string>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Creates the metrics of a process: Node's, Tenor's, and the work that waits in the database. No label names a customer or contract. */
export function createMetrics({ pools, notReady, loadBacklog }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'tenor_http_requests_total',
    help: 'Answered requests. Status 429 is a request that a limit refused.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'tenor_http_request_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  });
  const limited = new Counter({
    name: 'tenor_rate_limited_total',
    help: 'Requests that a limit refused, by limit and by the mode that the API key names.',
    labelNames: ['limit', 'mode'],
    registers,
  });
  const show = (name: string, help: string, read: () => number | Promise<number>): void =>
    registry.registerMetric(measured(name, help, read));
  showPools(registry, pools);
  show('tenor_ready', '1 while the process can work, as /readyz says.', async () =>
    (await notReady().catch(String)) === null ? 1 : 0,
  );
  const refresh = backlogGauges(registers, loadBacklog);
  return {
    observer: createObserver(registers),
    request({ method, route, status, seconds }) {
      requests.inc({ method, route, status });
      requestSeconds.observe({ method, route }, seconds);
    },
    refused: ({ limit, mode }) => limited.inc({ limit, mode }),
    calculations: (count) => showCalculations(registry, count),
    async text() {
      await refresh();
      return registry.metrics();
    },
  };
}

/** Adds the connections of each pool, counted at each read. */
function showPools(registry: Registry, pools: MetricsOptions['pools']): void {
  const show = (name: string, help: string, read: (pool: MeasuredPool) => number): void =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ['pool'],
        registers: [],
        collect() {
          for (const pool of pools()) this.set({ pool: pool.purpose }, read(pool));
        },
      }),
    );
  show('tenor_pool_open', 'Connections to Postgres.', ({ open }) => open);
  show('tenor_pool_idle', 'Connections to Postgres that are idle.', ({ idle }) => idle);
  show(
    'tenor_pool_waiters',
    'Statements and transactions that wait for a connection.',
    ({ waiting }) => waiting,
  );
}

function showCalculations(registry: Registry, count: () => MeasuredTasks): (waitSeconds: number) => void {
  const show = (name: string, help: string, read: () => number): void =>
    registry.registerMetric(measured(name, help, read));
  show('tenor_calculations_running', 'Calculations that a thread works on.', () => count().underWay);
  show('tenor_calculations_waiting', 'Calculations that wait for a thread.', () => count().waiting);
  const wait = new Histogram({
    name: 'tenor_calculation_wait_seconds',
    help: 'Time that a calculation waited for a thread.',
    buckets: SECONDS,
    registers: [registry],
  });
  return (seconds) => wait.observe(seconds);
}

/** A gauge whose value is read each time the metrics are read. */
function measured(name: string, help: string, read: () => number | Promise<number>): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    async collect() {
      this.set(await read());
    },
  });
}

function createObserver(registers: Registry[]): Observer {
  const counter = <const L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  const steps = counter(
    'tenor_steps_total',
    'Committed steps of contracts. A renewal has the cause `due` and the document `invoice`.',
    ['cause', 'document'],
  );
  const outcomes = counter(
    'tenor_charges_total',
    'Recorded outcomes of attempts, by state and, for declines, by reason.',
    ['provider', 'state', 'reason'],
  );
  const incidents = counter(
    'tenor_incidents_total',
    'Failed tries of steps that opened an incident or have one open.',
    ['step'],
  );
  const swept = counter('tenor_swept_total', 'Overdue workflows that were started, woken or restarted.', [
    'kind',
    'remedy',
  ]);
  const dead = counter(
    'tenor_dead_letters_total',
    'Messages that could not be delivered and are not tried any more.',
    ['kind'],
  );
  const mailTries = counter('tenor_mail_tries_total', 'Tries to send a mail, by outcome.', ['outcome']);
  // Prometheus measures an increase from a first sample on.
  for (const outcome of ['accepted', 'unreachable']) mailTries.inc({ outcome }, 0);
  const mails = counter(
    'tenor_mails_total',
    'Mails that are not queued any more, by purpose and by state: sent, failed or skipped.',
    ['purpose', 'state'],
  );
  const webhooks = counter('tenor_webhooks_total', 'Tries to send webhooks, by their outcome.', ['outcome']);
  const forgotten = counter(
    'tenor_forgotten_total',
    'Rows and payloads that were deleted because their retention was over.',
    ['kind'],
  );
  return {
    step: ({ cause, document }) => steps.inc({ cause, document }),
    outcome: ({ provider, state, reason }) => outcomes.inc({ provider, state, reason: reason ?? '' }),
    incident: ({ step }) => incidents.inc({ step }),
    swept: ({ kind, remedy }) => swept.inc({ kind, remedy }),
    dead: ({ kind }) => dead.inc({ kind }),
    mailTry: ({ outcome }) => mailTries.inc({ outcome }),
    mail: ({ purpose, state }) => mails.inc({ purpose, state }),
    webhook: ({ outcome }) => webhooks.inc({ outcome }),
    forgotten: ({ kind, count }) => forgotten.inc({ kind }, count),
  };
}
