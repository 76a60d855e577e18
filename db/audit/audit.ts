import type { Db } from '../platform/pool.ts';
import { coverageChecks } from './covered-days.ts';
import type { Finding, Patience } from './finding.ts';
import { lineChecks } from './lines.ts';
import { meteredChecks } from './metered.ts';
import { numberChecks } from './numbers.ts';
import { oneTimeChecks } from './one-time.ts';
import type { Check, Key } from './slices.ts';
import { documentChecks, ledgerChecks, openChecks } from './sql-checks.ts';
import { totalChecks } from './totals.ts';
import { usageTotalChecks } from './usage-totals.ts';

export type { Finding, Patience } from './finding.ts';

/** All checks, in their order. */
export const CHECKS: readonly Check[] = [
  ...ledgerChecks,
  ...numberChecks,
  ...documentChecks,
  totalChecks,
  lineChecks,
  oneTimeChecks,
  coverageChecks,
  meteredChecks,
  usageTotalChecks,
  ...openChecks,
];

/** Five minutes for what is asked, a day for what is to be charged. */
export const PATIENCE: Patience = { commandSeconds: 300, attemptSeconds: 86_400 };
/** Nothing may be open at all: for a book that is at rest. */
export const AT_REST: Patience = { commandSeconds: 0, attemptSeconds: 0 };

/**
 * Says what is wrong, one finding at a time, slice by slice. Of some checks the slices may begin after a key.
 */
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

/** All that is wrong in the books; nothing for clean ones. */
export async function audit(db: Db, patience: Patience = PATIENCE): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findingsIn(db, patience)) found.push(finding);
  return found;
}
