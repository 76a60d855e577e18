import { describe, expect, test } from 'vitest';
import { nextDue } from '../../../domain/contracts/next-due.ts';
import { Life, add, billed, set, toVariant } from '../../support/contract-builder.ts';

/** The instants of the next `count` bills. Each bill is made before the next instant is read. */
function dues(life: Life, count: number): string[] {
  return Array.from({ length: count }, () => {
    const due = nextDue(life.state) ?? 'never';
    life.until(due);
    return due;
  });
}

describe('bills come on the day of the anchor, or on the last day of a shorter month (rules 1, 2)', () => {
  test.each([
    ['2024-01-29', ['2024-01-29', '2024-02-29', '2024-03-29', '2024-04-29', '2024-05-29']],
    ['2024-01-30', ['2024-01-30', '2024-02-29', '2024-03-30', '2024-04-30', '2024-05-30']],
    ['2024-01-31', ['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30', '2024-05-31']],
    ['2023-01-29', ['2023-01-29', '2023-02-28', '2023-03-29', '2023-04-29', '2023-05-29']],
    ['2023-01-30', ['2023-01-30', '2023-02-28', '2023-03-30', '2023-04-30', '2023-05-30']],
    ['2023-01-31', ['2023-01-31', '2023-02-28', '2023-03-31', '2023-04-30', '2023-05-31']],
  ])('a contract from %s is billed 99.00 on each of the days %j, and nothing in between', (start, dates) => {
    const life = new Life({ variant: 'pro', start });
    life.stepTo(dates.at(-1) ?? '');
    expect(billed(life)).toEqual(dates.map((date) => `${date}: 99.00`));
  });

  test('a yearly contract from 29 February is billed on 28 February, and on 29 February in a leap year', () => {
    const life = new Life({ variant: 'pro-year', start: '2024-02-29' });
    life.stepTo('2028-03-01');
    expect(billed(life)).toEqual([
      '2024-02-29: 990.00',
      '2025-02-28: 990.00',
      '2026-02-28: 990.00',
      '2027-02-28: 990.00',
      '2028-02-29: 990.00',
    ]);
  });

  test.each([
    // Three seats of 9.00 from a day on. The ends of the months decide how long their period is.
    ['2024-01-31', '2024-02-10', '17.69'], // 27.00 × 19 ÷ 29, to 29 February
    ['2023-01-31', '2023-02-10', '17.36'], // 27.00 × 18 ÷ 28, to 28 February
    ['2023-01-30', '2023-02-10', '16.76'], // 27.00 × 18 ÷ 29
    ['2023-01-29', '2023-02-10', '16.20'], // 27.00 × 18 ÷ 30
    ['2023-01-31', '2023-03-10', '18.29'], // 27.00 × 21 ÷ 31, from 28 February to 31 March
    ['2023-01-31', '2023-04-10', '18.00'], // 27.00 × 20 ÷ 30, from 31 March to 30 April
  ])('a contract from %s that books seats on %s pays %s for them (rule 5)', (start, day, amount) => {
    const life = new Life({ variant: 'pro', start });
    expect(life.do(day, add('seat', '3'))).toBe('applied');
    expect(life.printed.at(-1)?.slice(0, 2)).toEqual([day, amount]);
  });
});

