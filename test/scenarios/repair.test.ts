import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repair } from '../../engine/repair/repair.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { runRepair } from '../../cli/repair.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { rows } from '../support/rows.ts';
import { command, createClock, createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let merchant: MerchantId;

beforeAll(async () => {
  tenor = await startTestTenor();
  merchant = await createSampleMerchant(tenor.parts.pool);
});
afterAll(() => tenor.stop());

const deps = () => ({ pool: tenor.parts.pool, workflows: createWorkflows(tenor.client) });
const call = { actor: 'api:test', claim: null };

async function order(clock: string | undefined, token = 'card'): Promise<string> {
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
      components: [],
      payment_method: { provider: 'sandbox', token },
    },
    call,
  );
  expect(await tenor.engine.ask(merchant, contractId, commandId)).toEqual({ state: 'applied' });
  return contractId;
}

async function until(sql: string, expected: object[]): Promise<void> {
  await expect.poll(() => rows(tenor.parts.pool, sql), { timeout: 30_000, interval: 20 }).toEqual(expected);
}

/** Terminates the workflows, as if Temporal had lost them. */
async function loseWorkflows(ids: readonly string[]): Promise<void> {
  for (const id of ids) await createWorkflows(tenor.client).terminate(id, 'lost');
}

describe('repair', () => {
  it('starts workflows that Temporal has lost, and they go on without doing anything twice (rule 43)', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-01-31T09:00:00.000Z');
    const contracts = await Promise.all(Array.from({ length: 10 }, () => order(clock)));
    await until(`select state, count(*)::int as n from attempts group by 1`, [{ state: 'succeeded', n: 10 }]);
    expect((await repair(deps(), { dryRun: true })).repaired).toEqual([]);

    await loseWorkflows(contracts.map((id) => `contract/${id}`));
    const lost = contracts.map((id) => ({
      workflow_id: `contract/${id}`,
      remedy: 'start',
      why: 'it does not run',
    }));
    const planned = await repair(deps(), { dryRun: true });
    expect(planned).toEqual({ checked: 10, repaired: expect.arrayContaining(lost) as object, failed: [] });
    expect(planned.repaired).toHaveLength(10);
    // The dry run changed nothing: a second one shows the same.
    expect((await repair(deps(), { dryRun: true })).repaired).toHaveLength(10);
    expect((await repair(deps(), { dryRun: false })).repaired).toHaveLength(10);
    expect((await repair(deps(), { dryRun: false })).repaired).toEqual([]);

    await tenor.engine.advanceClock(merchant, clock, '2024-03-01T12:00:00.000Z');
    await until(`select status from test_clocks where id = '${clock}'`, [{ status: 'ready' }]);
    await until(`select count(*)::int as n, sum(gross_minor)::int as gross from documents`, [
      { n: 20, gross: 20 * 11781 },
    ]);
    await until(`select kind, count(*)::int as n from sandbox.movements group by 1`, [
      { kind: 'charge', n: 20 },
    ]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  });

  it('starts the lost workflow of an advancing clock, and the clock reaches its target', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-05-01T09:00:00.000Z');
    const contract = await order(clock);
    await until(`select state from attempts where contract_id = '${contract}'`, [{ state: 'succeeded' }]);
    await rows(
      pool,
      `update test_clocks set status = 'advancing', target_at = '2024-06-15T00:00:00Z' where id = '${clock}'`,
    );
    const { repaired } = await repair(deps(), { dryRun: false });
    expect(repaired).toEqual([{ workflow_id: `clock/${clock}`, remedy: 'start', why: 'it does not run' }]);
    await until(`select status, now_at from test_clocks where id = '${clock}'`, [
      { status: 'ready', now_at: '2024-06-15T00:00:00.000Z' },
    ]);
    await until(`select count(*)::int as n from documents where contract_id = '${contract}'`, [{ n: 2 }]);
  });

  it('starts the lost workflow of a contract with an undecided command, and prints the reason in a table', async () => {
    const { pool } = tenor.parts;
    const contract = await order(undefined);
    await loseWorkflows([`contract/${contract}`]);
    const { commandId } = await command(pool, merchant, contract, {
      kind: 'pause',
      reason: 'customer',
      effective: 'now',
    });
    // As if the API and the relay had died with their messages, a minute ago.
    await rows(pool, `update outbox set state = 'void' where command_id = '${commandId}'`);
    await rows(
      pool,
      `update commands set recorded_at = recorded_at - interval '1 minute' where id = '${commandId}'`,
    );
    const lines: string[] = [];
    expect(await runRepair(deps(), { dryRun: false }, (line) => lines.push(line))).toBe(0);
    expect(lines[0]).toMatch(/^workflow +did +why$/);
    expect(lines[1]).toMatch(
      new RegExp(`^contract/${contract} +start  it does not run; command ${commandId} is undecided$`),
    );
    expect(lines.slice(2)).toEqual(['12 workflows checked; 1 started, 0 woken, 0 restarted; 0 failed.']);
    await until(`select state from commands where id = '${commandId}'`, [{ state: 'applied' }]);
    await until(`select phase from contracts where id = '${contract}'`, [{ phase: 'inactive' }]);
  });

  it('leaves a collection alone that sleeps until its day, and starts one whose workflow is lost', async () => {
    const { pool } = tenor.parts;
    const contract = await order(undefined, 'card;decline=do_not_honor');
    await until(`select state from attempts where contract_id = '${contract}'`, [{ state: 'declined' }]);
    const [receivable] = await rows<{ id: string }>(
      pool,
      `select id from receivables where contract_id = '${contract}'`,
    );
    const workflow_id = `collection/${receivable?.id}`;
    await expect
      .poll(() => createWorkflows(tenor.client).find(workflow_id), { timeout: 20_000 })
      .toMatchObject({ state: 'asleep' });
    expect((await repair(deps(), { dryRun: false })).repaired).toEqual([]);
    await loseWorkflows([workflow_id]);
    expect((await repair(deps(), { dryRun: false })).repaired).toEqual([
      { workflow_id, remedy: 'start', why: 'it does not run' },
    ]);
    await expect
      .poll(() => createWorkflows(tenor.client).find(workflow_id))
      .toMatchObject({ state: 'asleep' });
  });
});
