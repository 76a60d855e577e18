import { z } from 'zod';
import type {
  AnyDerivation,
  CreditLineDerivation,
  Derivation,
  OneTimeDerivation,
  PricedDerivation,
  UsageDerivation,
} from '../../domain/books/charge.ts';
import { printedRange } from '../../domain/billing/difference.ts';
import { dateAt, daysBetween, secondsBetween } from '../../domain/arithmetic/calendar.ts';
import { type Dec, cmp, dec, decText, fromMinor, mul, roundToMinor } from '../../domain/arithmetic/money.ts';
import { price, roundParts } from '../../domain/catalogue/pricing.ts';
import { creditLineMinor, prorate } from '../../domain/arithmetic/proration.ts';
import { bigint, date, decimal, instant, int, text } from '../platform/columns.ts';
import type { RowOf } from '../platform/statement.ts';

/** A stored charge, with the facts that its derivation refers to. */
export const chargeRow = {
  merchant_id: text,
  id: text,
  kind: text,
  starts_at: instant,
  ends_at: instant,
  from_date: date,
  /** The day after the last day. */
  to_date: date,
  quantity: decimal,
  unit_price: decimal,
  full_amount: decimal,
  unit: z.enum(['day', 'second']),
  days: int,
  full_days: int,
  amount_minor: bigint,
  currency: text,
  /** As it is stored. No schema checks it here: the check reports what is wrong in it. */
  derivation: z.custom<AnyDerivation>((value) => typeof value === 'object' && value !== null),
  /** The time zone of its contract; null for a charge of an account alone. */
  zone: text.nullable(),
  /** For a credit: the amount of the line that it reverses, and the signed sum of all credits of that line. */
  line_minor: bigint.nullable(),
  credits_minor: bigint.nullable(),
};
export type ChargeRow = RowOf<typeof chargeRow>;

