// Work that is overdue by its agenda row runs again, whatever has happened to its workflow (ADR 16).
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createPool } from '../../db/platform/pool.ts';
import { row, rows } from '../support/rows.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { UNOBSERVED } from '../../telemetry/observer.ts';
import { TASK_QUEUE, clockWorkflow, collectionWorkflow, contractWorkflow } from '../../temporal/ids.ts';
import { createRelay } from '../../relay/relay.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createClock, createSampleMerchant } from '../support/merchant.ts';
import { createTestNamespace, type TestNamespace } from '../support/temporal.ts';
import { startTenorAt, type TenorAt } from '../support/tenor-at.ts';
import { placesFor } from '../support/tenor.ts';

const DAY_MS = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

let database: TestDatabase;
let temporal: TestNamespace;
let client: Client;
let tenor: TenorAt;
let merchant: MerchantId;
/** The kind of each workflow that the relay has swept, with the remedy. */
const swept: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  temporal = await createTestNamespace();
  client = new Client({ connection: temporal.connection, namespace: temporal.namespace });
  tenor = await start();
  merchant = await createSampleMerchant(tenor.parts.pool);
});
afterAll(async () => {
  await tenor.stop();
  await temporal.close();
  await database.drop();
});

async function start(): Promise<TenorAt> {
  const { places, workflowBundle } = await placesFor(database.url, temporal);
  return startTenorAt(places, client, {
    workflowBundle,
    sweep: { everyMs: 200, overdueMs: 500 },
    observer: { ...UNOBSERVED, swept: ({ kind, remedy }) => void swept.push(`${kind} ${remedy}`) },
  });
}

/** A contract for Pro, 99.00 a month, that was ordered and billed `days` days ago, on a test clock at that instant. */
async function orderedDaysAgo(days: number, token = 'card'): Promise<string> {
  const { pool } = tenor.parts;
  const clock = await createClock(pool, merchant, daysAgo(days));
  const { contractId, commandId } = await tenor.engine.order(
    merchant,
    {
      customer: {
        party: { name: 'Nordlicht Software GmbH' },
        country: 'DE',
        time_zone: 'Europe/Berlin',
        language: 'de',
        clock,
      },
      variant: 'pro',
      components: [],
      payment_method: { provider: 'sandbox', token },
    },
    { actor: 'api:test', claim: null },
  );
  await tenor.engine.ask(merchant, contractId, commandId);
  await until('select state from commands where id = $1', commandId, [{ state: 'applied' }]);
  await until(
    'select count(*)::int as n from attempts where contract_id = $1 and decided_at is not null',
    contractId,
    [{ n: 1 }],
  );
  return contractId;
}

/** Takes a contract off its test clock. Everything due since then is overdue now, and no workflow or message knows of it. */
async function toWallTime(contractId: string): Promise<void> {
  const { pool } = tenor.parts;
  const { customer_id } = await row<{ customer_id: string }>(
    pool,
    'select customer_id from contracts where id = $1',
    [contractId],
  );
  await rows(
    pool,
    `with o as (update outbox set state = 'void' where clock_id = (select clock_id from customers where id = $1)),
       a as (update agenda set clock_id = null where clock_id = (select clock_id from customers where id = $1)),
       b as (update billing_accounts set clock_id = null where customer_id = $1),
       c as (update contracts set clock_id = null where customer_id = $1)
     update customers set clock_id = null where id = $1`,
    [customer_id],
  );
}

function clockOf(contractId: string): Promise<{ clock: string; now: string }> {
  return row(
    tenor.parts.pool,
    `select k.id as clock, k.now_at as now from contracts c join test_clocks k on k.id = c.clock_id where c.id = $1`,
    [contractId],
  );
}

function until(sql: string, param: string, expected: object[]): Promise<void> {
  return expect
    .poll(() => rows(tenor.parts.pool, sql, [param]), { timeout: 40_000, interval: 50 })
    .toEqual(expected);
}

function asleep(workflowId: string): Promise<void> {
  return expect
    .poll(() => createWorkflows(client).find(workflowId), { timeout: 40_000 })
    .toMatchObject({ state: 'asleep' });
}

const BILLS =
  'select count(*)::int as n, sum(gross_minor)::int as gross from documents where contract_id = $1';
/** The bill of the order, and that of the month that has begun since. */
const TWO = [{ n: 2, gross: 2 * 11781 }];

describe('A contract that is overdue bills once if its workflow', () => {
  it.each([
    ['was terminated', 'start', (id: string) => client.workflow.getHandle(id).terminate()],
    [
      'was deleted with its history',
      'start',
      async (id: string) => {
        await client.workflowService.deleteWorkflowExecution({
          namespace: temporal.namespace,
          workflowExecution: { workflowId: id },
        });
        await expect.poll(() => createWorkflows(client).find(id)).toMatchObject({ state: 'absent' });
      },
    ],
    ['sleeps until another day, as after a restored backup', 'wake', async () => undefined],
    ['got a request for cancellation', 'wake', (id: string) => client.workflow.getHandle(id).cancel()],
  ] as const)('%s', async (_what, remedy, damage) => {
    const contract = await orderedDaysAgo(40);
    const id = contractWorkflow(contract);
    await asleep(id);
    await damage(id);
    swept.length = 0;
    await toWallTime(contract);
    await until(BILLS, contract, TWO);
    expect(swept).toEqual([`contract ${remedy}`]);
    await asleep(id);
    await until(
      `select count(*)::int as n from attempts where contract_id = $1 and state = 'succeeded'`,
      contract,
      [{ n: 2 }],
    );
  });

  it('has a history that the current code cannot replay', { timeout: 120_000 }, async () => {
    const contract = await orderedDaysAgo(40);
    const id = contractWorkflow(contract);
    const runId = await madeByOtherCode(contract);
    await toWallTime(contract);
    await until(BILLS, contract, TWO);
    expect(swept).toEqual(['contract wake', 'contract restart']);
    const { status } = await client.workflow.getHandle(id, runId).describe();
    expect(status.name).toBe('TERMINATED');
    await asleep(id);
  });
});

