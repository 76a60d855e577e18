import { int } from './columns.ts';
import type { MerchantId } from './ids.ts';
import type { Db } from './pool.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

/** A bucket of tokens. `perSecond` tokens are added each second, until the bucket has `burst`. */
interface Bucket {
  readonly merchant: MerchantId;
  /** The owner of the bucket: the id of an API key, or `merchant`. */
  readonly holder: string;
  readonly perSecond: number;
  readonly burst: number;
}

const taken = { granted: int, left: int };

/** The tokens that were granted, and the whole tokens that are left in the bucket. */
export type Taken = RowOf<typeof taken>;

const take = statement('takeTokens', {
  sql: sqlFile(import.meta.url, 'take-tokens.sql'),
  params: { merchant: 'text', holder: 'text', perSecond: 'numeric', burst: 'int', wanted: 'int' },
  row: taken,
});

/** Takes `wanted` tokens from a bucket, or as many as it has by the database's clock. A missing bucket is full. */
export function takeTokens(
  db: Db,
  { merchant, holder, perSecond, burst }: Bucket,
  wanted: number,
): Promise<Taken> {
  return take.row(db, { merchant, holder, perSecond: String(perSecond), burst, wanted });
}
