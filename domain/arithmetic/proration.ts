import { mulDiv, roundToMinor } from './money.ts';
import type { Dec } from './money.ts';

/** A line's amount in minor units, and the share of the full period that it stands for, to be printed. */
export type Prorated = { minor: bigint; fraction: { days: number; of: number } };

/**
 * The amount of `days` of a full period: exact amount × days ÷ days of the full period, rounded once. The unit is the
 * caller's, as some variants count seconds. A `full` below zero, as of a discount, is the mirror of the positive one.
 * @param full exact amount of the full period, in major units
 * @throws RangeError unless 0 ≤ days ≤ fullDays, both whole, and fullDays > 0
 */
export function prorate(full: Dec, days: number, fullDays: number, currency: string): Prorated {
  checkShare(days, fullDays);
  return {
    minor: roundToMinor(mulDiv(full, days, fullDays), currency),
    fraction: { days, of: fullDays },
  };
}

/** The inputs of a credit. Amounts carry the sign of the line; days are whole days, or seconds throughout. */
export type CreditInput = {
  /** the stored line, in minor units */
  lineMinor: bigint;
  /** what earlier credits took of it: with the line's sign, so 0 ≤ alreadyCredited ≤ lineMinor for a charge */
  alreadyCredited: bigint;
  /** exact amount of the full period at the line's price, in major units */
  fullExact: Dec;
  /** days that are uncovered now */
  days: number;
  /** days of the full period */
  fullDays: number;
  /** days of the line that no credit has taken yet, those of `days` included */
  leftDays: number;
  currency: string;
};

/**
 * The credit, in minor units with the opposite sign of the line. A credit of all days that are left takes exactly what
 * is left of the line, so that rounding leaves nothing behind; no credit takes more.
 * @throws RangeError unless days ≤ leftDays ≤ fullDays
 */
export function creditFor(input: CreditInput): bigint {
  checkShare(input.days, input.leftDays);
  checkShare(input.leftDays, input.fullDays);
  const left = input.lineMinor - input.alreadyCredited;
  if (input.days === input.leftDays) return -left;
  const share = prorate(input.fullExact, input.days, input.fullDays, input.currency).minor;
  return -(left >= 0n ? clamp(share, 0n, left) : clamp(share, left, 0n));
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  if (value < low) return low;
  return value > high ? high : value;
}

function checkShare(part: number, whole: number): void {
  const valid = Number.isInteger(part) && Number.isInteger(whole) && part >= 0 && part <= whole && whole > 0;
  if (!valid) throw new RangeError(`proration: ${part} of ${whole} is not a share`);
}
