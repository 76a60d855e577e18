// A whole Tenor for tests: its own database and Temporal namespace, real workers in this process.
import { Client } from '@temporalio/client';
import { inject } from 'vitest';
import type { Places } from '../../compose.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { HISTORY_LIMIT, type WorkerOptions } from '../../worker.ts';
import { createTestDatabase } from './database.ts';
import { type TenorAt, startTenorAt } from './tenor-at.ts';
import { type TestNamespace, createTestNamespace } from './temporal.ts';

export interface TestTenor extends TenorAt {
  readonly databaseUrl: string;
}

/** The places of a Tenor on a test's own database and namespace, and the workflows that its workers run. */
export async function placesFor(
  databaseUrl: string,
  { address, namespace }: Pick<TestNamespace, 'address' | 'namespace'>,
): Promise<{ places: Places; workflowBundle: { codePath: string } }> {
  const codePath = inject('workflowBundle');
  if (codePath === null) throw new Error('the workflow bundle is missing');
  const places = {
    databaseUrl,
    temporalAddress: address,
    temporalNamespace: namespace,
    temporalConnection: null,
    masterKey: Buffer.alloc(32, 7).toString('base64'),
    apiUrl: `http://127.0.0.1:${await pickPort()}`,
  };
  return { places, workflowBundle: { codePath } };
}

type Options = Pick<WorkerOptions, 'historyLimit' | 'interceptors' | 'mostAheadMs' | 'observer' | 'sweep'> & {
  /** Returns the URL by which Tenor reaches its database, such as that of a proxy. */
  readonly by?: (databaseUrl: string) => Promise<string>;
};

export async function startTestTenor({
  historyLimit = HISTORY_LIMIT,
  interceptors = {},
  by = (databaseUrl) => Promise.resolve(databaseUrl),
  ...more
}: Options = {}): Promise<TestTenor> {
  const database = await createTestDatabase();
  const temporal = await createTestNamespace();
  const { places, workflowBundle } = await placesFor(await by(database.url), temporal);
  const client = new Client({ connection: temporal.connection, namespace: temporal.namespace });
  const tenor = await startTenorAt(places, client, {
    workflowBundle,
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
