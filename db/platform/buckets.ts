import { int } from './columns.ts';
import type { MerchantId } from './ids.ts';
import type { Db } from './pool.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

/** A bucket of tokens: as many are added each second as `perSecond` says, until there are `burst`. */
interface Bucket {
  readonly merchant: MerchantId;
  /** Whose it is: the id of a key, or `merchant`. */
  readonly holder: string;
  readonly perSecond: number;
  readonly burst: number;
}

const taken = { granted: int, left: int };

/** What a take got, and the whole tokens that are left for others. */
export type Taken = RowOf<typeof taken>;

const take = statement('takeTokens', {
  sql: sqlFile(import.meta.url, 'take-tokens.sql'),
  params: { merchant: 'text', holder: 'text', perSecond: 'numeric', burst: 'int', wanted: 'int' },
  row: taken,
});

/** Takes so many tokens from a bucket, or as many as there are, by the time of the database. A missing bucket is full. */
export function takeTokens(
  db: Db,
  { merchant, holder, perSecond, burst }: Bucket,
  wanted: number,
): Promise<Taken> {
  return take.row(db, { merchant, holder, perSecond: String(perSecond), burst, wanted });
}
