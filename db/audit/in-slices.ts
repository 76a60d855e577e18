import type { Db, Pool } from '../platform/pool.ts';
import { truth } from '../platform/columns.ts';
import { statement } from '../platform/statement.ts';
import { PATIENCE } from './audit.ts';
import type { Finding, Patience } from './finding.ts';
import {
  type Position,
  type Run,
  expectedSlices,
  openRun,
  positionAfter,
  storeSlice,
  storedFindings,
} from './runs.ts';

const tryLock = statement('lockAudit', {
  sql: 'select pg_try_advisory_lock(:lock) as ours',
  params: { lock: 'bigint' },
  row: { ours: truth },
});
// The key of this lock within the database. Any number will do, as long as it never changes.
const LOCK = 7_365_060_002n;

/** The progress of an audit. */
export interface Progress {
  readonly run: Run;
  /** How many slices were read, and about how many there are. */
  readonly done: number;
  readonly of: number;
  /** The findings since the last progress. The findings from before an interruption come first. */
  readonly findings: readonly Finding[];
}

/** Another audit of the same books is running. */
export class AuditUnderWay extends Error {
  constructor() {
    super('another audit is under way');
  }
}

/**
 * Audits the books slice by slice. Each slice is a statement of its own, and its snapshot ends with it. A longer snapshot would keep the
 * old row versions that each new number leaves in its series, and numbering would have to read all of them. The findings of each slice
 * and the position of the next one are stored. An audit that was interrupted within the last day is continued, unless `anew` is true.
 * @throws AuditUnderWay
 */
export async function* auditInSlices(
  pool: Pool,
  { anew, patience = PATIENCE }: { readonly anew: boolean; readonly patience?: Patience },
): AsyncGenerator<Progress> {
  const reader = await pool.connect();
  try {
    await claim(reader);
    const run = await openRun(pool, { anew });
    const of = await expectedSlices(reader);
    let done = run.slices;
    for await (const findings of storedFindings(pool, run))
      yield { run, done, of: Math.max(of, done), findings };
    for (let at: Position | null = run.position; at !== null;) {
      const { findings, next } = await at.check.slice(reader, at.after, patience);
      at = positionAfter(at, next);
      await storeSlice(pool, run, findings, at);
      done += 1;
      yield { run, done, of: at === null ? done : Math.max(of, done + 1), findings };
    }
  } finally {
    await reader.query('select pg_advisory_unlock_all()').catch(() => undefined); // a lost connection has released it
    reader.release(true); // closes the connection, which has the settings of an audit
  }
}

/** Sets up the connection and takes the audit's lock. It may wait long for a migration, because nobody waits for a reader. */
async function claim(reader: Db): Promise<void> {
  await reader.query(
    `set default_transaction_read_only = on; set jit = off; set lock_timeout = '1min'; set application_name = 'tenor-audit'`,
  );
  const { ours } = await tryLock.row(reader, { lock: LOCK });
  if (!ours) throw new AuditUnderWay();
}
