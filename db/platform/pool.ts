import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { currentCall } from './call.ts';
import { SharedPool } from './shared-pool.ts';
import { OutOfTime, faultOf } from './transient.ts';

/**
 * How the driver reads values: instants become text such as `2024-01-01T00:00:00.000Z`, dates stay `YYYY-MM-DD`, numerics stay
 * decimal text, and bigints become bigint. So no amount becomes a float, and no instant a local time.
 */
const types = new pg.TypeOverrides();
const instantText = (text: string): string => new Date(text).toISOString();
types.setTypeParser(20, (text) => BigInt(text));
types.setTypeParser(1082, (text) => text);
types.setTypeParser(1700, (text) => text);
types.setTypeParser(1184, instantText);

/**
 * Postgres joins tables in the order in which a statement names them. Statements begin with the rows that were asked for. The load
 * of a step is then planned in 4 ms instead of 30 or more, and in the same way by a database without statistics.
 */
const WRITTEN_ORDER = '-c join_collapse_limit=1';

/** Each statement has one plan for all values, prepared or not. By its estimates, Postgres sometimes planned each execution again. */
const ONE_PLAN = '-c plan_cache_mode=force_generic_plan';

/**
 * Postgres reads the first rows of a large table in the order of an index, without collecting or sorting rows first. By its
 * estimates, it sometimes sorted a million due rows of a merchant to claim a hundred.
 */
const IN_ORDER = '-c enable_sort=off -c enable_incremental_sort=off -c enable_bitmapscan=off';

export type Pool = pg.Pool & Pick<Db, 'checksRows'>;
/** Anything that can run a statement: the pool, or the client of a transaction. */
export interface Db extends Pick<pg.Pool, 'query'> {
  /** Whether rows are checked against the columns that their statement declares. */
  readonly checksRows?: boolean;
}
/** The client of an open transaction. */
export interface Tx extends Db {
  /** Statements that were sent without waiting for their answers: see `send`. */
  readonly sent: Promise<unknown>[];
  /** Whether it has left messages in the outbox that are to be delivered at once: see `announce`. */
  announced: boolean;
}

/** How long the user of a pool may wait, in milliseconds. */
interface Limits {
  /** The wait for a connection, which may be free or new. */
  readonly connectMs: number;
  /** The wait for a statement, which Postgres then cancels; 0 means without limit. */
  readonly statementMs: number;
  /** The wait for a lock. */
  readonly lockMs: number;
}

/**
 * The default limits. A statement that waits longer for a lock fails, and its caller tries again later. Otherwise all connections
 * could end up waiting for one contract that stays locked. The limit is shorter than the shortest timeout of an activity.
 */
const LIMITS: Limits = { connectMs: 5_000, statementMs: 10_000, lockMs: 2_000 };

/** A transaction whose client sends nothing for so long is rolled back, because others may wait for its locks. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * How long after Postgres should have cancelled a statement the driver gives it up, with its connection. So a database or network
 * that falls silent without closing the connection delays a caller only by seconds.
 */
const SILENCE_MS = 1_000;

/**
 * Postgres ends a statement, and releases its locks, within a second after its client has disconnected. By default the statement
 * would run until its answer cannot be sent. A server on Windows lacks this setting and would refuse the connection.
 */
const NOTICE_LOST_CLIENTS = process.platform === 'win32' ? [] : ['-c client_connection_check_interval=1s'];

export interface PoolOptions {
  /** The application name of its connections in Postgres. */
  readonly name?: string;
  readonly max?: number;
  /** Each statement has one plan. For the same few statements, run again and again; not for lists with optional filters. */
  readonly onePlan?: boolean;
  /** Rows are read in the order of indexes. For statements that read the first of many rows. */
  readonly inOrder?: boolean;
  /** Whether connections are divided among merchants; true by default. */
  readonly shared?: boolean;
  /** Whether rows are checked against the columns of their statement; true by default. In production the check costs too much. */
  readonly checksRows?: boolean;
  /** The defaults are 5 s for a connection, 10 s for a statement, and 2 s for a lock. */
  readonly limits?: Partial<Limits>;
}

