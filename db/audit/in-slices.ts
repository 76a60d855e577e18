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
// Any number will do, as long as it stays the same: it names this lock within the database.
const LOCK = 7_365_060_002n;

/** How far an audit has come. */
export interface Progress {
  readonly run: Run;
  /** Slices that were read, and about how many there are. */
  readonly done: number;
  readonly of: number;
  /** What was found since the last progress; first what was found before an interruption. */
  readonly findings: readonly Finding[];
}

/** Another audit of the same books is under way. */
export class AuditUnderWay extends Error {
  constructor() {
    super('another audit is under way');
  }
}

/**
 * Audits the books slice by slice. Each slice is a statement of its own, whose snapshot ends with it: a longer one would keep the
 * versions that each new number leaves in its series, and numbering would read all of them. What a slice has found, and where the
 * next one begins, is stored; an audit that was interrupted within the last day goes on there, unless it is to begin `anew`.
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
    await reader.query('select pg_advisory_unlock_all()').catch(() => undefined); // else it goes with the connection
    reader.release(true); // whose settings are those of an audit
  }
}

/** Nobody waits for what reads only, so it may wait for a lock, as of a migration. */
async function claim(reader: Db): Promise<void> {
  await reader.query(
    `set default_transaction_read_only = on; set jit = off; set lock_timeout = '1min'; set application_name = 'tenor-audit'`,
  );
  const { ours } = await tryLock.row(reader, { lock: LOCK });
  if (!ours) throw new AuditUnderWay();
}
