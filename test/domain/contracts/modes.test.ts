// Each payment mode, standalone and on the contract's grid: booked, changed, paused, cancelled and removed. At 31.00 a month,
// a day of January or March costs 1.00. The fee is for a quarter, and bill runs come each month.
import { describe, expect, test } from 'vitest';
import { Life, add, billed, cancel, pause, remove, resume, set } from '../../support/contract-builder.ts';
import { EVERY_MODE } from '../../support/sold.ts';

const quarter = (start: string, variant = 'quarter') => new Life({ variant, start, catalogue: EVERY_MODE });

/** A quarterly contract from 1 January, with a component booked on the 11th: 21 days of the month are left. */
function booked(mode: string, variant = 'quarter'): Life {
  const life = quarter('2024-01-01', variant);
  expect(life.do('2024-01-11', add(mode))).toBe('applied');
  return life;
}

describe('a component that is booked on the 11th (rule 4)', () => {
  test.each([
    ['pre_paid', ['2024-01-11: 21.00', '2024-02-01: 31.00', '2024-03-01: 31.00', '2024-04-01: 31.00']],
    ['post_paid', ['2024-02-01: 21.00', '2024-03-01: 31.00', '2024-04-01: 31.00']],
    ['billed_until', ['2024-01-11: 21.00, 31.00, 31.00', '2024-04-01: 31.00, 31.00, 31.00']],
    ['pre_paid alone', ['2024-01-11: 31.00', '2024-02-11: 31.00', '2024-03-11: 31.00']],
    ['post_paid alone', ['2024-02-11: 31.00', '2024-03-11: 31.00']],
    ['billed_until alone', ['2024-01-11: 31.00, 31.00, 31.00']],
  ])('in the payment mode %s', (mode, bills) => {
    expect(billed(booked(mode).stepTo('2024-04-02'))).toEqual(bills);
  });
});

describe('a quantity that changes from 1 to 3 on the 26th: 6 days are left of the month, 16 of a standalone period (rules 4, 5)', () => {
  test.each([
    ['pre_paid', ['2024-01-11: 21.00', '2024-01-26: -6.00, 18.00', '2024-02-01: 93.00', '2024-03-01: 93.00']],
    ['post_paid', ['2024-02-01: 15.00, 18.00', '2024-03-01: 93.00']],
    [
      'billed_until',
      ['2024-01-11: 21.00, 31.00, 31.00', '2024-01-26: -6.00, 18.00, -31.00, 93.00, -31.00, 93.00'],
    ],
    [
      'pre_paid alone',
      ['2024-01-11: 31.00', '2024-01-26: -16.00, 48.00', '2024-02-11: 93.00', '2024-03-11: 93.00'],
    ],
    ['post_paid alone', ['2024-02-11: 15.00, 48.00', '2024-03-11: 93.00']],
    [
      'billed_until alone',
      ['2024-01-11: 31.00, 31.00, 31.00', '2024-01-26: -16.00, 48.00, -31.00, 93.00, -31.00, 93.00'],
    ],
  ])('in the payment mode %s', (mode, bills) => {
    const life = booked(mode);
    expect(life.do('2024-01-26', set(life.subscription(mode), '3'))).toBe('applied');
    expect(billed(life.stepTo('2024-03-31'))).toEqual(bills);
  });
});

describe('a contract that is paused from 26 January to 15 February (rule 25)', () => {
  // 14.97 is 31.00 × 14 ÷ 29, from 16 to 29 February; 25.66 is 31.00 × 24 ÷ 29, from 16 February to 10 March.
  test.each([
    ['pre_paid', ['2024-01-11: 21.00', '2024-02-16: 14.97', '2024-03-01: 31.00']],
    ['post_paid', ['2024-02-01: 15.00', '2024-03-01: 14.97']],
    ['billed_until', ['2024-01-11: 21.00, 31.00, 31.00']],
    ['pre_paid alone', ['2024-01-11: 31.00', '2024-02-16: 25.66', '2024-03-11: 31.00']],
    ['post_paid alone', ['2024-02-11: 15.00', '2024-03-11: 25.66']],
    ['billed_until alone', ['2024-01-11: 31.00, 31.00, 31.00']],
  ])('in the payment mode %s', (mode, bills) => {
    const life = booked(mode);
    expect(life.do('2024-01-26', pause())).toBe('applied');
    expect(life.do('2024-02-16', resume())).toBe('applied');
    expect(billed(life.stepTo('2024-03-31'))).toEqual(bills);
  });
});

