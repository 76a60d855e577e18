import { describe, expect, test } from 'vitest';
import { bill } from './model.ts';
import type { Body } from './model.ts';
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
  billed,
} from './model/story.ts';

const BASIC = variant('basic', { fee: '29.00', trial: { unit: 'day', count: 14 } });
const PRO = variant('pro', { fee: '99.00' });
const SEAT = component('seat', '9.00');

describe('combinations', () => {
  test('a trial that is upgraded keeps its end, and bills the new fee from there', () => {
    const commands = [on('2023-12-22', to('pro')), on('2023-12-23', change({ add: [book('seat')] }))];
    expect(
      billed({
        variants: [BASIC, PRO],
        components: [SEAT],
        start: '2023-12-18',
        commands,
        until: '2024-01-31',
      }),
    ).toEqual(['2024-01-01 fee 99.00', '2024-01-01 seat 9.00']);
  });

  test('a change to a yearly variant at the end of the period bills a full year from then on', () => {
    const variants = [
      variant('month', { fee: '30.00', proration: 'none' }),
      variant('year', { fee: '300.00', feeInterval: YEAR, billingInterval: YEAR, proration: 'none' }),
    ];
    const commands = [on('2024-04-11', to('year'), 'period_end')];
    expect(billed({ variants, start: '2024-04-01', commands, until: '2025-05-01' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 300.00',
      '2025-05-01 fee 300.00',
    ]);
  });

  test('plan and seats changed in one command, and back on the same day, cost nothing', () => {
    const both = (id: string, quantity: string): Body => ({
      kind: 'change',
      variant: id,
      components: { set: [{ subscription: 'seat', quantity }] },
    });
    const lines = billed({
      variants: [variant('small', { fee: '30.00' }), variant('large', { fee: '60.00' })],
      components: [component('seat', '3.00')],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [on('2024-04-11', both('large', '2')), on('2024-04-11T12:00', both('small', '1'))],
      until: '2024-04-30',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 3.00',
      '2024-04-11 fee -20.00',
      '2024-04-11 seat -2.00',
      '2024-04-11 fee 40.00',
      '2024-04-11 seat 4.00',
      '2024-04-11 fee -40.00',
      '2024-04-11 seat -4.00',
      '2024-04-11 fee 20.00',
      '2024-04-11 seat 2.00',
    ]);
  });

  test('with proration by seconds, a standalone booking still has full periods', () => {
    const lines = billed({
      variants: [variant('plan', { proration: 'seconds' })],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-04-01',
      commands: [on('2024-04-11T12:00', change({ add: [book('seat')] })), on('2024-04-26T00:00', cancel)],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-04-11 seat 30.00', '2024-04-26 seat -15.00']);
  });

  test('after a change to a variant without proration, the old fee stays and the new one begins with the next period', () => {
    const variants = [
      variant('days', { fee: '30.00' }),
      variant('none', { fee: '60.00', proration: 'none' }),
    ];
    const commands = [on('2024-04-11', to('none')), on('2024-05-11', to('days'))];
    expect(billed({ variants, start: '2024-04-01', commands, until: '2024-06-01' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 60.00',
      '2024-06-01 fee 30.00',
    ]);
  });

  test('a pause by seconds ends at noon, and a change by days at noon counts for the whole day: 20 of 30 days each', () => {
    const lines = billed({
      variants: [variant('seconds', { proration: 'seconds' }), variant('days')],
      components: [component('seat', '30.00')],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [
        on('2024-04-10T12:00', pause),
        on('2024-04-11T12:00', resume),
        on('2024-04-11T12:00', {
          kind: 'change',
          variant: 'days',
          components: { set: [{ subscription: 'seat', quantity: '2' }] },
        }),
      ],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 seat 30.00', '2024-04-11 seat -20.00', '2024-04-11 seat 40.00']);
  });

  test('the morning before a pause by seconds is billed, although a change by days counts on that day: half a day of three', () => {
    const lines = billed({
      variants: [variant('seconds', { proration: 'seconds' }), variant('days')],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [
        on('2024-04-16T12:00', pause),
        on('2024-04-16T12:00', {
          kind: 'change',
          variant: 'days',
          components: { set: [{ subscription: 'seat', quantity: '3' }] },
        }),
        on('2024-04-21', to('seconds')),
      ],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-05-01 seat 15.00', '2024-05-01 seat 1.50']);
  });

  test.each([
    ['to two, then not prorated', ['two', 'none']],
    ['not prorated, then to two', ['none', 'two']],
  ])('changes that are scheduled for one day count as one change, %s: nothing is credited', (_, order) => {
    const bodies: Record<string, Body> = { two: set('seat', '2'), none: to('none') };
    const lines = billed({
      variants: [variant('days'), variant('none', { proration: 'none' })],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-04-01',
      booked: [book('seat', '1', { start: '2024-04-11' })],
      commands: order.map((name) => on('2024-04-20', bodies[name]!, '2024-05-01')),
      until: '2024-05-31',
    });
    // One seat is paid until 11 May. Its line stays, and two seats are billed from 11 May on.
    expect(lines).toEqual(['2024-04-11 seat 30.00', '2024-05-11 seat 60.00']);
  });

  test('a pause and a variant that credits pauses, both scheduled for one day, credit a line once', () => {
    const lines = billed({
      variants: [
        variant('days', { fee: '31.00' }),
        variant('crediting', { fee: '31.00', creditOnPause: true }),
      ],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-03-01',
      booked: [book('seat', '1', { start: '2024-04-11' })],
      commands: [on('2024-04-20', pause, '2024-05-01'), on('2024-04-20', to('crediting'), '2024-05-01')],
      until: '2024-05-31',
    });
    // From 11 April to 11 May are 30 days, of which ten are left.
    expect(lines).toEqual([
      '2024-03-01 fee 31.00',
      '2024-04-01 fee 31.00',
      '2024-04-11 seat 30.00',
      '2024-05-01 seat -10.00',
    ]);
  });

  test('a one-time charge that waits for an invoice waits through a pause, unless the contract has a metered component', () => {
    const oneTime = [
      {
        id: 'work',
        at: berlin('2024-04-15T10:00'),
        quantity: '1',
        unitPrice: '80.00',
        serviceDate: '2024-04-15',
        when: 'next_invoice' as const,
      },
    ];
    const commands = [on('2024-04-11', pause), on('2024-05-21', resume)];
    const story = { variants: [variant('plan', { fee: '31.00' })], start: '2024-04-01', commands, oneTime };
    expect(billed({ ...story, until: '2024-05-31' })).toEqual([
      '2024-04-01 fee 31.00',
      '2024-05-21 fee 11.00',
      '2024-05-21 work 80.00',
    ]);
    const withMeter = { ...story, components: [metered('1.00')], booked: [book('meter')] };
    expect(billed({ ...withMeter, until: '2024-05-31' })).toEqual([
      '2024-04-01 fee 31.00',
      '2024-05-01 work 80.00',
      '2024-05-21 fee 11.00',
    ]);
  });

  test('a yearly component under a monthly fee is billed once, and its rest is credited at the end', () => {
    const lines = billed({
      variants: [variant('plan', { fee: '30.00' })],
      components: [component('domain', '366.00', { interval: YEAR })],
      start: '2024-01-01',
      booked: [book('domain')],
      commands: [on('2024-02-11', cancel, 'period_end')],
      until: '2024-12-31',
    });
    expect(lines).toEqual([
      '2024-01-01 fee 30.00',
      '2024-01-01 domain 366.00',
      '2024-02-01 fee 30.00',
      '2024-03-01 domain -306.00',
    ]);
  });

  test('a day without a midnight begins at 01:00', () => {
    const lines = bill(
      { variants: [variant('plan', { fee: '30.00' })], components: [] },
      {
        zone: 'Africa/Cairo',
        currencyDigits: 2,
        order: {
          variant: 'plan',
          start: '2024-03-26',
          anchor: null,
          at: '2024-03-26T08:00:00Z',
          components: [],
        },
        commands: [],
        usage: [],
        oneTime: [],
        published: [],
        until: '2024-04-30T00:00:00Z',
      },
    );
    expect(lines.map(({ at, from, to }) => [at, from, to])).toEqual([
      ['2024-03-26T08:00:00.000Z', '2024-03-26', '2024-04-26'],
      ['2024-04-25T22:00:00.000Z', '2024-04-26', '2024-05-26'],
    ]);
  });
});
