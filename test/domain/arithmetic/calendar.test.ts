import { describe, expect, test } from 'vitest';
import {
  addDays,
  addDaysAtSameTime,
  addDuration,
  addInterval,
  checkInterval,
  dateAt,
  daysBetween,
  divides,
  instant,
  localDate,
  periodOf,
  secondsBetween,
  startOfDay,
  zone,
} from '../../../domain/arithmetic/calendar.ts';
import type { Interval } from '../../../domain/arithmetic/calendar.ts';
import { refusal } from '../../support/refusal.ts';

const day = (count = 1): Interval => ({ unit: 'day', count });
const week = (count = 1): Interval => ({ unit: 'week', count });
const month = (count = 1): Interval => ({ unit: 'month', count });
const year = (count = 1): Interval => ({ unit: 'year', count });

describe('reading instants, dates, time zones and intervals', () => {
  test.each([
    ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
    ['2024-06-01T12:34:56.789123+02:00', '2024-06-01T10:34:56.789Z'],
    ['2024-06-01 12:34:56+00', '2024-06-01T12:34:56.000Z'],
    ['2023-12-31T23:30:00-01:00', '2024-01-01T00:30:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ])('%s is the instant %s', (text, expected) => expect(instant(text)).toBe(expected));

  test.each([
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-02-30T00:00:00.000Z',
    '2024-01-01T24:00:00.000Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00Z[Europe/Berlin]',
    '1899-12-31T23:59:59.999Z',
    '2201-01-01T00:00:00Z',
    '2200-12-31T23:00:00-02:00',
    '+012024-01-01T00:00:00Z',
    'now',
    '',
  ])('%j is refused as an instant', (text) => expect(refusal(() => instant(text)).code).toBe('invalid_date'));

  test.each(['1900-01-01', '2024-02-29', '2000-02-29', '2200-12-31'])('%s is a date', (text) =>
    expect(localDate(text)).toBe(text),
  );

  test.each([
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-04-31',
    '2024-1-1',
    '24-01-01',
    '1899-12-31',
    '2201-01-01',
    '',
  ])('%j is refused as a date', (text) => expect(refusal(() => localDate(text)).code).toBe('invalid_date'));

  test('a time zone gets the spelling of the IANA database', () => {
    expect(zone('Europe/Berlin')).toBe('Europe/Berlin');
    expect(zone('europe/berlin')).toBe('Europe/Berlin');
    expect(zone('UTC')).toBe('UTC');
  });

  test.each(['Europe/Atlantis', '+01:00', 'Z!', '', 'Europe/Berlin '])(
    '%j is refused as a time zone',
    (text) => expect(refusal(() => zone(text)).code).toBe('invalid_time_zone'),
  );

  test.each([0, -1, 1.5, 1001, Number.NaN])('an interval of %s months is refused', (count) =>
    expect(refusal(() => checkInterval(month(count))).code).toBe('invalid_interval'),
  );
});

describe('month ends are counted from the anchor', () => {
  const ends = (anchor: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => addInterval(anchor, month(), from + i));

  test('the 29th, 30th and 31st come back after a February of 29 days', () => {
    expect(ends('2024-01-29', 0, 3)).toEqual(['2024-01-29', '2024-02-29', '2024-03-29', '2024-04-29']);
    expect(ends('2024-01-30', 0, 3)).toEqual(['2024-01-30', '2024-02-29', '2024-03-30', '2024-04-30']);
    expect(ends('2024-01-31', 0, 3)).toEqual(['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30']);
  });

  test('the 29th, 30th and 31st come back after a February of 28 days', () => {
    expect(ends('2023-01-29', 1, 2)).toEqual(['2023-02-28', '2023-03-29']);
    expect(ends('2023-01-30', 1, 2)).toEqual(['2023-02-28', '2023-03-30']);
    expect(ends('2023-01-31', 1, 2)).toEqual(['2023-02-28', '2023-03-31']);
  });

  test('years from 29 February begin on 28 February, and on 29 February in a leap year', () => {
    expect([1, 2, 3, 4].map((n) => addInterval('2024-02-29', year(), n))).toEqual([
      '2025-02-28',
      '2026-02-28',
      '2027-02-28',
      '2028-02-29',
    ]);
  });

  test('intervals are also counted before the anchor, and in quarters, weeks and days', () => {
    expect(addInterval('2024-03-31', month(), -1)).toBe('2024-02-29');
    expect(addInterval('2024-03-31', month(), -13)).toBe('2023-02-28');
    expect(addInterval('2024-01-31', month(3), 1)).toBe('2024-04-30');
    expect(addInterval('2024-12-30', week(), 1)).toBe('2025-01-06');
    expect(addInterval('2024-02-28', day(10), 1)).toBe('2024-03-09');
    expect(refusal(() => addInterval('2024-01-31', year(200), 1)).code).toBe('invalid_date');
  });
});

describe('periods', () => {
  test.each([
    ['2024-01-31', month(), '2024-01-31', 0, '2024-01-31', '2024-02-29'],
    ['2024-01-31', month(), '2024-02-28', 0, '2024-01-31', '2024-02-29'],
    ['2024-01-31', month(), '2024-02-29', 1, '2024-02-29', '2024-03-31'],
    ['2024-01-31', month(), '2024-03-30', 1, '2024-02-29', '2024-03-31'],
    ['2024-01-31', month(), '2024-03-31', 2, '2024-03-31', '2024-04-30'],
    ['2024-01-31', month(), '2024-01-30', -1, '2023-12-31', '2024-01-31'],
    ['2024-01-31', month(), '2023-02-27', -12, '2023-01-31', '2023-02-28'],
    ['2024-01-31', month(), '2023-02-28', -11, '2023-02-28', '2023-03-31'],
    ['2024-01-15', month(3), '2024-07-14', 1, '2024-04-15', '2024-07-15'],
    ['2024-02-29', year(), '2025-02-28', 1, '2025-02-28', '2026-02-28'],
    ['2024-01-01', week(2), '2024-01-14', 0, '2024-01-01', '2024-01-15'],
    ['2024-01-01', week(), '2023-12-31', -1, '2023-12-25', '2024-01-01'],
    ['2024-01-01', day(30), '2024-01-31', 1, '2024-01-31', '2024-03-01'],
  ] as const)(
    'anchored on %s with the interval %o, %s lies in period %i, from %s to %s',
    (anchor, interval, date, index, start, end) => {
      expect(periodOf(anchor, interval, date)).toEqual({ index, start, end });
    },
  );

  test('days are counted in the calendar, without times of day', () => {
    expect(daysBetween('2024-02-10', '2024-03-01')).toBe(20);
    expect(daysBetween('2024-01-16', '2024-02-01')).toBe(16);
    expect(daysBetween('2024-03-01', '2024-02-29')).toBe(-1);
    expect(daysBetween('1900-01-01', '2200-12-31')).toBe(109_937);
    expect(addDays('2024-12-31', 1)).toBe('2025-01-01');
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
    expect(refusal(() => addDays('2024-01-01', Number.NaN)).code).toBe('invalid_date');
  });

  test('an interval divides another if every boundary of the larger is one of the smaller', () => {
    expect(divides(month(), year())).toBe(true);
    expect(divides(month(3), year())).toBe(true);
    expect(divides(month(5), year())).toBe(false);
    expect(divides(year(), month(12))).toBe(true);
    expect(divides(day(7), week())).toBe(true);
    expect(divides(week(), day(14))).toBe(true);
    expect(divides(week(), month())).toBe(false);
    expect(divides(day(), month())).toBe(true);
    expect(divides(year(), month())).toBe(false);
    expect(divides(month(), week(52))).toBe(false);
  });
});

describe('days in time zones', () => {
  // The day before, the day of, and the day after each change of the clocks.
  test.each([
    ['Europe/Berlin', '2024-03-31', '2024-03-30T23:00:00.000Z'],
    ['Europe/Berlin', '2024-04-01', '2024-03-31T22:00:00.000Z'],
    ['Europe/Berlin', '2024-10-27', '2024-10-26T22:00:00.000Z'],
    ['Europe/Berlin', '2024-10-28', '2024-10-27T23:00:00.000Z'],
    ['America/New_York', '2024-03-10', '2024-03-10T05:00:00.000Z'],
    ['America/New_York', '2024-03-11', '2024-03-11T04:00:00.000Z'],
    ['America/New_York', '2024-11-03', '2024-11-03T04:00:00.000Z'],
    ['America/New_York', '2024-11-04', '2024-11-04T05:00:00.000Z'],
    ['America/Juneau', '2024-03-10', '2024-03-10T09:00:00.000Z'],
    ['America/Juneau', '2024-03-11', '2024-03-11T08:00:00.000Z'],
    ['America/Juneau', '2024-11-03', '2024-11-03T08:00:00.000Z'],
    ['America/Juneau', '2024-11-04', '2024-11-04T09:00:00.000Z'],
    ['Australia/Sydney', '2024-04-07', '2024-04-06T13:00:00.000Z'],
    ['Australia/Sydney', '2024-04-08', '2024-04-07T14:00:00.000Z'],
    ['Australia/Sydney', '2024-10-06', '2024-10-05T14:00:00.000Z'],
    ['Australia/Sydney', '2024-10-07', '2024-10-06T13:00:00.000Z'],
    ['Asia/Kolkata', '2024-03-31', '2024-03-30T18:30:00.000Z'],
    ['Asia/Kolkata', '2024-10-27', '2024-10-26T18:30:00.000Z'],
    ['UTC', '2024-03-31', '2024-03-31T00:00:00.000Z'],
    ['UTC', '2024-10-27', '2024-10-27T00:00:00.000Z'],
    // Days without a midnight start at one o'clock.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z'],
    // Havana's midnight comes twice; the day starts with the first.
    ['America/Havana', '2024-11-03', '2024-11-03T04:00:00.000Z'],
  ])('in %s, %s starts at %s', (timeZone, date, start) => {
    expect(startOfDay(date, timeZone)).toBe(start);
    expect(dateAt(start, timeZone)).toBe(date);
    expect(dateAt(addDuration(start, { seconds: -1 }), timeZone)).toBe(addDays(date, -1));
  });

  test('Berlin has one day of 23 hours and one of 25 hours', () => {
    const hours = (date: string) =>
      secondsBetween(startOfDay(date, 'Europe/Berlin'), startOfDay(addDays(date, 1), 'Europe/Berlin')) / 3600;
    expect([hours('2024-03-31'), hours('2024-10-27'), hours('2024-10-28')]).toEqual([23, 25, 24]);
  });

  test.each([
    // 09:00 in Berlin stays 09:00 over both changes.
    ['2024-03-30T08:00:00.000Z', 1, 'Europe/Berlin', '2024-03-31T07:00:00.000Z'],
    ['2024-10-26T07:00:00.000Z', 1, 'Europe/Berlin', '2024-10-27T08:00:00.000Z'],
    // 02:30 does not exist on the day of the change and becomes 03:30.
    ['2024-03-30T01:30:00.000Z', 1, 'Europe/Berlin', '2024-03-31T01:30:00.000Z'],
    // 02:30 comes twice on the other; the earlier one counts.
    ['2024-10-26T00:30:00.000Z', 1, 'Europe/Berlin', '2024-10-27T00:30:00.000Z'],
    ['2024-10-25T00:30:00.000Z', 3, 'Europe/Berlin', '2024-10-28T01:30:00.000Z'],
    ['2024-06-01T12:00:00.000Z', 7, 'UTC', '2024-06-08T12:00:00.000Z'],
  ])('%s plus %i days at the same local time in %s is %s', (at, days, timeZone, expected) => {
    expect(addDaysAtSameTime(at, days, timeZone)).toBe(expected);
  });

  test('durations count elapsed time, not calendar days', () => {
    expect(addDuration('2024-03-31T00:30:00.000Z', { hours: 1, minutes: 15, seconds: 30 })).toBe(
      '2024-03-31T01:45:30.000Z',
    );
    expect(addDuration('1970-01-01T00:00:00.000Z', { seconds: -1 })).toBe('1969-12-31T23:59:59.000Z');
    expect(secondsBetween('2024-01-01T00:00:00.900Z', '2024-01-01T00:00:01.100Z')).toBe(1);
    expect(secondsBetween('2024-01-01T00:01:00.000Z', '2024-01-01T00:00:00.000Z')).toBe(-60);
    expect(refusal(() => secondsBetween('2024-01-01', '2024-01-01T00:00:00.000Z')).code).toBe('invalid_date');
  });
});
