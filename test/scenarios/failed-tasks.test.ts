// When a task of a workflow has failed twice, Temporal waits before it tries again, and refuses updates until then.
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compose } from '../../compose.ts';
import { loadConfig } from '../../config.ts';
import { endPools } from '../../db/platform/pools.ts';
import { createLog } from '../../telemetry/log.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { TASK_QUEUE, contractWorkflow } from '../../temporal/ids.ts';
import { connectionsOf, startWorkers } from '../../worker.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createClock, createSampleMerchant, order } from '../support/merchant.ts';
import { createTestNamespace, type TestNamespace } from '../support/temporal.ts';
import { placesFor } from '../support/tenor.ts';

let database: TestDatabase;
let temporal: TestNamespace;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  temporal = await createTestNamespace();
  client = new Client({ connection: temporal.connection, namespace: temporal.namespace });
});
afterAll(async () => {
  await temporal.close();
  await database.drop();
});

it(
  'an update of a contract whose workflow task keeps failing is repeated until a worker completes the task',
  { timeout: 180_000 },
  async () => {
    const { places, workflowBundle } = await placesFor(database.url, temporal);
    const parts = compose(places, createLog('warn'), { name: 'test', ...connectionsOf(loadConfig({})) });
    const { pool } = parts;
    const merchant = await createSampleMerchant(pool);
    const now = '2024-01-01T09:00:00.000Z';
    const { contractId } = await order(pool, merchant, {
      customer: {
        party: { name: 'Nordlicht Software GmbH' },
        country: 'DE',
        language: 'de',
        time_zone: 'Europe/Berlin',
        clock: await createClock(pool, merchant, now),
      },
      variant: 'pro',
      components: [],
    });
    await failTwice(contractWorkflow(contractId), contractId);

    const workflows = createWorkflows(client);
    const outcome = workflows.settleTo(contractWorkflow(contractId), now).then(
      () => 'settled',
      (error: unknown) => String(error),
    );
    const workers = await startWorkers({ places, parts, client, workflowBundle, workflowCache: 10 });
    expect(await outcome).toBe('settled');
    expect((await pool.query('select gross_minor from documents')).rows).toEqual([{ gross_minor: 11_781n }]); // 99.00 and 19 % tax
    await workers.stop();
    await endPools(parts.pools);
  },
);

/** Runs the contract's workflow with code that throws, until Temporal waits before its next try. */
async function failTwice(workflowId: string, contractId: string): Promise<void> {
  const connection = await NativeConnection.connect({ address: temporal.address });
  const workflowsPath = fileURLToPath(new URL('../support/failing-workflows.ts', import.meta.url));
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
  });
  await worker.runUntil(async () => {
    const options = { workflowId, taskQueue: TASK_QUEUE, args: [contractId] };
    const handle = await client.workflow.start('contract', options);
    await expect
      .poll(async () => (await handle.describe()).raw.pendingWorkflowTask?.attempt ?? 0, { timeout: 90_000 })
      .toBeGreaterThanOrEqual(3);
  });
  await connection.close();
}
