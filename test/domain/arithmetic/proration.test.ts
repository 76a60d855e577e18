import { describe, expect, test } from 'vitest';
import { dec, formatMinor } from '../../../domain/arithmetic/money.ts';
import { creditLineMinor, prorate } from '../../../domain/arithmetic/proration.ts';

const prorated = (full: string, days: number, of: number) =>
  formatMinor(prorate(dec(full), days, of, 'EUR').minor, 'EUR');

test.each([
  // The prorated lines of `test/domain/contracts/year.test.ts`.
  ['29.00', 16, 31, '14.97'],
  ['99.00', 16, 31, '51.10'],
  ['27.00', 20, 29, '18.62'],
  ['99.00', 11, 31, '35.13'],
  ['27.00', 11, 31, '9.58'],
  ['49.00', 14, 30, '22.87'],
  ['99.00', 20, 30, '66.00'],
  ['29.00', 20, 30, '19.33'],
  ['18.00', 16, 31, '9.29'],
  ['45.00', 16, 31, '23.23'],
  ['-29.00', 16, 31, '-14.97'],
  ['10.00', 0, 31, '0.00'],
  ['10.00', 31, 31, '10.00'],
])('%s for %i of %i days is %s', (full, days, of, expected) => {
  expect(prorated(full, days, of)).toBe(expected);
});

test('the result contains the fraction of days, so that it can be printed', () => {
  expect(prorate(dec('99'), 16, 31, 'EUR')).toEqual({ minor: 5110n, fraction: { days: 16, of: 31 } });
});

test('proration uses the exact amount of the full period, not the rounded one', () => {
  // If 0.005 were rounded first, it would be 0.01, and half of that would be rounded to 0.01 again.
  expect(prorated('0.005', 1, 2)).toBe('0.00');
});

test.each([
  [-1, 31],
  [32, 31],
  [1.5, 31],
  [0, 0],
])('%d of %d days throws a RangeError', (days, of) => {
  expect(() => prorate(dec('1'), days, of, 'EUR')).toThrow(RangeError);
});

describe('credits', () => {
  const line = {
    lineMinor: 2900n,
    alreadyCredited: 0n,
    fullExact: dec('29'),
    fullLength: 31,
    currency: 'EUR',
  };

  test('a part of a line is credited by its days: 16 of 31 days of 29.00 are 14.97 (rules 5, 10)', () => {
    expect(creditLineMinor({ ...line, units: 16, leftUnits: 31 })).toBe(-1497n);
  });

  test('a credit of a whole line is exactly its amount', () => {
    expect(creditLineMinor({ ...line, units: 31, leftUnits: 31 })).toBe(-2900n);
  });

  test('the last credit takes exactly what is left (rule 10)', () => {
    const thirds = { ...line, lineMinor: 1000n, fullExact: dec('10'), fullLength: 3 };
    expect(creditLineMinor({ ...thirds, units: 1, leftUnits: 3 })).toBe(-333n);
    expect(creditLineMinor({ ...thirds, alreadyCredited: 333n, units: 1, leftUnits: 2 })).toBe(-333n);
    expect(creditLineMinor({ ...thirds, alreadyCredited: 666n, units: 1, leftUnits: 1 })).toBe(-334n);
  });

  test('a credit never exceeds the amount that is left', () => {
    // 0.01 over three days: each day rounds to 0.00, two days to 0.01.
    const cent = { ...line, lineMinor: 1n, fullExact: dec('0.01'), fullLength: 3 };
    expect(creditLineMinor({ ...cent, units: 2, leftUnits: 3 })).toBe(-1n);
    expect(creditLineMinor({ ...cent, alreadyCredited: 1n, units: 1, leftUnits: 1 })).toBe(0n);
    expect(creditLineMinor({ ...line, lineMinor: 100n, units: 16, leftUnits: 31 })).toBe(-100n);
  });

  test('the credit of a line below zero is above zero', () => {
    const discount = { ...line, lineMinor: -2900n, fullExact: dec('-29') };
    expect(creditLineMinor({ ...discount, units: 16, leftUnits: 31 })).toBe(1497n);
    expect(creditLineMinor({ ...discount, alreadyCredited: -1497n, units: 15, leftUnits: 15 })).toBe(1403n);
  });

  test('the credit of a prorated line is computed from the amount of the full period', () => {
    // Pro for 16 of 31 days is 51.10; ten of those days are 99.00 × 10 ÷ 31 = 31.94.
    expect(
      creditLineMinor({ ...line, lineMinor: 5110n, fullExact: dec('99'), units: 10, leftUnits: 16 }),
    ).toBe(-3194n);
  });

  test('crediting more days than are left throws a RangeError', () => {
    expect(() => creditLineMinor({ ...line, units: 17, leftUnits: 16 })).toThrow(RangeError);
  });
});
