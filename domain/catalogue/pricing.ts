import { DomainError } from '../errors.ts';
import {
  add,
  cmp,
  dec,
  decText,
  isNegative,
  isZero,
  max,
  min,
  mul,
  mulDiv,
  neg,
  roundToMinor,
  sub,
} from '../arithmetic/money.ts';
import type { Dec } from '../arithmetic/money.ts';
import type { BucketTier, DiscountTier, PriceModel, UnitTier } from './price-model.ts';

export { checkPriceModel } from './price-model.ts';
export type { PriceModel } from './price-model.ts';

/**
 * One future line: `quantity × unitPrice = amount`, exact and not rounded.
 *
 * `tier` counts from 0. `from` and `to` are that tier's bounds: `[from, to)` for discount tiers, `(from, to]` for others.
 * `to` is null if the tier is open. A flat bucket and a cap have the quantity 1.
 */
export type PricedPart = {
  readonly kind: 'units' | 'flat' | 'cap' | 'included' | 'free';
  readonly tier: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: Dec;
};

/** `included` is the number of first units that are free. `cap` is the most that the quantity may cost, in major units. */
export type PriceOptions = { readonly included?: string; readonly cap?: string };

/** The tier of a part, and its bounds; all null for models without tiers. */
type TierPosition = Pick<PricedPart, 'tier' | 'from' | 'to'>;
type Units = { readonly total: Dec; readonly included: Dec };

const noTier: TierPosition = { tier: null, from: null, to: null };
const zero = dec(0);
const one = dec(1);

/**
 * Prices one booking or one metered total. Graduated models and buckets give one part for each tier with a charged unit,
 * other models one. Included units are a part of their own, at 0. If the parts exceed the cap, a negative part follows.
 * A quantity of 0 gives no parts.
 *
 * The model must have passed `checkPriceModel`.
 * @throws DomainError invalid_quantity if the quantity, `included` or `cap` is no decimal, or is negative
 */
export function price(model: PriceModel, quantity: string, options: PriceOptions = {}): PricedPart[] {
  const total = nonNegative(quantity, 'quantity');
  if (isZero(total)) return [];
  if (model.kind === 'free') return [part('free', total, zero, noTier)];
  const included = min(nonNegative(options.included ?? '0', 'included'), total);
  const parts = isZero(included) ? [] : [part('included', included, zero, noTier)];
  if (cmp(included, total) < 0) parts.push(...charged(model, { total, included }));
  return options.cap === undefined ? parts : capped(parts, nonNegative(options.cap, 'cap'));
}

/** The bounds of a tier. */
export interface TierBounds {
  /** Counted from 0. */
  readonly index: number;
  readonly from: string;
  /** Null if the tier is open. */
  readonly to: string | null;
  /** The bound that belongs to the tier: `from` for discount tiers, `to` for others. */
  readonly includes: 'from' | 'to';
}

/** The bounds of a tier; null if the model has no such tier. */
export function tierBounds(model: PriceModel, index: number): TierBounds | null {
  if (model.kind === 'free' || model.kind === 'simple' || index >= model.tiers.length) return null;
  if (model.kind !== 'discount') {
    const { from, to } = tierPosition(model.tiers, index);
    return { index, from: from ?? '0', to, includes: 'to' };
  }
  const from = model.tiers[index]?.from ?? '0';
  return { index, from, to: model.tiers[index + 1]?.from ?? null, includes: 'from' };
}

/** The exact sum of the parts. */
export function total(parts: readonly PricedPart[]): Dec {
  return parts.reduce((sum, each) => add(sum, each.amount), zero);
}

/**
 * Rounds each part to minor units. Rounding several tiers up can raise their sum above the cap even if their exact sum is
 * not above it. So the cap is applied again to the rounded parts, and their sum never exceeds it.
 */
export function roundParts(
  parts: readonly PricedPart[],
  currency: string,
  cap?: string,
): { part: PricedPart; minor: bigint }[] {
  const lines = parts
    .filter((each) => each.kind !== 'cap')
    .map((each) => ({ part: each, minor: roundToMinor(each.amount, currency) }));
  if (cap === undefined) return lines;
  const limit = dec(cap, 'cap');
  const over = lines.reduce((sum, line) => sum + line.minor, 0n) - roundToMinor(limit, currency);
  if (over <= 0n) return lines;
  const exact = parts.find((each) => each.kind === 'cap') ?? part('cap', one, zero, noTier);
  return [...lines, { part: exact, minor: -over }];
}

