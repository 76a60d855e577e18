import { Decimal } from 'decimal.js';
import { currencyDigits } from './currencies.ts';
import { DomainError } from '../errors.ts';

/**
 * Only this file imports decimal.js. The clone has settings of its own: `Decimal.set` is process-wide, and the
 * default precision of 20 digits would silently round large amounts. ROUND_HALF_UP rounds a half away from zero.
 */
const Exact = Decimal.clone({ defaults: true, precision: 40, rounding: Decimal.ROUND_HALF_UP });

/**
 * An exact decimal number: a rate, a quantity, an amount that is not rounded yet. Never put it into JSON. Use the
 * functions below instead of operators, which would compare and add it as text.
 */
export type Dec = Decimal;

const ZERO = new Exact(0);
const MAX_TEXT = 80;
const MAX_DIGITS = 40;
const MAX_NUMBER_DIGITS = 15;
const PLAIN = /^-?\d+(?:\.\d+)?$/;
/** Fifteen digits. Sums of thousands of such amounts, as in documents and balances, still fit Postgres' `bigint`. */
const MAX_MINOR = 10n ** 15n - 1n;

/**
 * Parses a plain decimal: '12', '-0.5'. A JSON number may have up to 15 significant digits: any more would be noise of
 * its binary form. `field` names the input in the error.
 * @throws DomainError invalid_quantity for anything else: exponents, commas, NaN, more than 40 significant digits.
 */
export function dec(value: string | bigint | number, field?: string): Dec {
  const text = typeof value === 'string' ? value : String(value);
  // The length is checked first, so that a text of a million digits is refused at no cost.
  const readable = text.length <= MAX_TEXT && PLAIN.test(text);
  const limit = typeof value === 'number' ? MAX_NUMBER_DIGITS : MAX_DIGITS;
  if (!readable || significantDigits(text) > limit) {
    throw new DomainError('invalid_quantity', `not a plain decimal of at most ${limit} digits`, {
      field,
      details: { value: text.slice(0, MAX_TEXT) },
    });
  }
  return unsigned(new Exact(text));
}

function significantDigits(text: string): number {
  return text.replace(/[-.]/g, '').replace(/^0+/, '').length;
}

/** Removes the sign of zero, so that no text is '-0'. */
function unsigned(value: Dec): Dec {
  return value.isZero() ? ZERO : value;
}

/** The decimal as text with all of its digits, never with an exponent: '0.952', '283.3333'. */
export function decText(value: Dec): string {
  return unsigned(value).toFixed();
}

export function add(a: Dec, b: Dec): Dec {
  return unsigned(a.plus(b));
}

export function sub(a: Dec, b: Dec): Dec {
  return unsigned(a.minus(b));
}

export function mul(a: Dec, b: Dec): Dec {
  return unsigned(a.times(b));
}

export function neg(a: Dec): Dec {
  return unsigned(a.negated());
}

export function min(a: Dec, b: Dec): Dec {
  return a.lessThan(b) ? a : b;
}

export function max(a: Dec, b: Dec): Dec {
  return a.greaterThan(b) ? a : b;
}

/** -1, 0 or 1, as for sorting. */
export function cmp(a: Dec, b: Dec): number {
  return a.comparedTo(b);
}

export function isZero(a: Dec): boolean {
  return a.isZero();
}

export function isNegative(a: Dec): boolean {
  return a.lessThan(0);
}

/**
 * amount × numerator ÷ denominator. It multiplies first, because a ratio such as 1/3 must not be rounded before it is
 * applied.
 * @throws RangeError if the denominator is zero.
 */
export function mulDiv(amount: Dec, numerator: bigint | number, denominator: bigint | number): Dec {
  if (BigInt(denominator) === 0n) throw new RangeError('mulDiv: the denominator is zero');
  return unsigned(amount.times(String(numerator)).dividedBy(String(denominator)));
}

/** The decimal as an exact fraction whose denominator is a power of ten: 2.5 is 25/10. */
export function asFraction(value: Dec): { numerator: bigint; denominator: bigint } {
  const places = value.decimalPlaces();
  return { numerator: BigInt(value.toFixed(places).replace('.', '')), denominator: 10n ** BigInt(places) };
}

/**
 * Digits of the currency's minor unit: EUR 2, JPY 0.
 * @throws DomainError unknown_currency
 */
export function minorDigits(currency: string): number {
  const digits = currencyDigits.get(currency);
  if (digits !== undefined) return digits;
  throw new DomainError('unknown_currency', 'not a currency of ISO 4217 with a minor unit', {
    field: 'currency',
    details: { currency: currency.slice(0, 20) },
  });
}

