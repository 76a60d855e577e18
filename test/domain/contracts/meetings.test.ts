// Combinations: two changes on one day, pauses with payment modes, intervals, trials and terms. At 31.00 a month, a day of
// January or March costs 1.00.
import { describe, expect, test } from 'vitest';
import {
  Life,
  add,
  billed,
  cancel,
  leaveEarly,
  pause,
  resume,
  set,
  toVariant,
} from '../../support/contract-builder.ts';
import { EVERY_MODE } from '../../support/sold.ts';

/** A contract from 1 January with one unit of the component of that payment mode. */
const booked = (variant: string, mode: string) =>
  new Life({
    variant,
    start: '2024-01-01',
    catalogue: EVERY_MODE,
    components: [{ component: mode, quantity: '1' }],
  });

describe('a quantity that changes from 1 to 3 at noon of the 16th (rule 5)', () => {
  test.each([
    ['quarter', ['2024-01-01: 31.00', '2024-01-16: -16.00, 48.00', '2024-02-01: 93.00']], // 16 days of 31
    ['seconds', ['2024-01-01: 31.00', '2024-01-16: -15.50, 46.50', '2024-02-01: 93.00']], // 15½ of 31
    ['whole', ['2024-01-01: 31.00', '2024-02-01: 93.00']],
  ])('is paid in advance under the variant %s', (variant, bills) => {
    const life = booked(variant, 'pre_paid');
    expect(life.do('2024-01-16T11:00:00.000Z', set(life.subscription('pre_paid'), '3'))).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual(bills);
  });

  test.each([
    ['quarter', ['2024-02-01: 15.00, 48.00', '2024-03-01: 93.00']],
    ['seconds', ['2024-02-01: 15.50, 46.50', '2024-03-01: 93.00']],
    ['whole', ['2024-02-01: 31.00', '2024-03-01: 93.00']],
  ])('is paid in arrears under the variant %s', (variant, bills) => {
    const life = booked(variant, 'post_paid');
    expect(life.do('2024-01-16T11:00:00.000Z', set(life.subscription('post_paid'), '3'))).toBe('applied');
    expect(billed(life.stepTo('2024-03-02'))).toEqual(bills);
  });

  test.each([
    ['pre_paid alone', ['2024-01-01: 31.00', '2024-01-16: -15.50, 46.50', '2024-02-01: 93.00']],
    ['post_paid alone', ['2024-02-01: 15.50, 46.50']],
  ])('is of the standalone component %s under the variant seconds', (mode, bills) => {
    const life = booked('seconds', mode);
    expect(life.do('2024-01-16T11:00:00.000Z', set(life.subscription(mode), '3'))).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual(bills);
  });
});

describe('a line that was billed without proration stays when the contract changes to a variant that prorates (rule 5):', () => {
  test('also when the contract is cancelled, or the quantity changes: the new quantity is billed from the end of the line on', () => {
    const life = booked('whole', 'pre_paid');
    expect(life.do('2024-01-16', toVariant('quarter'))).toBe('applied');
    expect(life.do('2024-01-21', set(life.subscription('pre_paid'), '3'))).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual(['2024-01-01: 31.00', '2024-02-01: 93.00']);
    const cancelled = booked('whole', 'pre_paid');
    expect(cancelled.do('2024-01-16', toVariant('quarter'))).toBe('applied');
    expect(cancelled.do('2024-01-21', cancel())).toBe('applied');
    expect(billed(cancelled)).toEqual(['2024-01-01: 31.00']);
  });

  test('also when the new variant credits pauses and the contract is paused', () => {
    const life = booked('whole', 'pre_paid');
    expect(life.do('2024-01-16', toVariant('crediting'))).toBe('applied');
    expect(life.do('2024-01-21', pause())).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 31.00']);
  });

  test('also when the booking has ended by itself before', () => {
    const life = new Life({
      variant: 'whole',
      start: '2024-01-01',
      catalogue: EVERY_MODE,
      components: [{ component: 'pre_paid', quantity: '1', end: '2024-01-11' }],
    });
    expect(life.do('2024-01-16', toVariant('quarter'))).toBe('applied');
    expect(life.do('2024-01-21', add('pre_paid'))).toBe('applied'); // 11 of 31 days
    expect(billed(life.stepTo('2024-02-02'))).toEqual([
      '2024-01-01: 31.00',
      '2024-01-21: 11.00',
      '2024-02-01: 31.00',
    ]);
  });
});

