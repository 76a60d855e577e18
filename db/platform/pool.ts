import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { currentCall } from './call.ts';
import { SharedPool } from './shared-pool.ts';
import { OutOfTime, faultOf } from './transient.ts';

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

/** One plan for all values of each statement, prepared or not: by its estimates Postgres at times planned each execution anew. */
const ONE_PLAN = '-c plan_cache_mode=force_generic_plan';

/**
 * The first rows of a large table are read in the order of an index, and neither collected nor sorted before. By its estimates
 * Postgres at times sorted a million due rows of a merchant to claim a hundred.
 */
const IN_ORDER = '-c enable_sort=off -c enable_incremental_sort=off -c enable_bitmapscan=off';

export type Pool = pg.Pool & Pick<Db, 'checksRows'>;
/** Anything that can run a statement: the pool, or the client of a transaction. */
export interface Db extends Pick<pg.Pool, 'query'> {
  /** Rows are checked against what their statement declares. */
  readonly checksRows?: boolean;
}
/** The client of an open transaction. */
export interface Tx extends Db {
  /** What was sent and not waited for: see `send`. */
  readonly sent: Promise<unknown>[];
  /** It has left messages in the outbox that are to be delivered at once: see `announce`. */
  announced: boolean;
}

/** How long whoever uses a pool may wait, in milliseconds. */
interface Limits {
  /** For a connection: a free one, or a new one. */
  readonly connectMs: number;
  /** For a statement, which Postgres then cancels; 0: for as long as it takes. */
  readonly statementMs: number;
  /** For a lock. */
  readonly lockMs: number;
}

/**
 * Whoever waits longer for a lock gives up and asks again later: else all connections would end up waiting for one contract
 * that somebody forgot to unlock. Shorter than the shortest try of an activity.
 */
const LIMITS: Limits = { connectMs: 5_000, statementMs: 10_000, lockMs: 2_000 };

/** A transaction whose owner says nothing for so long is rolled back: its locks make others wait. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * How much later than Postgres itself would end a statement it is given up here, with its connection: a database, or a
 * network, that is silent without closing anything costs seconds.
 */
const SILENCE_MS = 1_000;

/**
 * A statement whose client is gone ends within a second, and with it its locks; else it would go on until its answer could
 * not be sent. A server on Windows cannot look, and would refuse the connection.
 */
const NOTICE_LOST_CLIENTS = process.platform === 'win32' ? [] : ['-c client_connection_check_interval=1s'];

export interface PoolOptions {
  /** What Postgres calls its connections. */
  readonly name?: string;
  readonly max?: number;
  /** The same few statements run again and again, each with one plan: not for lists whose filters may be left out. */
  readonly onePlan?: boolean;
  /** Rows are read in the order of indexes: for statements that read the first ones of many. */
  readonly inOrder?: boolean;
  /** Connections are divided among merchants, unless it is false. */
  readonly shared?: boolean;
  /** Rows are checked against what their statement declares, unless it is false: in production it would cost more than it gives. */
  readonly checksRows?: boolean;
  /** Those that are left out: 5 s for a connection, 10 s for a statement, 2 s for a lock. */
  readonly limits?: Partial<Limits>;
}

