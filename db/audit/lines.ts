import { sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import { type ChargeRow, chargeRow, problemsOf } from './derivations.ts';
import { checkOfRows } from './slices.ts';

/** Checks that each line, computed again from its stored derivation, has the stored amount. */
export const lineChecks = checkOfRows({
  name: 'lines',
  table: 'charges',
  columns: 'charges as line, *',
  size: 500,
  sql: sqlFile(import.meta.url, 'lines.sql'),
  row: chargeRow,
  findings,
});

function* findings(charge: ChargeRow): Generator<Finding> {
  const { merchant_id, id } = charge;
  for (const message of problemsOf(charge)) yield { check: 'derivation_differs', merchant_id, id, message };
  yield* creditedTooMuch(charge);
}

/** Checks that credits take no more than their line has, and that credits of all its days take all of it. */
function* creditedTooMuch(charge: ChargeRow): Generator<Finding> {
  const { line_minor: line, credits_minor: credits, derivation } = charge;
  if (line === null || credits === null || !('reverses' in derivation)) return;
  const left = line + credits;
  const sameSign = line >= 0n ? left >= 0n && credits <= 0n : left <= 0n && credits >= 0n;
  if (sameSign && (left === 0n || !derivation.takes_the_rest)) return;
  const message = `credits take ${-credits} of line ${derivation.reverses}, which has ${line}`;
  yield { check: 'credit_exceeds', merchant_id: charge.merchant_id, id: charge.id, message };
}
