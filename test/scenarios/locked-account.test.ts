// A merchant keeps sending commands to contracts of one locked account. Other merchants do not wait for them.
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MerchantId } from '../../db/platform/ids.ts';
import { rows } from '../support/rows.ts';
import { type Caller, startTestApi, type TestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
});
afterAll(async () => {
  await api.stop();
  await tenor.stop();
});

const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', external_id: 'ada' };
const oneSeat = {
  kind: 'change',
  effective: 'now',
  components: { add: [{ component: 'seat', quantity: 1 }] },
};

interface Shop {
  readonly merchant: MerchantId;
  readonly caller: Caller;
  readonly contracts: readonly string[];
}

/** A merchant with `contracts` contracts of one customer, all on one billing account. */
async function openShop(contracts: number): Promise<Shop> {
  const merchant = await createSampleMerchant(tenor.parts.pool);
  const caller = await api.caller(merchant);
  await caller.post('/v1/customers', customer);
  const ids: string[] = [];
  for (let n = 0; n < contracts; n++) {
    const { status, body } = await caller.post('/v1/orders', { customer: 'ada', variant: 'pro' });
    expect(status).toBe(201);
    ids.push(body.contract);
  }
  return { merchant, caller, contracts: ids };
}

const addSeat = ({ caller }: Shop, contract: string | undefined) =>
  caller.post(`/v1/contracts/${contract}/commands`, oneSeat);

it(
  'a command of one merchant is applied while commands of another merchant wait for a locked account',
  { timeout: 180_000 },
  async () => {
    const [theirs, ours] = [await openShop(12), await openShop(1)];
    const { pool } = tenor.parts;
    const pending = `select count(*)::int as n from commands where merchant_id = $1 and state = 'pending'`;
    const holder = new Client({ connectionString: tenor.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from billing_accounts where merchant_id = $1 for no key update', [
      theirs.merchant,
    ]);
    // Three commands for each contract: the first waits for the account, and the others wait for the contract.
    const answers = [1, 2, 3].flatMap(() => theirs.contracts.map((contract) => addSeat(theirs, contract)));
    await expect
      .poll(() => rows(tenor.parts.pools.reads, pending, [theirs.merchant]), { timeout: 20_000, interval: 5 })
      .not.toEqual([{ n: 0 }]);
    expect((await addSeat(ours, ours.contracts[0])).status).toBe(200);
    expect(await rows(tenor.parts.pools.reads, pending, [theirs.merchant])).not.toEqual([{ n: 0 }]);
    await holder.end();
    for (const { status } of await Promise.all(answers)) expect([200, 202, 503]).toContain(status);
    await expect.poll(() => rows(pool, pending, [theirs.merchant]), { timeout: 60_000 }).toEqual([{ n: 0 }]);
    expect(await rows(pool, 'select id from incidents')).toEqual([]);
  },
);
