// When the database answers 300 ms late, each contract that wakes settles once, and almost no settle is begun in vain.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rows } from '../support/rows.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { contractWorkflow } from '../../temporal/ids.ts';
import { createSampleMerchant, order } from '../support/merchant.ts';
import { type Proxy, startProxy } from '../support/proxy.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

const WAKES = 60;
let tenor: TestTenor;
let proxy: Proxy;
/** How many runs of `settle` have begun, and how many of them are over. */
const runs = { begun: 0, over: 0 };

beforeAll(async () => {
  tenor = await startTestTenor({
    by: async (databaseUrl) => {
      proxy = await startProxy(databaseUrl);
      return proxy.url;
    },
    interceptors: {
      activity: [
        ({ info }) => ({
          inbound: {
            async execute(input, next) {
              if (info.activityType !== 'settle') return next(input);
              runs.begun += 1;
              try {
                return await next(input);
              } finally {
                runs.over += 1;
              }
            },
          },
        }),
      ],
    },
  });
});
afterAll(async () => {
  proxy.delay(0);
  await tenor.stop();
  await proxy.stop();
});

it('60 contracts that are woken at once settle once each', { timeout: 180_000 }, async () => {
  const { parts, client } = tenor;
  const merchant = await createSampleMerchant(parts.pool);
  const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
  const workflows = createWorkflows(client);
  const wakeAll = (contracts: readonly string[]): Promise<unknown> =>
    Promise.all(contracts.map((contract) => workflows.wake(contractWorkflow(contract))));
  const contracts: string[] = [];
  for (let n = 0; n < WAKES; n++) {
    const placed = await order(parts.pool, merchant, { customer, variant: 'pro', components: [] });
    contracts.push(placed.contractId);
  }
  await wakeAll(contracts);
  const settled = async (): Promise<boolean> => runs.over >= WAKES && runs.over === runs.begun;
  await expect.poll(settled, { timeout: 60_000 }).toBe(true);
  // The relay wakes each contract, too, as no caller has waited for its order.
  const undelivered = `select from outbox where state = 'waiting'`;
  await expect.poll(() => rows(parts.pools.reads, undelivered), { timeout: 60_000 }).toEqual([]);
  await expect.poll(settled, { timeout: 60_000 }).toBe(true);
  proxy.delay(300);
  Object.assign(runs, { begun: 0, over: 0 });
  await wakeAll(contracts);
  await expect.poll(settled, { timeout: 90_000 }).toBe(true);
  // On a slow machine, some settles exceed their time and are begun again.
  expect(runs.begun).toBeLessThan(WAKES * 1.1);
});
