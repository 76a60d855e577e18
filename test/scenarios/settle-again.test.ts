// A settle that fails as a local activity is tried again by the server as an ordinary activity, where operators see it.
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkflows } from '../../temporal/client.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { rows } from '../support/rows.ts';
import { contractWorkflow } from '../../temporal/ids.ts';
import { createClock, createSampleMerchant, moveClock } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

/** How many settles have committed and then lost their answer. */
let lost = 0;
const losesTwoAnswers: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: async (input, next) => {
      const answer = await next(input);
      if (info.activityType !== 'settle' || lost === 2) return answer;
      lost += 1;
      throw new Error('the answer is lost');
    },
  },
});

let tenor: TestTenor;
let merchant: MerchantId;
beforeAll(async () => {
  tenor = await startTestTenor({ interceptors: { activity: [losesTwoAnswers] } });
  merchant = await createSampleMerchant(tenor.parts.pool);
});
afterAll(() => tenor.stop());

async function order(clock: string | null): Promise<string> {
  const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
  const { contractId, commandId } = await tenor.engine.order(
    merchant,
    { customer: { ...customer, ...(clock === null ? {} : { clock }) }, variant: 'pro', components: [] },
    { actor: 'test', claim: null },
  );
  expect(await tenor.engine.ask(merchant, contractId, commandId)).toEqual({ state: 'applied' });
  return contractId;
}

/** The number of tries of each ordinary activity of a contract. */
async function triesByTheServer(contractId: string): Promise<number[]> {
  const { events } = await tenor.client.workflow.getHandle(contractWorkflow(contractId)).fetchHistory();
  return (events ?? []).flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
}

describe('A settle', () => {
  it('whose answer is lost is tried again as an ordinary activity, and bills nothing twice (ADR 12)', async () => {
    const { pool } = tenor.parts;
    const contractId = await order(null);
    expect(lost).toBe(2);
    expect(await triesByTheServer(contractId)).toEqual([2]);
    expect(await rows(pool, 'select net_minor, gross_minor from documents')).toEqual([
      { net_minor: 9900n, gross_minor: 11781n },
    ]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  });

  it('of a contract that is far behind does not block the workflow task, but goes on as an ordinary activity (ADR 12)', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const contractId = await order(clock);
    expect(await triesByTheServer(contractId)).toEqual([]);
    await moveClock(pool, clock, '2026-06-15T08:00:00.000Z');
    await createWorkflows(tenor.client).wake(contractWorkflow(contractId));
    const bills = 'select count(*)::int as n from documents where contract_id = $1';
    await expect.poll(() => rows(pool, bills, [contractId]), { timeout: 10_000 }).toEqual([{ n: 1 + 29 }]);
    await expect.poll(() => triesByTheServer(contractId)).toEqual([1]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  });
});
