import { data as published } from 'currency-codes';
import { describe, expect, test } from 'vitest';
import { currencyDigits } from '../../../domain/arithmetic/currencies.ts';
import {
  allocate,
  asFraction,
  cmp,
  dec,
  decText,
  divideHalfUp,
  formatMinor,
  fromMinor,
  largestRemainder,
  mul,
  mulDiv,
  neg,
  parseAmount,
  roundToMinor,
  sub,
} from '../../../domain/arithmetic/money.ts';
import { refusal } from '../../support/refusal.ts';

describe('decimals', () => {
  test.each(['0', '9', '-5', '0.952', '283.3333', '0.0000001', '1234567890123456789012345678901234567890'])(
    '%s is read and printed unchanged',
    (text) => expect(decText(dec(text))).toBe(text),
  );

  test.each(['', ' 1', '1,5', '1e3', '1E-7', 'NaN', 'Infinity', '0x10', '+1', '.5', '5.', '1_000', '١'])(
    '%j is refused',
    (text) => expect(refusal(() => dec(text))).toMatchObject({ code: 'invalid_quantity' }),
  );

  test('a decimal may have 40 significant digits, and 41 are refused', () => {
    expect(decText(dec(`0.${'1'.repeat(40)}`))).toBe(`0.${'1'.repeat(40)}`);
    expect(refusal(() => dec('1'.repeat(41))).code).toBe('invalid_quantity');
  });

  test('a text of a million digits is refused without being computed', () => {
    const error = refusal(() => dec('9'.repeat(1_000_000), 'quantity'));
    expect(error).toMatchObject({ code: 'invalid_quantity', field: 'quantity' });
    expect(String(error.details['value']).length).toBe(80);
  });

  test('a JSON number may have 15 digits; more are noise of its binary form, and are refused', () => {
    expect(decText(dec(10.5))).toBe('10.5');
    expect(decText(dec(123456789012345))).toBe('123456789012345');
    expect(refusal(() => dec(0.1 + 0.2)).code).toBe('invalid_quantity');
    expect(refusal(() => dec(Number.NaN)).code).toBe('invalid_quantity');
    expect(refusal(() => dec(1e21)).code).toBe('invalid_quantity');
  });

  test('large sums keep their cents; the default precision of decimals would lose them', () => {
    const large = dec('123456789012345678901234567890.12');
    expect(decText(sub(large, dec('-0.01')))).toBe('123456789012345678901234567890.13');
  });

  test('zero has no sign', () => {
    expect(decText(dec('-0'))).toBe('0');
    expect(decText(neg(dec(0)))).toBe('0');
    expect(decText(mul(dec(-5), dec(0)))).toBe('0');
  });

  test('decimals are compared as numbers: 10 is greater than 9', () =>
    expect(cmp(dec('10'), dec('9'))).toBe(1));

  test('a ratio is applied by multiplying first and dividing then: a third of nine is three', () => {
    expect(decText(mulDiv(dec(9), 1, 3))).toBe('3');
    expect(decText(mulDiv(dec('850'), 1n, 3n))).toBe('283.3333333333333333333333333333333333333');
    expect(() => mulDiv(dec(1), 1, 0)).toThrow(RangeError);
  });

  test('a decimal can be written as a fraction of integers', () => {
    expect(asFraction(dec('2.5'))).toEqual({ numerator: 25n, denominator: 10n });
    expect(asFraction(dec('-19'))).toEqual({ numerator: -19n, denominator: 1n });
  });
});

describe('rounding to minor units', () => {
  test.each([
    ['0.004', 'EUR', 0n],
    ['0.005', 'EUR', 1n],
    ['-0.005', 'EUR', -1n],
    ['-0.004', 'EUR', 0n],
    ['51.096774', 'EUR', 5110n],
    ['-14.967741', 'EUR', -1497n],
    ['0.5', 'JPY', 1n],
    ['1.0005', 'KWD', 1001n],
  ] as const)('%s %s is %s', (amount, currency, minor) => {
    expect(roundToMinor(dec(amount), currency)).toBe(minor);
  });

  test('an amount of more than 15 digits is refused, as sums of such amounts would not fit into Postgres', () => {
    expect(roundToMinor(dec('9999999999999.99'), 'EUR')).toBe(999_999_999_999_999n);
    expect(refusal(() => roundToMinor(dec('10000000000000'), 'EUR')).code).toBe('invalid_amount');
  });

  test('integers divide half away from zero', () => {
    expect(divideHalfUp(5n, 2n)).toBe(3n);
    expect(divideHalfUp(-5n, 2n)).toBe(-3n);
    expect(divideHalfUp(7n, 3n)).toBe(2n);
    expect(() => divideHalfUp(1n, 0n)).toThrow(RangeError);
  });
});

