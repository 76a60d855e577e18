import { describe, expect, test } from 'vitest';
import {
  YEAR,
  variant,
  component,
  book,
  on,
  change,
  to,
  set,
  pause,
  resume,
  cancel,
  billed,
  many,
  withdraw,
} from './model/story.ts';

const ahead = { ordered: '2024-03-20', start: '2024-04-01' };
const PLAN = variant('plan', { fee: '30.00' });

describe('a known end bounds new lines', () => {
  test('a year of 365.00 that is cancelled for its 10th day before it is billed costs 9 of 366 days (rule 9)', () => {
    const story = {
      variants: [variant('plan', { fee: '365.00', feeInterval: YEAR, billingInterval: YEAR })],
      ordered: '2011-12-20',
      start: '2012-01-01',
    };
    const cancelled = on('2011-12-21', cancel, '2012-01-10');
    expect(billed({ ...story, commands: [cancelled], until: '2013-12-31' })).toEqual(['2012-01-01 fee 8.98']);
    const commands = [cancelled, on('2012-01-05', withdraw(0))];
    expect(billed({ ...story, commands, until: '2012-12-31' })).toEqual([
      '2012-01-01 fee 8.98',
      '2012-01-05 fee 356.02',
    ]);
  });

  test('five seats that become eight on the 16th of 29 days are billed up to that day, and eight from that day on (rule 9)', () => {
    const story = {
      variants: [variant('plan')],
      components: [component('seat', '9.00')],
      ordered: '2024-01-20',
      start: '2024-02-01',
      booked: [book('seat', '5')],
      until: '2024-02-29',
    };
    const grows = on('2024-01-20', set('seat', '8'), '2024-02-16');
    expect(billed({ ...story, commands: [grows] })).toEqual([
      '2024-02-01 seat 23.28',
      '2024-02-16 seat 34.76',
    ]);
    expect(billed({ ...story, commands: [grows, on('2024-02-10', withdraw(0))] })).toEqual([
      '2024-02-01 seat 23.28',
      '2024-02-10 seat 21.72',
    ]);
  });

  test('a line that is billed already is credited on the day of the change, not when the change is scheduled (rule 9)', () => {
    const story = { variants: [PLAN], start: '2024-04-01', until: '2024-05-31' };
    const commands = [on('2024-04-05', cancel, '2024-04-16')];
    expect(billed({ ...story, commands })).toEqual(['2024-04-01 fee 30.00', '2024-04-16 fee -15.00']);
    const withdrawn = [...commands, on('2024-04-10', withdraw(0))];
    expect(billed({ ...story, commands: withdrawn, until: '2024-04-30' })).toEqual(['2024-04-01 fee 30.00']);
  });

  test('each item has its own end: the seats end on the 11th, the disk changes on the 21st, and the fee goes on (rule 9)', () => {
    const lines = billed({
      variants: [PLAN],
      components: [component('seat', '60.00'), component('disk', '90.00')],
      ...ahead,
      booked: [book('seat'), book('disk')],
      commands: [
        on('2024-03-20', change({ remove: ['seat'] }), '2024-04-11'),
        on('2024-03-20', set('disk', '2'), '2024-04-21'),
      ],
      until: '2024-05-15',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 20.00',
      '2024-04-01 disk 60.00',
      '2024-04-21 disk 60.00',
      '2024-05-01 fee 30.00',
      '2024-05-01 disk 180.00',
    ]);
  });

  test('a scheduled pause bounds all lines in advance, and resuming bills the rest (rule 9)', () => {
    const lines = billed({
      variants: [PLAN],
      components: [component('seat', '60.00')],
      ...ahead,
      booked: [book('seat')],
      commands: [on('2024-03-20', pause, '2024-04-11'), on('2024-04-12', resume, '2024-04-21')],
      until: '2024-05-15',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 10.00',
      '2024-04-01 seat 20.00',
      '2024-04-21 fee 10.00',
      '2024-04-21 seat 20.00',
      '2024-05-01 fee 30.00',
      '2024-05-01 seat 60.00',
    ]);
  });

  test('a pause that ends on the day on which it began bills the rest on that day: 10.01 in two halves (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', { fee: '10.01' })],
      ...ahead,
      commands: [on('2024-03-20', pause, '2024-04-16'), on('2024-04-16', resume)],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 5.01', '2024-04-16 fee 5.00']);
  });

  test('a scheduled change of the variant bounds the fee; the seats keep their period (rule 9)', () => {
    const lines = billed({
      variants: [PLAN, variant('large', { fee: '60.00' })],
      components: [component('seat', '9.00')],
      ...ahead,
      booked: [book('seat')],
      commands: [on('2024-03-20', to('large'), '2024-04-11')],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 10.00', '2024-04-01 seat 9.00', '2024-04-11 fee 40.00']);
  });

  test('a scheduled change of the interval bounds the seats, too (rule 9)', () => {
    const lines = billed({
      variants: [PLAN, variant('long', { fee: '365.00', feeInterval: YEAR })],
      components: [component('seat', '60.00')],
      ...ahead,
      booked: [book('seat')],
      commands: [on('2024-03-20', to('long'), '2024-04-11')],
      until: '2024-04-30',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 10.00',
      '2024-04-01 seat 20.00',
      '2024-04-11 fee 365.00',
      '2024-04-11 seat 60.00',
    ]);
  });

  test('a term without renewal bounds its last period: the first bill is for 22 of 31 days, the last for 9 of 31 (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', { fee: '31.00', term: { unit: 'month', count: 12 } })],
      start: '2024-01-10',
      anchor: '2024-01-01',
      until: '2025-12-31',
    });
    expect(lines[0]).toBe('2024-01-10 fee 22.00');
    expect(lines.slice(1, -1)).toEqual(
      ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'].map(
        (month) => `2024-${month}-01 fee 31.00`,
      ),
    );
    expect(lines.at(-1)).toBe('2025-01-01 fee 9.00');
  });

  test('the term of a scheduled variant is a known end, too (rule 9)', () => {
    const lines = billed({
      variants: [PLAN, variant('short', { fee: '60.00', term: { unit: 'month', count: 1 } })],
      components: [component('domain', '366.00', { interval: YEAR })],
      ordered: '2023-12-20',
      start: '2024-01-01',
      booked: [book('domain')],
      commands: [on('2023-12-20', to('short'), '2024-02-01')],
      until: '2024-12-31',
    });
    // The domain is billed for 31 and 29 days.
    expect(lines).toEqual(['2024-01-01 fee 30.00', '2024-01-01 domain 60.00', '2024-02-01 fee 60.00']);
  });

  test('a booking that ends by itself is billed up to its end, however far ahead (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', { feeInterval: YEAR })],
      components: [component('seat', '30.00', { mode: 'billed_until' })],
      start: '2024-04-01',
      booked: [book('seat', '1', { end: '2024-06-11' })],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-04-01 seat 30.00', '2024-04-01 seat 30.00', '2024-04-01 seat 10.00']);
  });

  test('a billed_until component under a yearly fee is billed up to a known change, and its new quantity from then on (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', { feeInterval: YEAR })],
      components: [component('seat', '30.00', { mode: 'billed_until' })],
      ...ahead,
      booked: [book('seat')],
      commands: [on('2024-03-20', set('seat', '2'), '2024-06-11')],
      until: '2024-12-31',
    });
    expect(lines).toEqual([
      '2024-04-01 seat 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-01 seat 10.00',
      '2024-06-11 seat 40.00',
      ...many(9, '2024-06-11 seat 60.00'),
    ]);
  });

  test('a cancellation without credit bounds, too, whether the command or the variant says so (rule 9)', () => {
    const variants = [variant('plan', { fee: '30.00', creditOnCancel: false })];
    const commands = [on('2024-03-20', cancel, '2024-04-16')];
    expect(billed({ variants, ...ahead, commands, until: '2024-05-31' })).toEqual(['2024-04-01 fee 15.00']);
    const withheld = [on('2024-03-20', { kind: 'cancel', credit: false }, '2024-04-16')];
    expect(billed({ variants: [PLAN], ...ahead, commands: withheld, until: '2024-05-31' })).toEqual([
      '2024-04-01 fee 15.00',
    ]);
  });

  test('with proration by seconds, a known end counts from the first instant of its day (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', { fee: '30.00', proration: 'seconds' })],
      ...ahead,
      commands: [on('2024-03-20', cancel, '2024-04-16'), on('2024-04-10T12:00', withdraw(0))],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 15.00', '2024-04-10 fee 15.00']);
  });

  test('a known change does not bound arrears: one seat for ten days, two for twenty (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan')],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      ...ahead,
      booked: [book('seat')],
      commands: [on('2024-03-20', set('seat', '2'), '2024-04-11')],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-05-01 seat 10.00', '2024-05-01 seat 40.00']);
  });

  test('if a cancellation is withdrawn in a pause, the rest is billed when the contract resumes (rule 9)', () => {
    const lines = billed({
      variants: [PLAN],
      ...ahead,
      commands: [
        on('2024-03-20', cancel, '2024-04-16'),
        on('2024-04-05', pause),
        on('2024-04-10', withdraw(0)),
        on('2024-04-12', resume),
      ],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 15.00', '2024-04-12 fee 15.00']);
  });
});

