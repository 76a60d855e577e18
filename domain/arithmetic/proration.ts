import { mulDiv, roundToMinor } from './money.ts';
import type { Dec } from './money.ts';

/** A line's amount in minor units, and the part of the full period that it bills, as it is printed. */
export type Prorated = { minor: bigint; fraction: { days: number; of: number } };

/**
 * The amount of a part of a full period: full × days ÷ fullDays, rounded once. Both count days, or both count seconds,
 * as some variants do. A negative `full`, such as a discount, gives the amount of the positive one with its sign reversed.
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

/** The inputs of a credit. Amounts have the sign of the line. The counts of days are all in days, or all in seconds. */
export type CreditInput = {
  /** the stored line, in minor units */
  lineMinor: bigint;
  /** the amount that earlier credits took of the line: 0 ≤ alreadyCredited ≤ lineMinor for a charge */
  alreadyCredited: bigint;
  /** exact amount of the full period at the line's price, in major units */
  fullExact: Dec;
  /** days that this credit uncovers */
  days: number;
  /** days of the full period */
  fullDays: number;
  /** days of the line that no earlier credit has taken, `days` included */
  leftDays: number;
  currency: string;
};

/**
 * The credit in minor units, with the sign opposite to the line's. A credit of all days that are left takes exactly the
 * amount that is left of the line, so that no rounding cents remain. No credit takes more.
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
