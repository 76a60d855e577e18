import { text, truth } from '../platform/columns.ts';
import { type MerchantId, merchantId, newId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';

/** Makes a live merchant and its test merchant. */
export async function createMerchant(
  db: Db,
  name: string,
): Promise<{ readonly live: MerchantId; readonly test: MerchantId }> {
  const [live, test] = [newId('merchant'), newId('merchant')];
  await writeRows(db, 'createMerchant', {
    merchants: [
      { id: live, name, live_merchant_id: null },
      { id: test, name: `${name} (test)`, live_merchant_id: live },
    ],
  });
  return { live: merchantId(live), test: merchantId(test) };
}

const selectMerchant = statement('merchant', {
  sql: 'select id from merchants where id = :id',
  params: { id: 'text' },
  row: { id: text },
});

export async function merchantExists(db: Db, id: string): Promise<boolean> {
  return (await selectMerchant.maybeRow(db, { id })) !== null;
}

const selectKind = statement('kindOfMerchant', {
  sql: 'select live_merchant_id is not null as test from merchants where id = :merchant',
  params: { merchant: 'text' },
  row: { test: truth },
});

/** Whether a merchant is a test merchant. Only test merchants have clocks, and only the sandbox charges their customers. */
export async function isTestMerchant(db: Db, merchant: MerchantId): Promise<boolean> {
  const { test } = await selectKind.row(db, { merchant });
  return test;
}
