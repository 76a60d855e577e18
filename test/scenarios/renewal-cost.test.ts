import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkflows } from '../../temporal/client.ts';
import { type RenewalCost, countRenewals } from '../../bench/counts.ts';
import { TimeLapse } from '../../bench/lapse.ts';
import { Tally } from '../../bench/tally.ts';
import type { OrderRequest } from '../../engine/requests.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { rows } from '../support/rows.ts';
import { EVERYTHING, sellEveryKind } from '../support/every-kind.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

// A workflow continues as new after a few renewals, so that two whole runs take only seconds.
const LIMIT = 25;
const [lapse, tally] = [new TimeLapse(), new Tally()];

let tenor: TestTenor;
beforeAll(async () => {
  const activity = [tally.interceptor, lapse.interceptor];
  const mostAheadMs = Number.POSITIVE_INFINITY; // months pass in seconds
  tenor = await startTestTenor({ historyLimit: LIMIT, interceptors: { activity }, mostAheadMs });
  for (const pool of Object.values(tenor.parts.pools)) tally.watch(pool);
});
afterAll(() => tenor.stop());

/** Inserts 12 units of usage at the first instant of each of a contract's first 12 months. */
async function useEveryMonth(contract: string, start: string): Promise<void> {
  await rows(
    tenor.parts.pool,
    `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, reported, recorded_at)
     select s.merchant_id, s.contract_id, 'month-' || n, s.id, $2::timestamptz + make_interval(months => n), 12, '{}', $2
     from component_subscriptions s join components c on c.merchant_id = s.merchant_id and c.id = s.component_id,
       generate_series(0, 11) n
     where s.contract_id = $1 and c.kind = 'metered'`,
    [contract, start],
  );
}

describe('A renewal on wall time', () => {
  const START = '2190-01-01';
  let merchant: MerchantId;
  beforeAll(async () => {
    merchant = await createSampleMerchant(tenor.parts.pool);
    await sellEveryKind(tenor.parts.pool, merchant);
  });

  async function order(more: Partial<OrderRequest>): Promise<string> {
    const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
    const request = { customer, variant: 'pro', start: START, components: [], ...more };
    const placed = await tenor.engine.order(merchant, request, { actor: 'test', claim: null });
    expect(await tenor.engine.ask(merchant, placed.contractId, placed.commandId)).toEqual({
      state: 'applied',
    });
    return placed.contractId;
  }

  function renew(contracts: readonly string[]): Promise<RenewalCost[]> {
    const { client } = tenor;
    const workflows = createWorkflows(client);
    return countRenewals({ client, lapse, tally, wake: (id) => workflows.wake(id) }, contracts, 9);
  }

  it('costs 6 events and 4 statements in one transaction; with a charge, it costs 12 events and 3 transactions', async () => {
    const [plain, charged] = await renew([
      await order({}),
      await order({ payment_method: { provider: 'sandbox', token: 'card' } }),
    ]);
    expect(plain).toMatchObject({ events: 6, statements: 4, transactions: 1, reads: 0 });
    expect(charged).toMatchObject({ events: 12, statements: 19, transactions: 3, reads: 2 });
    // The events to end a run and begin the next one. Shared among the renewals of a run of 120 events, they leave a renewal below
    // 7 events, and one with a charge below 14.
    expect(plain?.eventsPerRun).toBeLessThanOrEqual(12);
    expect(charged?.eventsPerRun).toBeLessThanOrEqual(13);
  });

  it('of five components, one of them metered and used in each period, costs two statements more', async () => {
    const contract = await order(EVERYTHING);
    await useEveryMonth(contract, START);
    expect(await renew([contract])).toMatchObject([{ events: 6, statements: 6, transactions: 1, reads: 0 }]);
    expect(
      await rows(
        tenor.parts.pool,
        `select net_minor from documents where contract_id = $1 order by effective_at, counter`,
        [contract],
      ),
      // The first bill has the set-up fee. Later bills have 88.00, and 5.60 for 12 units of usage.
    ).toEqual([9100n, ...Array.from({ length: 8 }, () => 9360n)].map((net_minor) => ({ net_minor })));
  });
});
