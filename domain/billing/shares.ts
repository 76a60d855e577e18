import { type Dec, dec, decText, fromMinor, mulDiv, roundToMinor } from '../arithmetic/money.ts';
import type { Remainder } from '../books/charge.ts';
import { prorate } from '../arithmetic/proration.ts';
import { type PricedPart, roundParts } from '../catalogue/pricing.ts';

/** The amount of one part of a price for a range of its period. */
export interface Share {
  /** The number of the part; the cap has the last one. */
  readonly part: number;
  readonly priced: PricedPart;
  readonly minor: bigint;
  /** Set if the amount is a total less other lines; null if it is a share of its own. */
  readonly balance: Remainder | null;
}

/** The range for which a price is charged. */
export interface Portion {
  /** Days, or seconds, of the range and of its full period. */
  readonly used: number;
  readonly fullLength: number;
  readonly cap: string | null;
  readonly currency: string;
  /**
   * If the range completes its period, the amounts that are left, by part, of the lines that cover the rest of the
   * period. Null if it does not.
   */
  readonly others: ReadonlyMap<number, bigint> | null;
}

/**
 * The amounts of a range, one for each part of the price. Each is rounded by itself, and the cap's part keeps their sum
 * within the cap's share, rounded once. A range that completes its period takes the full amounts less what is left of the
 * other lines.
 * @param parts of the full period, without a cap
 */
export function sharesOf(parts: readonly PricedPart[], portion: Portion): Share[] {
  const full = fullAmounts(parts, portion);
  return portion.others === null ? cutShares(parts, full, portion) : restOf(parts, full, portion.others);
}

/** The rounded amounts of the full period, the cap's line last. */
function fullAmounts(parts: readonly PricedPart[], { cap, currency }: Portion): Share[] {
  return roundParts(parts, currency, cap ?? undefined).map(({ part, minor }, index) => ({
    part: part.kind === 'cap' ? parts.length : index,
    priced: part.kind === 'cap' ? capPart(part, fromMinor(minor, currency)) : part,
    minor,
    balance: null,
  }));
}

/** The amounts of a range that completes its period. */
function restOf(
  parts: readonly PricedPart[],
  full: readonly Share[],
  others: ReadonlyMap<number, bigint>,
): Share[] {
  // The cap may have cut a part of the period by a rounding cent, although the full period does not exceed it.
  const capGivesBack = full.length === parts.length && others.has(parts.length);
  const back: Share = { part: parts.length, priced: capPart(null, dec(0)), minor: 0n, balance: null };
  return [...full, ...(capGivesBack ? [back] : [])].map((each) => {
    const before = others.get(each.part);
    if (before === undefined) return each;
    return { ...each, minor: each.minor - before, balance: balanceOf('rest_of_period', each.minor, before) };
  });
}

function cutShares(parts: readonly PricedPart[], full: readonly Share[], portion: Portion): Share[] {
  const { used, fullLength, cap, currency } = portion;
  const lines = parts.map((priced, part): Share => {
    return { part, priced, minor: prorate(priced.amount, used, fullLength, currency).minor, balance: null };
  });
  if (cap === null) return lines;
  const most = roundToMinor(mulDiv(dec(cap), used, fullLength), currency);
  const sum = lines.reduce((total, { minor }) => total + minor, 0n);
  const capped = full.find(({ part }) => part === parts.length);
  const share = capped === undefined ? 0n : prorate(capped.priced.amount, used, fullLength, currency).minor;
  if (sum + share > most) {
    const priced = capped?.priced ?? capPart(null, dec(0));
    const balance = balanceOf('share_of_cap', most, sum);
    return [...lines, { part: parts.length, priced, minor: most - sum, balance }];
  }
  return capped === undefined ? lines : [...lines, { ...capped, minor: share }];
}

function balanceOf(of: Remainder['of'], total: bigint, others: bigint): Remainder {
  return { of, total_minor: total.toString(), others_minor: others.toString() };
}

function capPart(part: PricedPart | null, amount: Dec): PricedPart {
  const nowhere = { kind: 'cap', tier: null, from: null, to: null, quantity: '1' } as const;
  return { ...(part ?? nowhere), amount, unitPrice: decText(amount) };
}
