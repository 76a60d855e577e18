import { bytes } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db } from '../platform/pool.ts';
import { statement } from '../platform/statement.ts';

const OF_LOGO = { merchant: 'text', sha256: 'text' } as const;

const insertLogo = statement('insertLogo', {
  sql: 'insert into logos (merchant_id, sha256, bytes) values (:merchant, :sha256, :bytes) on conflict do nothing',
  params: { ...OF_LOGO, bytes: 'bytea' },
});

/** Stores a picture under its SHA-256, in hexadecimal digits. A picture that is stored already stays as it is. */
export async function storeLogo(
  db: Db,
  merchant: MerchantId,
  sha256: string,
  picture: Uint8Array,
): Promise<void> {
  await insertLogo.run(db, { merchant, sha256, bytes: picture });
}

const selectLogo = statement('logo', {
  sql: 'select bytes from logos where merchant_id = :merchant and sha256 = :sha256',
  params: OF_LOGO,
  row: { bytes },
});

/** The picture with this SHA-256. */
export async function loadLogo(db: Db, merchant: MerchantId, sha256: string): Promise<Uint8Array> {
  return (await selectLogo.row(db, { merchant, sha256 })).bytes;
}