describe('a contract that is paused for the same days under a variant that credits pauses (rule 25)', () => {
  test.each([
    ['pre_paid', ['2024-01-11: 21.00', '2024-01-26: -6.00', '2024-02-16: 14.97', '2024-03-01: 31.00']],
    ['post_paid', ['2024-02-01: 15.00', '2024-03-01: 14.97']],
    [
      'billed_until',
      ['2024-01-11: 21.00, 31.00, 31.00', '2024-01-26: -6.00, -31.00, -31.00', '2024-02-16: 14.97, 31.00'],
    ],
    ['pre_paid alone', ['2024-01-11: 31.00', '2024-01-26: -16.00', '2024-02-16: 25.66', '2024-03-11: 31.00']],
    ['post_paid alone', ['2024-02-11: 15.00', '2024-03-11: 25.66']],
    [
      'billed_until alone',
      ['2024-01-11: 31.00, 31.00, 31.00', '2024-01-26: -16.00, -31.00, -31.00', '2024-02-16: 25.66, 31.00'],
    ],
  ])('in the payment mode %s', (mode, bills) => {
    const life = booked(mode, 'crediting');
    expect(life.do('2024-01-26', pause())).toBe('applied');
    expect(life.do('2024-02-16', resume())).toBe('applied');
    expect(billed(life.stepTo('2024-03-31'))).toEqual(bills);
  });
});

describe('a contract that is cancelled on the 26th: days paid in advance are credited, days in arrears are billed (rule 26)', () => {
  test.each([
    ['pre_paid', ['2024-01-11: 21.00', '2024-01-26: -6.00']],
    ['post_paid', ['2024-01-26: 15.00']],
    ['billed_until', ['2024-01-11: 21.00, 31.00, 31.00', '2024-01-26: -6.00, -31.00, -31.00']],
    ['pre_paid alone', ['2024-01-11: 31.00', '2024-01-26: -16.00']],
    ['post_paid alone', ['2024-01-26: 15.00']],
    ['billed_until alone', ['2024-01-11: 31.00, 31.00, 31.00', '2024-01-26: -16.00, -31.00, -31.00']],
  ])('in the payment mode %s', (mode, bills) => {
    const life = booked(mode);
    expect(life.do('2024-01-26', cancel())).toBe('applied');
    expect(billed(life.stepTo('2024-04-02'))).toEqual(bills);
  });
});

describe('a component that is removed on the 26th: its arrears are billed in the next bill run of the contract (rule 4)', () => {
  test.each([
    ['pre_paid', ['2024-01-11: 21.00', '2024-01-26: -6.00']],
    ['post_paid', ['2024-02-01: 15.00']],
    ['billed_until', ['2024-01-11: 21.00, 31.00, 31.00', '2024-01-26: -6.00, -31.00, -31.00']],
    ['pre_paid alone', ['2024-01-11: 31.00', '2024-01-26: -16.00']],
    ['post_paid alone', ['2024-02-01: 15.00']],
    ['billed_until alone', ['2024-01-11: 31.00, 31.00, 31.00', '2024-01-26: -16.00, -31.00, -31.00']],
  ])('in the payment mode %s', (mode, bills) => {
    const life = booked(mode);
    expect(life.do('2024-01-26', remove(life.subscription(mode)))).toBe('applied');
    expect(billed(life.stepTo('2024-04-02'))).toEqual(bills);
  });
});

describe('a contract anchored on the 31st, whose component is booked on 10 February (rule 2)', () => {
  // 20.31 is 31.00 × 19 ÷ 29, to 28 February 2024; 19.93 is 31.00 × 18 ÷ 28, to 27 February 2023.
  test.each([
    [
      'pre_paid',
      '2024',
      ['2024-02-10: 20.31', '2024-02-29: 31.00', '2024-03-31: 31.00', '2024-04-30: 31.00'],
    ],
    ['post_paid', '2024', ['2024-02-29: 20.31', '2024-03-31: 31.00', '2024-04-30: 31.00']],
    ['billed_until', '2024', ['2024-02-10: 20.31, 31.00, 31.00', '2024-04-30: 31.00, 31.00, 31.00']],
    [
      'pre_paid',
      '2023',
      ['2023-02-10: 19.93', '2023-02-28: 31.00', '2023-03-31: 31.00', '2023-04-30: 31.00'],
    ],
    ['post_paid', '2023', ['2023-02-28: 19.93', '2023-03-31: 31.00', '2023-04-30: 31.00']],
    ['billed_until', '2023', ['2023-02-10: 19.93, 31.00, 31.00', '2023-04-30: 31.00, 31.00, 31.00']],
  ])('in the payment mode %s in %s', (mode, year, bills) => {
    const life = quarter(`${year}-01-31`);
    expect(life.do(`${year}-02-10`, add(mode))).toBe('applied');
    expect(billed(life.stepTo(`${year}-05-01`))).toEqual(bills);
  });
});

