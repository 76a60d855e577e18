import { describe, expect, test } from 'vitest';
import {
  YEAR,
  billed,
  book,
  cancel,
  change,
  component,
  many,
  on,
  pause,
  resume,
  set,
  to,
  variant,
  withdraw,
} from './model/story.ts';

const ahead = { ordered: '2024-03-20', start: '2024-04-01' };
const MONTH = { unit: 'month', count: 1 } as const;
const PLAN = variant('plan', { fee: '30.00' });
const SEAT = component('seat', '30.00');

describe('a scheduled change that lifts or moves an end', () => {
  // 366.00 for the 366 days of 2024: 1.00 a day. The term ends on 1 March, after 60 days.
  const short = variant('short', { fee: '30.00', term: { unit: 'month', count: 2 } });
  const story = (next: ReturnType<typeof variant>) => ({
    variants: [short, next],
    components: [component('domain', '366.00', { interval: YEAR })],
    start: '2024-01-01',
    booked: [book('domain')],
    commands: [on('2024-01-10', to(next.id), 'period_end')],
  });

  test('to a variant without a term makes the rest of the year due at once: 306 days (rule 9)', () => {
    expect(billed({ ...story(PLAN), until: '2024-02-15' })).toEqual([
      '2024-01-01 fee 30.00',
      '2024-01-01 domain 60.00',
      '2024-01-10 domain 306.00',
      '2024-02-01 fee 30.00',
    ]);
  });

  test('to a variant whose term ends later makes the days up to that end due: March and April (rule 9)', () => {
    const longer = variant('longer', { fee: '40.00', term: { unit: 'month', count: 3 } });
    expect(billed({ ...story(longer), until: '2024-12-31' })).toEqual([
      '2024-01-01 fee 30.00',
      '2024-01-01 domain 60.00',
      '2024-01-10 domain 61.00',
      '2024-02-01 fee 40.00',
      '2024-03-01 fee 40.00',
      '2024-04-01 fee 40.00',
    ]);
  });

  test('to a variant whose term ends earlier credits nothing before that end has come (rule 9)', () => {
    const sooner = variant('sooner', { fee: '40.00', term: MONTH });
    const lines = ['2024-01-01 fee 30.00', '2024-01-01 domain 366.00', '2024-02-01 fee 40.00'];
    const before = { ...story(sooner), variants: [PLAN, sooner] };
    expect(billed({ ...before, until: '2024-02-15' })).toEqual(lines);
    expect(billed({ ...before, until: '2024-12-31' })).toEqual([...lines, '2024-03-01 domain -306.00']);
  });

  test('and is then withdrawn credits nothing at once, but on the day of the old end (rule 9)', () => {
    const { commands, ...rest } = story(PLAN);
    const withdrawn = [...commands, on('2024-01-20', withdraw(0))];
    expect(billed({ ...rest, commands: withdrawn, until: '2024-12-31' })).toEqual([
      '2024-01-01 fee 30.00',
      '2024-01-01 domain 60.00',
      '2024-01-10 domain 306.00',
      '2024-02-01 fee 30.00',
      '2024-03-01 domain -306.00',
    ]);
  });

  test('to a variant without proration lifts the bound of a later change of the quantity (rule 9)', () => {
    const lines = billed({
      variants: [PLAN, variant('none', { fee: '90.00', proration: 'none' })],
      components: [SEAT],
      ...ahead,
      booked: [book('seat')],
      commands: [
        on('2024-03-20', set('seat', '2'), '2024-04-21'),
        on('2024-04-05', to('none'), '2024-04-11'),
      ],
      until: '2024-05-15',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 20.00',
      '2024-04-05 seat 10.00',
      '2024-05-01 fee 90.00',
      '2024-05-01 seat 60.00',
    ]);
  });
});

describe('a scheduled change that is withdrawn', () => {
  test('bounds a booking that is made before the withdrawal: a cancellation in a yearly period that is paid (rule 9)', () => {
    const plan = variant('plan', { fee: '366.00', feeInterval: YEAR, billingInterval: YEAR });
    const story = {
      variants: [plan],
      components: [component('disk', '366.00', { interval: YEAR })],
      start: '2024-01-01',
      until: '2024-12-31',
    };
    const commands = [
      on('2024-02-10', cancel, '2024-04-01'),
      on('2024-02-15', change({ add: [book('disk')] })),
    ];
    // 15 days of February and 31 of March; then 275 days to the end of the year.
    const first = ['2024-01-01 fee 366.00', '2024-02-15 disk 46.00'];
    expect(billed({ ...story, commands })).toEqual([...first, '2024-04-01 fee -275.00']);
    const withdrawn = [...commands, on('2024-03-01', withdraw(0))];
    expect(billed({ ...story, commands: withdrawn })).toEqual([...first, '2024-03-01 disk 275.00']);
  });

  test('bounds the next period up to its day, and the rest is billed on withdrawal: 21.77 and 23.23 (rule 9)', () => {
    const story = {
      variants: [variant('plan')],
      components: [component('seat', '9.00')],
      start: '2024-02-01',
      booked: [book('seat', '5')],
      until: '2024-04-15',
    };
    const grows = on('2024-02-05', set('seat', '8'), '2024-03-16');
    // Five cost 45.00 and eight 72.00 in 31 days: 15 of five, 16 of eight.
    expect(billed({ ...story, commands: [grows] })).toEqual([
      '2024-02-01 seat 45.00',
      '2024-03-01 seat 21.77',
      '2024-03-16 seat 37.16',
      '2024-04-01 seat 72.00',
    ]);
    expect(billed({ ...story, commands: [grows, on('2024-03-10', withdraw(0))] })).toEqual([
      '2024-02-01 seat 45.00',
      '2024-03-01 seat 21.77',
      '2024-03-10 seat 23.23',
      '2024-04-01 seat 45.00',
    ]);
  });

  test('credits nothing of a period that is paid already, which would be credited on the day of the change (rule 9)', () => {
    const story = { variants: [variant('plan')], components: [SEAT], start: '2024-04-01' };
    const grows = on('2024-04-05', set('seat', '2'), '2024-04-16');
    const paid = { ...story, booked: [book('seat')], until: '2024-04-30' };
    expect(billed({ ...paid, commands: [grows] })).toEqual([
      '2024-04-01 seat 30.00',
      '2024-04-16 seat -15.00',
      '2024-04-16 seat 30.00',
    ]);
    expect(billed({ ...paid, commands: [grows, on('2024-04-10', withdraw(0))] })).toEqual([
      '2024-04-01 seat 30.00',
    ]);
  });
});