describe('known ends without proration', () => {
  const NONE = variant('none', { fee: '30.00', proration: 'none' });
  const yearly = { feeInterval: YEAR, proration: 'none' } as const;

  test('a period that begins before the end is charged as a whole (rule 9)', () => {
    const commands = [on('2024-03-20', cancel, '2024-05-16')];
    expect(billed({ variants: [NONE], ...ahead, commands, until: '2024-12-31' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 30.00',
    ]);
  });

  test('of twelve months of storage, those that begin before the end are billed, and the others when it is withdrawn (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', yearly)],
      components: [component('disk', '5.00', { mode: 'billed_until' })],
      ...ahead,
      booked: [book('disk')],
      commands: [on('2024-03-20', cancel, '2024-06-16'), on('2024-04-10', withdraw(0))],
      until: '2024-12-31',
    });
    expect(lines).toEqual([...many(3, '2024-04-01 disk 5.00'), ...many(9, '2024-04-10 disk 5.00')]);
  });

  test('a pause bounds like a cancellation: months that begin before it are billed (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', yearly)],
      components: [component('disk', '5.00', { mode: 'billed_until' })],
      ...ahead,
      booked: [book('disk')],
      commands: [on('2024-03-20', pause, '2024-06-16'), on('2024-08-10', resume)],
      until: '2024-12-31',
    });
    expect(lines).toEqual([...many(3, '2024-04-01 disk 5.00'), ...many(7, '2024-08-10 disk 5.00')]);
  });

  test('a known change does not bound: the year is billed, and the new quantity after it (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan', yearly)],
      components: [component('disk', '5.00', { mode: 'billed_until' })],
      ...ahead,
      booked: [book('disk')],
      commands: [on('2024-03-20', set('disk', '2'), '2024-06-16')],
      until: '2025-04-01',
    });
    expect(lines).toEqual([...many(12, '2024-04-01 disk 5.00'), ...many(12, '2025-04-01 disk 10.00')]);
  });

  test('a change to a variant without proration is passed over, and the end after it bounds (rule 9)', () => {
    const story = { variants: [PLAN, { ...NONE, fee: '90.00' }], ...ahead, until: '2024-12-31' };
    const changes = on('2024-03-20', to('none'), '2024-04-11');
    expect(billed({ ...story, commands: [changes], until: '2024-05-15' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 90.00',
    ]);
    const commands = [changes, on('2024-03-20', cancel, '2024-04-21')];
    expect(billed({ ...story, commands })).toEqual(['2024-04-01 fee 20.00']);
  });

  test('a removal is an end, even if its command changes to a variant without proration (rule 9)', () => {
    const lines = billed({
      variants: [variant('plan'), variant('none', { proration: 'none' })],
      components: [component('seat', '30.00')],
      ...ahead,
      booked: [book('seat')],
      commands: [
        on('2024-03-20', { kind: 'change', variant: 'none', components: { remove: ['seat'] } }, '2024-04-11'),
      ],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-04-01 seat 10.00']);
  });
});