function charged(model: Exclude<PriceModel, { kind: 'free' }>, units: Units): PricedPart[] {
  switch (model.kind) {
    case 'simple':
      return [part('units', sub(units.total, units.included), dec(model.price), noTier)];
    case 'volume':
      return volume(model.tiers, units);
    case 'graduated':
      return graduated(model.tiers, units);
    case 'buckets':
      return buckets(model.tiers, units);
    case 'discount':
      return discounted(model.price, model.tiers, units);
    default:
      model satisfies never;
      throw new RangeError('price: not a kind of price model');
  }
}

/** One price for all units: that of the tier in which the last unit lies, included units counted. */
function volume(tiers: readonly UnitTier[], units: Units): PricedPart[] {
  const index = tierOf(tiers, units.total);
  const tier = tiers[index];
  if (tier === undefined) throw new RangeError('price: the last tier is not open');
  return [part('units', sub(units.total, units.included), dec(tier.price), tierPosition(tiers, index))];
}

/** Each tier prices the units that lie in it. Included units take the first places. */
function graduated(tiers: readonly UnitTier[], units: Units): PricedPart[] {
  return tiers.slice(0, tierOf(tiers, units.total) + 1).flatMap((tier, index) => {
    const inside = chargedInside(tiers, index, units);
    return isZero(inside) ? [] : [part('units', inside, dec(tier.price), tierPosition(tiers, index))];
  });
}

function buckets(tiers: readonly BucketTier[], units: Units): PricedPart[] {
  return tiers.slice(0, tierOf(tiers, units.total) + 1).flatMap((tier, index) => {
    const inside = chargedInside(tiers, index, units);
    if (isZero(inside)) return [];
    const position = tierPosition(tiers, index);
    return 'flat' in tier
      ? [part('flat', one, dec(tier.flat), position)]
      : [part('units', inside, dec(tier.price), position)];
  });
}

/** The last tier whose `from` is reached discounts every unit. */
function discounted(base: string, tiers: readonly DiscountTier[], units: Units): PricedPart[] {
  const tier = tiers.findLastIndex((each) => cmp(units.total, dec(each.from)) >= 0);
  const reached = tiers[tier];
  const percent = reached === undefined ? zero : dec(reached.percent);
  const unitPrice = mulDiv(mul(dec(base), sub(dec(100), percent)), 1, 100);
  const to = tiers[tier + 1]?.from ?? null;
  const position = reached === undefined ? { ...noTier, to } : { tier, from: reached.from, to };
  return [part('units', sub(units.total, units.included), unitPrice, position)];
}

/** The index of the tier in which the last of `total` units lies, found by bisection. */
export function tierOf(tiers: readonly { readonly upTo: string | null }[], total: Dec): number {
  let [first, last] = [0, tiers.length - 1];
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    const upTo = tiers[middle]?.upTo ?? null;
    if (upTo === null || cmp(total, dec(upTo)) <= 0) last = middle;
    else first = middle + 1;
  }
  return first;
}

/** The number of units in the tier, without included units. */
function chargedInside(tiers: readonly { upTo: string | null }[], index: number, units: Units): Dec {
  const { from, to } = tierPosition(tiers, index);
  const lower = max(dec(from ?? '0'), units.included);
  const upper = to === null ? units.total : min(dec(to), units.total);
  return max(sub(upper, lower), zero);
}

function tierPosition(tiers: readonly { upTo: string | null }[], index: number): TierPosition {
  return { tier: index, from: tiers[index - 1]?.upTo ?? '0', to: tiers[index]?.upTo ?? null };
}

function capped(parts: PricedPart[], cap: Dec): PricedPart[] {
  const over = sub(total(parts), cap);
  return isNegative(over) || isZero(over) ? parts : [...parts, part('cap', one, neg(over), noTier)];
}

function part(kind: PricedPart['kind'], quantity: Dec, unitPrice: Dec, position: TierPosition): PricedPart {
  return {
    kind,
    tier: position.tier,
    from: position.from,
    to: position.to,
    quantity: decText(quantity),
    unitPrice: decText(unitPrice),
    amount: mul(quantity, unitPrice),
  };
}

function nonNegative(text: string, field: string): Dec {
  const value = dec(text, field);
  if (!isNegative(value)) return value;
  throw new DomainError('invalid_quantity', `${field} must not be negative`, {
    field,
    details: { value: text },
  });
}
