import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { QueryResult } from 'pg';
import { z } from 'zod';
import { isJsonText, parseJsonText, toJson } from './columns.ts';
import type { Db } from './pool.ts';

/** The types of parameters, by their names in Postgres, with the TypeScript type of their values. */
interface TypeOf {
  text: string;
  'text[]': readonly string[];
  int: number;
  'int[]': readonly number[];
  bigint: bigint;
  'bigint[]': readonly bigint[];
  float8: number;
  numeric: string;
  boolean: boolean;
  timestamptz: string;
  date: string;
  jsonb: object;
  bytea: Uint8Array;
  'bytea[]': readonly Uint8Array[];
}
type TypeName = keyof TypeOf;

/** Parameters by name. A value may be null if its type ends in `?`. */
export type Declared = Readonly<Record<string, TypeName | `${TypeName}?`>>;

/** The values of declared parameters. */
export type Values<D extends Declared> = {
  readonly [Name in keyof D]: D[Name] extends TypeName
    ? TypeOf[D[Name]]
    : D[Name] extends `${infer T extends TypeName}?`
      ? TypeOf[T] | null
      : never;
};

type Named = Readonly<Record<string, unknown>>;

/** The columns of a row by name, each with its schema. */
export type Columns = Readonly<Record<string, z.ZodType>>;

/** A row with these columns. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: z.output<C[Name]> };

export interface Definition<D extends Declared, C extends Columns> {
  /** The SQL, with `:name` for each parameter; `sqlFile` reads it from a file. */
  readonly sql: string;
  readonly params?: D;
  /** The columns of its rows; left out if it returns none. */
  readonly row?: C;
  /** Each connection plans it once. For statements that run often and take long to plan; not for filters that may be null. */
  readonly planned?: boolean;
}

const statements = new Map<string, Statement<Declared, Columns>>();

/** All statements of the loaded files, by name. A test has Postgres check each of them. */
export const STATEMENTS: ReadonlyMap<string, Statement<Declared, Columns>> = statements;

/**
 * Declares a statement when its file is loaded. `name` is unique, and appears in Postgres' log and statistics.
 * @throws Error if a parameter of the SQL is not declared, a declared one does not occur, or the name is taken
 */
export function statement<
  const D extends Declared = Record<string, never>,
  C extends Columns = Record<string, never>,
>(name: string, definition: Definition<D, C>): Statement<D, C> {
  const made = new Statement(name, definition);
  if (statements.has(name)) throw new Error(`there are two statements ${name}`);
  statements.set(name, made);
  return made;
}

/** SQL with named parameters, and the columns of its rows. */
export class Statement<D extends Declared, C extends Columns> {
  readonly name: string;
  /** The text that is sent to Postgres. */
  readonly text: string;
  readonly params: D;
  readonly columns: C;
  /** The names of `$1`, `$2`, … */
  readonly #order: readonly string[];
  readonly #planName: string | undefined;
  readonly #jsonTexts: readonly string[];
  readonly #schema: z.ZodType;

  constructor(name: string, { sql, params, row, planned = false }: Definition<D, C>) {
    this.name = name;
    this.params = params ?? ({} as D);
    this.columns = row ?? ({} as C);
    const { text, order } = numberParams(name, sql, this.params);
    this.text = `/* ${name} */ ${text}`;
    this.#order = order;
    this.#planName = planned ? nameOfPlan(this.text) : undefined;
    this.#jsonTexts = Object.entries(this.columns).flatMap(([key, column]) =>
      isJsonText(column) ? [key] : [],
    );
    this.#schema = z.strictObject(this.columns);
  }

  /** Runs it, and returns how many rows it changed. */
  async run(db: Db, values: Values<D>): Promise<number> {
    const { rowCount } = await this.#query(db, values);
    return rowCount ?? 0;
  }

  /** Runs it, and returns all rows. */
  async rows(db: Db, values: Values<D>): Promise<RowOf<C>[]> {
    const { rows } = await this.#query(db, values);
    for (const column of this.#jsonTexts) {
      for (const row of rows) {
        const json = row[column];
        if (typeof json === 'string') row[column] = parseJsonText(json);
      }
    }
    if (db.checksRows === true) for (const row of rows) this.#check(row);
    return rows as RowOf<C>[];
  }

  /** Runs it, and returns its one row, or null. @throws Error for more than one row, which is a bug in the statement */
  async maybeRow(db: Db, values: Values<D>): Promise<RowOf<C> | null> {
    const found = await this.rows(db, values);
    if (found.length > 1) throw new Error(`${this.name}: expected at most one row, got ${found.length}`);
    return found[0] ?? null;
  }

  /** Runs it, and returns its one row. @throws Error for no row or more than one, which is a bug in the statement */
  async row(db: Db, values: Values<D>): Promise<RowOf<C>> {
    const found = await this.maybeRow(db, values);
    if (found === null) throw new Error(`${this.name}: expected one row, got none`);
    return found;
  }

  #query(db: Db, values: Named): Promise<QueryResult<Record<string, unknown>>> {
    return db.query<Record<string, unknown>>({
      ...(this.#planName === undefined ? {} : { name: this.#planName }),
      text: this.text,
      values: this.#order.map((param) => encode(values[param], this.params[param])),
    });
  }

  #check(row: unknown): void {
    const { error } = this.#schema.safeParse(row);
    if (error !== undefined)
      throw new Error(`${this.name} returned a row that it does not declare:\n${z.prettifyError(error)}`);
  }
}

/** Reads the SQL of a statement from a file beside the caller's: `sqlFile(import.meta.url, 'load.sql')`. */
export function sqlFile(besides: string, file: string): string {
  return readFileSync(new URL(file, besides), 'utf8').trimEnd();
}

/** Matches `:name`, but neither `::type` nor a part of a word. It also matches string literals and comments, which are passed over. */
const PARAM = /'[^']*'|--[^\n]*|(?<![:\w]):([a-z]\w*)/gi;

/** Replaces each parameter in the SQL by `$n::type`, numbered from `first` on. Returns the SQL and the names in that order. */
export function numberParams(
  name: string,
  sql: string,
  declared: Declared,
  first = 1,
): { readonly text: string; readonly order: readonly string[] } {
  const order: string[] = [];
  const text = sql.replaceAll(PARAM, (found, param: string | undefined) => {
    if (param === undefined) return found;
    const type = declared[param];
    if (type === undefined) throw new Error(`${name}: the parameter ${param} is not declared`);
    if (!order.includes(param)) order.push(param);
    return `$${first + order.indexOf(param)}::${type.replace('?', '')}`;
  });
  for (const param of Object.keys(declared)) {
    if (!order.includes(param)) throw new Error(`${name}: the parameter ${param} does not occur`);
  }
  return { text, order };
}

/** A value as the driver takes it. The driver turns lists into Postgres arrays, so JSON is passed as text. */
export function encode(value: unknown, type: string | undefined): unknown {
  if (value === undefined) throw new Error('a parameter is missing');
  return type?.startsWith('jsonb') === true && value !== null ? toJson(value) : value;
}

const planNames = new Map<string, string>();

/** The name of a prepared statement with this text: its hash, in at most 63 characters. */
export function nameOfPlan(text: string): string {
  const known = planNames.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('base64url');
  planNames.set(text, name);
  return name;
}
