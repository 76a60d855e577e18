// SQL that a test asks in passing: with positional parameters, and rows of the shape that the test claims.
import type { QueryResultRow } from 'pg';
import type { Db } from '../../db/platform/pool.ts';
import { nameOfPlan } from '../../db/platform/statement.ts';

/** All rows of a statement; the caller names the shape of the row that its SQL selects. */
export async function rows<Row>(db: Db, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  const result = await db.query<Row & QueryResultRow>(sql, [...params]);
  return result.rows;
}

/**
 * All rows of a statement that each connection plans once, for the large ones that run again and again, word for
 * word: planning what a contract's step loads takes ten times as long as doing it.
 */
export async function preparedRows<Row>(
  db: Db,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await db.query<Row & QueryResultRow>({
    name: nameOfPlan(sql),
    text: sql,
    values: [...params],
  });
  return result.rows;
}

/** The one row, or null; more than one is a bug of the statement. */
export async function maybeRow<Row>(
  db: Db,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row | null> {
  const found = await rows<Row>(db, sql, params);
  if (found.length > 1) throw new Error(`expected at most one row, got ${found.length}: ${sql.slice(0, 80)}`);
  return found[0] ?? null;
}

/** Exactly one row. */
export async function row<Row>(db: Db, sql: string, params: readonly unknown[] = []): Promise<Row> {
  const found = await maybeRow<Row>(db, sql, params);
  if (found === null) throw new Error(`expected one row, got none: ${sql.slice(0, 80)}`);
  return found;
}
