import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill/implementation';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addInterval,
  dateAt,
  daysBetween,
  divides,
  periodOf,
  startOfDay,
} from '../../domain/arithmetic/calendar.ts';
import type { Interval } from '../../domain/arithmetic/calendar.ts';
import { civilOf, dayNumber } from '../../domain/arithmetic/civil.ts';

const date = fc.integer({ min: 0, max: 36_000 }).map((days) => addDays('1980-01-01', days));
const interval: fc.Arbitrary<Interval> = fc.record({
  unit: fc.constantFrom('day', 'week', 'month', 'year'),
  count: fc.integer({ min: 1, max: 18 }),
});
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Juneau',
  'America/Sao_Paulo',
  'America/Havana',
  'Africa/Cairo',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
);

test('every day number from 1900 to 2200 is the date that the Temporal API of JavaScript gives', () => {
  let day = Temporal.PlainDate.from('1900-01-01');
  const first = dayNumber(1900, 1, 1);
  const last = dayNumber(2200, 12, 31);
  expect(dayNumber(1970, 1, 1)).toBe(0);
  let differences = 0;
  for (let number = first; number <= last; number += 1) {
    const { year, month, day: dayOfMonth } = civilOf(number);
    const same = year === day.year && month === day.month && dayOfMonth === day.day;
    if (!same || dayNumber(year, month, dayOfMonth) !== number) differences += 1;
    day = day.add({ days: 1 });
  }
  expect(differences).toBe(0);
});

test('anchor + n × interval is the date that the Temporal API of JavaScript gives', () => {
  fc.assert(
    fc.property(date, interval, fc.integer({ min: -24, max: 24 }), (anchor, each, n) => {
      const expected = Temporal.PlainDate.from(anchor).add({ [`${each.unit}s`]: each.count * n });
      fc.pre(expected.year >= 1900 && expected.year <= 2200);
      expect(addInterval(anchor, each, n)).toBe(expected.toString());
    }),
    { numRuns: 1000 },
  );
});

describe('periods', () => {
  test('every date lies in exactly one period, whose bounds are boundaries of the anchor', () => {
    fc.assert(
      fc.property(date, interval, date, (anchor, each, inside) => {
        const period = periodOf(anchor, each, inside);
        expect(period.start <= inside && inside < period.end).toBe(true);
        expect(period.start).toBe(addInterval(anchor, each, period.index));
        expect(period.end).toBe(addInterval(anchor, each, period.index + 1));
      }),
      { numRuns: 1000 },
    );
  });

  test('each period begins where the one before it ends', () => {
    fc.assert(
      fc.property(date, interval, date, (anchor, each, inside) => {
        const period = periodOf(anchor, each, inside);
        const next = periodOf(anchor, each, period.end);
        expect(next).toMatchObject({ index: period.index + 1, start: period.end });
        expect(periodOf(anchor, each, addDays(period.end, -1))).toEqual(period);
      }),
      { numRuns: 1000 },
    );
  });

  test('every boundary of an interval is also a boundary of each interval that divides it', () => {
    fc.assert(
      fc.property(date, interval, interval, fc.integer({ min: -3, max: 3 }), (anchor, small, large, n) => {
        fc.pre(divides(small, large));
        const boundary = addInterval(anchor, large, n);
        expect(periodOf(anchor, small, boundary).start).toBe(boundary);
      }),
      { numRuns: 300 },
    );
  });
});

describe('days in time zones', () => {
  test('the start of a day lies in the day, and before the start of the next day', () => {
    fc.assert(
      fc.property(date, zones, (each, zone) => {
        const start = startOfDay(each, zone);
        expect(dateAt(start, zone)).toBe(each);
        expect(start < startOfDay(addDays(each, 1), zone)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('the days from a to b and from b to c add up to the days from a to c', () => {
    fc.assert(
      fc.property(date, date, date, (a, b, c) => {
        expect(daysBetween(a, b) + daysBetween(b, c)).toBe(daysBetween(a, c));
        expect(addDays(a, daysBetween(a, b))).toBe(b);
      }),
    );
  });
});