/** The differences between a charge and its derivation, in sentences. */
export function problemsOf(charge: ChargeRow): string[] {
  const { derivation } = charge;
  try {
    if ('one_time' in derivation) return ofOneTime(charge, derivation);
    if ('usage' in derivation) return [...ofPrinted(charge), ...ofUsage(charge, derivation)];
    const wrong = 'reverses' in derivation ? ofCredit(charge, derivation) : ofLine(charge, derivation);
    return [...ofPrinted(charge), ...ofShare(charge, derivation), ...wrong];
  } catch (error) {
    // A derivation that cannot be computed is a difference, too, and does not stop the audit.
    return [`the derivation cannot be computed: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Compares the printed dates with the range. */
function ofPrinted({ starts_at, ends_at, from_date, to_date, zone }: ChargeRow): string[] {
  if (zone === null) return [];
  const { from, to } = printedRange({ zone }, { start: starts_at, end: ends_at });
  return from === from_date && to === to_date
    ? []
    : [`it prints ${from_date} to before ${to_date}, its range is ${from} to before ${to}`];
}

/** Compares the columns of the row with its derivation. */
function ofShare(charge: ChargeRow, { fraction, full_amount }: Derivation | CreditLineDerivation): string[] {
  const { days, full_days, unit, starts_at, ends_at, zone } = charge;
  const span =
    unit === 'second'
      ? secondsBetween(starts_at, ends_at)
      : daysBetween(dateAt(starts_at, zone ?? 'UTC'), dateAt(ends_at, zone ?? 'UTC'));
  const same = fraction.days === days && fraction.of === full_days && fraction.unit === unit;
  return [
    ...(same
      ? []
      : [
          `the line says ${days} of ${full_days} ${unit}s, its derivation ${fraction.days} of ${fraction.of} ${fraction.unit}s`,
        ]),
    ...(span === days ? [] : [`the line says ${days} ${unit}s, its range has ${span}`]),
    ...differs('full amount', charge.full_amount, dec(full_amount)),
  ];
}

function ofLine(charge: ChargeRow, derivation: Derivation): string[] {
  const { balance, fraction, part } = derivation;
  const tier = pricedAgain(derivation, charge.currency);
  // The cap's line takes the excess of the rounded tiers. In a part of a period, rounding may give a cent of excess that the full
  // period does not have.
  const cut = part.kind === 'cap' && (tier !== null || balance !== undefined);
  const amount = cut ? fromMinor(tier?.minor ?? 0n, charge.currency) : tier?.exact;
  const share = prorate(dec(part.amount), fraction.days, fraction.of, charge.currency).minor;
  const left = balance && BigInt(balance.total_minor) - BigInt(balance.others_minor);
  return [
    ...gives(charge, left ?? share),
    ...differs('amount of its tier', part.amount, amount ?? null),
    ...differs('quantity', charge.quantity, dec(part.quantity)),
    ...differs('unit price', charge.unit_price, dec(part.unitPrice)),
  ];
}

/** Compares a line of usage with the price of its tier, less what was billed of the tier before. A tier without usage costs nothing. */
function ofUsage(charge: ChargeRow, derivation: UsageDerivation): string[] {
  const { usage, part, full_amount } = derivation;
  const tier = pricedAgain(derivation, charge.currency) ?? { exact: dec(0), minor: 0n };
  return [
    ...gives(charge, BigInt(usage.tier_minor) - BigInt(usage.billed_before_minor)),
    ...differs('amount of its tier', part.amount, tier.exact),
    ...(tier.minor === BigInt(usage.tier_minor)
      ? []
      : [`its tier is rounded to ${usage.tier_minor}, the derivation gives ${tier.minor}`]),
    ...differs('full amount', charge.full_amount, dec(full_amount)),
  ];
}

/** Prices the line's tier again by the price model; null if the model has no such tier. */
function pricedAgain(
  { model, quantity, included, cap, part }: PricedDerivation,
  currency: string,
): { exact: Dec; minor: bigint } | null {
  const options = { ...(included === null ? {} : { included }), ...(cap === null ? {} : { cap }) };
  const tiers = roundParts(price(model, quantity, options), currency, cap ?? undefined);
  const tier = tiers.find((each) => each.part.kind === part.kind && each.part.tier === part.tier);
  return tier === undefined ? null : { exact: tier.part.amount, minor: tier.minor };
}

function ofOneTime(charge: ChargeRow, { quantity, unit_price }: OneTimeDerivation): string[] {
  const amount = mul(dec(quantity), dec(unit_price));
  return [
    ...gives(charge, roundToMinor(amount, charge.currency)),
    ...differs('full amount', charge.full_amount, amount),
    ...differs('quantity', charge.quantity, dec(quantity)),
    ...differs('unit price', charge.unit_price, dec(unit_price)),
  ];
}

function gives({ amount_minor }: ChargeRow, amount: bigint): string[] {
  return amount === amount_minor
    ? []
    : [`the stored amount is ${amount_minor}, the derivation gives ${amount}`];
}

function differs(what: string, stored: string, computed: Dec | null): string[] {
  if (computed === null) return ['its price model has no such tier'];
  return cmp(dec(stored), computed) === 0
    ? []
    : [`the ${what} is ${stored}, the derivation gives ${decText(computed)}`];
}

function ofCredit(charge: ChargeRow, derivation: CreditLineDerivation): string[] {
  const { days: units, of } = derivation.fraction;
  const line = BigInt(derivation.line_minor);
  const amount = creditLineMinor({
    lineMinor: line,
    alreadyCredited: BigInt(derivation.credited_before_minor),
    fullExact: dec(derivation.full_amount),
    units,
    fullLength: of,
    // Only whether anything was left matters to the amount, not how much.
    leftUnits: derivation.takes_the_rest ? units : Math.min(of, units + 1),
    currency: charge.currency,
  });
  return [
    ...gives(charge, amount),
    ...(line === charge.line_minor
      ? []
      : [`the derivation reverses a line of ${line}, that line has ${charge.line_minor}`]),
  ];
}