describe('a standalone component that is booked on 31 January and removed on 20 February (rules 2, 4)', () => {
  // Of 29 days in 2024, 9 are left (−9.62) and 20 were used (21.38). Of 28 days in 2023, 8 are left (−8.86) and 20 were used
  // (22.14).
  test.each([
    ['pre_paid alone', '2024', ['2024-01-31: 31.00', '2024-02-20: -9.62']],
    ['post_paid alone', '2024', ['2024-02-29: 21.38']],
    ['billed_until alone', '2024', ['2024-01-31: 31.00, 31.00, 31.00', '2024-02-20: -9.62, -31.00, -31.00']],
    ['pre_paid alone', '2023', ['2023-01-31: 31.00', '2023-02-20: -8.86']],
    ['post_paid alone', '2023', ['2023-02-28: 22.14']],
    ['billed_until alone', '2023', ['2023-01-31: 31.00, 31.00, 31.00', '2023-02-20: -8.86, -31.00, -31.00']],
  ])('in the payment mode %s in %s', (mode, year, bills) => {
    const life = quarter(`${year}-01-01`);
    expect(life.do(`${year}-01-31`, add(mode))).toBe('applied');
    expect(life.do(`${year}-02-20`, remove(life.subscription(mode)))).toBe('applied');
    expect(billed(life.stepTo(`${year}-05-01`))).toEqual(bills);
  });
});