/** A pool whose connections may be lost at any time without taking the process along. */
export function createPool(
  databaseUrl: string,
  {
    max = 20,
    name = 'tenor',
    onePlan = false,
    inOrder = false,
    shared = true,
    checksRows = true,
    limits = {},
  }: PoolOptions = {},
): Pool {
  const { connectMs, statementMs, lockMs } = { ...LIMITS, ...limits };
  const pool = new (shared ? SharedPool : pg.Pool)({
    connectionString: databaseUrl,
    max,
    application_name: name,
    types,
    options: [
      WRITTEN_ORDER,
      ...NOTICE_LOST_CLIENTS,
      ...(onePlan ? [ONE_PLAN] : []),
      ...(inOrder ? [IN_ORDER] : []),
    ].join(' '),
    pipeline: true, // what does not wait for an answer is sent at once: see `send`
    idleTimeoutMillis: 0, // a connection that ends takes along what it has planned
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(statementMs === 0 ? {} : { query_timeout: statementMs + SILENCE_MS }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // A connection that is lost must not take the process along. While it is idle, the pool drops it; in a transaction, the
  // statement under way fails or the next one does, and `inTransaction` has the pool drop it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => Object.assign(client, { checksRows }).on('error', () => undefined));
  return Object.assign(pool, { checksRows });
}

/**
 * Runs `work` in one transaction: commits what it did, or rolls back and throws what it threw. The begin goes with the
 * first statements of `work` and the commit with those that it left under way, without waiting in between.
 * @throws OutOfTime when the work was given up (`givenUpBy`); Busy when its merchant had too many connections (`onBehalfOf`)
 */
export function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transact(pool, 'begin', work);
}

/**
 * Runs reads that all see the database as it is at one instant. They write nothing, lock no row, and wait for nobody's lock:
 * Postgres refuses whatever would.
 */
export function inSnapshot<T>(pool: Pool, read: (db: Db) => Promise<T>): Promise<T> {
  return transact(pool, 'begin isolation level repeatable read, read only', read);
}

async function transact<T>(pool: Pool, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { signal } = currentCall();
  const client = await connected(pool, signal);
  const tx: Tx = Object.assign(client, { sent: [], announced: false });
  const cut = (): void => void client.connection.stream.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  let broken: Error | undefined;
  try {
    send(tx, client.query(begin));
    const result = await work(tx);
    if (signal?.aborted === true) throw new OutOfTime();
    send(tx, client.query('commit'));
    // One after the other: what was sent behind a statement that fails only says that the transaction is aborted.
    for (const statement of tx.sent) await statement;
    if (tx.announced) events(pool).emit(ANNOUNCED);
    return result;
  } catch (error) {
    if (faultOf(error) === 'replan') broken = error as Error; // another connection plans it anew
    await client.query('rollback').catch((lost: Error) => {
      broken = lost; // the connection is gone, and the transaction with it
    });
    throw signal?.aborted === true ? new OutOfTime() : error;
  } finally {
    signal?.removeEventListener('abort', cut);
    client.release(broken);
  }
}

/** A connection of the pool, unless the work is given up before there is one. */
async function connected(pool: Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  if (signal === undefined) return pool.connect();
  if (signal.aborted) throw new OutOfTime();
  const connecting = pool.connect();
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new OutOfTime());
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
    };
    signal.addEventListener('abort', giveUp, { once: true });
    connecting.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/**
 * Leaves a statement of a transaction under way, when nobody needs its answer: what comes next is sent at once. The
 * commit waits for it, and when it fails, everything after it fails too and the transaction throws its error.
 */
export function send(tx: Tx, statement: Promise<unknown>): void {
  statement.catch(() => undefined); // heard by the commit
  tx.sent.push(statement);
}

const ANNOUNCED = 'tenor:announced';
/** The driver's types know the events of the driver alone. */
const events = (pool: Pool): EventEmitter => pool;

/** Has a relay of this process hear of the commit: the transaction has left messages that need not wait for its next look. */
export function announce(db: Db): void {
  if ('announced' in db) (db as Tx).announced = true;
}

/** Calls back after each commit of a transaction that left messages, until the signal aborts. */
export function onAnnounced(pool: Pool, listener: () => void, until: AbortSignal): void {
  events(pool).on(ANNOUNCED, listener);
  until.addEventListener('abort', () => events(pool).off(ANNOUNCED, listener), { once: true });
}

/** Does `work` behind a savepoint. If it answers null, its writes are rolled back and its locks released. */
export async function tentatively<T>(tx: Tx, work: () => Promise<T | null>): Promise<T | null> {
  send(tx, tx.query('savepoint tentative'));
  const done = await work();
  if (done === null) await tx.query('rollback to savepoint tentative');
  return done;
}
