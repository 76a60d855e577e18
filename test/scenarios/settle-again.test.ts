// A step that fails in the worker that woke the contract is tried again by the server, where operators see it.
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit.ts';
import { rows } from '../../db/pool.ts';
import { contractWorkflowId } from '../../workflows/messages.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

/** How often a settle has committed and its answer was lost. */
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
beforeAll(async () => {
  tenor = await startTestTenor({ interceptors: { activity: [losesTwoAnswers] } });
});
afterAll(() => tenor.stop());

describe('A settle whose answer is lost', () => {
  it('is tried again by the server, and bills nothing twice', async () => {
    const { pool } = tenor.parts;
    const merchant = await createSampleMerchant(pool);
    const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
    const { contractId, commandId } = await tenor.engine.order(
      merchant,
      { customer, variant: 'pro', components: [] },
      { actor: 'test', claim: null },
    );
    expect(await tenor.engine.ask(merchant, contractId, commandId)).toEqual({ state: 'applied' });

    expect(lost).toBe(2);
    const { events } = await tenor.client.workflow.getHandle(contractWorkflowId(contractId)).fetchHistory();
    const tries = (events ?? []).flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
    expect(tries).toEqual([2]);
    expect(await rows(pool, 'select net_minor, gross_minor from documents')).toEqual([
      { net_minor: 9900n, gross_minor: 11781n },
    ]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  });
});
