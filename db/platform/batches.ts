/** The key by which rows are read in batches. */
export interface Keyed {
  readonly merchant_id: string;
  readonly id: string;
}

/**
 * The next rows of a table by its key, from `$1` and `$2` on, as a table of a statement. The bound stands in the statement, where
 * the index serves it, and the rest of the statement looks at these rows alone.
 */
export const nextRows = (table: string, size: number, columns = '*'): string =>
  `(select ${columns} from ${table} where (merchant_id, id) > ($1, $2) order by merchant_id, id limit ${size})`;
