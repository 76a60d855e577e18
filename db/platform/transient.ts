/**
 * The kinds of transient errors, after which the same statement may succeed. `busy`: another transaction has locked the rows.
 * `unavailable`: the database does not answer, or cannot run the statement now. `replan`: the connection's plan of the statement is
 * out of date.
 */
type Fault = 'busy' | 'unavailable' | 'replan';

/**
 * Codes of Postgres and of the network after which the same statement may succeed later. All other codes mean a fault in Tenor's
 * code or in the data.
 */
export const FAULTS: Readonly<Record<string, Fault>> = {
  // Another transaction was first
  '40001': 'busy', // serialization failure
  '40P01': 'busy', // deadlock
  '55P03': 'busy', // the lock was not available in time
  // Postgres cannot run the statement now
  '25006': 'unavailable', // read-only: a replica, before or after a failover
  '25P03': 'unavailable', // the transaction was idle for too long
  '25P04': 'unavailable', // the transaction took too long
  '53000': 'unavailable', // insufficient resources
  '53100': 'unavailable', // disk full
  '53200': 'unavailable', // out of memory
  '53300': 'unavailable', // too many connections
  '53400': 'unavailable', // a configured limit was reached
  '57014': 'unavailable', // the statement was cancelled, or took too long
  '57P01': 'unavailable', // an administrator ended the connection
  '57P02': 'unavailable', // another backend crashed
  '57P03': 'unavailable', // the server starts up or shuts down
  '57P05': 'unavailable', // the session was idle for too long
  '58000': 'unavailable', // the operating system failed
  '58030': 'unavailable', // input or output failed
  // Errors of the connection, by Postgres' codes
  '08000': 'unavailable',
  '08001': 'unavailable',
  '08003': 'unavailable',
  '08004': 'unavailable',
  '08006': 'unavailable',
  '08007': 'unavailable',
  // Errors of the connection, by Node's codes
  EADDRNOTAVAIL: 'unavailable',
  EAI_AGAIN: 'unavailable',
  ECONNABORTED: 'unavailable',
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  EHOSTDOWN: 'unavailable',
  EHOSTUNREACH: 'unavailable',
  EMFILE: 'unavailable',
  ENETDOWN: 'unavailable',
  ENETUNREACH: 'unavailable',
  ENFILE: 'unavailable',
  ENOTFOUND: 'unavailable',
  EPIPE: 'unavailable',
  ERR_STREAM_DESTROYED: 'unavailable',
  ETIMEDOUT: 'unavailable',
  // The statement needs a new plan, which a new connection makes
  '26000': 'replan', // the prepared statement does not exist
};

/** Messages of the driver's errors that have no code. */
const LOST =
  /connection terminated|not queryable|timeout exceeded when trying to connect|timeout expired|query read timeout|client has encountered a connection error/i;
/** A migration changed the columns of a prepared statement. Postgres reports this under its code for unsupported features. */
const CHANGED_PLAN = /^cached plan must not change result type/;

/** The work ran out of its time, and its transaction was rolled back. */
export class OutOfTime extends Error {
  constructor() {
    super('it took too long, and was given up');
    this.name = 'OutOfTime';
  }
}

/** Other work has the connections or threads that this work needs. */
export class Busy extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Busy';
  }
}

/** The kind of a transient error; null for every other error. */
export function faultOf(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof OutOfTime) return 'unavailable';
  if (error instanceof Busy) return 'busy';
  const code: unknown = 'code' in error ? error.code : undefined;
  if (code === '0A000' && CHANGED_PLAN.test(error.message)) return 'replan';
  if (typeof code === 'string') return FAULTS[code] ?? null;
  return LOST.test(error.message) ? 'unavailable' : null;
}

/** Whether the same work may succeed later, because the error is transient. */
export function isTransient(error: unknown): boolean {
  return faultOf(error) !== null;
}
