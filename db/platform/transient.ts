/**
 * How an error that is not certainly ours ended a statement. `busy`: another transaction has the rows. `unavailable`: the
 * database does not answer, or cannot do it now. `replan`: the statement is right, and this connection's plan of it is not.
 */
type Fault = 'busy' | 'unavailable' | 'replan';

/**
 * Codes of Postgres and of the network after which the same statement may succeed later. Everything else is a fault of
 * ours, or of the data.
 */
export const FAULTS: Readonly<Record<string, Fault>> = {
  // Somebody else was first
  '40001': 'busy', // serialization failure
  '40P01': 'busy', // deadlock
  '55P03': 'busy', // a lock was not to be had in time
  // Postgres cannot do it now
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
  '57P03': 'unavailable', // it starts up or shuts down
  '57P05': 'unavailable', // the session was idle for too long
  '58000': 'unavailable', // the operating system failed
  '58030': 'unavailable', // input or output failed
  // The connection, as Postgres names it
  '08000': 'unavailable',
  '08001': 'unavailable',
  '08003': 'unavailable',
  '08004': 'unavailable',
  '08006': 'unavailable',
  '08007': 'unavailable',
  // The connection, as Node names it
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
  // Another plan is needed, which a new connection makes
  '26000': 'replan', // the prepared statement is gone
};

/** What the driver says without a code. */
const LOST =
  /connection terminated|not queryable|timeout exceeded when trying to connect|timeout expired|query read timeout|client has encountered a connection error/i;
/** A migration changed what a prepared statement answers, under the code of everything that Postgres does not support. */
const CHANGED_PLAN = /^cached plan must not change result type/;

/** Work that ran out of its time: its transaction was rolled back. */
export class OutOfTime extends Error {
  constructor() {
    super('it took too long, and was given up');
    this.name = 'OutOfTime';
  }
}

/** Somebody else has what the work needs. */
export class Busy extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Busy';
  }
}

/** How an error that is not certainly ours came about; null for every other error. */
export function faultOf(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof OutOfTime) return 'unavailable';
  if (error instanceof Busy) return 'busy';
  const code: unknown = 'code' in error ? error.code : undefined;
  if (code === '0A000' && CHANGED_PLAN.test(error.message)) return 'replan';
  if (typeof code === 'string') return FAULTS[code] ?? null;
  return LOST.test(error.message) ? 'unavailable' : null;
}

/** Whether doing the same again later is right: the error is not certainly ours. */
export function isTransient(error: unknown): boolean {
  return faultOf(error) !== null;
}
