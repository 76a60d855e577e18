import { describe, expect, test } from 'vitest';
import type { Component } from './model.ts';
import {
  YEAR,
  variant,
  component,
  metered,
  book,
  berlin,
  on,
  change,
  to,
  set,
  pause,
  resume,
  cancel,
  used,
  billed,
  many,
} from './model/story.ts';
import type { Story } from './model/story.ts';

// One seat costs 30.00 a month, which is 1.00 a day in April.
describe('in each payment mode, a seat', () => {
  const story = (mode: Component['mode'], more: Partial<Story>) =>
    billed({
      variants: [variant('plan', mode === 'billed_until' ? { feeInterval: YEAR } : {})],
      components: [component('seat', '30.00', { mode })],
      start: '2024-04-01',
      booked: [book('seat')],
      until: '2024-06-15',
      ...more,
    });
  const joins = [on('2024-04-11', change({ add: [book('seat')] }))];

  test('that is booked in the middle of a period is billed from that day on', () => {
    expect(story('pre_paid', { booked: [], commands: joins })).toEqual([
      '2024-04-11 seat 20.00',
      '2024-05-01 seat 30.00',
      '2024-06-01 seat 30.00',
    ]);
    expect(story('post_paid', { booked: [], commands: joins })).toEqual([
      '2024-05-01 seat 20.00',
      '2024-06-01 seat 30.00',
    ]);
    expect(story('billed_until', { start: '2024-01-01', booked: [], commands: joins })).toEqual([
      '2024-04-11 seat 20.00',
      ...many(8, '2024-04-11 seat 30.00'),
    ]);
  });

  test('that becomes two seats in the middle of a period is billed for both parts', () => {
    const commands = [on('2024-04-11', set('seat', '2'))];
    expect(story('pre_paid', { commands, until: '2024-05-15' })).toEqual([
      '2024-04-01 seat 30.00',
      '2024-04-11 seat -20.00',
      '2024-04-11 seat 40.00',
      '2024-05-01 seat 60.00',
    ]);
    expect(story('post_paid', { commands })).toEqual([
      '2024-05-01 seat 10.00',
      '2024-05-01 seat 40.00',
      '2024-06-01 seat 60.00',
    ]);
    expect(story('billed_until', { start: '2024-01-01', commands })).toEqual([
      ...many(12, '2024-01-01 seat 30.00'),
      '2024-04-11 seat -20.00',
      ...many(8, '2024-04-11 seat -30.00'),
      '2024-04-11 seat 40.00',
      ...many(8, '2024-04-11 seat 60.00'),
    ]);
  });

  test('is billed for the rest of the period after a pause over a boundary: 11 of 31 days', () => {
    const commands = [on('2024-04-11', pause), on('2024-05-21', resume)];
    expect(story('pre_paid', { commands })).toEqual([
      '2024-04-01 seat 30.00',
      '2024-05-21 seat 10.65',
      '2024-06-01 seat 30.00',
    ]);
    expect(story('post_paid', { commands })).toEqual(['2024-05-01 seat 10.00', '2024-06-01 seat 10.65']);
    const winter = [on('2024-12-15', pause), on('2025-01-11', resume)];
    expect(story('billed_until', { start: '2024-01-01', commands: winter, until: '2025-03-15' })).toEqual([
      ...many(12, '2024-01-01 seat 30.00'),
      '2025-01-11 seat 20.32',
      ...many(11, '2025-01-11 seat 30.00'),
    ]);
  });

  test('is credited for no days of a pause inside a period, and billed for none in arrears', () => {
    const commands = [on('2024-04-11', pause), on('2024-04-21', resume)];
    const until = '2024-05-15';
    expect(story('pre_paid', { commands, until })).toEqual([
      '2024-04-01 seat 30.00',
      '2024-05-01 seat 30.00',
    ]);
    expect(story('post_paid', { commands, until })).toEqual([
      '2024-05-01 seat 10.00',
      '2024-05-01 seat 10.00',
    ]);
    expect(story('billed_until', { start: '2024-01-01', commands })).toEqual(
      many(12, '2024-01-01 seat 30.00'),
    );
  });

  test('of a contract that is cancelled now is billed for the days before', () => {
    const commands = [on('2024-04-11', cancel)];
    expect(story('pre_paid', { commands })).toEqual(['2024-04-01 seat 30.00', '2024-04-11 seat -20.00']);
    expect(story('post_paid', { commands })).toEqual(['2024-04-11 seat 10.00']);
    expect(story('billed_until', { start: '2024-01-01', commands })).toEqual([
      ...many(12, '2024-01-01 seat 30.00'),
      '2024-04-11 seat -20.00',
      ...many(8, '2024-04-11 seat -30.00'),
    ]);
  });

  test('that is booked at the end of February is billed for 19 of the 29 days from 31 January', () => {
    const commands = [on('2024-02-10', change({ add: [book('seat')] }))];
    const more = { start: '2024-01-31', booked: [], commands, until: '2024-04-15' };
    expect(story('pre_paid', more)).toEqual([
      '2024-02-10 seat 19.66',
      '2024-02-29 seat 30.00',
      '2024-03-31 seat 30.00',
    ]);
    expect(story('post_paid', more)).toEqual(['2024-02-29 seat 19.66', '2024-03-31 seat 30.00']);
    expect(story('billed_until', more)).toEqual([
      '2024-02-10 seat 19.66',
      ...many(11, '2024-02-10 seat 30.00'),
    ]);
  });

  test('with a start and an end of its own is billed between them', () => {
    const booked = [book('seat', '1', { start: '2024-04-11', end: '2024-05-11' })];
    expect(story('pre_paid', { booked })).toEqual(['2024-04-11 seat 20.00', '2024-05-01 seat 9.68']);
    expect(story('post_paid', { booked })).toEqual(['2024-05-01 seat 20.00', '2024-06-01 seat 9.68']);
  });

  test('is billed to the day of a change to a yearly interval, and begins new periods on that day', () => {
    const variants = [
      variant('plan', { fee: '30.00' }),
      variant('long', { fee: '366.00', feeInterval: YEAR }),
    ];
    const commands = [on('2024-04-11', to('long'))];
    expect(story('post_paid', { variants, commands, until: '2024-05-15' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-11 seat 10.00',
      '2024-04-11 fee -20.00',
      '2024-04-11 fee 366.00',
      '2024-05-11 seat 30.00',
    ]);
    expect(story('pre_paid', { variants, commands, until: '2024-05-15' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-11 fee -20.00',
      '2024-04-11 seat -20.00',
      '2024-04-11 fee 366.00',
      '2024-04-11 seat 30.00',
      '2024-05-11 seat 30.00',
    ]);
  });

  test('whose quantity changes twice on one day is credited for all that the first change billed', () => {
    const commands = [on('2024-04-11', set('seat', '2')), on('2024-04-11T12:00', set('seat', '1'))];
    expect(story('pre_paid', { commands, until: '2024-04-30' })).toEqual([
      '2024-04-01 seat 30.00',
      '2024-04-11 seat -20.00',
      '2024-04-11 seat 40.00',
      '2024-04-11 seat -40.00',
      '2024-04-11 seat 20.00',
    ]);
  });

  test('that is standalone keeps its own anchor when the interval changes', () => {
    const lines = billed({
      variants: [variant('plan'), variant('long', { feeInterval: YEAR })],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-04-01',
      commands: [on('2024-04-11', change({ add: [book('seat')] })), on('2024-04-21', to('long'))],
      until: '2024-06-15',
    });
    expect(lines).toEqual(['2024-04-11 seat 30.00', '2024-05-11 seat 30.00', '2024-06-11 seat 30.00']);
  });
});

describe('a component that is removed on the day on which the interval changes', () => {
  test('is billed up to noon if it was removed at noon under proration by seconds: 10.5 of 30 days', () => {
    const lines = billed({
      variants: [
        variant('plan', { proration: 'seconds' }),
        variant('long', { feeInterval: YEAR, proration: 'days' }),
      ],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [on('2024-04-11T12:00', change({ remove: ['seat'] })), on('2024-04-11T12:00', to('long'))],
      until: '2024-06-15',
    });
    expect(lines).toEqual(['2024-04-11 seat 10.50']);
  });

  test('is billed for the usage of that morning (rule 27)', () => {
    const lines = billed({
      variants: [variant('plan'), variant('long', { feeInterval: YEAR })],
      components: [metered('1.00')],
      start: '2024-04-01',
      booked: [book('meter')],
      usage: [{ ...used('2024-04-11', '5'), recordedAt: berlin('2024-04-11T10:00') }],
      commands: [on('2024-04-11T12:00', change({ remove: ['meter'] })), on('2024-04-11T13:00', to('long'))],
      until: '2024-06-15',
    });
    expect(lines).toEqual(['2024-04-11 meter 5.00']);
  });
});
