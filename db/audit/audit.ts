import { coverageChecks } from './covered-days.ts';
import { totalChecks } from './totals.ts';
import type { Check, Finding, Patience } from './finding.ts';
import { lineChecks } from './lines.ts';
import { meteredChecks } from './metered.ts';
import { oneTimeChecks } from './one-time.ts';
import { documentChecks, ledgerChecks, numberChecks, openChecks } from './sql-checks.ts';
import { usageTotalChecks } from './usage-totals.ts';
import type { Db, Pool } from '../platform/pool.ts';

export type { Finding, Patience } from './finding.ts';

const CHECKS: readonly Check[] = [
  ledgerChecks,
  numberChecks,
  documentChecks,
  totalChecks,
  lineChecks,
  oneTimeChecks,
  coverageChecks,
  meteredChecks,
  usageTotalChecks,
  openChecks,
];

/** Five minutes for what is asked, a day for what is to be charged. */
const PATIENCE: Patience = { commandSeconds: 300, attemptSeconds: 86_400 };
/** Nothing may be open at all: for a book that is at rest. */
export const AT_REST: Patience = { commandSeconds: 0, attemptSeconds: 0 };

/** Says what is wrong, one finding at a time, as a transaction sees it. */
export async function* findingsIn(tx: Db, patience: Patience = PATIENCE): AsyncGenerator<Finding> {
  for (const check of CHECKS) yield* check(tx, patience);
}

/**
 * Says what is wrong in the books, from the database alone, one finding at a time. All checks read one snapshot, so
 * that what is billed meanwhile is never seen half; memory does not grow with the book.
 */
export async function* findings(pool: Pool, patience: Patience = PATIENCE): AsyncGenerator<Finding> {
  const client = await pool.connect();
  let lost: Error | undefined;
  try {
    await client.query('begin isolation level repeatable read read only');
    yield* findingsIn(client, patience);
  } finally {
    // Nothing was written. Also when the caller has seen enough and leaves early.
    await client.query('rollback').catch((error: Error) => (lost = error));
    client.release(lost);
  }
}

/** All that is wrong in the books; nothing for a clean one. */
export async function audit(pool: Pool, patience: Patience = PATIENCE): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findings(pool, patience)) found.push(finding);
  return found;
}
