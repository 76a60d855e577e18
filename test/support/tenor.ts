// A whole Tenor for tests: its own database and Temporal namespace, real workers in this process.
import { Client } from '@temporalio/client';
import { inject } from 'vitest';
import { deleteClock } from '../../activities/clock.ts';
import { createReach } from '../../activities/reach.ts';
import { createEngine } from '../../api/engine/create.ts';
import type { Engine } from '../../api/engine.ts';
import { pickPort } from '../../cli/embedded/ports.ts';
import { compose, createLog, type Parts } from '../../compose.ts';
import { startApi } from '../../server.ts';
import { type WorkerOptions, startWorkers } from '../../worker.ts';
import { createTestDatabase } from './database.ts';
import { createTestNamespace } from './temporal.ts';

export interface TestTenor {
  readonly parts: Parts;
  readonly client: Client;
  readonly engine: Engine;
  readonly apiUrl: string;
  stop(): Promise<void>;
}

export async function startTestTenor({
  historyLimit = 250,
  interceptors = {},
}: Pick<WorkerOptions, 'historyLimit' | 'interceptors'> = {}): Promise<TestTenor> {
  const database = await createTestDatabase();
  const temporal = await createTestNamespace();
  const port = await pickPort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const places = {
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    temporalConnection: null,
    masterKey: Buffer.alloc(32, 7).toString('base64'),
    apiUrl,
  };
  const parts = compose(places, createLog('warn'), 'test');
  const client = new Client({ connection: temporal.connection, namespace: temporal.namespace });
  const codePath = inject('workflowBundle');
  if (codePath === null) throw new Error('the workflow bundle is missing');
  const workers = await startWorkers({
    places,
    parts,
    client,
    workflowBundle: { codePath },
    historyLimit,
    interceptors,
  });
  const reach = createReach(client);
  const { pool, vault, providers } = parts;
  const engine = createEngine({
    pool,
    vault,
    providers,
    reach,
    deleteClock: (merchant, id) => deleteClock({ pool, reach }, merchant, id),
  });
  const api = await startApi(parts, client, { host: '127.0.0.1', port, checkAnswers: true });
  return {
    parts,
    client,
    engine,
    apiUrl,
    async stop() {
      await api.stop();
      await workers.stop();
      await pool.end();
      await temporal.close();
      await database.drop();
    },
  };
}
