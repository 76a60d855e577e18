// Runs SQL for a test, with positional parameters. The test names the shape of the rows, and nothing checks it.
import type { QueryResultRow } from 'pg';
import type { Db } from '../../db/platform/pool.ts';
import { nameOfPlan } from '../../db/platform/statement.ts';

/** All rows of a statement; the caller names the shape of the row that its SQL selects. */
export async function rows<Row>(db: Db, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  const result = await db.query<Row & QueryResultRow>(sql, [...params]);
  return result.rows;
}

/**
 * All rows of a statement that each connection prepares once. It is for large statements that are repeated word for word:
 * planning the statement that loads a contract takes ten times as long as running it.
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

/** The only row, or null. Throws if there is more than one. */
export async function maybeRow<Row>(
  db: Db,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row | null> {
  const found = await rows<Row>(db, sql, params);
  if (found.length > 1) throw new Error(`expected at most one row, got ${found.length}: ${sql.slice(0, 80)}`);
  return found[0] ?? null;
}

/** The only row. Throws if there is none, or more than one. */
export async function row<Row>(db: Db, sql: string, params: readonly unknown[] = []): Promise<Row> {
  const found = await maybeRow<Row>(db, sql, params);
  if (found === null) throw new Error(`expected one row, got none: ${sql.slice(0, 80)}`);
  return found;
}