describe('amounts as texts', () => {
  test.each([
    ['7500.00', 'EUR', 750_000n, '7500.00'],
    ['-14.97', 'EUR', -1497n, '-14.97'],
    ['-0.05', 'EUR', -5n, '-0.05'],
    ['10', 'EUR', 1000n, '10.00'],
    ['0', 'EUR', 0n, '0.00'],
    ['-0.00', 'EUR', 0n, '0.00'],
    ['500', 'JPY', 500n, '500'],
    ['1.234', 'KWD', 1234n, '1.234'],
  ] as const)('%s %s is read as %s minor units and printed as %s', (text, currency, minor, printed) => {
    expect(parseAmount(text, currency)).toBe(minor);
    expect(formatMinor(minor, currency)).toBe(printed);
    expect(decText(fromMinor(minor, currency))).toBe(decText(dec(text)));
  });

  test.each([
    ['0.001', 'EUR', 'an amount in EUR has at most 2 digits after the point'],
    ['1.500', 'EUR', 'an amount in EUR has at most 2 digits after the point'],
    ['1.0', 'JPY', 'an amount in JPY has no digits after the point'],
    ['1,50', 'EUR', 'not a plain amount such as 42.99'],
    ['1e2', 'EUR', 'not a plain amount such as 42.99'],
    ['', 'EUR', 'not a plain amount such as 42.99'],
    ['10000000000000.00', 'EUR', 'an amount may have at most 15 digits'],
    ['99999999999999999999999999999.99', 'EUR', 'an amount may have at most 15 digits'],
    ['-9999999999999999999999999999999', 'EUR', 'an amount may have at most 15 digits'],
    ['9'.repeat(1_000_000), 'EUR', 'an amount may have at most 15 digits'],
  ] as const)('%.20s %s is refused, and the message says why', (text, currency, message) => {
    const { code, message: said } = refusal(() => parseAmount(text, currency));
    expect([code, said]).toEqual(['invalid_amount', message]);
  });

  test.each(['XXX', 'eur', '', 'XAU', 'constructor'])('%j is refused as a currency', (currency) => {
    expect(refusal(() => formatMinor(1n, currency)).code).toBe('unknown_currency');
  });
});

describe('splitting an amount', () => {
  test.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [5n, [3n, 7n], [2n, 3n]],
    [10n, [0n, 1n], [0n, 10n]],
    [0n, [0n, 0n], [0n, 0n]],
    [1n, [1n, 2n, 3n], [0n, 0n, 1n]],
  ] as const)('%s split by the weights %s is %s', (total, weights, parts) => {
    expect(allocate(total, weights)).toEqual(parts);
  });

  test('weights that are all zero, missing or below zero throw a RangeError', () => {
    expect(() => allocate(1n, [])).toThrow(RangeError);
    expect(() => allocate(1n, [0n])).toThrow(RangeError);
    expect(() => allocate(1n, [2n, -1n])).toThrow(RangeError);
  });

  test('shares of mixed signs add up to the total', () => {
    expect(largestRemainder(36n, [-150n, 510n], 10n)).toEqual([-15n, 51n]);
    expect(largestRemainder(0n, [8403n, -8403n], 10n)).toEqual([840n, -840n]);
    expect(() => largestRemainder(9n, [10n], 10n)).toThrow(RangeError);
  });
});

test('the currency table equals the published ISO 4217, without codes that have no minor unit', () => {
  const noMinorUnit = 'XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' ');
  // XCG replaced ANG in 2025, after the package was published.
  const newer: [string, number][] = [['XCG', 2]];
  const expected = published
    .filter((row) => !noMinorUnit.includes(row.code))
    .map((row): [string, number] => [row.code, row.digits]);
  expect(Object.fromEntries(currencyDigits)).toEqual(Object.fromEntries([...expected, ...newer]));
});