describe('a component that is booked at noon of the 11th under a variant that prorates by seconds (rules 4, 5)', () => {
  test.each([
    ['pre_paid', ['2024-01-11: 20.50', '2024-02-01: 31.00']], // 20½ of 31 days
    ['post_paid', ['2024-02-01: 20.50']],
    ['pre_paid alone', ['2024-01-11: 31.00', '2024-02-11: 31.00']], // full periods, whatever the hour of the booking
    ['post_paid alone', ['2024-02-11: 31.00']],
  ])('in the payment mode %s', (mode, bills) => {
    const life = new Life({ variant: 'seconds', start: '2024-01-01', catalogue: EVERY_MODE });
    expect(life.do('2024-01-11T11:00:00.000Z', add(mode))).toBe('applied');
    expect(billed(life.stepTo('2024-02-12'))).toEqual(bills);
  });
});

describe('a pause', () => {
  test('inside a period reduces what is billed in arrears by its days, and leaves what is paid in advance as it is (rule 25)', () => {
    const bills = ['pre_paid', 'post_paid', 'billed_until'].map((mode) => {
      const life = booked('quarter', mode);
      expect(life.do('2024-01-11', pause())).toBe('applied');
      expect(life.do('2024-01-21', resume())).toBe('applied');
      return billed(life.stepTo('2024-02-02'));
    });
    expect(bills).toEqual([
      ['2024-01-01: 31.00', '2024-02-01: 31.00'],
      ['2024-02-01: 10.00, 11.00'],
      ['2024-01-01: 31.00, 31.00, 31.00'],
    ]);
  });
});

describe('on one day', () => {
  test('a quantity that changes twice is billed twice, and the sum is that of the last quantity (rule 19)', () => {
    const life = booked('quarter', 'pre_paid');
    expect(life.do('2024-01-16T08:00:00.000Z', set(life.subscription('pre_paid'), '3'))).toBe('applied');
    expect(life.do('2024-01-16T09:00:00.000Z', set(life.subscription('pre_paid'), '2'))).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual([
      '2024-01-01: 31.00',
      '2024-01-16: -16.00, 48.00',
      '2024-01-16: -48.00, 32.00',
      '2024-02-01: 62.00',
    ]);
  });

  test('a change by days counts for its whole day, although another one by seconds came before it: 15 days of 1.00 (rule 5)', () => {
    const life = booked('seconds', 'post_paid');
    expect(life.do('2024-01-16T11:00:00.000Z', set(life.subscription('post_paid'), '3'))).toBe('applied');
    expect(life.do('2024-01-16T12:00:00.000Z', toVariant('year'))).toBe('applied');
    expect(billed(life.stepTo('2024-02-16'))).toEqual(['2024-01-16: 15.00', '2024-02-16: 93.00']);
  });

  test('a quantity in arrears that changes twice is billed as if only the last change had been made', () => {
    const life = booked('quarter', 'post_paid');
    expect(life.do('2024-01-16T08:00:00.000Z', set(life.subscription('post_paid'), '3'))).toBe('applied');
    expect(life.do('2024-01-16T09:00:00.000Z', set(life.subscription('post_paid'), '2'))).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual(['2024-02-01: 15.00, 32.00']);
  });

  test('a change of the interval on the day of the anchor leaves components whose grid stays the same, and in a pause it is billed when the contract resumes (rules 25, 26)', () => {
    const life = new Life({ variant: 'pro-year', start: '2024-01-01', seats: '2' });
    expect(life.do('2024-01-01', pause())).toBe('applied');
    expect(life.do('2024-01-01', toVariant('pro'))).toBe('applied');
    expect(life.do('2024-01-16', resume())).toBe('applied');
    // Seats are monthly before and after, so January stays billed. The monthly fee is billed from the 16th on.
    expect(billed(life.stepTo('2024-02-02'))).toEqual([
      '2024-01-01: 990.00, 18.00',
      '2024-01-16: -949.43, 51.10', // −990.00 × 351 ÷ 366, 99.00 × 16 ÷ 31
      '2024-02-01: 99.00, 18.00',
    ]);
  });

  test('a change of plan and seats in one command, and the change back, add up to 0.00: 16 of 31 days (rule 22)', () => {
    const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
    const seats = (quantity: string) => ({ set: [{ subscription: life.subscription('seat'), quantity }] });
    expect(life.do('2024-01-16T08:00:00.000Z', toVariant('basic', seats('1')))).toBe('applied');
    expect(life.do('2024-01-16T09:00:00.000Z', toVariant('pro', seats('3')))).toBe('applied');
    expect(life.printed).toEqual([
      ['2024-01-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-01-16', '-51.10, 14.97, -13.94, 4.65', '-45.42', '-8.63', '-54.05'],
      ['2024-01-16', '-14.97, 51.10, -4.65, 13.94', '45.42', '8.63', '54.05'],
    ]);
  });
});