/**
 * The one rounding point: rounds an exact amount in major units to whole minor units, half away from zero.
 * @throws DomainError invalid_amount beyond fifteen digits; unknown_currency
 */
export function roundToMinor(amount: Dec, currency: string): bigint {
  return bounded(BigInt(amount.toFixed(minorDigits(currency)).replace('.', '')), decText(amount));
}

/** Minor units as an exact amount in major units: 1234 cents are 12.34. */
export function fromMinor(minor: bigint, currency: string): Dec {
  return dec(formatMinor(minor, currency));
}

/** Minor units as text in major units, always with all digits of the currency: '-14.97'. */
export function formatMinor(minor: bigint, currency: string): string {
  const digits = minorDigits(currency);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * Parses an amount in major units, '7500.00' or '-10', to minor units. It never rounds: '0.001' EUR is refused.
 * @throws DomainError invalid_amount, unknown_currency
 */
export function parseAmount(text: string, currency: string): bigint {
  const digits = minorDigits(currency);
  const refused = (message: string): DomainError =>
    new DomainError('invalid_amount', message, { details: { amount: text.slice(0, 40), currency } });
  // The length is checked first, so that a text of a million digits is refused at no cost.
  if (text.length > MAX_AMOUNT_TEXT && /^-?\d+$/.test(text.slice(0, MAX_AMOUNT_TEXT)))
    throw refused(TOO_LONG);
  if (text.length > MAX_TEXT || !PLAIN.test(text)) throw refused('not a plain amount such as 42.99');
  const [whole = '', fraction = ''] = text.split('.');
  if (fraction.length > digits) {
    const most = digits === 0 ? 'no digits' : `at most ${digits} digits`;
    throw refused(`an amount in ${currency} has ${most} after the point`);
  }
  return bounded(BigInt(whole + fraction.padEnd(digits, '0')), text);
}

const TOO_LONG = 'an amount may have at most 15 digits';
/** Longer texts of digits alone are too long, whatever follows. */
const MAX_AMOUNT_TEXT = 24;

function bounded(minor: bigint, text: string): bigint {
  if (minor <= MAX_MINOR && minor >= -MAX_MINOR) return minor;
  throw new DomainError('invalid_amount', TOO_LONG, { details: { amount: text.slice(0, 60) } });
}

/**
 * Integer division rounded half away from zero; for amounts that are whole minor units already.
 * @throws RangeError unless the denominator is positive.
 */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('divideHalfUp: the denominator must be positive');
  const size = numerator < 0n ? -numerator : numerator;
  const quotient = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -quotient : quotient;
}

/**
 * Splits minor units by weights so that the parts add up to the total. The parts with the largest remainders are
 * rounded up; of equal remainders, the first. A negative total is split like the positive one, with the signs reversed.
 * @throws RangeError if a weight is negative, or if all are zero and the total is not.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('allocate: weights must not be negative');
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) {
    if (total !== 0n) throw new RangeError('allocate: nothing to allocate to');
    return weights.map(() => 0n);
  }
  return largestRemainder(
    total,
    weights.map((weight) => total * weight),
    sum,
  );
}

/**
 * Rounds the exact shares `numerators[i] ÷ denominator` to integers that add up to `total`. The shares may have
 * mixed signs, as lines and their credits have; their sum must lie within one half of the total.
 * @throws RangeError if the shares cannot add up to the total
 */
export function largestRemainder(
  total: bigint,
  numerators: readonly bigint[],
  denominator: bigint,
): bigint[] {
  // A negative total is split with reversed signs, so that a credit is split exactly as its charge was.
  const leading = total === 0n ? (numerators.find((numerator) => numerator !== 0n) ?? 0n) : total;
  const sign = leading < 0n ? -1n : 1n;
  const shares = numerators.map((numerator, index) => {
    const rest = (((sign * numerator) % denominator) + denominator) % denominator;
    return { index, rest, whole: (sign * numerator - rest) / denominator };
  });
  let missing = sign * total - shares.reduce((sum, share) => sum + share.whole, 0n);
  if (missing < 0n || missing > BigInt(shares.length)) {
    throw new RangeError('largestRemainder: the shares do not add up to the total');
  }
  for (const share of [...shares].sort((a, b) => Number(b.rest > a.rest) - Number(b.rest < a.rest))) {
    if (missing === 0n) break;
    share.whole += 1n;
    missing -= 1n;
  }
  return shares.map((share) => sign * share.whole);
}
