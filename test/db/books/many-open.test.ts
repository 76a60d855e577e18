// A credit note pays what is open on its account, also where more is open than a document usually reads.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import { type MerchantId, newId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row } from '../../support/rows.ts';
import { chargeOnce } from '../../../engine/books/one-time.ts';
import type { OneTimeRequest } from '../../../engine/requests.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { command, createClock, createSampleMerchant, order, settle } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let taxPolicy: string;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
});
beforeEach(async () => {
  merchant = await createSampleMerchant(pool);
  ({ id: taxPolicy } = await row<{ id: string }>(pool, 'select id from tax_policies where merchant_id = $1', [
    merchant,
  ]));
});
afterAll(() => database.close());

interface Owned {
  readonly contractId: string;
  readonly customer: string;
  readonly account: string;
}

/** A contract for Pro at 99.00, 117.81 with tax, which is not billed yet. */
async function ordered(): Promise<Owned> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const party = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const { contractId } = await order(pool, merchant, {
    customer: { ...party, clock },
    variant: 'pro',
    components: [],
  });
  const owner = await row<{ customer: string; account: string }>(
    pool,
    'select customer_id as customer, account_id as account from contracts where id = $1',
    [contractId],
  );
  return { contractId, ...owner };
}

/** A document of its own, at so much without tax; below zero it is a credit note. */
function once({ customer, account }: Owned, unit_price: string): Promise<void> {
  const request: OneTimeRequest = {
    customer,
    account,
    text: 'Help',
    quantity: '1',
    unit_price,
    currency: 'EUR',
    price_mode: 'net',
    tax_policy: taxPolicy,
    bill: 'now',
  };
  return inTransaction(pool, (tx) => chargeOnce(tx, merchant, newId('oneTime'), request));
}

/** So many invoices of 0.50, 0.60 with tax. */
async function invoices(owned: Owned, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await once(owned, '0.50');
}

const money = (): Promise<unknown> =>
  row(
    pool,
    `select (select count(*)::int from receivables where merchant_id = $1 and open_minor > 0) as unpaid,
       (select coalesce(sum(open_minor), 0)::bigint from receivables where merchant_id = $1) as open,
       (select coalesce(sum(left_minor), 0)::bigint from credits where merchant_id = $1) as waits`,
    [merchant],
  );

it('the credit of a cancelled contract pays 149 invoices, and its own in part (rule 31)', async () => {
  const owned = await ordered();
  await invoices(owned, 149);
  await settle(pool, owned.contractId);
  expect(await money()).toEqual({ unpaid: 150, open: 20721n, waits: 0n }); // 149 × 0.60 + 117.81
  await command(pool, merchant, owned.contractId, { kind: 'cancel', effective: 'now' });
  await settle(pool, owned.contractId);
  expect(await money()).toEqual({ unpaid: 1, open: 8940n, waits: 0n }); // 117.81 are credited
  expect(await audit(pool, AT_REST)).toEqual([]);
});

it('a credit by hand pays 150 invoices, and waits with the rest (rule 31)', async () => {
  const owned = await ordered();
  await settle(pool, owned.contractId);
  await invoices(owned, 149);
  await once(owned, '-1000.00');
  expect(await money()).toEqual({ unpaid: 0, open: 0n, waits: 98279n }); // 1190.00 − 207.21
  expect(await audit(pool, AT_REST)).toEqual([]);
});
