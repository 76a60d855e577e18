import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import {
  type ActivityInterceptorsFactory,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { createWorkflows } from '../temporal/client.ts';
import { temporaryDataDir } from '../dev/embedded/files.ts';
import { pickPort } from '../dev/embedded/ports.ts';
import { startStack, type Stack } from '../dev/embedded/stack.ts';
import { type Parts, type Places, compose, temporalClient } from '../compose.ts';
import { createLog } from '../telemetry/log.ts';
import { loadConfig } from '../config.ts';
import { migrate } from '../db/platform/migrate.ts';
import type { Pool } from '../db/platform/pool.ts';
import { endPools } from '../db/platform/pools.ts';
import { startApi } from '../server.ts';
import { CAPACITY, connectionsOf, startWorkers } from '../worker.ts';
import { wake } from '../temporal/messages.ts';
import { type CpuTime, readCpu } from './cpu.ts';
import { TimeLapse, WATCHED } from './lapse.ts';
import { type Shop, openShop } from './shop.ts';
import { Tally } from './tally.ts';

/** Servers in a temporary folder, the API, and workers whose contracts on wall time use a time lapse. */
export interface Bench {
  readonly client: Client;
  readonly pool: Pool;
  readonly shop: Shop;
  readonly lapse: TimeLapse;
  readonly tally: Tally;
  /** The bare workflow's own lapse. */
  readonly bareLapse: TimeLapse;
  /** Starts or wakes a workflow of Tenor. */
  wake(workflowId: string): Promise<void>;
  /** Starts or wakes a bare workflow. */
  wakeBare(id: string): Promise<void>;
  /** Reads the CPU time that this process and the servers have used so far. */
  readonly cpu: () => CpuTime;
  stop(): Promise<void>;
}

/** Starts the bench. `start` is the local day on which contracts on wall time start. */
export async function startBench(start: string, report: (line: string) => void): Promise<Bench> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [], // `bench/run.ts` stops the bench, workers first
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
  const dataDir = temporaryDataDir('tenor-bench-');
  // The bench never uses the servers that the environment names.
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const stack = await startStack({ dataDir, headless: true, config, onProgress: report });
  const ends: (() => Promise<unknown>)[] = [
    async () => {
      await stack.stop();
      rmSync(dataDir, { recursive: true });
    },
  ];
  const stop = async (): Promise<void> => {
    // The servers are stopped even if stopping another part failed.
    const faults: unknown[] = [];
    for (const end of ends.reverse()) await end().catch((fault: unknown) => faults.push(fault));
    if (faults.length > 0) throw new AggregateError(faults, 'not everything could be stopped');
  };
  try {
    await migrate(stack.databaseUrl);
    const parts = await startParts(stack, ends);
    const shop = await openShop({ ...parts, start }, report);
    return { ...parts, shop, cpu: () => readCpu(stack.pids), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type BenchParts = Omit<Bench, 'stop' | 'shop' | 'cpu'> & { readonly apiUrl: string };

async function startParts(stack: Stack, ends: (() => Promise<unknown>)[]): Promise<BenchParts> {
  const port = await pickPort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const places: Places = { ...stack, temporalConnection: null, apiUrl, webhookTargets: 'any' };
  const parts = compose(places, createLog('warn'), {
    name: 'bench',
    ...connectionsOf(loadConfig()),
    checksRows: false,
  });
  ends.push(() => endPools(parts.pools));
  const client = temporalClient(places);
  ends.push(() => client.connection.close());
  const [lapse, tally, bareLapse] = [new TimeLapse(), new Tally(), new TimeLapse()];
  for (const pool of Object.values(parts.pools)) tally.watch(pool);
  const activity: ActivityInterceptorsFactory[] = [tally.interceptor, lapse.interceptor];
  const workers = await startWorkers({
    places,
    parts,
    client,
    workflowCache: loadConfig().workflowCache,
    mostAheadMs: Number.POSITIVE_INFINITY,
    interceptors: { activity, workflowModules: [WATCHED] },
    sinks: lapse.sinks,
  });
  ends.push(() => workers.stop());
  ends.push(await startBareWorker(places, parts, bareLapse, tally));
  const api = await startApi(parts, client, { host: '127.0.0.1', port });
  ends.push(() => api.stop());
  const workflows = createWorkflows(client);
  return {
    client,
    pool: parts.pool,
    apiUrl: api.url,
    lapse,
    tally,
    bareLapse,
    wake: (workflowId) => workflows.wake(workflowId),
    async wakeBare(id) {
      const options = {
        workflowId: `bare/${id}`,
        taskQueue: 'bare',
        args: [id],
        signal: wake,
      };
      await client.workflow.signalWithStart('bare', options);
    },
  };
}

/** Starts the worker of bare workflows. It uses the same pool as Tenor's workers, and is counted like them. */
async function startBareWorker(
  places: Places,
  { pool }: Parts,
  lapse: TimeLapse,
  tally: Tally,
): Promise<() => Promise<void>> {
  await pool.query(
    'create table bare_rows (id text, n bigint generated always as identity, primary key (id, n))',
  );
  const { workflowCache } = loadConfig();
  const connection = await NativeConnection.connect({ address: places.temporalAddress });
  const workflowsPath = fileURLToPath(new URL('./bare-workflow.ts', import.meta.url));
  const worker = await Worker.create({
    connection,
    namespace: places.temporalNamespace,
    taskQueue: 'bare',
    workflowBundle: await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules: [WATCHED],
      logger: new DefaultLogger('ERROR'),
    }),
    sinks: lapse.sinks,
    interceptors: { activity: [tally.interceptor] },
    activities: {
      async writeRow(id: string): Promise<string> {
        const due = lapse.isDue(id);
        await pool.query('insert into bare_rows (id) values ($1)', [id]);
        if (due) lapse.didWork(id);
        return lapse.next(id);
      },
    },
    ...(workflowCache === null ? {} : { maxCachedWorkflows: workflowCache }),
    ...CAPACITY,
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
}
