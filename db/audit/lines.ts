import type { CreditDerivation, Derivation } from '../../domain/billing/charge.ts';
import { daysBetween } from '../../domain/calendar.ts';
import { type Dec, cmp, dec, decText, fromMinor } from '../../domain/money.ts';
import { price, roundParts } from '../../domain/pricing.ts';
import { creditFor, prorate } from '../../domain/proration.ts';
import { type Keyed, batches } from '../batches.ts';
import type { Check, Finding } from './finding.ts';

interface ChargeRow extends Keyed {
  readonly kind: string;
  readonly from_date: string;
  readonly to_date: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly full_amount: string;
  readonly days: number;
  readonly full_days: number;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly derivation: Derivation | CreditDerivation;
  /** Of a credit: the amount of the line that it reverses, and what all credits took of that line, signed. */
  readonly line_minor: bigint | null;
  readonly credits_minor: bigint | null;
}

const CHARGES = `select c.merchant_id, c.id, c.kind, c.from_date, c.to_date, c.quantity, c.unit_price, c.full_amount, c.days, c.full_days,
    c.amount_minor, c.currency, c.derivation, l.amount_minor as line_minor,
    (select sum(x.amount_minor)::bigint from charges x where x.merchant_id = c.merchant_id and x.reverses_id = c.reverses_id) as credits_minor
  from charges c left join charges l on l.merchant_id = c.merchant_id and l.id = c.reverses_id
  where (c.merchant_id, c.id) > ($1, $2) and c.kind in ('recurring', 'credit') order by c.merchant_id, c.id limit $3`;

const BATCH = 500;

/** Every line, computed again from the derivation that it keeps, gives the cents that were stored. */
export const lineChecks: Check = async function* (db) {
  for await (const batch of batches<ChargeRow>(db, CHARGES, BATCH)) {
    for (const charge of batch) {
      for (const message of problemsOf(charge)) {
        yield { check: 'derivation_differs', merchant_id: charge.merchant_id, id: charge.id, message };
      }
      yield* creditedTooMuch(charge);
    }
  }
};

function problemsOf(charge: ChargeRow): string[] {
  const { derivation } = charge;
  try {
    const wrong = 'reverses' in derivation ? ofCredit(charge, derivation) : ofLine(charge, derivation);
    return [...wrong, ...ofShare(charge)];
  } catch (error) {
    // A derivation that cannot be computed at all is the worst kind of difference, and no reason to stop.
    return [`the derivation cannot be computed: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** What the row says beside its derivation. */
function ofShare(charge: ChargeRow): string[] {
  const { derivation, days, full_days } = charge;
  const { days: share, of } = derivation.fraction;
  const span = daysBetween(charge.from_date, charge.to_date);
  return [
    ...(share === days && of === full_days
      ? []
      : [`the line says ${days} of ${full_days} days, its derivation ${share} of ${of}`]),
    ...(span === days ? [] : [`the line says ${days} days, from its first to its last are ${span}`]),
    ...differs('full amount', dec(charge.full_amount), dec(derivation.full_amount)),
  ];
}

function ofLine(charge: ChargeRow, derivation: Derivation): string[] {
  const { fraction, part } = derivation;
  const amount = prorate(dec(part.amount), fraction.days, fraction.of, charge.currency).minor;
  return [
    ...(amount === charge.amount_minor
      ? []
      : [`stored are ${charge.amount_minor}, the derivation gives ${amount}`]),
    ...differs('amount of its tier', dec(part.amount), pricedAgain(derivation, charge.currency)),
    ...differs('quantity', dec(charge.quantity), dec(part.quantity)),
    ...differs('unit price', dec(charge.unit_price), dec(part.unitPrice)),
  ];
}

/** The exact amount of the line's tier, from the price model; null when the model has no such tier. */
function pricedAgain({ model, quantity, included, cap, part }: Derivation, currency: string): Dec | null {
  const options = { ...(included === null ? {} : { included }), ...(cap === null ? {} : { cap }) };
  const parts = price(model, quantity, options);
  if (part.kind === 'cap') {
    const capped = roundParts(parts, currency, cap ?? undefined).find((each) => each.part.kind === 'cap');
    return capped === undefined ? null : fromMinor(capped.minor, currency);
  }
  return parts.find((each) => each.kind === part.kind && each.tier === part.tier)?.amount ?? null;
}

function differs(what: string, stored: Dec, computed: Dec | null): string[] {
  if (computed === null) return ['its price model has no such tier'];
  return cmp(stored, computed) === 0
    ? []
    : [`the ${what} is ${decText(stored)}, the derivation gives ${decText(computed)}`];
}

function ofCredit(charge: ChargeRow, derivation: CreditDerivation): string[] {
  const { days, of } = derivation.fraction;
  const line = BigInt(derivation.line_minor);
  const amount = creditFor({
    lineMinor: line,
    alreadyCredited: BigInt(derivation.credited_before_minor),
    fullExact: dec(derivation.full_amount),
    days,
    fullDays: of,
    // How much more was left does not matter to the amount, only whether anything was.
    leftDays: derivation.takes_the_rest ? days : Math.min(of, days + 1),
    currency: charge.currency,
  });
  return [
    ...(amount === charge.amount_minor
      ? []
      : [`stored are ${charge.amount_minor}, the derivation gives ${amount}`]),
    ...(line === charge.line_minor
      ? []
      : [`the derivation reverses a line of ${line}, that line has ${charge.line_minor}`]),
  ];
}

/** No credit takes more than its line, and credits of all its days take all of it. */
function* creditedTooMuch(charge: ChargeRow): Generator<Finding> {
  const { line_minor: line, credits_minor: credits, derivation } = charge;
  if (line === null || credits === null || !('reverses' in derivation)) return;
  const left = line + credits;
  const sameSign = line >= 0n ? left >= 0n && credits <= 0n : left <= 0n && credits >= 0n;
  if (sameSign && (left === 0n || !derivation.takes_the_rest)) return;
  const message = `credits take ${-credits} of line ${derivation.reverses}, which has ${line}`;
  yield { check: 'credit_exceeds', merchant_id: charge.merchant_id, id: charge.id, message };
}
