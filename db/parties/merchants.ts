import { type MerchantId, merchantId, newId } from '../platform/ids.ts';
import { type Db, type Pool, inTransaction, maybeRow, row, rows } from '../platform/pool.ts';

/** Makes a live merchant and its test merchant. */
export function createMerchant(
  pool: Pool,
  name: string,
): Promise<{ readonly live: MerchantId; readonly test: MerchantId }> {
  return inTransaction(pool, async (tx) => {
    const [live, test] = [newId('merchant'), newId('merchant')];
    await rows(tx, 'insert into merchants (id, name, live_merchant_id) values ($1, $3, null), ($2, $4, $1)', [
      live,
      test,
      name,
      `${name} (test)`,
    ]);
    return { live: merchantId(live), test: merchantId(test) };
  });
}

export async function merchantExists(db: Db, id: string): Promise<boolean> {
  return (await maybeRow(db, 'select id from merchants where id = $1', [id])) !== null;
}

/** Whether a merchant is a test merchant: only there do clocks exist, and only the sandbox charges. */
export async function isTestMerchant(db: Db, merchant: MerchantId): Promise<boolean> {
  const { test } = await row<{ test: boolean }>(
    db,
    'select live_merchant_id is not null as test from merchants where id = $1',
    [merchant],
  );
  return test;
}