describe('bills are due at the first instant of a local day, before and after both changes of summer time (rule 1)', () => {
  test.each([
    [
      'Europe/Berlin',
      ['2024-02-29T23:00', '2024-03-31T22:00', '2024-04-30T22:00', '2024-05-31T22:00', '2024-06-30T22:00'],
      ['2024-07-31T22:00', '2024-08-31T22:00', '2024-09-30T22:00', '2024-10-31T23:00', '2024-11-30T23:00'],
    ],
    [
      'America/New_York',
      ['2024-03-01T05:00', '2024-04-01T04:00', '2024-05-01T04:00', '2024-06-01T04:00', '2024-07-01T04:00'],
      ['2024-08-01T04:00', '2024-09-01T04:00', '2024-10-01T04:00', '2024-11-01T04:00', '2024-12-01T05:00'],
    ],
    [
      'America/Juneau',
      ['2024-03-01T09:00', '2024-04-01T08:00', '2024-05-01T08:00', '2024-06-01T08:00', '2024-07-01T08:00'],
      ['2024-08-01T08:00', '2024-09-01T08:00', '2024-10-01T08:00', '2024-11-01T08:00', '2024-12-01T09:00'],
    ],
    [
      'Australia/Sydney',
      ['2024-02-29T13:00', '2024-03-31T13:00', '2024-04-30T14:00', '2024-05-31T14:00', '2024-06-30T14:00'],
      ['2024-07-31T14:00', '2024-08-31T14:00', '2024-09-30T14:00', '2024-10-31T13:00', '2024-11-30T13:00'],
    ],
    [
      'Asia/Kolkata',
      ['2024-02-29T18:30', '2024-03-31T18:30', '2024-04-30T18:30', '2024-05-31T18:30', '2024-06-30T18:30'],
      ['2024-07-31T18:30', '2024-08-31T18:30', '2024-09-30T18:30', '2024-10-31T18:30', '2024-11-30T18:30'],
    ],
    [
      'UTC',
      ['2024-03-01T00:00', '2024-04-01T00:00', '2024-05-01T00:00', '2024-06-01T00:00', '2024-07-01T00:00'],
      ['2024-08-01T00:00', '2024-09-01T00:00', '2024-10-01T00:00', '2024-11-01T00:00', '2024-12-01T00:00'],
    ],
  ])('in %s', (zone, spring, autumn) => {
    const life = new Life({ variant: 'pro', start: '2024-02-01', zone });
    expect(dues(life, 10)).toEqual([...spring, ...autumn].map((minute) => `${minute}:00.000Z`));
    expect(life.printed.map(([date, lines]) => [date.slice(8), lines])).toEqual(
      Array.from({ length: 11 }, () => ['01', '99.00']),
    );
  });

  test.each([
    // The day of the change begins before the change. Where midnight is skipped, it begins at one o'clock.
    ['Europe/Berlin', '2024-02-29', ['2024-03-28T23:00:00.000Z', '2024-04-28T22:00:00.000Z']],
    ['Europe/Berlin', '2024-01-31', ['2024-02-28T23:00:00.000Z', '2024-03-30T23:00:00.000Z']],
    ['Europe/Berlin', '2024-09-27', ['2024-10-26T22:00:00.000Z', '2024-11-26T23:00:00.000Z']],
    ['America/New_York', '2024-02-10', ['2024-03-10T05:00:00.000Z', '2024-04-10T04:00:00.000Z']],
    ['America/New_York', '2024-10-03', ['2024-11-03T04:00:00.000Z', '2024-12-03T05:00:00.000Z']],
    ['Australia/Sydney', '2024-03-07', ['2024-04-06T13:00:00.000Z', '2024-05-06T14:00:00.000Z']],
    ['America/Havana', '2024-02-10', ['2024-03-10T05:00:00.000Z', '2024-04-10T04:00:00.000Z']],
    ['Africa/Cairo', '2024-03-26', ['2024-04-25T22:00:00.000Z', '2024-05-25T21:00:00.000Z']],
  ])(
    'in %s, a contract from %s is billed on the day of the change and a month later',
    (zone, start, instants) => {
      expect(dues(new Life({ variant: 'pro', start, zone }), 2)).toEqual(instants);
    },
  );

  test('a day of 23 hours counts as a whole day: Pro to Basic on 31 March is −3.19 + 0.94 (rule 5)', () => {
    const life = new Life({ variant: 'pro', start: '2024-03-01' });
    expect(life.do('2024-03-31T20:00:00.000Z', toVariant('basic'))).toBe('applied');
    expect(billed(life)).toEqual(['2024-03-01: 99.00', '2024-03-31: -3.19, 0.94']);
  });

  test.each([
    ['Europe/Berlin', '2024-03-16', '13.94'], // half past midnight on the 16th: 27.00 × 16 ÷ 31
    ['America/New_York', '2024-03-15', '14.81'], // half past seven in the evening of the 15th: 27.00 × 17 ÷ 31
    ['Asia/Kolkata', '2024-03-16', '13.94'],
  ])(
    'a change at 23:30 UTC on 15 March counts from the local day in %s: from %s, for %s (rule 5)',
    (zone, day, amount) => {
      const life = new Life({ variant: 'pro', start: '2024-03-01', zone });
      expect(life.do('2024-03-15T23:30:00.000Z', add('seat', '3'))).toBe('applied');
      expect(life.printed.at(-1)?.slice(0, 2)).toEqual([day, amount]);
    },
  );
});

