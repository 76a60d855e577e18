// Records the histories that CI replays: `npm run histories`. Run it when workflows change on purpose; histories of
// released versions stay.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type CommandRequest, type TenorClient, createClient } from '../../client/index.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { startTenor } from '../../dev/start.ts';
import { startStack, type Stack } from '../../dev/embedded/stack.ts';
import { loadConfig } from '../../config.ts';
import { hardLives } from './hard-lives.ts';
import { temporalClient } from '../../compose.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createPool } from '../../db/platform/pool.ts';
import { VERSION } from '../../server.ts';
import { accountWorkflow, contractWorkflow, jobWorkflow } from '../../temporal/ids.ts';

const FOLDER = fileURLToPath(new URL(`./histories/${VERSION}/`, import.meta.url));

interface Placed {
  readonly contract: string;
}

/** Runs six contracts, one of which does not pay and so has a collection, and two collective accounts. Returns the ids of their workflows by name. */
async function live(api: TenorClient): Promise<Record<string, string>> {
  const { id: clock } = await api.post('/v1/test-clocks', {
    body: { name: 'lives', at: '2024-01-01T09:00:00Z' },
  });
  const order = (variant: string, token: string | null, on: string | null = clock): Promise<Placed> =>
    api.post('/v1/orders', {
      body: {
        customer: {
          party: { name: 'Ada' },
          country: 'DE',
          time_zone: 'Europe/Berlin',
          ...(on === null ? {} : { clock: on }),
        },
        variant,
        ...(token === null ? {} : { payment_method: { provider: 'sandbox', token } }),
      },
    });
  const ask = (placed: Placed, command: CommandRequest): Promise<unknown> =>
    api.post('/v1/contracts/{id}/commands', { id: placed.contract, body: command });
  const to = async (day: string): Promise<void> => {
    await api.post('/v1/test-clocks/{id}/advance', { id: clock, body: { to: `${day}T09:00:00Z` } });
    for (let status = ''; status !== 'ready';)
      ({ status } = await api.get('/v1/test-clocks/{id}', { id: clock }));
  };
  const upgraded = await order('basic-monthly', 'card');
  const paused = await order('pro-monthly', 'card');
  const cancelled = await order('pro-monthly', 'card');
  const unpaid = await order('pro-monthly', 'card;decline=insufficient_funds');
  const free = await order('free', null);
  const sleeping = await order('pro-monthly', 'card', null);
  const collective = await openCollective(api, clock);
  const collectiveAsleep = await openCollective(api, null);
  await to('2024-01-20');
  await ask(upgraded, { kind: 'change', variant: 'pro-monthly', effective: 'now' });
  await ask(paused, { kind: 'pause' });
  await ask(cancelled, { kind: 'cancel', effective: 'period_end' });
  await to('2024-03-10');
  await ask(paused, { kind: 'resume' });
  await ask(upgraded, {
    kind: 'change',
    components: { add: [{ component: 'seat', quantity: 2 }] },
    effective: 'period_end',
  });
  await to('2024-10-20');
  const job = await api.post('/v1/account-jobs', { body: { kind: 'bill', account: collective } });
  for (let state = ''; state !== 'done';)
    ({ state } = await api.get('/v1/account-jobs/{id}', { id: job.id }));
  const { data } = await api.get('/v1/attempts');
  if (data.length === 0) throw new Error('nothing was charged');
  const ids = { upgraded, paused, cancelled, unpaid, free, sleeping };
  const contracts = Object.entries(ids).map(([name, placed]) => [name, contractWorkflow(placed.contract)]);
  return {
    ...(Object.fromEntries(contracts) as Record<string, string>),
    account: accountWorkflow(collective),
    'account-asleep': accountWorkflow(collectiveAsleep),
    job: jobWorkflow(job.id),
  };
}

/** Opens a collective account that runs each month, and runs it once by hand. On wall time, it then sleeps. */
async function openCollective(api: TenorClient, clock: string | null): Promise<string> {
  const { id: customer } = await api.post('/v1/customers', {
    body: {
      party: { name: 'Ada' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      ...(clock === null ? {} : { clock }),
    },
  });
  const runs = { every: { unit: 'month', count: 1 }, anchor: '2024-02-01' } as const;
  const of = { customer, issuer: 'wolkenwerk', currency: 'EUR' };
  const { id } = await api.post('/v1/billing-accounts', {
    body: { ...of, kind: 'collective', price_mode: 'net', runs },
  });
  await api.post('/v1/orders', { body: { customer, account: id, variant: 'pro-monthly' } });
  const run = await api.post('/v1/billing-accounts/{id}/runs', { id });
  for (let state: string = run.state; state !== 'done';)
    ({ state } = await api.get('/v1/runs/{id}', { id: run.id }));
  return id;
}

/** Writes all runs of each workflow, the oldest as number 1. */
async function record(stack: Stack, workflows: Record<string, string>): Promise<void> {
  const { temporalAddress, temporalNamespace } = stack;
  const client = temporalClient({ temporalAddress, temporalNamespace, temporalConnection: null });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, workflowId] of Object.entries(workflows)) {
    const runs: { runId: string; startTime: Date }[] = [];
    for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) runs.push(run);
    runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
    for (const [n, { runId }] of runs.entries()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const bytes = proto.temporal.api.history.v1.History.encode(history).finish();
      const file = runs.length === 1 ? name : `${name}-${n + 1}`;
      writeFileSync(`${FOLDER}${file}.b64`, `${Buffer.from(bytes).toString('base64')}\n`);
      console.log(`${file}: ${history.events?.length ?? 0} events`);
    }
  }
  await client.connection.close();
}

/** The id of the workflow of one collection. */
async function someCollection(stack: Stack): Promise<string> {
  const { temporalAddress, temporalNamespace } = stack;
  const client = temporalClient({ temporalAddress, temporalNamespace, temporalConnection: null });
  for await (const found of client.workflow.list({ query: `WorkflowType = 'collection'` }))
    return found.workflowId;
  throw new Error('nothing was collected');
}

const tenor = await startTenor({
  dataDir: temporaryDataDir('tenor-histories-'),
  onProgress: console.log,
  headless: true,
  port: 0,
});
try {
  const pool = createPool(tenor.stack.databaseUrl, { max: 1 });
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  const { key } = await createApiKey(pool, test, 'histories', ['admin']);
  await pool.end();
  const api = createClient({ baseUrl: tenor.apiUrl, apiKey: key });
  await createCatalogue(api);
  const workflows = await live(api);
  await record(tenor.stack, { ...workflows, collection: await someCollection(tenor.stack) });
} finally {
  await tenor.stop();
  rmSync(tenor.stack.dataDir, { recursive: true });
}

const config = { ...loadConfig({}), databaseUrl: null, temporalAddress: null, masterKey: null };
const stack = await startStack({
  dataDir: temporaryDataDir('tenor-histories-'),
  headless: true,
  durable: false,
  config,
  onProgress: () => undefined,
});
try {
  await record(stack, await hardLives(stack));
} finally {
  await stack.stop();
  rmSync(stack.dataDir, { recursive: true });
}
process.exit(0);
