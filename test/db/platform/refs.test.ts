import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlanGroup } from '../../../db/catalogue/catalogue.ts';
import { createTaxPolicy } from '../../../engine/catalogue/tax-rates.ts';
import { createIssuer } from '../../../engine/parties/issuers.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { resolve } from '../../../db/platform/refs.ts';
import { componentsNamed } from '../../../db/usage/usage.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createSampleMerchant, order, vault } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  const customer = {
    party: { name: 'Nordlicht' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    language: 'de',
  };
  for (let n = 0; n < 2; n++) await order(pool, merchant, { customer, variant: 'pro', components: [] });
  const issuer = await createIssuer(pool, vault, merchant, {
    party: { name: 'Second' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    series: {
      invoice: { pattern: 'X-{####}', first_counter: 1 },
      credit_note: { pattern: 'Y-{####}', first_counter: 1 },
    },
  });
  const tax_policy = await createTaxPolicy(pool, merchant, { name: 'Second', rates: [] });
  const group = { name: 'Second', currency: 'EUR', price_mode: 'net' as const, tax_policy, issuer };
  await createPlanGroup(pool, merchant, group);
});
afterAll(() => database.close());

/** Sets the external id of one row of the table to the id of another. Returns that id. */
async function shareId(table: string): Promise<string> {
  const { first, other } = await row<{ first: string; other: string }>(
    pool,
    `select min(id) as first, max(id) as other from ${table} where merchant_id = $1`,
    [merchant],
  );
  expect(first).not.toBe(other);
  await rows(pool, `update ${table} set external_id = $2 where id = $1`, [first, other]);
  return other;
}

it.each([
  ['issuer', 'issuers'],
  ['taxPolicy', 'tax_policies'],
  ['planGroup', 'plan_groups'],
  ['plan', 'plans'],
  ['component', 'components'],
  ['variant', 'variants'],
  ['customer', 'customers'],
  ['contract', 'contracts'],
] as const)('the id of a %s has priority over an equal external id of another', async (kind, table) => {
  const id = await shareId(table);
  expect(await resolve(pool, merchant, kind, id, 'field')).toBe(id);
  expect(await resolve(pool, merchant, kind, id)).toBe(id);
});

it('usage that names a component by its id finds it, also if another has that external id', async () => {
  const id = await shareId('components');
  expect(await componentsNamed(pool, merchant, [id])).toEqual(new Map([[id, id]]));
});
