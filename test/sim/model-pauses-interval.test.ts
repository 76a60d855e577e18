// Changes of the interval in a pause, and components in arrears over a pause (rule 25).
import { describe, expect, test } from 'vitest';
import type { Component } from './model.ts';
import {
  YEAR,
  book,
  cancel,
  component,
  metered,
  on,
  pause,
  resume,
  set,
  to,
  billed,
  used,
  variant,
} from './model/story.ts';

const PLAN = variant('plan', { fee: '30.00' });
/** 365.00 for the 365 days from 11 April 2024 on: 1.00 a day. */
const LONG = variant('long', { fee: '365.00', feeInterval: YEAR });
const SEAT = component('seat', '30.00');

describe('a change of the interval in a pause', () => {
  const story = (
    commands: ReturnType<typeof on>[],
    more: { components?: Component[]; until?: string } = {},
  ) =>
    billed({
      variants: [PLAN, LONG],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), ...commands],
      booked: (more.components ?? []).map(({ id }) => book(id)),
      until: '2024-04-30',
      ...more,
    });

  test('makes its day the anchor, and resuming bills the rest of the new period (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-21', resume)];
    expect(story(commands, { until: '2025-04-11' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-21 fee -10.00',
      '2024-04-21 fee 355.00',
      '2025-04-11 fee 365.00',
    ]);
  });

  test('cuts the periods of components, too: 20 of 30 days are left from 21 April to 11 May (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-21', resume)];
    expect(story(commands, { components: [SEAT] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-21 fee -10.00',
      '2024-04-21 seat -10.00',
      '2024-04-21 fee 355.00',
      '2024-04-21 seat 20.00',
    ]);
  });

  test('and a change back credits the old lines, as their periods have been cut (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-13', to('plan')), on('2024-04-21', resume)];
    // The new period is 13 April to 13 May, of which 22 of 30 days are left.
    expect(story(commands, { components: [SEAT] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-21 fee -10.00',
      '2024-04-21 seat -10.00',
      '2024-04-21 fee 22.00',
      '2024-04-21 seat 22.00',
    ]);
  });

  test('leaves standalone components as they are (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-21', resume)];
    expect(story(commands, { components: [component('seat', '30.00', { standalone: true })] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-21 fee -10.00',
      '2024-04-21 fee 355.00',
    ]);
  });

  test('starts another term: two months from 11 April (rule 25)', () => {
    const two = { unit: 'month', count: 2 } as const;
    const lines = billed({
      variants: [PLAN, variant('two', { fee: '61.00', feeInterval: two, billingInterval: two, term: two })],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), on('2024-04-11', to('two')), on('2024-04-21', resume)],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-04-21 fee -10.00', '2024-04-21 fee 51.00']);
  });

  test('and a later cancellation credit the days that the old lines cover (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-16', cancel)];
    expect(story(commands)).toEqual(['2024-04-01 fee 30.00', '2024-04-16 fee -15.00']);
  });
});

describe('a component in arrears, over a pause with a change,', () => {
  test('is billed in the bill run: one seat for ten days before the pause, and two for ten days after it (rule 25)', () => {
    const lines = billed({
      variants: [variant('plan')],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [on('2024-04-11', pause), on('2024-04-15', set('seat', '2')), on('2024-04-21', resume)],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-05-01 seat 10.00', '2024-05-01 seat 20.00']);
  });

  test('is billed for ten days before the pause and ten after it if the change was reversed in the pause (rule 25)', () => {
    const lines = billed({
      variants: [variant('plan')],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [
        on('2024-04-11', pause),
        on('2024-04-13', set('seat', '2')),
        on('2024-04-15', set('seat', '1')),
        on('2024-04-21', resume),
      ],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-05-01 seat 10.00', '2024-05-01 seat 10.00']);
  });

  test('is billed with its usage at a change of the interval in the pause, and a later cancellation adds nothing (rule 25)', () => {
    const lines = billed({
      variants: [variant('plan'), variant('long', { feeInterval: YEAR })],
      components: [component('seat', '30.00', { mode: 'post_paid' }), metered('1.00')],
      start: '2024-04-01',
      booked: [book('seat'), book('meter')],
      usage: [used('2024-04-05', '7')],
      commands: [on('2024-04-06', pause), on('2024-04-11', to('long')), on('2024-04-16', cancel)],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-04-11 seat 5.00', '2024-04-11 meter 7.00']);
  });

  test('is billed on the day of a change of the interval in the pause, up to the pause (rule 25)', () => {
    const lines = billed({
      variants: [variant('plan'), variant('long', { feeInterval: YEAR })],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [on('2024-04-06', pause), on('2024-04-11', to('long')), on('2024-04-21', resume)],
      until: '2024-05-15',
    });
    // Five days of April; then 20 of the 30 days from the 11th on.
    expect(lines).toEqual(['2024-04-11 seat 5.00', '2024-05-11 seat 20.00']);
  });

  test('has its usage billed in the bill run, with the included units of its period (rule 25)', () => {
    const included = (id: string, units: string) =>
      variant(id, {
        components: [
          { id: 'meter', rule: 'optional', quantity: '1', included: units, least: null, most: null },
        ],
      });
    const lines = billed({
      variants: [included('plan', '2'), included('large', '4')],
      components: [metered('1.00')],
      start: '2024-04-01',
      booked: [book('meter')],
      usage: [used('2024-04-05', '5'), used('2024-05-05', '7')],
      commands: [on('2024-04-11', pause), on('2024-04-15', to('large')), on('2024-05-03', resume)],
      until: '2024-06-15',
    });
    expect(lines).toEqual(['2024-05-01 meter 1.00', '2024-06-01 meter 3.00']);
  });

  test('has its usage rated where a change of the interval cuts its period (rule 25)', () => {
    const lines = billed({
      variants: [variant('plan'), variant('long', { feeInterval: YEAR })],
      components: [metered('1.00')],
      start: '2024-04-01',
      booked: [book('meter')],
      usage: [used('2024-04-05', '5'), used('2024-04-22', '7')],
      commands: [on('2024-04-06', pause), on('2024-04-11', to('long')), on('2024-04-21', resume)],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-04-11 meter 5.00', '2024-05-11 meter 7.00']);
  });
});
