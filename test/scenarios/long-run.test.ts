// A workflow whose history has grown long continues as new, also while charges follow one another.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { rows } from '../support/rows.ts';
import { contractWorkflow } from '../../temporal/ids.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

const LIMIT = 60;

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
let merchant: string;
let contract: string;

beforeAll(async () => {
  tenor = await startTestTenor({ historyLimit: LIMIT });
  const { pool, vault, providers } = tenor.parts;
  const sample = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(sample);
  merchant = sample;
});
afterAll(async () => {
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

it(
  'forty charges in a row are each sent once, by several runs of the workflow',
  { timeout: 120_000 },
  async () => {
    const { pool } = tenor.parts;
    const tax_policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
    const home = { country: 'DE', time_zone: 'Europe/Berlin' };
    ({ contract } = (
      await caller.post('/v1/orders', {
        customer: { party: { name: 'N' }, ...home },
        variant: 'pro',
        payment_method: { provider: 'sandbox', token: 'card' },
      })
    ).body);
    const once = { text: 'Workshop', unit_price: '100.00', currency: 'EUR', price_mode: 'net', tax_policy };
    for (let n = 0; n < 40; n++) {
      expect((await caller.post('/v1/one-time-charges', { ...once, contract, bill: 'now' })).status).toBe(
        201,
      );
    }
    await expect
      .poll(
        () =>
          rows(pool, `select state, n, count(*)::int from attempts where contract_id = $1 group by 1, 2`, [
            contract,
          ]),
        { timeout: 90_000 },
      )
      .toEqual([{ state: 'succeeded', n: 1, count: 41 }]); // one for the fee, and forty
    const runs: number[] = [];
    const query = `WorkflowId = '${contractWorkflow(contract)}'`;
    for await (const { historyLength } of tenor.client.workflow.list({ query })) runs.push(historyLength);
    expect(runs.length).toBeGreaterThan(3);
    // Above the limit are one charge, the settles of the charges that came meanwhile, and the end of the run.
    expect(Math.max(...runs)).toBeLessThan(LIMIT + 60);
  },
);

it('every run has its merchant as the fairness key by which Temporal shares out a backlog', async () => {
  const { priority } = await tenor.client.workflow.getHandle(contractWorkflow(contract)).describe();
  expect(priority).toMatchObject({ fairnessKey: merchant });
});
