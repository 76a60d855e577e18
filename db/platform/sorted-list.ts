import { DomainError } from '../../domain/errors.ts';
import { text, truth } from './columns.ts';
import type { MerchantId } from './ids.ts';
import { type Page, type PageOf, afterCursor, encodeCursor } from './page.ts';
import { type Pool, inOrder } from './pool.ts';
import {
  type Columns,
  type Declared,
  type RowOf,
  type Statement,
  type Values,
  statement,
} from './statement.ts';

// Lists with filters and an order, newest first by default (ADR 35). A list has several ways to read it. Each way is an index that
// has the rows of some filters in an order. The page reads at most `MOST_SCANNED` rows of the way, tests all other filters on
// them, and stops at the page's last row.

/** The types of columns that order a list, with the SQL that turns them into whole numbers for the cursor, and back. */
const KEYS = {
  timestamptz: {
    toNumber: (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint`,
    fromNumber: (param: string) => `('epoch'::timestamptz + ${param} * interval '1 microsecond')`,
    pattern: /^-?\d{1,16}$/,
  },
  date: {
    toNumber: (column: string) => `(${column} - date '1970-01-01')::bigint`,
    fromNumber: (param: string) => `(date '1970-01-01' + ${param}::int)`,
    pattern: /^-?\d{1,6}$/,
  },
  bigint: {
    toNumber: (column: string) => column,
    fromNumber: (param: string) => param,
    pattern: /^-?\d{1,16}$/,
  },
} as const;

/** SQL that tests whether a column is in the range of the parameters `<name>From` and `<name>Before`. Null is no bound. */
export const inRange = (column: string, name: string): string =>
  `(:${name}From is null or ${column} >= :${name}From) and (:${name}Before is null or ${column} < :${name}Before)`;

/** The rows of one index. */
interface Source {
  /** The table that has the index, `x` in the SQL of this declaration. */
  readonly table: string;
  /** A condition on `x`. `e.value` is the value of the way's filter, a text. */
  readonly where: string;
  /** The column with the id of the list's row, if `x` is another table than the list's. */
  readonly id?: string;
  /** The condition leaves only a few rows, which are found first and sorted then. */
  readonly few?: true;
  /** The id of the list's row, from the column `w.list_id`, if that is more than an id. */
  readonly rowId?: string;
}

/** A way to read a list: the rows of its sources in the order of these columns, and of the id. */
export interface Way {
  /** The name of the order in cursors. Ways with the same name have the same columns, so a cursor of one fits the other. */
  readonly sort: string;
  readonly order: Readonly<Record<string, keyof typeof KEYS>>;
  /** No two rows have the same columns, and the index does not have the id. */
  readonly isUnique?: true;
  readonly sources: readonly Source[];
  /** Conditions on the first column of the order, as `x`. All others are tested on the rows that were read. */
  readonly range?: string;
  /** How many rows a page may scan, if each needs more than two others. */
  readonly mostScanned?: number;
}

/** A way that was chosen for a request. */
export interface Chosen<W extends string> {
  readonly way: W;
  /** The values of its filter. A page merges the rows of all of them. */
  readonly each: readonly string[];
  readonly ascending?: boolean;
}

interface ListDefinition<D extends Declared, C extends Columns, W extends string> {
  /** The table of the list, `d` in its conditions. */
  readonly table: string;
  /** A select of the rows as they are shown, up to a condition on the merchant. */
  readonly view: string;
  /** The column of the id in `view`. */
  readonly id: string;
  readonly row: C;
  /** The parameters of the filters. */
  readonly params: D;
  /**
   * The conditions of all filters, on `d`. Other tables are read by `(select … )`: for an `exists`, Postgres may read the whole table
   * and make a hash of it.
   */
  readonly conditions: string;
  readonly ways: Readonly<Record<W, Way>>;
}

/** How many rows of a way a page may scan. Each may need two more rows, so that a page reads at most 10,000. */
const MOST_SCANNED = 3_000;

const LISTED = { list_key: text, list_matches: truth, list_stop: truth } as const;

export interface SortedList<D extends Declared, C extends Columns, W extends string> {
  /**
   * One page. It may have fewer entries than the limit although it has a cursor: then its scan ended at the bound, and the next
   * page goes on behind it.
   * @throws DomainError invalid_request for a cursor of another list or order
   */
  page(
    pool: Pool,
    merchant: MerchantId,
    values: Values<D>,
    chosen: Chosen<W>,
    page: PageOf,
  ): Promise<Page<RowOf<C>>>;
}

/** Declares a list. Each way is a statement for each direction. */
export function sortedList<const D extends Declared, C extends Columns, const W extends string>(
  name: string,
  definition: ListDefinition<D, C, W>,
): SortedList<D, C, W> {
  const statements = new Map<string, Statement<Declared, Columns>>();
  for (const [key, way] of Object.entries<Way>(definition.ways)) {
    for (const ascending of [false, true]) {
      const title = `${name}By${key.charAt(0).toUpperCase()}${key.slice(1)}${ascending ? 'Ascending' : ''}`;
      statements.set(`${key} ${ascending}`, waySql(title, definition, way, ascending));
    }
  }
  return {
    async page(pool, merchant, values, { way, each, ascending = false }, { limit, cursor }) {
      const { sort, order, mostScanned = MOST_SCANNED } = definition.ways[way];
      const prefix = `${ascending ? '' : '-'}${sort}`;
      const after = cursor === undefined ? null : keysOf(afterCursor(cursor), prefix, Object.values(order));
      const statementOfWay = statements.get(`${way} ${ascending}`);
      const found = await inOrder(pool, async (db) =>
        statementOfWay?.rows(db, {
          ...values,
          merchant,
          each,
          scan: Math.max(2, Math.floor(mostScanned / Math.max(1, each.length))),
          limit: limit + 1,
          afterId: after?.id ?? null,
          ...Object.fromEntries(Object.keys(order).map((_, n) => [`after${n}`, after?.keys[n] ?? null])),
        }),
      );
      return pageOf((found ?? []) as unknown as ListedRow<C>[], limit, prefix);
    },
  };
}

type ListedRow<C extends Columns> = RowOf<C> & RowOf<typeof LISTED>;

/** Cuts the rows that were read to a page. They are trusted up to the first row at which a scan ended. */
function pageOf<C extends Columns>(
  found: readonly ListedRow<C>[],
  limit: number,
  prefix: string,
): Page<RowOf<C>> {
  const end = found.findIndex((row) => row.list_stop);
  const read = end === -1 ? found : found.slice(0, end + 1);
  // Two sources may have the same row.
  const matching = read.filter((row, n) => row.list_matches && row.list_key !== read[n - 1]?.list_key);
  const data = matching.slice(0, limit);
  const isWhole = end === -1 && found.length <= limit;
  const last = matching.length > limit ? data.at(-1) : isWhole ? undefined : read.at(-1);
  return {
    data: data.map(
      ({ list_key: _key, list_matches: _matches, list_stop: _stop, ...row }) => row as unknown as RowOf<C>,
    ),
    nextCursor: last === undefined ? null : encodeCursor(`${prefix}:${last.list_key}`),
  };
}

/** Splits the text of a cursor, `-at:1704067200000000:doc_1`, into its numbers and its id. */
function keysOf(
  cursor: string,
  prefix: string,
  types: readonly (keyof typeof KEYS)[],
): { readonly keys: readonly bigint[]; readonly id: string } {
  const [sort, ...rest] = cursor.split(':');
  const [numbers, id] = [rest.slice(0, types.length), rest.slice(types.length).join(':')];
  const fits = types.every((type, n) => KEYS[type].pattern.test(numbers[n] ?? ''));
  if (sort === prefix && fits && id !== '') return { keys: numbers.map(BigInt), id };
  throw new DomainError('invalid_request', 'not a cursor of this list in this order', { field: 'cursor' });
}

/** The parts of the SQL of a way. */
interface WayParts {
  readonly table: string;
  readonly conditions: string;
  readonly way: Way;
  readonly ascending: boolean;
}

const columnsOf = (way: Way): [string, keyof typeof KEYS][] => Object.entries(way.order);

/** The order of the way by the columns of the SQL below. */
function orderBy(alias: string, { way, ascending }: WayParts): string {
  const ids = way.isUnique === true ? [] : [`${alias}.list_id`];
  const keys = [...columnsOf(way).map((_, n) => `${alias}.list_key${n}`), ...ids];
  return keys.map((each) => `${each} ${ascending ? 'asc' : 'desc'}`).join(', ');
}

/** The first rows of a source behind the cursor, in the order of the way, with their numbers: at most as many as are scanned. */
function scanSql(source: Source, parts: WayParts): string {
  const { table, way, ascending } = parts;
  const [own, id] = [source.table === table, `x.${source.id ?? 'id'}`];
  const columns = columnsOf(way);
  const keys = columns.map(([column]) => `x.${column}`);
  const after = columns.map(([, type], n) => KEYS[type].fromNumber(`:after${n}`));
  const ids = way.isUnique === true ? [] : [[id, ':afterId'] as const];
  const sorted = [...keys, ...ids.map(([column]) => column)];
  const cursor = [...after, ...ids.map(([, value]) => value)];
  const filtered = `${source.table} x where x.merchant_id = :merchant and ${source.where}`;
  return `
    select y.*, row_number() over (order by ${orderBy('y', parts)}) as list_n
    from (
      select ${[...(own ? ['x.*'] : []), ...keys.map((key, n) => `${key} as list_key${n}`), `${id} as list_id`].join(', ')}
      from ${source.few === true ? `(select x.* from ${filtered} offset 0) x where true` : filtered}
        and (:afterId is null or (${sorted.join(', ')}) ${ascending ? '>' : '<'} (${cursor.join(', ')}))
        ${way.range === undefined ? '' : `and ${way.range}`}
      order by ${sorted.map((each) => `${each} ${ascending ? 'asc' : 'desc'}`).join(', ')}
      limit :scan
    ) y`;
}

/** For each value of the way's filter, the rows of a source that match all filters, and the last row that is scanned. */
function sourceSql(source: Source, parts: WayParts): string {
  const { table, conditions, way } = parts;
  const own = source.table === table;
  const w = own ? 'd' : 'w';
  const row = `select t.* from ${table} t where t.merchant_id = :merchant and t.id = ${source.rowId ?? 'w.list_id'} offset 0`;
  return `
    select f.* from unnest(:each) e (value) cross join lateral (
      select ${[...columnsOf(way).map((_, n) => `${w}.list_key${n}`), `${w}.list_id`].join(', ')}, d.id as row_id,
        coalesce((${conditions}), false) as list_matches, ${w}.list_n = :scan as list_stop
      from (${scanSql(source, parts)}
      ) ${w}${own ? '' : ` cross join lateral (${row}) d`}
      where (${conditions}) or ${w}.list_n = :scan
      order by ${orderBy(w, parts)}
      limit :limit
    ) f`;
}

function waySql<D extends Declared, C extends Columns>(
  name: string,
  { table, view, id, row, params, conditions }: ListDefinition<D, C, string>,
  way: Way,
  ascending: boolean,
): Statement<Declared, Columns> {
  const parts = { table, conditions, way, ascending };
  const columns = columnsOf(way);
  const numbers = columns.map(([, type], n) => `${KEYS[type].toNumber(`f.list_key${n}`)}::text`);
  return statement(name, {
    sql: `
      select v.*, ${[...numbers, 'f.list_id'].join(` || ':' || `)} as list_key, f.list_matches, f.list_stop
      from (
        select * from (${way.sources.map((source) => sourceSql(source, parts)).join(' union all ')}) f
        order by ${orderBy('f', parts)}
        limit :limit
      ) f
      cross join lateral (${view} and ${id} = f.row_id offset 0) v
      order by ${orderBy('f', parts)}`,
    params: {
      ...params,
      merchant: 'text',
      each: 'text[]',
      scan: 'int',
      limit: 'int',
      afterId: 'text?',
      ...Object.fromEntries(columns.map((_, n) => [`after${n}`, 'bigint?' as const])),
    },
    row: { ...row, ...LISTED },
  });
}
