import { describe, expect, test } from 'vitest';
import {
  YEAR,
  variant,
  component,
  book,
  berlin,
  on,
  change,
  to,
  pause,
  resume,
  cancel,
  billed,
} from './model/story.ts';

describe('fees', () => {
  const seconds = [
    variant('small', { fee: '30.00', proration: 'seconds' }),
    variant('large', { fee: '60.00', proration: 'seconds' }),
  ];

  test('with proration by seconds, a change counts from its instant: 14.5 of 30 days', () => {
    const commands = [on('2024-04-16T12:00', to('large'))];
    expect(billed({ variants: seconds, start: '2024-04-01', commands, until: '2024-04-30' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-16 fee -14.50',
      '2024-04-16 fee 29.00',
    ]);
  });

  test('a change from proration by seconds to proration by days counts by days', () => {
    const variants = [seconds[0]!, variant('large', { fee: '60.00' })];
    const commands = [on('2024-04-16T12:00', to('large'))];
    expect(billed({ variants, start: '2024-04-01', commands, until: '2024-04-30' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-16 fee -15.00',
      '2024-04-16 fee 30.00',
    ]);
  });

  test('with proration by seconds, quantities in arrears are billed to the instant', () => {
    const lines = billed({
      variants: seconds,
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      commands: [
        on('2024-04-11T12:00', change({ add: [book('seat')] })),
        on('2024-04-16T12:00', pause),
        on('2024-04-21T00:00', resume),
      ],
      until: '2024-05-01',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 30.00',
      '2024-05-01 seat 5.00',
      '2024-05-01 seat 10.00',
    ]);
  });

  test('without proration nothing is credited or charged until the next period', () => {
    const lines = billed({
      variants: [
        variant('small', { fee: '30.00', proration: 'none' }),
        variant('large', { fee: '60.00', proration: 'none' }),
      ],
      components: [component('seat', '30.00', { mode: 'post_paid' }), component('disk', '7.00')],
      start: '2024-04-01',
      commands: [
        on('2024-04-11', to('large')),
        on('2024-04-11', change({ add: [book('seat'), book('disk')] })),
        on('2024-06-11', cancel),
      ],
      until: '2024-06-30',
    });
    expect(lines).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 60.00',
      '2024-05-01 disk 7.00',
      '2024-06-01 fee 60.00',
      '2024-06-01 disk 7.00',
      '2024-06-01 seat 30.00',
      '2024-06-11 seat 30.00',
    ]);
  });

  test('without proration a new price on the first day of a period waits for the next one', () => {
    const lines = billed({
      variants: [
        variant('small', { fee: '30.00', proration: 'none' }),
        variant('large', { fee: '60.00', proration: 'none' }),
      ],
      start: '2024-04-01',
      commands: [on('2024-04-01', to('large'))],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 60.00']);
  });

  test('a variant may credit paused days, and the rest is billed again from the day of the resumption', () => {
    const lines = billed({
      variants: [variant('plan', { fee: '30.00', creditOnPause: true })],
      start: '2024-04-01',
      commands: [on('2024-04-11', pause), on('2024-04-21', resume)],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-04-11 fee -20.00', '2024-04-21 fee 10.00']);
  });

  test('the set-up fee is billed once, with the first bill after the trial', () => {
    const trial = variant('plan', { fee: '30.00', setupFee: '50.00', trial: { unit: 'week', count: 2 } });
    const story = { variants: [trial], start: '2024-04-01' };
    expect(billed({ ...story, until: '2024-05-15' })).toEqual([
      '2024-04-15 setup 50.00',
      '2024-04-15 fee 30.00',
      '2024-05-15 fee 30.00',
    ]);
    expect(billed({ ...story, commands: [on('2024-04-10', cancel)], until: '2024-05-15' })).toEqual([]);
  });

  test('a chosen anchor makes the first period short: 20 of 30 days', () => {
    const variants = [variant('plan', { fee: '30.00' })];
    expect(billed({ variants, start: '2024-04-11', anchor: '2024-04-01', until: '2024-05-01' })).toEqual([
      '2024-04-11 fee 20.00',
      '2024-05-01 fee 30.00',
    ]);
  });

  test('a term of a year with three months of notice renews when the notice is late', () => {
    const plan = variant('plan', {
      fee: '120.00',
      feeInterval: YEAR,
      billingInterval: YEAR,
      term: YEAR,
      renewal: YEAR,
      notice: { unit: 'month', count: 3 },
    });
    const story = { variants: [plan], start: '2022-01-01', until: '2025-12-31' };
    expect(billed({ ...story, commands: [on('2022-10-01', cancel, 'period_end')] })).toEqual([
      '2022-01-01 fee 120.00',
    ]);
    expect(billed({ ...story, commands: [on('2022-10-02', cancel, 'period_end')] })).toEqual([
      '2022-01-01 fee 120.00',
      '2023-01-01 fee 120.00',
    ]);
  });

  test('a term without renewal ends by itself', () => {
    const plan = variant('plan', { fee: '30.00', term: { unit: 'month', count: 2 } });
    expect(billed({ variants: [plan], start: '2024-04-01', until: '2024-12-31' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 30.00',
    ]);
  });

  test('cancelling without credit takes nothing back', () => {
    const variants = [variant('plan', { fee: '30.00' })];
    const commands = [on('2024-04-11', { kind: 'cancel', credit: false })];
    expect(billed({ variants, start: '2024-04-01', commands, until: '2024-05-15' })).toEqual([
      '2024-04-01 fee 30.00',
    ]);
  });
});

describe('before and at the first bill', () => {
  const TRIAL = { unit: 'week', count: 1 } as const;

  test('a change of the interval in the trial, or at its end, keeps the chosen anchor: 23 of 61 days (rule 26)', () => {
    const variants = [
      variant('plan', { fee: '30.00', trial: TRIAL }),
      variant('two', { fee: '61.00', feeInterval: { unit: 'month', count: 2 } }),
    ];
    // The trial ends on 8 April; 1 March to 1 May are 61 days, of which 23 are left.
    const story = { variants, start: '2024-04-01', anchor: '2024-05-01', until: '2024-05-15' };
    const lines = ['2024-04-08 fee 23.00', '2024-05-01 fee 61.00'];
    expect(billed({ ...story, commands: [on('2024-04-02', to('two'))] })).toEqual(lines);
    expect(billed({ ...story, commands: [on('2024-04-02', to('two'), 'period_end')] })).toEqual(lines);
    expect(billed({ ...story, commands: [on('2024-04-02', to('two'), '2024-04-08')] })).toEqual(lines);
  });

  test('a waiting one-time charge is billed with the first bill, also if a pause ends with the trial (rule 24)', () => {
    const oneTime = [
      {
        id: 'work',
        at: berlin('2024-04-02T12:00'),
        quantity: '1',
        unitPrice: '80.00',
        serviceDate: '2024-04-02',
        when: 'next_invoice' as const,
      },
    ];
    const lines = billed({
      variants: [variant('plan', { trial: TRIAL })],
      start: '2024-04-01',
      anchor: '2024-04-15',
      commands: [on('2024-04-02', pause), on('2024-04-03', resume, 'period_end')],
      oneTime,
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-04-08 work 80.00']);
  });

  test('a contract that is cancelled before its start ends with its term (rule 26)', () => {
    const term = { unit: 'month', count: 3 } as const;
    const lines = billed({
      variants: [variant('plan', { fee: '30.00', term, renewal: term })],
      ordered: '2024-03-20',
      start: '2024-04-01',
      commands: [on('2024-03-21', cancel, 'period_end')],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 30.00', '2024-06-01 fee 30.00']);
  });
});