test('a change to a variant with equal included units leaves a component as it is: none and 0 are equal (rule 8)', () => {
  const included = (of: string, units: string | null) =>
    EVERY_MODE.variants
      .filter(({ variantId }) => variantId === of)
      .map((each) => ({ ...each, components: each.components.map((one) => ({ ...one, included: units })) }));
  const variants = [...included('quarter', null), ...included('crediting', '0')];
  const life = new Life({
    variant: 'quarter',
    start: '2024-01-01',
    catalogue: { ...EVERY_MODE, variants },
    components: [{ component: 'pre_paid', quantity: '1' }],
  });
  expect(life.do('2024-01-16', toVariant('crediting'))).toBe('applied');
  expect(billed(life.stepTo('2024-02-02'))).toEqual(['2024-01-01: 31.00', '2024-02-01: 31.00']);
});

describe('a change of the interval now', () => {
  test('credits a billed_until component to the old end, and bills it to the new end: twelve months (rules 4, 26)', () => {
    const life = booked('quarter', 'billed_until');
    expect(life.do('2024-01-16', toVariant('year'))).toBe('applied');
    life.stepTo('2025-01-15');
    const [first, second, ...more] = life.printed;
    expect(first).toEqual(['2024-01-01', '31.00, 31.00, 31.00', '93.00', '17.67', '110.67']);
    const [date, lines = '', net] = second ?? [];
    expect([date, net, more]).toEqual(['2024-01-16', '294.00', []]); // −16.00 −31.00 −31.00 + 12 × 31.00
    expect(lines.split(', ').sort()).toEqual([
      '-16.00',
      '-31.00',
      '-31.00',
      ...Array.from({ length: 12 }, () => '31.00'),
    ]);
  });

  test('on the day of the anchor credits the months after the new period: nine of twelve (rule 26)', () => {
    const life = booked('year', 'billed_until');
    expect(life.do('2024-01-01', toVariant('quarter'))).toBe('applied');
    life.stepTo('2024-03-31');
    expect(life.printed.map(([date, , net]) => [date, net])).toEqual([
      ['2024-01-01', '372.00'],
      ['2024-01-01', '-279.00'],
    ]);
    expect(billed(life.stepTo('2024-04-01')).at(-1)).toBe('2024-04-01: 31.00, 31.00, 31.00');
  });

  test('leaves a standalone component as it is (rule 4)', () => {
    const life = new Life({ variant: 'quarter', start: '2024-01-01', catalogue: EVERY_MODE });
    expect(life.do('2024-01-11', add('pre_paid alone'))).toBe('applied');
    expect(life.do('2024-01-20', toVariant('year'))).toBe('applied');
    expect(life.do('2024-02-20', toVariant('pro'))).toBe('applied');
    expect(billed(life.stepTo('2024-03-19'))).toEqual([
      '2024-01-11: 31.00',
      '2024-02-11: 31.00',
      '2024-02-20: 99.00',
      '2024-03-11: 31.00',
    ]);
  });
});

