// An order is tried out before its transaction begins, and placed with the prices and tax rates of that trial run.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { publishVariant } from '../../../engine/catalogue/publish.ts';
import { tryOrder } from '../../../engine/contracts/order-draft.ts';
import { order } from '../../../engine/contracts/orders.ts';
import type { OrderRequest } from '../../../engine/requests.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createSampleMerchant, vault } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
});
afterAll(() => database.close());

const REQUEST: OrderRequest = {
  customer: { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' },
  variant: 'pro',
  components: [],
};

/** Places an order, and calls `change` at the end of each trial run. Returns the number of trial runs. */
async function orderWhile(
  merchant: MerchantId,
  change: (tries: number) => Promise<unknown>,
): Promise<number> {
  let tries = 0;
  const tryAndChange = async (of: MerchantId, request: OrderRequest): Promise<string> => {
    const basis = await tryOrder(pool, of, request);
    await change(++tries);
    return basis;
  };
  await order({ pool, tryOrder: tryAndChange, vault, providers: {} }, merchant, REQUEST, 'api:test');
  return tries;
}

async function publish(merchant: MerchantId, fee: string): Promise<void> {
  const { id } = await row<{ id: string }>(
    pool,
    `select id from variants where merchant_id = $1 and external_id = 'pro'`,
    [merchant],
  );
  const month = { unit: 'month', count: 1 } as const;
  await inTransaction(pool, (tx) =>
    publishVariant(tx, merchant, id, {
      name: 'Pro monthly',
      description: '',
      fee,
      fee_interval: month,
      billing_interval: month,
      proration: 'days',
      credit_on_pause: false,
      credit_on_cancel: true,
      components: [],
    }),
  );
}

const bookedFees = (merchant: MerchantId): Promise<unknown[]> =>
  rows(
    pool,
    `select trim_scale(v.fee)::text as fee from contracts c join variant_versions v on v.merchant_id = c.merchant_id
       and v.id = c.variant_version_id where c.merchant_id = $1`,
    [merchant],
  );

describe('an order', () => {
  it('is tried out once if nothing changes', async () => {
    const merchant = await createSampleMerchant(pool);
    expect(await orderWhile(merchant, () => Promise.resolve())).toBe(1);
    expect(await bookedFees(merchant)).toEqual([{ fee: '99' }]);
  });

  it('is tried out again if its price changes meanwhile, and books the new price', async () => {
    const merchant = await createSampleMerchant(pool);
    const once = async (tries: number): Promise<void> =>
      tries === 1 ? publish(merchant, '109.00') : undefined;
    expect(await orderWhile(merchant, once)).toBe(2);
    expect(await bookedFees(merchant)).toEqual([{ fee: '109' }]);
  });

  it('fails if its price keeps changing, and nothing is stored', async () => {
    const merchant = await createSampleMerchant(pool);
    const again = (tries: number): Promise<void> => publish(merchant, `${100 + tries}.00`);
    await expect(orderWhile(merchant, again)).rejects.toThrow(/changed while an order was tried out/);
    expect(await bookedFees(merchant)).toEqual([]);
    expect(await rows(pool, 'select from customers where merchant_id = $1', [merchant])).toEqual([]);
  });
});