describe('changes that bound, and lines that complete a period:', () => {
  test('a known change of the included units bounds: three seats are paid to the 11th, and two from then on (rule 9)', () => {
    const large = variant('large', {
      components: [{ id: 'seat', rule: 'optional', quantity: '1', included: '1', least: null, most: null }],
    });
    const lines = billed({
      variants: [variant('plan'), large],
      components: [SEAT],
      ...ahead,
      booked: [book('seat', '3')],
      commands: [on('2024-03-20', to('large'), '2024-04-11')],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 seat 30.00', '2024-04-11 seat 40.00']);
  });

  test('a line after a gap takes its share, not the rest: 10 and 15 of 30 days of 10.01 (rules 9, 10)', () => {
    const lines = billed({
      variants: [variant('plan', { fee: '10.01' })],
      ...ahead,
      commands: [on('2024-03-20', pause, '2024-04-11'), on('2024-04-16', resume)],
      until: '2024-04-30',
    });
    // 3.3366… and 5.005; the rest would be 6.67.
    expect(lines).toEqual(['2024-04-01 fee 3.34', '2024-04-16 fee 5.01']);
  });

  test('a credit by hand does not count towards the period: the rest is still 5.00 (rule 9)', () => {
    const credit = {
      id: 'goodwill',
      at: '2024-04-02T10:00:00Z',
      quantity: '1',
      unitPrice: '-2.00',
      serviceDate: '2024-04-02',
      when: 'now' as const,
    };
    const lines = billed({
      variants: [variant('plan', { fee: '10.01' })],
      ...ahead,
      commands: [on('2024-03-20', cancel, '2024-04-16'), on('2024-04-10', withdraw(0))],
      oneTime: [credit],
      until: '2024-04-30',
    });
    expect(lines.toSorted()).toEqual([
      '2024-04-01 fee 5.01',
      '2024-04-02 goodwill -2.00',
      '2024-04-10 fee 5.00',
    ]);
  });

  test('no credit takes more than is left: 0.02 in thirds is 0.01, 0.01 and 0.00 (rule 10)', () => {
    const story = { variants: [variant('plan', { fee: '0.02' })], ...ahead, until: '2024-04-30' };
    const thirds = [
      on('2024-03-20', pause, '2024-04-11'),
      on('2024-03-20', cancel, '2024-04-21'),
      on('2024-04-05', withdraw(0)),
      on('2024-04-06', withdraw(1)),
    ];
    const first = ['2024-04-01 fee 0.01', '2024-04-05 fee 0.01'];
    // Nine days cost 0.006. A cent of the second third is credited, and nothing of the last third.
    expect(billed({ ...story, commands: [...thirds, on('2024-04-12', cancel)] })).toEqual([
      ...first,
      '2024-04-12 fee -0.01',
    ]);
    expect(billed({ ...story, commands: [...thirds, on('2024-04-22', cancel)] })).toEqual(first);
  });

  test('a quantity of 0 removes a booking, and is an end even where changes are passed over (rules 9, 20)', () => {
    const now = { variants: [PLAN], components: [SEAT], start: '2024-04-01', booked: [book('seat')] };
    expect(billed({ ...now, commands: [on('2024-04-11', set('seat', '0'))], until: '2024-05-15' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-11 seat -20.00',
      '2024-05-01 fee 30.00',
    ]);
    const lines = billed({
      variants: [variant('plan', { feeInterval: YEAR, proration: 'none' })],
      components: [component('disk', '5.00', { mode: 'billed_until' })],
      ...ahead,
      booked: [book('disk')],
      commands: [on('2024-03-20', set('disk', '0'), '2024-06-16')],
      until: '2025-04-01',
    });
    expect(lines).toEqual(many(3, '2024-04-01 disk 5.00'));
  });
});

describe('cancelling now', () => {
  const uncredited = variant('plan', { fee: '30.00', creditOnCancel: false });
  const story = (plan: typeof uncredited, credit?: boolean) =>
    billed({
      variants: [plan],
      start: '2024-04-01',
      commands: [on('2024-04-11', credit === undefined ? cancel : { kind: 'cancel', credit })],
      until: '2024-05-15',
    });

  test('credits as the command says, else as the variant says: 20 of 30 days, or nothing (rule 26)', () => {
    const [fee, back] = ['2024-04-01 fee 30.00', '2024-04-11 fee -20.00'];
    expect(story(uncredited)).toEqual([fee]);
    expect(story(uncredited, true)).toEqual([fee, back]);
    expect(story(PLAN)).toEqual([fee, back]);
    expect(story(PLAN, false)).toEqual([fee]);
  });
});
