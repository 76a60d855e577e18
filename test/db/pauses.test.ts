import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit.ts';
import type { MerchantId } from '../../db/ids.ts';
import { type Pool, rows } from '../../db/pool.ts';
import { sellEveryKind } from '../support/every-kind.ts';
import { createTestPool } from '../support/fixtures.ts';
import { command, createClock, createSampleMerchant, moveClock, order, settle } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
});
afterAll(() => database.close());

it('a pause by seconds begins at its instant, whatever is changed in it: half a day of 14.00 (rules 5, 25)', async () => {
  const clock = await createClock(pool, merchant, '2024-04-01T08:00:00.000Z');
  const { contractId } = await order(pool, merchant, {
    customer: {
      party: { name: 'Nordlicht' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      language: 'de',
      clock,
    },
    variant: 'seconds-monthly',
    components: [{ component: 'post_paid', quantity: '30' }],
  });
  await settle(pool, contractId);
  const [booked] = await rows<{ id: string }>(
    pool,
    'select id from component_subscriptions where contract_id = $1',
    [contractId],
  );
  const set = [{ subscription: booked?.id ?? '', quantity: '60' }];
  await moveClock(pool, clock, '2024-04-16T10:00:00.000Z'); // noon
  for (const asked of [
    { kind: 'pause', reason: 'customer', effective: 'now' } as const,
    { kind: 'change', variant: 'days-monthly', components: { set }, effective: 'now' } as const,
    { kind: 'change', variant: 'seconds-monthly', effective: '2024-04-21' } as const,
  ]) {
    const { commandId } = await command(pool, merchant, contractId, asked);
    const { answers } = await settle(pool, contractId, [commandId]);
    expect(answers[commandId]).toEqual({ commandId, state: 'applied' });
  }
  await moveClock(pool, clock, '2024-05-01T08:00:00.000Z');
  await settle(pool, contractId);
  const lines = await rows(
    pool,
    `select starts_at, ends_at, amount_minor from charges
     where contract_id = $1 and kind = 'recurring' and text = 'post_paid' order by id`,
    [contractId],
  );
  // 30 × 7.00 are 7.00 for a day of April, 60 × 7.00 are 14.00.
  expect(lines).toMatchObject([
    { starts_at: '2024-03-31T22:00:00.000Z', ends_at: '2024-04-15T22:00:00.000Z', amount_minor: 10500n },
    { starts_at: '2024-04-15T22:00:00.000Z', ends_at: '2024-04-16T10:00:00.000Z', amount_minor: 700n },
  ]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});
