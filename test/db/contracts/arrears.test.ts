// Arrears across a change of the interval, from stored rows. Days that a line covers are not billed again, however long ago
// that line ended.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { sellEveryKind } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createSampleMerchant } from '../../support/merchant.ts';
import { beginStored } from '../../support/stored-life.ts';

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

it('days of a whole period in arrears that was billed are not billed again a quarter later (rules 9, 26)', async () => {
  const components = [{ component: 'quarter-post_paid', quantity: '9' }];
  const life = await beginStored(pool, merchant, '2024-01-01T08:00:00.000Z', 'none-monthly', components);
  await life.ask({ kind: 'change', variant: 'days-yearly', effective: 'period_end' });
  for (const day of ['02-01', '03-01', '04-15']) await life.to(`2024-${day}T08:00:00.000Z`);
  // In April the line of the first quarter has ended.
  await life.ask({ kind: 'cancel', effective: 'period_end' });
  await life.to('2024-05-01T08:00:00.000Z');
  // 9 × 7.00 are 63.00. The yearly fee makes 1 February the anchor, and the quarter from January, which is not prorated, is
  // then due as a whole. Of the quarter from 1 February to 1 May, 30 of 90 days are left: 21.00.
  expect(
    await rows(
      pool,
      `select from_date::text as from, to_date::text as to, amount_minor from charges
       where contract_id = $1 and text = 'quarter-post_paid' order by id`,
      [life.contractId],
    ),
  ).toEqual([
    { from: '2024-01-01', to: '2024-04-01', amount_minor: 6300n },
    { from: '2024-04-01', to: '2024-05-01', amount_minor: 2100n },
  ]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});
