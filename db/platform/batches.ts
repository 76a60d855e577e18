import { type Db, rows } from './pool.ts';

/** The key by which rows are read in batches. */
export interface Keyed {
  readonly merchant_id: string;
  readonly id: string;
}

/**
 * Reads a table in batches in the order of (merchant, id), so that memory does not grow with the book. The statement
 * takes the last key as `$1` and `$2` and the size of a batch as `$3`, and orders by that key.
 */
export async function* batches<Row extends Keyed>(db: Db, sql: string, size: number): AsyncGenerator<Row[]> {
  for (let last: Keyed = { merchant_id: '', id: '' }; ;) {
    const batch = await rows<Row>(db, sql, [last.merchant_id, last.id, size]);
    const end = batch.at(-1);
    if (end === undefined) return;
    yield batch;
    last = end;
  }
}
