import type { Tables } from '../tables.ts';
import { toJson } from './columns.ts';
import { type Db, announce } from './pool.ts';
import { type Declared, type Values, encode, nameOfPlan, numberParams } from './statement.ts';

/** Rows to insert, by table. A column that is left out of all rows of a table takes its default. */
export type RowsByTable = { readonly [Table in keyof Tables]?: readonly Tables[Table][] };

/** A change, declared by `change`, with the values of its parameters. */
export interface BoundMutation {
  readonly mutation: Mutation;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A part of a statement of `writeRows` that changes something besides the rows that it inserts. */
interface Mutation {
  readonly name: string;
  readonly sql: string;
  readonly params: Declared;
}

const mutations = new Map<string, Mutation>();

/** All changes of the loaded files, by name. A test has Postgres check each of them. */
export const MUTATIONS: ReadonlyMap<string, Mutation> = mutations;

/**
 * Declares a change for statements of `writeRows`: an update, a delete, or an insert with computed values. Besides its own
 * parameters it can use `:rows`, the rows that the statement inserts, by table: `:rows->'allocations'`.
 * @param name an SQL identifier that no other change has
 */
export function mutation<const D extends Declared>(
  name: string,
  { sql, params }: { readonly sql: string; readonly params: D },
): (values: Values<D>) => BoundMutation {
  const declared: Mutation = { name, sql, params };
  numberMutation(declared, 2); // throws if a parameter is not declared
  if (mutations.has(name)) throw new Error(`there are two mutations ${name}`);
  mutations.set(name, declared);
  return (values) => ({ mutation: declared, values });
}

/**
 * Inserts rows of many tables and makes other changes in **one statement**, so that a step of a contract is one round trip
 * however much it writes. Foreign keys are checked at its end, so the order of tables does not matter. The changes see the tables
 * as they were before: the rows that the statement inserts are not in them.
 */
export async function writeRows(
  db: Db,
  name: string,
  tables: RowsByTable,
  bound: readonly BoundMutation[] = [],
): Promise<void> {
  const filled = Object.entries(tables).filter(([, rows]) => rows.length > 0);
  if (filled.length === 0 && bound.length === 0) return;
  if ((tables.outbox?.length ?? 0) > 0) announce(db);
  const values: unknown[] = [toJson(Object.fromEntries(filled))];
  const steps = filled.map(([table, rows]) => insertOf(table, columnsOf(table, rows)));
  for (const each of bound) {
    const { text, order } = numberMutation(each.mutation, values.length + 1);
    steps.push(text);
    values.push(...order.map((param) => encode(each.values[param], each.mutation.params[param])));
  }
  const text = `/* ${name} */ with rows_in as (select $1::jsonb), ${steps.join(', ')} select`;
  await db.query({ name: nameOfPlan(text), text, values });
}

interface Numbered {
  readonly text: string;
  readonly order: readonly string[];
}

/** A cache of numbered changes, by their first number: each change occurs with the same few numbers. */
const numbered = new WeakMap<Mutation, Map<number, Numbered>>();

/** The SQL of a change as a part of a statement: its parameters are numbered from `first` on, and `:rows` is `$1`. */
export function numberMutation(declared: Mutation, first: number): Numbered {
  const known = numbered.get(declared) ?? new Map<number, Numbered>();
  const found = known.get(first) ?? numberAnew(declared, first);
  numbered.set(declared, known.set(first, found));
  return found;
}

function numberAnew({ name, params, sql: written }: Mutation, first: number): Numbered {
  const sql = written.replaceAll(':rows', '$1::jsonb');
  const { text, order } = numberParams(name, sql, params, first);
  return { text: `${name} as (${text})`, order };
}

const insertOf = (table: string, columns: string): string =>
  `put_${table} as (insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb->'${table}'))`;

/** The columns of a table's rows. @throws when the rows do not all have the same columns */
function columnsOf(table: string, rows: readonly object[]): string {
  const [first, ...others] = rows.map((row) => Object.keys(row).join(', '));
  if (first === undefined || others.some((each) => each !== first)) {
    throw new Error(`rows of ${table} have different columns`);
  }
  return first;
}
