import { type Db, announce, preparedRows } from './pool.ts';

/** What a row may hold. Amounts are bigint, numerics and instants text, JSON columns plain objects. */
type Value = string | number | bigint | boolean | null | object;
export type Row = Readonly<Record<string, Value>>;

/** Rows to insert, by table, in the columns' own names. A column that is left out takes its default. */
export type RowsByTable = Readonly<Record<string, readonly Row[]>>;

const json = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));

/**
 * Inserts rows of many tables in **one statement**, so that a step of a contract is one round trip however much it
 * writes. Foreign keys are checked at its end: the order of tables does not matter. `more` are further
 * data-modifying CTEs (`name as (update …)`) that go into the same statement and see `$1` as the document of rows and
 * `params` from `$2` on, which are theirs alone; `data` goes into that document without being inserted; `select` is
 * what the statement answers.
 */
export async function writeRows<Answer>(
  db: Db,
  tables: RowsByTable,
  {
    more = [],
    data = {},
    params = [],
    select = 'select 1',
  }: { more?: readonly string[]; data?: RowsByTable; params?: readonly unknown[]; select?: string } = {},
): Promise<Answer[]> {
  const filled = Object.entries(tables).filter(([, list]) => list.length > 0);
  if (filled.length === 0 && more.length === 0) return [];
  if ((tables['outbox']?.length ?? 0) > 0) announce(db);
  const inserts = filled.map(([table, list]) => {
    const columns = Object.keys(list[0] ?? {}).join(', ');
    return `put_${table} as (insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb->'${table}'))`;
  });
  const document = json({ ...Object.fromEntries(filled), ...data });
  const statement = `with rows_in as (select $1::jsonb), ${[...inserts, ...more].join(', ')} ${select}`;
  return preparedRows<Answer>(db, statement, more.length === 0 ? [document] : [document, ...params]);
}
