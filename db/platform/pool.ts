import { createHash } from 'node:crypto';
import pg from 'pg';

/**
 * Text in, text out: instants become `2024-01-01T00:00:00.000Z`, dates stay `YYYY-MM-DD`, numerics stay decimal
 * text and bigints become bigint. No float and no local time ever comes out of the database.
 */
const types = new pg.TypeOverrides();
const instantText = (text: string): string => new Date(text).toISOString();
types.setTypeParser(20, (text) => BigInt(text));
types.setTypeParser(1082, (text) => text);
types.setTypeParser(1700, (text) => text);
types.setTypeParser(1184, instantText);

/**
 * Statements are joined in the order in which they are written, from what was asked for outwards. What a step loads is
 * planned in 4 ms instead of 30 or more, and a database that has no statistics yet finds it in the same way.
 */
const WRITTEN_ORDER = '-c join_collapse_limit=1';

/**
 * Whoever waits longer for a lock gives up and asks again later: else all connections would end up waiting for one
 * contract that somebody forgot to unlock. Shorter than the shortest try of an activity.
 */
const LOCK_WAIT = '-c lock_timeout=2s';

/** One plan for all values of each statement, prepared or not: by its estimates Postgres at times planned each execution anew. */
const ONE_PLAN = '-c plan_cache_mode=force_generic_plan';

export type Pool = pg.Pool;
/** Anything that can run a statement: the pool, or the client of a transaction. */
export type Db = Pick<pg.Pool, 'query'>;
/** The client of an open transaction. */
export interface Tx extends Db {
  /** What was sent and not waited for: see `send`. */
  readonly sent: Promise<unknown>[];
}

export interface PoolOptions {
  /** What Postgres calls its connections. */
  readonly name?: string;
  readonly max?: number;
  /** The same few statements run again and again, each with one plan: not for lists whose filters may be left out. */
  readonly onePlan?: boolean;
  /** A connection or an answer that takes longer is given up: for looks that nobody should wait for. */
  readonly withinMs?: number;
}

/** A pool whose connections may be lost at any time without taking the process along. */
export function createPool(
  databaseUrl: string,
  { max = 20, name = 'tenor', onePlan = false, withinMs }: PoolOptions = {},
): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    application_name: name,
    types,
    options: [WRITTEN_ORDER, LOCK_WAIT, ...(onePlan ? [ONE_PLAN] : [])].join(' '),
    pipeline: true, // what does not wait for an answer is sent at once: see `send`
    ...(withinMs === undefined
      ? {}
      : { connectionTimeoutMillis: withinMs, statement_timeout: withinMs, query_timeout: withinMs }),
    idleTimeoutMillis: 0, // a connection that ends takes along what it has planned
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // A connection that is lost must not take the process along. While it is idle, the pool drops it; in a transaction, the
  // statement under way fails or the next one does, and `inTransaction` has the pool drop it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** All rows of a statement; the caller names the shape of the row that its SQL selects. */
export async function rows<Row>(db: Db, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
  const result = await db.query<Row & pg.QueryResultRow>(sql, [...params]);
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
  const result = await db.query<Row & pg.QueryResultRow>({
    name: nameOf(sql),
    text: sql,
    values: [...params],
  });
  return result.rows;
}

const names = new Map<string, string>();

/** The name under which a connection keeps the plan of a statement. There are few statements, told apart by shape. */
function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(sql).digest('base64url');
  names.set(sql, name);
  return name;
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

/**
 * Runs `work` in one transaction: commits what it did, or rolls back and throws what it threw. The begin goes with the
 * first statements of `work` and the commit with those that it left under way, without waiting in between.
 */
export async function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const tx: Tx = Object.assign(client, { sent: [] });
  let broken: Error | undefined;
  try {
    send(tx, client.query('begin'));
    const result = await work(tx);
    await Promise.all([...tx.sent, client.query('commit')]);
    return result;
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => {
      broken = lost; // the connection is gone, and the transaction with it
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Leaves a statement of a transaction under way, when nobody needs its answer: what comes next is sent at once. The
 * commit waits for it, and when it fails, everything after it fails too and the transaction throws its error.
 */
export function send(tx: Tx, statement: Promise<unknown>): void {
  statement.catch(() => undefined); // heard by the commit
  tx.sent.push(statement);
}

/** Codes under which Postgres or the network say that nothing is wrong with the statement: ask again. */
const TRANSIENT = new Set([
  '40001',
  '40P01',
  '55P03', // a lock was not to be had in time
  '57014', // somebody cancelled the statement
  '57P01',
  '57P02',
  '57P03',
  '53300',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Among the codes of connections, the one that says that the statement is wrong: it would be wrong again. */
const PROTOCOL_VIOLATION = '08P01';

/**
 * Whether an error means a lost connection, a lost race, or a lock that was not to be had, so that doing the same again is
 * right.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (code === PROTOCOL_VIOLATION) return false;
  if (typeof code === 'string' && (TRANSIENT.has(code) || code.startsWith('08'))) return true;
  return /connection terminated|not queryable|timeout exceeded when trying to connect|client has encountered a connection error/i.test(
    error.message,
  );
}
