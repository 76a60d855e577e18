import { mulDiv, roundToMinor } from './money.ts';
import type { Dec } from './money.ts';

/** A line's amount in minor units, and the part of the full period that it bills, as it is printed. */
export type Prorated = { minor: bigint; fraction: { days: number; of: number } };

/**
 * The amount of a part of a full period: full × used ÷ fullLength, rounded once. Both count days, or both count seconds,
 * as some variants do. A negative `full`, such as a discount, gives the amount of the positive one with its sign reversed.
 * @param full exact amount of the full period, in major units
 * @throws RangeError unless 0 ≤ used ≤ fullLength, both whole, and fullLength > 0
 */
export function prorate(full: Dec, used: number, fullLength: number, currency: string): Prorated {
  checkShare(used, fullLength);
  return {
    minor: roundToMinor(mulDiv(full, used, fullLength), currency),
    fraction: { days: used, of: fullLength },
  };
}

/** The inputs of a credit. Amounts have the sign of the line. The counts of days are all in days, or all in seconds. */
export type CreditLineInput = {
  /** the stored line, in minor units */
  lineMinor: bigint;
  /** the amount that earlier credits took of the line: 0 ≤ alreadyCredited ≤ lineMinor for a charge */
  alreadyCredited: bigint;
  /** exact amount of the full period at the line's price, in major units */
  fullExact: Dec;
  /** days that this credit uncovers */
  units: number;
  /** days of the full period */
  fullLength: number;
  /** days of the line that no earlier credit has taken, `days` included */
  leftUnits: number;
  currency: string;
};

/**
 * The credit in minor units, with the sign opposite to the line's. A credit of all days that are left takes exactly the
 * amount that is left of the line, so that no rounding cents remain. No credit takes more.
 * @throws RangeError unless units ≤ leftUnits ≤ fullLength
 */
export function creditLineMinor(input: CreditLineInput): bigint {
  checkShare(input.units, input.leftUnits);
  checkShare(input.leftUnits, input.fullLength);
  const left = input.lineMinor - input.alreadyCredited;
  if (input.units === input.leftUnits) return -left;
  const share = prorate(input.fullExact, input.units, input.fullLength, input.currency).minor;
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
