// A whole Tenor in this process, API and workers, on servers that run already.
import type { Client } from '@temporalio/client';
import { deleteClock } from '../../engine/clocks/clock.ts';
import { currentMerchant } from '../../db/platform/call.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { createCalculator } from '../../api/calculator/in-process.ts';
import { createEngine } from '../../engine/create.ts';
import type { Engine } from '../../engine/engine.ts';
import { type Parts, type Places, compose } from '../../compose.ts';
import { createLog } from '../../telemetry/log.ts';
import { loadConfig } from '../../config.ts';
import { endPools } from '../../db/platform/pools.ts';
import { startApi } from '../../server.ts';
import { type WorkerOptions, connectionsOf, startWorkers } from '../../worker.ts';

export interface TenorAt {
  readonly parts: Parts;
  readonly client: Client;
  readonly engine: Engine;
  readonly apiUrl: string;
  stop(): Promise<void>;
}

/** Starts API and workers. The API listens at the URL in `places`. */
export async function startTenorAt(
  places: Places,
  client: Client,
  options: Pick<
    WorkerOptions,
    'historyLimit' | 'interceptors' | 'mostAheadMs' | 'observer' | 'sweep' | 'workflowBundle'
  > = {},
): Promise<TenorAt> {
  const parts = compose(places, createLog('warn'), { name: 'test', ...connectionsOf(loadConfig({})) });
  const workers = await startWorkers({ places, parts, client, workflowCache: 500, ...options });
  workers.failed.catch(() => undefined); // a worker that is stopped under load may exceed its time limit
  const workflows = createWorkflows(client, currentMerchant);
  const { pool, vault, providers } = parts;
  const engine = createEngine({
    pool,
    tryOrder: createCalculator(pool).tryOrder,
    vault,
    providers,
    workflows,
    deleteClock: (merchant, id, claim) => deleteClock({ pool, workflows: workflows }, merchant, id, claim),
  });
  const at = { host: '127.0.0.1', port: Number(new URL(places.apiUrl).port), checkAnswers: true };
  const api = await startApi(parts, client, at);
  return {
    parts,
    client,
    engine,
    apiUrl: places.apiUrl,
    async stop() {
      await api.stop();
      await workers.stop();
      await endPools(parts.pools);
    },
  };
}
