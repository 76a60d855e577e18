// A whole Tenor for tests: its own database and Temporal namespace, real workers in this process.
import { Client } from '@temporalio/client';
import { inject } from 'vitest';
import { pickPort } from '../../dev/embedded/ports.ts';
import { HISTORY_LIMIT, type WorkerOptions } from '../../worker.ts';
import { createTestDatabase } from './database.ts';
import { type TenorAt, startTenorAt } from './tenor-at.ts';
import { createTestNamespace } from './temporal.ts';

export interface TestTenor extends TenorAt {
  readonly databaseUrl: string;
}

export async function startTestTenor({
  historyLimit = HISTORY_LIMIT,
  interceptors = {},
  ...more
}: Pick<WorkerOptions, 'historyLimit' | 'interceptors' | 'mostAheadMs'> = {}): Promise<TestTenor> {
  const database = await createTestDatabase();
  const temporal = await createTestNamespace();
  const codePath = inject('workflowBundle');
  if (codePath === null) throw new Error('the workflow bundle is missing');
  const places = {
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    temporalConnection: null,
    masterKey: Buffer.alloc(32, 7).toString('base64'),
    apiUrl: `http://127.0.0.1:${await pickPort()}`,
  };
  const client = new Client({ connection: temporal.connection, namespace: temporal.namespace });
  const tenor = await startTenorAt(places, client, {
    workflowBundle: { codePath },
    historyLimit,
    interceptors,
    ...more,
  });
  return {
    ...tenor,
    databaseUrl: database.url,
    async stop() {
      await tenor.stop();
      await temporal.close();
      await database.drop();
    },
  };
}
