// A credit note pays the open receivables of its account, also if there are more than a document usually reads.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import { type MerchantId, newId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row } from '../../support/rows.ts';
import { createOneTimeCharge } from '../../../engine/books/one-time.ts';
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

interface OrderIds {
  readonly contractId: string;
  readonly customer: string;
  readonly account: string;
}

/** Orders Pro at 99.00 a month, 117.81 with tax. The contract is not billed yet. */
async function placeOrder(): Promise<OrderIds> {
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

/** Bills a one-time charge now, at this net price. Below zero it makes a credit note. */
function bill({ customer, account }: OrderIds, unit_price: string): Promise<void> {
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
  return inTransaction(pool, (tx) => createOneTimeCharge(tx, merchant, newId('oneTime'), request));
}

/** Makes the given number of invoices of 0.50, 0.60 with tax. */
async function makeInvoices(ids: OrderIds, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await bill(ids, '0.50');
}

const money = (): Promise<unknown> =>
  row(
    pool,
    `select (select count(*)::int from receivables where merchant_id = $1 and open_minor > 0) as unpaid,
       (select coalesce(sum(open_minor), 0)::bigint from receivables where merchant_id = $1) as open,
       (select coalesce(sum(left_minor), 0)::bigint from credits where merchant_id = $1) as waits`,
    [merchant],
  );

it('the credit of a cancelled contract pays 149 invoices, and a part of its own (rule 31)', async () => {
  const ids = await placeOrder();
  await makeInvoices(ids, 149);
  await settle(pool, ids.contractId);
  expect(await money()).toEqual({ unpaid: 150, open: 20721n, waits: 0n }); // 149 × 0.60 + 117.81
  await command(pool, merchant, ids.contractId, { kind: 'cancel', effective: 'now' });
  await settle(pool, ids.contractId);
  expect(await money()).toEqual({ unpaid: 1, open: 8940n, waits: 0n }); // 117.81 are credited
  expect(await audit(pool, AT_REST)).toEqual([]);
});

it('a one-time credit pays 150 invoices, and the rest waits on the account (rule 31)', async () => {
  const ids = await placeOrder();
  await settle(pool, ids.contractId);
  await makeInvoices(ids, 149);
  await bill(ids, '-1000.00');
  expect(await money()).toEqual({ unpaid: 0, open: 0n, waits: 98279n }); // 1190.00 − 207.21
  expect(await audit(pool, AT_REST)).toEqual([]);
});