describe('a trial that is upgraded with a component', () => {
  test('is billed from its end on, with the set-up fee of the ordered variant (rule 24)', () => {
    const life = new Life({ variant: 'trial', start: '2024-01-01', catalogue: EVERY_MODE });
    const more = { add: [{ component: 'pre_paid', quantity: '1' }] };
    expect(life.do('2024-01-08', toVariant('pro', more))).toBe('applied');
    expect(billed(life.stepTo('2024-02-16'))).toEqual([
      '2024-01-15: 50.00, 99.00, 31.00',
      '2024-02-15: 99.00, 31.00',
    ]);
  });
});

describe('a one-time charge that waits', () => {
  test('is billed with the set-up fee when a contract without a fee resumes after its trial has ended in a pause (rule 24)', () => {
    const variants = EVERY_MODE.variants.map((each) => ({ ...each, fee: null }));
    const life = new Life({ variant: 'trial', start: '2024-01-01', catalogue: { ...EVERY_MODE, variants } });
    expect(life.do('2024-01-08', pause())).toBe('applied');
    life.createOneTimeCharge('10.00');
    expect(life.do('2024-01-20', resume())).toBe('applied');
    expect(billed(life.stepTo('2024-02-16'))).toEqual(['2024-01-20: 10.00, 50.00']);
  });
});

describe('a term of a year, renewed by quarters, with a month of notice', () => {
  const term = () => new Life({ variant: 'term', start: '2024-01-01', catalogue: EVERY_MODE });

  test('cannot be cancelled before its earliest end, which the refusal names', () => {
    const life = term();
    expect(life.do('2024-06-15', cancel())).toBe('before_earliest_end');
    expect(life.decisions.at(-1)).toMatchObject({
      state: 'refused',
      field: 'effective',
      detail: 'the contract can end on 2025-01-01 at the earliest',
    });
    expect(life.do('2024-06-15', cancel(), '2024-12-31')).toBe('before_earliest_end');
    expect(life.do('2024-06-15', cancel(), '2025-01-01')).toBe('applied');
  });

  test.each([
    ['2024-12-01', '2024-12-01', '2024-12-31T23:00:00.000Z'], // the last day of notice
    ['2024-12-02', '2025-03-01', '2025-03-31T22:00:00.000Z'],
    ['2025-03-02', '2025-06-01', '2025-06-30T22:00:00.000Z'],
  ])('that is cancelled on %s is billed on %s for the last time', (day, last, end) => {
    const life = term();
    expect(life.do(day, cancel(), 'period_end')).toBe('applied');
    life.stepTo('2026-01-01');
    expect([life.printed.at(-1)?.[0], life.state.endedAt]).toEqual([last, end]);
  });

  test('may be waived by the command: 16 of 31 days are credited', () => {
    const life = term();
    expect(life.do('2024-01-16', leaveEarly)).toBe('applied');
    expect(billed(life.stepTo('2024-03-01'))).toEqual(['2024-01-01: 31.00', '2024-01-16: -16.00']);
  });

  test('ends the contract by itself if it has no renewal interval', () => {
    const life = new Life({ variant: 'fixed', start: '2024-01-01', catalogue: EVERY_MODE });
    life.stepTo('2024-12-31');
    expect(billed(life)).toEqual(['2024-01-01: 31.00', '2024-02-01: 31.00', '2024-03-01: 31.00']);
    expect([life.state.phase, life.state.endedAt]).toEqual(['ended', '2024-03-31T22:00:00.000Z']);
  });
});
