import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReach } from '../../activities/reach.ts';
import { countRenewals } from '../../bench/counts.ts';
import { TimeLapse } from '../../bench/lapse.ts';
import { Tally } from '../../bench/tally.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

// Runs are left after a few renewals, so that two whole ones are lived in seconds.
const LIMIT = 50;
const [lapse, tally] = [new TimeLapse(), new Tally()];

let tenor: TestTenor;
beforeAll(async () => {
  const activity = [tally.interceptor, lapse.interceptor];
  tenor = await startTestTenor({ historyLimit: LIMIT, interceptors: { activity } });
  tally.watch(tenor.parts.pool);
});
afterAll(() => tenor.stop());

describe('A renewal on wall time', () => {
  it('costs 12 events and 4 statements in a transaction; with a charge 18 events and 3 transactions', async () => {
    const { engine, parts, client } = tenor;
    const merchant = await createSampleMerchant(parts.pool);
    const start = '2190-01-01';
    const order = async (more: object): Promise<string> => {
      const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
      const request = { customer, variant: 'pro', start, components: [], ...more };
      const placed = await engine.order(merchant, request, { actor: 'test', claim: null });
      expect(await engine.ask(merchant, placed.contractId, placed.commandId)).toEqual({ state: 'applied' });
      return placed.contractId;
    };
    const contracts = [
      await order({}),
      await order({ payment_method: { provider: 'sandbox', token: 'card' } }),
    ];
    const reach = createReach(client);
    const lived = { client, lapse, tally, wake: (id: string) => reach.wake(id) };
    const [plain, charged] = await countRenewals(lived, contracts, 9);
    expect(plain).toMatchObject({ events: 12, statements: 4, transactions: 1, reads: 0 });
    expect(charged).toMatchObject({ events: 18, statements: 20, transactions: 3, reads: 2 });
    // Leaving a run and beginning the next: what is left at 250 events a run is below 13 and 19 a renewal.
    expect(plain?.eventsPerRun).toBeLessThanOrEqual(12);
    expect(charged?.eventsPerRun).toBeLessThanOrEqual(12);
  });
});