describe('over the end of February, on the grid of the 31st, standalone or not (rules 2, 4)', () => {
  // From 31 January there are 29 days to 28 February 2024, and 28 to 27 February 2023; then 31 to 30 March.
  const crossing = (mode: string, year: string): Life =>
    new Life({
      variant: 'quarter',
      start: `${year}-01-31`,
      catalogue: EVERY_MODE,
      components: [{ component: mode, quantity: '1' }],
    });
  const alone = (rows: readonly (readonly [string, string, readonly string[]])[]) =>
    rows.flatMap(([mode, year, bills]) => [
      [mode, year, bills] as const,
      [`${mode} alone`, year, bills] as const,
    ]);

  // 19 days are left of 29 (20.31 of 31.00, 60.93 of 93.00), 18 of 28 (19.93 and 59.79); 10 were used (10.69, 11.07).
  test.each(
    alone([
      [
        'pre_paid',
        '2024',
        ['2024-01-31: 31.00', '2024-02-10: -20.31, 60.93', '2024-02-29: 93.00', '2024-03-31: 93.00'],
      ],
      ['post_paid', '2024', ['2024-02-29: 10.69, 60.93', '2024-03-31: 93.00']],
      [
        'billed_until',
        '2024',
        ['2024-01-31: 31.00, 31.00, 31.00', '2024-02-10: -20.31, 60.93, -31.00, 93.00, -31.00, 93.00'],
      ],
      [
        'pre_paid',
        '2023',
        ['2023-01-31: 31.00', '2023-02-10: -19.93, 59.79', '2023-02-28: 93.00', '2023-03-31: 93.00'],
      ],
      ['post_paid', '2023', ['2023-02-28: 11.07, 59.79', '2023-03-31: 93.00']],
      [
        'billed_until',
        '2023',
        ['2023-01-31: 31.00, 31.00, 31.00', '2023-02-10: -19.93, 59.79, -31.00, 93.00, -31.00, 93.00'],
      ],
    ]),
  )('the quantity changes from 1 to 3 on the 10th: %s in %s', (mode, year, bills) => {
    const life = crossing(mode, year);
    expect(life.do(`${year}-02-10`, set(life.subscription(mode), '3'))).toBe('applied');
    expect(billed(life.stepTo(`${year}-04-01`))).toEqual(bills);
  });

  // On the first day of a period, none of it has been used yet.
  test.each(
    alone([
      [
        'pre_paid',
        '2024',
        ['2024-01-31: 31.00', '2024-02-29: 31.00', '2024-02-29: -31.00, 93.00', '2024-03-31: 93.00'],
      ],
      ['post_paid', '2024', ['2024-02-29: 31.00', '2024-03-31: 93.00']],
      [
        'billed_until',
        '2024',
        ['2024-01-31: 31.00, 31.00, 31.00', '2024-02-29: -31.00, 93.00, -31.00, 93.00'],
      ],
      [
        'pre_paid',
        '2023',
        ['2023-01-31: 31.00', '2023-02-28: 31.00', '2023-02-28: -31.00, 93.00', '2023-03-31: 93.00'],
      ],
      ['post_paid', '2023', ['2023-02-28: 31.00', '2023-03-31: 93.00']],
      [
        'billed_until',
        '2023',
        ['2023-01-31: 31.00, 31.00, 31.00', '2023-02-28: -31.00, 93.00, -31.00, 93.00'],
      ],
    ]),
  )('the quantity changes from 1 to 3 on the last day of February: %s in %s', (mode, year, bills) => {
    const life = crossing(mode, year);
    const last = year === '2024' ? '29' : '28';
    expect(life.do(`${year}-02-${last}`, set(life.subscription(mode), '3'))).toBe('applied');
    expect(billed(life.stepTo(`${year}-04-01`))).toEqual(bills);
  });

  // 20 days were used (21.38 of 29, 22.14 of 28); from 6 to 30 March are 25 of 31.
  test.each(
    alone([
      ['pre_paid', '2024', ['2024-01-31: 31.00', '2024-03-06: 25.00', '2024-03-31: 31.00']],
      ['post_paid', '2024', ['2024-02-29: 21.38', '2024-03-31: 25.00']],
      ['billed_until', '2024', ['2024-01-31: 31.00, 31.00, 31.00']],
      ['pre_paid', '2023', ['2023-01-31: 31.00', '2023-03-06: 25.00', '2023-03-31: 31.00']],
      ['post_paid', '2023', ['2023-02-28: 22.14', '2023-03-31: 25.00']],
      ['billed_until', '2023', ['2023-01-31: 31.00, 31.00, 31.00']],
    ]),
  )('the contract is paused from 20 February to 5 March: %s in %s (rule 25)', (mode, year, bills) => {
    const life = crossing(mode, year);
    expect(life.do(`${year}-02-20`, pause())).toBe('applied');
    expect(life.do(`${year}-03-06`, resume())).toBe('applied');
    expect(billed(life.stepTo(`${year}-04-01`))).toEqual(bills);
  });

  // 9 days are left of 29 (9.62), 8 of 28 (8.86).
  test.each(
    alone([
      ['pre_paid', '2024', ['2024-01-31: 31.00', '2024-02-20: -9.62']],
      ['post_paid', '2024', ['2024-02-20: 21.38']],
      ['billed_until', '2024', ['2024-01-31: 31.00, 31.00, 31.00', '2024-02-20: -9.62, -31.00, -31.00']],
      ['pre_paid', '2023', ['2023-01-31: 31.00', '2023-02-20: -8.86']],
      ['post_paid', '2023', ['2023-02-20: 22.14']],
      ['billed_until', '2023', ['2023-01-31: 31.00, 31.00, 31.00', '2023-02-20: -8.86, -31.00, -31.00']],
    ]),
  )('the contract is cancelled on 20 February: %s in %s (rule 26)', (mode, year, bills) => {
    const life = crossing(mode, year);
    expect(life.do(`${year}-02-20`, cancel())).toBe('applied');
    expect(billed(life.stepTo(`${year}-05-01`))).toEqual(bills);
  });

  // The last day of February and four of March are used, 26 are left.
  test.each(
    alone([
      ['pre_paid', '2024', ['2024-01-31: 31.00', '2024-02-29: 31.00', '2024-03-05: -26.00']],
      ['post_paid', '2024', ['2024-02-29: 31.00', '2024-03-05: 5.00']],
      ['billed_until', '2024', ['2024-01-31: 31.00, 31.00, 31.00', '2024-03-05: -26.00, -31.00']],
    ]),
  )('the contract is cancelled on 5 March: %s in %s (rule 26)', (mode, year, bills) => {
    const life = crossing(mode, year);
    expect(life.do(`${year}-03-05`, cancel())).toBe('applied');
    expect(billed(life.stepTo(`${year}-05-01`))).toEqual(bills);
  });
});
