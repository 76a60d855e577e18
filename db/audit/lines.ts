import { derivationOf } from '../books/charge-rows.ts';
import type { Keyed } from '../platform/batches.ts';
import type { Finding } from './finding.ts';
import { type ChargeRow, problemsOf } from './derivations.ts';
import { checkOfRows } from './slices.ts';

type Row = Keyed & ChargeRow;

const sql = (
  part: string,
): string => `select c.merchant_id, c.id, c.kind, c.starts_at, c.ends_at, c.from_date, c.to_date, c.quantity, c.unit_price, c.full_amount,
    c.unit, c.days, c.full_days, c.amount_minor, c.currency, ${derivationOf('c')} as derivation, k.time_zone as zone, l.amount_minor as line_minor,
    (select sum(x.amount_minor)::bigint from charges x where x.merchant_id = c.merchant_id and x.reverses_id = c.reverses_id) as credits_minor
  from ${part} c left join contracts k on k.merchant_id = c.merchant_id and k.id = c.contract_id
  left join charges l on l.merchant_id = c.merchant_id and l.id = c.reverses_id
  order by c.merchant_id, c.id`;

/** Every line, computed again from the derivation that it keeps, gives the cents that were stored. */
export const lineChecks = checkOfRows<Row>({ name: 'lines', table: 'charges', size: 500, sql, findings });

function* findings(charge: Row): Generator<Finding> {
  const { merchant_id, id } = charge;
  for (const message of problemsOf(charge)) yield { check: 'derivation_differs', merchant_id, id, message };
  yield* creditedTooMuch(charge);
}

/** No credit takes more than its line, and credits of all its days take all of it. */
function* creditedTooMuch(charge: Row): Generator<Finding> {
  const { line_minor: line, credits_minor: credits, derivation } = charge;
  if (line === null || credits === null || !('reverses' in derivation)) return;
  const left = line + credits;
  const sameSign = line >= 0n ? left >= 0n && credits <= 0n : left <= 0n && credits >= 0n;
  if (sameSign && (left === 0n || !derivation.takes_the_rest)) return;
  const message = `credits take ${-credits} of line ${derivation.reverses}, which has ${line}`;
  yield { check: 'credit_exceeds', merchant_id: charge.merchant_id, id: charge.id, message };
}