describe('A collection that is overdue', () => {
  it('charges again although its workflow was terminated', async () => {
    const contract = await orderedDaysAgo(5, 'card;decline=insufficient_funds');
    const { id } = await row<{ id: string }>(
      tenor.parts.pool,
      'select id from receivables where contract_id = $1',
      [contract],
    );
    await createWorkflows(client).terminate(collectionWorkflow(id), 'lost');
    await toWallTime(contract);
    // Declined five days ago, and two days ago; the third try is in two days.
    await until('select n, state from attempts where receivable_id = $1 order by n', id, [
      { n: 1, state: 'declined' },
      { n: 2, state: 'declined' },
    ]);
    await asleep(collectionWorkflow(id));
  });
});

describe('A test clock that is advancing', () => {
  it('goes on after its workflow was terminated', { timeout: 120_000 }, async () => {
    const contract = await orderedDaysAgo(1_000);
    const { clock, now } = await clockOf(contract);
    const to = new Date(Date.parse(now) + 700 * DAY_MS).toISOString();
    await tenor.engine.advanceClock(merchant, clock, to);
    await until('select steps > 0 as moved from test_clocks where id = $1', clock, [{ moved: true }]);
    await tenor.stop(); // otherwise the workflow goes on for a while
    await client.workflow.getHandle(clockWorkflow(clock)).terminate();
    swept.length = 0;
    tenor = await start();
    await expect
      .poll(() => rows(tenor.parts.pool, 'select status, now_at from test_clocks where id = $1', [clock]), {
        timeout: 90_000,
      })
      .toEqual([{ status: 'ready', now_at: to }]);
    expect(swept).toEqual(['clock start']);
  });

  it(
    'goes on if a contract has a history that the current code cannot replay',
    { timeout: 120_000 },
    async () => {
      const contract = await orderedDaysAgo(40);
      const runId = await madeByOtherCode(contract);
      const { clock, now } = await clockOf(contract);
      const to = new Date(Date.parse(now) + 40 * DAY_MS).toISOString();
      await tenor.engine.advanceClock(merchant, clock, to);
      await expect
        .poll(
          () =>
            rows(tenor.parts.pool, 'select status, now_at, problem from test_clocks where id = $1', [clock]),
          { timeout: 90_000 },
        )
        .toEqual([{ status: 'ready', now_at: to, problem: null }]);
      await until(BILLS, contract, TWO);
      expect(swept).toEqual(['contract restart']);
      const { status } = await client.workflow.getHandle(contractWorkflow(contract), runId).describe();
      expect(status.name).toBe('TERMINATED');
    },
  );
});

describe('A command', () => {
  it('is decided although its wake went to a run that was then terminated', async () => {
    const contract = await orderedDaysAgo(5);
    const id = contractWorkflow(contract);
    const { commandId } = await tenor.engine.command(
      merchant,
      contract,
      { kind: 'cancel', effective: 'now' },
      { actor: 'api:test', claim: null },
    );
    await tenor.stop(); // before its wake is due
    const pool = createPool(database.url, { max: 2 });
    await rows(pool, `update outbox set due_at = clock_timestamp() where command_id = $1`, [commandId]);
    const relay = createRelay({
      pool,
      workflows: createWorkflows(client),
      deliverSandboxEvent: () => Promise.resolve(true),
      log: { warn: () => undefined },
    });
    await relay.deliverBatch();
    expect(await rows(pool, 'select state from outbox where command_id = $1', [commandId])).toEqual([
      { state: 'delivered' },
    ]);
    await pool.end();
    await client.workflow.getHandle(id).terminate();
    swept.length = 0;
    tenor = await start();
    await until('select state from commands where id = $1', commandId, [{ state: 'applied' }]);
    expect(swept).toEqual(['contract start']);
  });
});

it('the audit finds nothing after all of this', async () => {
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
});

/** Replaces the run of a contract by one that other code has made, and clears `swept`. Returns the id of the new run. */
async function madeByOtherCode(contract: string): Promise<string> {
  await tenor.stop();
  await client.workflow.getHandle(contractWorkflow(contract)).terminate();
  const runId = await startWithOtherCode(contract);
  swept.length = 0;
  tenor = await start();
  return runId;
}

/** Starts the contract's workflow with other code, and waits until it sleeps after a timer. Returns the id of the run. */
async function startWithOtherCode(contract: string): Promise<string> {
  const connection = await NativeConnection.connect({ address: temporal.address });
  const workflowsPath = fileURLToPath(new URL('../support/wrong-workflows.ts', import.meta.url));
  const { namespace } = temporal;
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
  });
  const runId = await worker.runUntil(async () => {
    const handle = await client.workflow.start('contract', {
      workflowId: contractWorkflow(contract),
      taskQueue: TASK_QUEUE,
      args: [contract],
    });
    await expect
      .poll(
        async () => (await handle.fetchHistory()).events?.some((each) => each.timerFiredEventAttributes),
        { timeout: 20_000 },
      )
      .toBe(true);
    await asleep(handle.workflowId);
    return handle.firstExecutionRunId;
  });
  await connection.close();
  return runId;
}
