// The number of statements of an order, as one merchant may place very many orders.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { row } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { transactionsOf } from '../../support/lock-log.ts';
import { createSampleMerchant, order } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

it('an order takes 8 + 20 statements with a new customer, 11 + 15 with an existing one, and reads the catalogue twice', async () => {
  const transactions = transactionsOf(pool);
  const ada = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
  const { contractId } = await order(pool, merchant, { customer: ada, variant: 'pro', components: [] });
  const { customer } = await row<{ customer: string }>(
    pool,
    'select customer_id as customer from contracts where id = $1',
    [contractId],
  );
  await order(pool, merchant, { customer, variant: 'pro', components: [] });
  expect(transactions.map((statements) => statements.length)).toEqual([8, 20, 11, 15]);
  for (const statements of transactions) {
    expect(statements.filter((sql) => sql.includes('catalogueComponents'))).toHaveLength(1);
  }
});
