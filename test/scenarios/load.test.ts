import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../engine/requests.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { rows } from '../support/rows.ts';
import { createClock, createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
beforeAll(async () => {
  tenor = await startTestTenor({ historyLimit: 60 }); // the workflow continues as new every few commands
});
afterAll(() => tenor.stop());

// Commands of an API key are refused while the clock advances. This actor is none.
const call = { actor: 'load:test', claim: null };

/** Orders a contract of a new merchant, on a new clock that begins on 2024-01-01. */
async function orderContract(more: Pick<OrderRequest, 'components'> & Partial<OrderRequest>) {
  const { engine, parts } = tenor;
  const { pool } = parts;
  const merchant = await createSampleMerchant(pool);
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const party = { name: 'Ada' };
  const customer = { party, country: 'DE', time_zone: 'Europe/Berlin', language: 'en', clock };
  const placed = await engine.order(merchant, { customer, variant: 'pro', ...more }, call);
  expect(await engine.ask(merchant, placed.contractId, placed.commandId)).toEqual({ state: 'applied' });
  return { engine, pool, merchant, clock, placed };
}

describe('300 commands, 15 at a time, on one contract', () => {
  it(
    'are each decided once, while the contract renews and its workflow continues as new',
    { timeout: 240_000 },
    async () => {
      const { engine, pool, merchant, clock, placed } = await orderContract({
        components: [{ component: 'seat', quantity: '1000' }],
      });
      const [seat] = await rows<{ id: string }>(
        pool,
        'select id from component_subscriptions where contract_id = $1',
        [placed.contractId],
      );
      const waiting = Array.from({ length: 300 }, (_, index) => String(index + 1));
      const worker = async (): Promise<void> => {
        for (let quantity = waiting.shift(); quantity !== undefined; quantity = waiting.shift()) {
          const set = [{ subscription: seat?.id ?? '', quantity }];
          const { commandId } = await engine.command(
            merchant,
            placed.contractId,
            { kind: 'change', components: { set }, effective: 'now' },
            call,
          );
          await engine.ask(merchant, placed.contractId, commandId);
        }
      };
      await engine.advanceClock(merchant, clock, '2024-06-15T08:00:00.000Z');
      await Promise.all(Array.from({ length: 15 }, worker));
      const read = () => rows(pool, 'select status from test_clocks where id = $1', [clock]);
      await expect.poll(read, { timeout: 120_000, interval: 50 }).toEqual([{ status: 'ready' }]);
      const commands = `select state, count(*) as n, count(distinct seq) as numbers from commands where contract_id = $1 and kind = 'change' group by state`;
      await expect
        .poll(() => rows(pool, commands, [placed.contractId]), { timeout: 60_000 })
        .toEqual([{ state: 'applied', n: 300n, numbers: 300n }]);
      // One revision for each command, and the one that was ordered.
      const items = await rows(
        pool,
        `select count(*) as n from items where contract_id = $1 and subject <> 'fee'`,
        [placed.contractId],
      );
      expect(items).toEqual([{ n: 301n }]);
      // The fee is billed by the order, and by the renewals of 2024-02-01 to 2024-06-01.
      const renewals = `select count(*) as n from charges where contract_id = $1 and text = 'Pro monthly' and kind = 'recurring'`;
      expect(await rows(pool, renewals, [placed.contractId])).toEqual([{ n: 6n }]);
      expect(await audit(pool, AT_REST)).toEqual([]);
    },
  );
});

describe('a test clock', () => {
  it('is ready only after the charges from before its advance were sent, even if the workflow has continued as new (rule 44)', async () => {
    const payment_method = { provider: 'sandbox', token: 'card' };
    const { engine, pool, merchant, clock, placed } = await orderContract({ components: [], payment_method });
    const [policy] = await rows<{ id: string }>(pool, 'select id from tax_policies where merchant_id = $1', [
      merchant,
    ]);
    const once = {
      contract: placed.contractId,
      text: 'Call',
      quantity: '1',
      unit_price: '1.00',
      currency: 'EUR',
      price_mode: 'net',
      tax_policy: policy?.id ?? '',
      bill: 'now',
    } as const;
    const read = () => rows(pool, 'select status from test_clocks where id = $1', [clock]);
    const counted = `select state, count(*) as n from attempts where contract_id = $1 group by state`;
    for (let calls = 1; calls <= 20; calls++) {
      await engine.createOneTimeCharge(merchant, once, call);
      await engine.advanceClock(merchant, clock, `2024-01-01T08:${String(calls).padStart(2, '0')}:00.000Z`);
      await expect.poll(read, { timeout: 30_000, interval: 5 }).toEqual([{ status: 'ready' }]);
      const attempts = await rows(pool, counted, [placed.contractId]);
      expect(attempts).toEqual([{ state: 'succeeded', n: BigInt(1 + calls) }]);
    }
  });
});