describe('a first period that is cut short is prorated by the full period that it lies in (rule 2)', () => {
  test.each([
    ['pro', '2024-01-16', '2024-02-01', ['2024-01-16: 51.10', '2024-02-01: 99.00']], // 16 of 31 days
    ['pro', '2024-01-16', '2024-01-10', ['2024-01-16: 79.84', '2024-02-10: 99.00']], // 25 of 31, to 10 February
    ['pro', '2024-02-10', '2024-01-31', ['2024-02-10: 64.86', '2024-02-29: 99.00']], // 19 of 29, to 29 February
    ['pro', '2024-02-29', '2024-01-31', ['2024-02-29: 99.00', '2024-03-31: 99.00']], // no period is cut short
    ['basic', '2024-01-05', '2024-02-01', ['2024-01-19: 12.16', '2024-02-01: 29.00']], // 13 of 31, after the trial
    ['basic', '2024-01-05', '2024-01-10', ['2024-01-19: 20.58', '2024-02-10: 29.00']], // 22 of 31, to 10 February
    ['pro-year', '2024-07-01', '2025-01-01', ['2024-07-01: 497.70', '2025-01-01: 990.00']], // 184 of 366 days
  ])('%s from %s with the anchor %s', (variant, start, anchor, bills) => {
    const life = new Life({ variant, start, anchor });
    life.stepTo(bills.at(-1)?.slice(0, 10) ?? '');
    expect(billed(life)).toEqual(bills);
  });
});

describe('a change of the interval', () => {
  test('from monthly to yearly now cuts the period, and the day of the change is the anchor of all items (rule 26)', () => {
    const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
    expect(life.do('2024-03-16', toVariant('pro-year'))).toBe('applied');
    life.stepTo('2024-05-31');
    expect(life.printed).toEqual([
      ['2024-01-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-02-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-03-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-03-16', '-51.10, 990.00, -13.94, 27.00', '951.96', '180.87', '1132.83'],
      ['2024-04-16', '27.00', '27.00', '5.13', '32.13'],
      ['2024-05-16', '27.00', '27.00', '5.13', '32.13'],
    ]);
    life.stepTo('2025-03-16');
    expect(life.printed.at(-1)).toEqual(['2025-03-16', '990.00, 27.00', '1017.00', '193.23', '1210.23']);
  });

  test('from yearly to monthly now credits the rest of the year (rule 26)', () => {
    const life = new Life({ variant: 'pro-year', start: '2024-01-01' });
    expect(life.do('2024-07-01', toVariant('pro'))).toBe('applied');
    life.stepTo('2024-08-31');
    expect(life.printed).toEqual([
      ['2024-01-01', '990.00', '990.00', '188.10', '1178.10'],
      ['2024-07-01', '-497.70, 99.00', '-398.70', '-75.75', '-474.45'], // 990.00 × 184 ÷ 366
      ['2024-08-01', '99.00', '99.00', '18.81', '117.81'],
    ]);
    expect(life.documents.map((document) => document.kind)).toEqual(['invoice', 'credit_note', 'invoice']);
  });

  test.each([
    ['pro', 'pro-year', '2024-03-16', ['2024-04-01: 990.00', '2025-04-01: 990.00']],
    ['pro-year', 'pro', '2024-07-01', ['2025-01-01: 99.00', '2025-02-01: 99.00', '2025-03-01: 99.00']],
  ])('from %s to %s at the end of the period credits nothing', (from, to, asked, bills) => {
    const life = new Life({ variant: from, start: '2024-01-01' });
    expect(life.do(asked, toVariant(to), 'period_end')).toBe('applied');
    life.stepTo(bills.at(-1)?.slice(0, 10) ?? '');
    expect(billed(life).filter((bill) => bill.slice(0, 10) > asked)).toEqual(bills);
  });

  test('at a month end makes that day the anchor', () => {
    const life = new Life({ variant: 'pro', start: '2024-01-31' });
    expect(life.do('2024-02-10', toVariant('pro-year'), 'period_end')).toBe('applied');
    life.stepTo('2026-03-01');
    expect(billed(life)).toEqual([
      '2024-01-31: 99.00',
      '2024-02-29: 990.00',
      '2025-02-28: 990.00',
      '2026-02-28: 990.00',
    ]);
  });
});

test('a component with a monthly price is prorated by the month, also under a yearly fee (rules 3, 4)', () => {
  const life = new Life({ variant: 'pro-year', start: '2024-01-31', seats: '2' });
  expect(life.do('2024-03-10', set(life.subscription('seat'), '5'))).toBe('applied');
  life.stepTo('2024-04-30');
  expect(billed(life)).toEqual([
    '2024-01-31: 990.00, 18.00',
    '2024-02-29: 18.00',
    '2024-03-10: -12.19, 30.48', // 18.00 and 45.00 × 21 ÷ 31, from 29 February to 31 March
    '2024-03-31: 45.00',
    '2024-04-30: 45.00',
  ]);
});
