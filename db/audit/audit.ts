import type { Db } from '../platform/pool.ts';
import { coverageChecks } from './covered-days.ts';
import type { Finding, Patience } from './finding.ts';
import { lineChecks } from './lines.ts';
import { meteredChecks } from './metered.ts';
import { numberChecks } from './numbers.ts';
import { oneTimeChecks } from './one-time.ts';
import type { Check, Key } from './slices.ts';
import { documentChecks, ledgerChecks, mailChecks, openChecks, pdfChecks, runChecks } from './sql-checks.ts';
import { totalChecks } from './totals.ts';
import { usageTotalChecks } from './usage-totals.ts';

export type { Finding, Patience } from './finding.ts';

/** All checks, in their order. */
export const CHECKS: readonly Check[] = [
  ...ledgerChecks,
  ...numberChecks,
  ...documentChecks,
  ...runChecks,
  ...pdfChecks,
  totalChecks,
  lineChecks,
  oneTimeChecks,
  coverageChecks,
  meteredChecks,
  usageTotalChecks,
  ...mailChecks,
  ...openChecks,
];

/** The default: five minutes for commands, a day for attempts, and incidents of live merchants. */
export const PATIENCE: Patience = { commandSeconds: 300, attemptSeconds: 86_400, incidentsOf: ['live'] };
/** For books at rest, in which nothing may be open. */
export const AT_REST: Patience = {
  commandSeconds: 0,
  attemptSeconds: 0,
  incidentsOf: ['live', 'test'],
};

/** Runs all checks, slice by slice, and yields each finding. `after` has keys, by the name of a check, after which slices begin. */
export async function* findingsIn(
  db: Db,
  patience: Patience = PATIENCE,
  after: Readonly<Record<string, Key>> = {},
): AsyncGenerator<Finding> {
  for (const check of CHECKS) {
    for (let key: Key | null = after[check.name] ?? check.start; key !== null;) {
      const { findings, next } = await check.slice(db, key, patience);
      yield* findings;
      key = next;
    }
  }
}

/** All findings in the books; empty for clean books. */
export async function audit(db: Db, patience: Patience = PATIENCE): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findingsIn(db, patience)) found.push(finding);
  return found;
}
