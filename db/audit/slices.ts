import { type Keyed, nextRows } from '../platform/batches.ts';
import { type Db, rows } from '../platform/pool.ts';
import type { Finding, Patience } from './finding.ts';

/** The key of the last row that a check has read, as texts. */
export type Key = readonly string[];

interface Slice {
  readonly findings: readonly Finding[];
  /** Where the next slice begins; null at the end. */
  readonly next: Key | null;
}

/**
 * Checks that walk through a table together, slice by slice. A slice is one statement, and so one snapshot. What is compared within it
 * was written in one transaction, so that whatever is committed between two slices is seen by one of them, or by none.
 */
export interface Check {
  /** It stays: an audit that was interrupted goes on by it. */
  readonly name: string;
  readonly table: string;
  /** Rows of a slice. */
  readonly size: number;
  readonly start: Key;
  slice(db: Db, after: Key, patience: Patience): Promise<Slice>;
}

/** A check that is computed from each row of a table. */
interface Computed<Row extends Keyed> {
  readonly name: string;
  readonly table: string;
  readonly size: number;
  /** Answers exactly one row for each of `part`, the next rows of the table, in their order. */
  readonly sql: (part: string) => string;
  readonly findings: (row: Row) => Iterable<Finding>;
}

export function checkOfRows<Row extends Keyed>({ name, table, size, sql, findings }: Computed<Row>): Check {
  const statement = sql(nextRows(table, size));
  return {
    name,
    table,
    size,
    start: ['', ''],
    async slice(db, after) {
      const part = await rows<Row>(db, statement, after);
      const last = part.at(-1);
      const next = last === undefined || part.length < size ? null : [last.merchant_id, last.id];
      return { findings: part.flatMap((row) => [...findings(row)]), next };
    },
  };
}

/** Checks that Postgres makes by itself, of the same rows. */
interface Found {
  readonly name: string;
  readonly table: string;
  readonly size: number;
  /** The columns of the key, as texts of SQL, and its values before the first row; by default of (merchant, id). */
  readonly key?: {
    readonly columns: readonly string[];
    readonly types: readonly string[];
    readonly start: Key;
  };
  /** `part` has these; by default all of the table. */
  readonly columns?: string;
  /** The last row of the slice before is the first of the next one, so that neighbours are compared over slices. */
  readonly overlapping?: boolean;
  /** What follows the key as a parameter. */
  readonly patience?: (patience: Patience) => number;
  /** By the name of the check: a statement that answers merchant_id, id and message of whatever is wrong in `part`. */
  readonly finds: Readonly<Record<string, string>>;
}

const BY_ID = { columns: ['merchant_id', 'id'], types: ['text', 'text'], start: ['', ''] };

interface FoundRow extends Omit<Finding, 'check'> {
  /** Null in the row that says where the slice has ended. */
  readonly check_name: string | null;
  readonly last: string[];
  readonly n: number;
}

export function checkInSql({ name, table, size, finds, patience, ...options }: Found): Check {
  const { columns = '*', overlapping = false, key = BY_ID } = options;
  const names = key.columns.join(', ');
  const after = key.types.map((type, index) => `$${index + 1}::${type}`).join(', ');
  const statements = Object.entries(finds).map(
    ([check, sql]) => `select '${check}', merchant_id, id, message, null::text[], 0 from (${sql}) found`,
  );
  const statement = `with part as materialized (select ${columns} from ${table}
      where (${names}) ${overlapping ? '>=' : '>'} (${after}) order by ${names} limit ${size}),
    the_end as (select array[${key.columns.map((column) => `(${column})::text`).join(', ')}] as last, (count(*) over ())::int as n
      from part order by ${key.columns.map((column) => `${column} desc`).join(', ')} limit 1)
    select null as check_name, '' as merchant_id, '' as id, '' as message, last, n from the_end
    union all ${statements.join('\n    union all ')} order by 1, 2, 3`;
  return {
    name,
    table,
    size,
    start: key.start,
    async slice(db, from, given) {
      const answer = await rows<FoundRow>(db, statement, [
        ...from,
        ...(patience === undefined ? [] : [patience(given)]),
      ]);
      const end = answer.find(({ check_name }) => check_name === null);
      const findings = answer.flatMap(({ check_name: check, merchant_id, id, message }) =>
        check === null ? [] : [{ check, merchant_id, id, message }],
      );
      return { findings, next: end === undefined || end.n < size ? null : end.last };
    },
  };
}
