import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadItems } from '../../../db/contracts/items.ts';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { sellEveryKind } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createSampleMerchant } from '../../support/merchant.ts';
import { type StoredLife, beginStored } from '../../support/stored-life.ts';

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

const order = (...of: StoredLife) => beginStored(pool, merchant, ...of);

it('a pause by seconds begins at noon, whatever changes in it: half a day of 14.00 is billed (rules 5, 25)', async () => {
  const life = await order('2024-04-01T08:00:00.000Z', 'seconds-monthly', [
    { component: 'post_paid', quantity: '30' },
  ]);
  const [subscription] = await rows<{ id: string }>(
    pool,
    'select id from component_subscriptions where contract_id = $1',
    [life.contractId],
  );
  const set = [{ subscription: subscription?.id ?? '', quantity: '60' }];
  await life.to('2024-04-16T10:00:00.000Z'); // noon
  await life.ask({ kind: 'pause', reason: 'customer', effective: 'now' });
  await life.ask({ kind: 'change', variant: 'days-monthly', components: { set }, effective: 'now' });
  await life.ask({ kind: 'change', variant: 'seconds-monthly', effective: '2024-04-21' });
  await life.to('2024-05-01T08:00:00.000Z');
  const lines = await life.lines();
  // 30 × 7.00 a month are 7.00 a day in April, and 60 × 7.00 are 14.00.
  expect(lines.filter(({ text }) => text === 'post_paid')).toEqual([
    {
      text: 'post_paid',
      starts_at: '2024-03-31T22:00:00.000Z',
      ends_at: '2024-04-15T22:00:00.000Z',
      amount_minor: 10500n,
    },
    {
      text: 'post_paid',
      starts_at: '2024-04-15T22:00:00.000Z',
      ends_at: '2024-04-16T10:00:00.000Z',
      amount_minor: 700n,
    },
  ]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});

it('a fee is not charged in full for a period that began in a pause (rules 5, 25)', async () => {
  const life = await order('2024-01-01T08:00:00.000Z', 'seconds-monthly', []);
  await life.to('2024-01-16T10:00:00.000Z');
  await life.ask({ kind: 'pause', reason: 'customer', effective: 'now' });
  await life.to('2024-02-01T11:00:00.000Z'); // noon
  await life.ask({ kind: 'resume', reason: 'customer', effective: 'now' });
  await life.ask({ kind: 'change', variant: 'none-monthly', effective: 'now' });
  await life.to('2024-03-01T08:00:00.000Z');
  // 60.00 for January, 28½ of 29 days of February, and all of March, which is not prorated.
  expect((await life.lines()).map(({ text, amount_minor }) => [text, amount_minor])).toEqual([
    ['seconds-monthly', 6000n],
    ['seconds-monthly', 5897n],
    ['none-monthly', 6000n],
  ]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});

it('seats removed in a pause cost nothing, although the pause ends at the beginning of that day (rules 5, 25)', async () => {
  const life = await order('2024-04-01T08:00:00.000Z', 'seconds-monthly', [
    { component: 'pre_paid', quantity: '30' },
  ]);
  await life.to('2024-04-16T10:00:00.000Z');
  await life.ask({ kind: 'pause', reason: 'customer', effective: 'now' });
  await life.to('2024-05-10T10:00:00.000Z'); // noon
  await life.ask({ kind: 'change', components: { remove: ['pre_paid'] }, effective: 'now' });
  await life.ask({ kind: 'change', variant: 'days-monthly', effective: 'now' });
  await life.ask({ kind: 'resume', reason: 'customer', effective: 'now' });
  // April was paid. Of 60.00 for May, 22 of 31 days are left.
  expect((await life.lines()).map(({ text, amount_minor }) => [text, amount_minor])).toEqual([
    ['seconds-monthly', 6000n],
    ['pre_paid', 21000n],
    ['days-monthly', 4258n],
  ]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});

it('seats that are added and removed in a pause of one day cost nothing (rule 25)', async () => {
  const life = await order('2024-04-01T08:00:00.000Z', 'seconds-monthly', []);
  await life.to('2024-04-16T10:00:00.000Z');
  await life.ask({ kind: 'pause', reason: 'customer', effective: '2024-04-16' });
  const add = [{ component: 'pre_paid', quantity: '30' }];
  await life.ask({ kind: 'change', components: { add }, effective: 'now' });
  await life.ask({
    kind: 'change',
    variant: 'days-monthly',
    components: { remove: ['pre_paid'] },
    effective: 'now',
  });
  await life.ask({ kind: 'resume', reason: 'customer', effective: 'now' });
  expect((await life.lines()).filter(({ text }) => text === 'pre_paid')).toEqual([]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});

it('a pause begins at the first instant of its day, also where that day has its first hour twice (rules 1, 5)', async () => {
  // Havana's clocks go back from 01:00 to 00:00 on 3 November 2024. That day begins at 04:00 UTC, not at 05:00.
  const life = await order('2024-11-01T12:00:00.000Z', 'days-monthly', [], 'America/Havana');
  await life.to('2024-11-03T15:00:00.000Z');
  await life.ask({ kind: 'pause', reason: 'customer', effective: 'now' });
  expect((await loadItems(pool, merchant, life.contractId)).pauses).toEqual([
    { startsAt: '2024-11-03T04:00:00.000Z', endsAt: null },
  ]);
});
