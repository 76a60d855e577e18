// "Request cancellation" in the Temporal UI ends no workflow of Tenor. A contract ends only by its own rules.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TimeLapse } from '../../bench/lapse.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { row, rows } from '../support/rows.ts';
import { clockWorkflow, collectionWorkflow, contractWorkflow } from '../../temporal/ids.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { createClock, createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

const lapse = new TimeLapse();
let tenor: TestTenor;
let merchant: MerchantId;
beforeAll(async () => {
  tenor = await startTestTenor({
    historyLimit: 40, // so that workflows continue as new, too
    interceptors: { activity: [lapse.interceptor] },
    mostAheadMs: Number.POSITIVE_INFINITY, // months pass in seconds
  });
  merchant = await createSampleMerchant(tenor.parts.pool);
});
afterAll(() => tenor.stop());

async function order(of: { clock?: string; start?: string; token?: string }): Promise<string> {
  const { clock, start, token = 'card' } = of;
  const { contractId, commandId } = await tenor.engine.order(
    merchant,
    {
      customer: {
        party: { name: 'Nordlicht Software GmbH' },
        country: 'DE',
        time_zone: 'Europe/Berlin',
        language: 'de',
        ...(clock === undefined ? {} : { clock }),
      },
      variant: 'pro',
      ...(start === undefined ? {} : { start }),
      components: [],
      payment_method: { provider: 'sandbox', token },
    },
    { actor: 'api:test', claim: null },
  );
  expect(await tenor.engine.ask(merchant, contractId, commandId)).toEqual({ state: 'applied' });
  return contractId;
}

/**
 * Requests cancellation as the button of the UI does, twice: the server refuses the second request for the same run. Returns
 * a function that reads the status of that run.
 */
async function requestCancellation(workflowId: string): Promise<() => Promise<string>> {
  const handle = tenor.client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  await handle.cancel();
  await handle.cancel().catch(() => undefined);
  const run = tenor.client.workflow.getHandle(workflowId, runId);
  return async () => (await run.describe()).status.name;
}

function until(sql: string, params: readonly unknown[], expected: object[]): Promise<void> {
  return expect
    .poll(() => rows(tenor.parts.pool, sql, params), { timeout: 30_000, interval: 20 })
    .toEqual(expected);
}

async function advance(clock: string, to: string): Promise<void> {
  await tenor.engine.advanceClock(merchant, clock, to);
  await until(
    'select status, problem from test_clocks where id = $1',
    [clock],
    [{ status: 'ready', problem: null }],
  );
}

const DOCUMENTS = 'select count(*)::int as n from documents where contract_id = $1';

describe('A workflow whose cancellation was requested twice', () => {
  it('still bills and charges a contract on its day, on wall time, over several runs', async () => {
    const contract = await order({ start: '2190-01-01' });
    const status = await requestCancellation(contractWorkflow(contract));
    const { done } = lapse.begin({ at: Date.now() + 500, times: 9, subjects: 1 });
    await createWorkflows(tenor.client).wake(contractWorkflow(contract));
    await done;
    await until(DOCUMENTS, [contract], [{ n: 9 }]);
    await until(
      'select state, count(*)::int as n from attempts where contract_id = $1 group by 1',
      [contract],
      [{ state: 'succeeded', n: 9 }],
    );
    expect(await status()).toBe('CONTINUED_AS_NEW');
  });

  it('still bills a contract on the day of its test clock, and applies commands', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
    const contract = await order({ clock });
    const status = await requestCancellation(contractWorkflow(contract));
    await advance(clock, '2024-03-01T12:00:00.000Z');
    await until(DOCUMENTS, [contract], [{ n: 2 }]);
    const { commandId } = await tenor.engine.command(
      merchant,
      contract,
      { kind: 'pause', reason: 'customer', effective: 'now' },
      { actor: 'api:test', claim: null },
    );
    expect(await tenor.engine.ask(merchant, contract, commandId)).toEqual({ state: 'applied' });
    expect(await status()).toBe('RUNNING');
  });

  it('still collects an unpaid invoice on its day', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
    const contract = await order({ clock, token: 'card;decline=insufficient_funds' });
    await advance(clock, '2024-02-01T09:00:00.000Z');
    const { id } = await row<{ id: string }>(pool, 'select id from receivables where contract_id = $1', [
      contract,
    ]);
    const status = await requestCancellation(collectionWorkflow(id));
    await advance(clock, '2024-02-10T09:00:00.000Z');
    await until(
      'select n, state from attempts where receivable_id = $1 order by n',
      [id],
      [
        { n: 1, state: 'declined' },
        { n: 2, state: 'declined' },
        { n: 3, state: 'declined' },
      ],
    );
    await until('select phase from contracts where id = $1', [contract], [{ phase: 'inactive' }]);
    expect(await status()).toMatch(/^(RUNNING|CONTINUED_AS_NEW)$/);
  });

  it('still advances a test clock to its target', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
    const contract = await order({ clock });
    await tenor.engine.advanceClock(merchant, clock, '2025-01-31T09:00:00.000Z');
    const status = await requestCancellation(clockWorkflow(clock));
    await until(
      'select status, now_at from test_clocks where id = $1',
      [clock],
      [{ status: 'ready', now_at: '2025-01-31T09:00:00.000Z' }],
    );
    await until(DOCUMENTS, [contract], [{ n: 13 }]);
    await expect.poll(status).toBe('COMPLETED');
    expect(await audit(pool, AT_REST)).toEqual([]);
  });
});
