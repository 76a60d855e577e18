import type { z } from 'zod';
import { int, list, text } from '../platform/columns.ts';
import type { Db } from '../platform/pool.ts';
import { type Columns, type Declared, type RowOf, type Values, statement } from '../platform/statement.ts';
import type { Finding, Patience } from './finding.ts';

/** The key of the last row that a check has read, as texts. */
export type Key = readonly string[];

interface Slice {
  readonly findings: readonly Finding[];
  /** The key after which the next slice begins; null at the end. */
  readonly next: Key | null;
}

/**
 * One or more checks that walk through a table together, slice by slice. A slice is one statement, and so one snapshot. The rows that a
 * slice compares were written in one transaction. It therefore sees all of them or none, also if others commit between two slices.
 */
export interface Check {
  /** The name never changes, because an interrupted audit is continued by it. */
  readonly name: string;
  readonly table: string;
  /** The number of rows in a slice. */
  readonly size: number;
  readonly start: Key;
  slice(db: Db, after: Key, patience: Patience): Promise<Slice>;
}

interface Sliced {
  readonly name: string;
  readonly table: string;
  readonly size: number;
  /** The columns of `part`; by default all columns of the table. */
  readonly columns?: string;
}

const nameOf = (check: string): string => `audit_${check}`;

/** A check that TypeScript computes from each row of a table. */
interface Computed<C extends Columns> extends Sliced {
  /** Returns exactly one row for each row of `part`, the next rows of the table, ordered by merchant and id. */
  readonly sql: string;
  readonly row: C;
  readonly findings: (row: RowOf<C>) => Iterable<Finding>;
}

/** Declares a check that TypeScript computes from each row of a table. */
export function checkOfRows<const C extends Columns & Record<'merchant_id' | 'id', z.ZodType<string>>>({
  name,
  table,
  size,
  columns = '*',
  sql,
  row,
  findings,
}: Computed<C>): Check {
  const select = statement(nameOf(name), {
    sql: `with part as (select ${columns} from ${table} where (merchant_id, id) > (:merchant, :id)
        order by merchant_id, id limit ${size})
      ${sql}`,
    params: { merchant: 'text', id: 'text' },
    row,
  });
  return {
    name,
    table,
    size,
    start: ['', ''],
    async slice(db, [merchant = '', id = '']) {
      const part = await select.rows(db, { merchant, id });
      const last: RowOf<Columns> | undefined = part.at(-1);
      const next =
        last === undefined || part.length < size ? null : [String(last['merchant_id']), String(last['id'])];
      return { findings: part.flatMap((each) => [...findings(each)]), next };
    },
  };
}

/** A column of a key: its SQL, its type if that is not text, and a value before all rows. */
interface KeyColumn {
  readonly column: string;
  readonly type?: 'bigint';
  readonly start?: string;
}

/** Checks that Postgres itself computes, on the same rows. */
interface Found<D extends Declared> extends Sliced {
  /** The columns of the key, by the parameters that carry the last row of the slice before; by default `merchant` and `id`. */
  readonly key?: Readonly<Record<string, KeyColumn>>;
  /** The last row of a slice is also the first row of the next one, so that neighbours are compared across slices. */
  readonly overlapping?: boolean;
  /** Returns check_name, merchant_id, id and message of each contradiction in `part`. */
  readonly sql: string;
  /** Parameters besides the key. */
  readonly params?: D;
  readonly given?: (patience: Patience) => Values<D>;
}

const BY_ID = { merchant: { column: 'merchant_id' }, id: { column: 'id' } };

const foundRow = {
  /** Null in the row that marks the end of the slice. */
  check_name: text.nullable(),
  merchant_id: text,
  id: text,
  message: text,
  last: list(text).nullable(),
  n: int,
};

/** Declares checks that Postgres itself computes. */
export function checkInSql<const D extends Declared = Record<string, never>>({
  name,
  table,
  size,
  columns = '*',
  overlapping = false,
  key = BY_ID,
  sql,
  params,
  given,
}: Found<D>): Check {
  const names = Object.keys(key);
  const keyColumns: readonly KeyColumn[] = Object.values(key);
  const order = keyColumns.map(({ column }) => column);
  const select = statement(nameOf(name), {
    sql: `with part as materialized (select ${columns} from ${table}
        where (${order.join(', ')}) ${overlapping ? '>=' : '>'} (${names.map((each) => `:${each}`).join(', ')})
        order by ${order.join(', ')} limit ${size}),
      the_end as (select array[${order.map((each) => `(${each})::text`).join(', ')}] as last, (count(*) over ())::int as n
        from part order by ${order.map((each) => `${each} desc`).join(', ')} limit 1)
      select null as check_name, '' as merchant_id, '' as id, '' as message, last, n from the_end
      union all select check_name, merchant_id, id, message, null, 0 from (
      ${sql}
      ) found order by 1, 2, 3`,
    params: {
      ...Object.fromEntries(keyColumns.map(({ type = 'text' }, index) => [names[index], type])),
      ...params,
    } as Declared,
    row: foundRow,
  });
  return {
    name,
    table,
    size,
    start: keyColumns.map(({ start = '' }) => start),
    async slice(db, from, patience) {
      const after = Object.fromEntries(names.map((each, index) => [each, from[index]]));
      const answer = await select.rows(db, { ...after, ...given?.(patience) } as Values<Declared>);
      const end = answer.find(({ check_name }) => check_name === null);
      const findings = answer.flatMap(({ check_name: check, merchant_id, id, message }) =>
        check === null ? [] : [{ check, merchant_id, id, message }],
      );
      return { findings, next: end === undefined || end.n < size ? null : end.last };
    },
  };
}