/** Creates a pool. A connection that is lost, at any time, does not end the process. */
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
    pipeline: true, // a statement is sent without waiting for earlier answers: see `send`
    idleTimeoutMillis: 0, // a closed connection would lose its plans
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(statementMs === 0 ? {} : { query_timeout: statementMs + SILENCE_MS }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // An error event without a listener would end the process. The pool drops an idle connection that is lost. In a transaction, the
  // statement under way or the next one fails, and `transact` has the pool drop the connection.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => Object.assign(client, { checksRows }).on('error', () => undefined));
  return Object.assign(pool, { checksRows });
}

/**
 * Runs `work` in one transaction: commits it, or rolls it back and throws the error of `work`. The begin is sent together with the
 * first statements of `work`, and the commit together with those that `work` left under way (`send`).
 * @throws OutOfTime when the work was given up (`givenUpBy`); Busy when its merchant had too many connections (`onBehalfOf`)
 */
export function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transact(pool, 'begin', work);
}

/**
 * Runs reads that all see the database as it is at one instant. Postgres refuses writes and row locks in them, so they never wait
 * for the row lock of another transaction.
 */
export function inSnapshot<T>(pool: Pool, read: (db: Db) => Promise<T>): Promise<T> {
  return transact(pool, 'begin isolation level repeatable read, read only', read);
}

const IN_ORDER_HERE = ['enable_sort', 'enable_incremental_sort', 'enable_bitmapscan']
  .map((setting) => `; set local ${setting} = off`)
  .join('');

/** Runs reads of the first of many rows in the order of an index, with the settings of pools with `inOrder`. */
export function inOrder<T>(pool: Pool, read: (db: Db) => Promise<T>): Promise<T> {
  return transact(pool, `begin read only${IN_ORDER_HERE}`, read);
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
    // In order: the first error is the cause. Later statements fail only because the transaction is aborted.
    for (const statement of tx.sent) await statement;
    if (tx.announced) events(pool).emit(ANNOUNCED);
    return result;
  } catch (error) {
    if (faultOf(error) === 'replan') broken = error as Error; // another connection makes a new plan
    await client.query('rollback').catch((lost: Error) => {
      broken = lost; // the lost connection has rolled back already
    });
    throw signal?.aborted === true ? new OutOfTime() : error;
  } finally {
    signal?.removeEventListener('abort', cut);
    client.release(broken);
  }
}

/** Takes a connection of the pool. @throws OutOfTime when the work is given up before it gets one */
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
 * Leaves a statement of a transaction under way if its answer is not needed, so that the next one is sent at once. The commit waits
 * for it. If it fails, everything after it fails, too, and the transaction throws its error.
 */
export function send(tx: Tx, statement: Promise<unknown>): void {
  statement.catch(() => undefined); // the commit awaits it and throws its error
  tx.sent.push(statement);
}

const ANNOUNCED = 'tenor:announced';
/** The pool as an emitter of any event: the driver's types know only the driver's own. */
const events = (pool: Pool): EventEmitter => pool;

/** Notifies the relay of this process after the commit, so that it delivers the transaction's messages before its next look. */
export function announce(db: Db): void {
  if ('announced' in db) (db as Tx).announced = true;
}

/** Calls `listener` after each commit of a transaction that called `announce`, until the signal aborts. */
export function onAnnounced(pool: Pool, listener: () => void, until: AbortSignal): void {
  events(pool).on(ANNOUNCED, listener);
  until.addEventListener('abort', () => events(pool).off(ANNOUNCED, listener), { once: true });
}

/** Runs `work` behind a savepoint. If it returns null, its writes are rolled back and its locks released. */
export async function tentatively<T>(tx: Tx, work: () => Promise<T | null>): Promise<T | null> {
  send(tx, tx.query('savepoint tentative'));
  const done = await work();
  if (done === null) await tx.query('rollback to savepoint tentative');
  return done;
}
