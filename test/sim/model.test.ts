import { describe, expect, test } from 'vitest';
import { bill } from './model.ts';
import type { Body, Component, Usage } from './model.ts';
import {
  YEAR,
  berlin,
  book,
  cancel,
  change,
  component,
  many,
  metered,
  on,
  pause,
  resume,
  set,
  to,
  told,
  used,
  variant,
} from './model/story.ts';
import type { Story } from './model/story.ts';

const BASIC = variant('basic', { fee: '29.00', trial: { unit: 'day', count: 14 } });
const PRO = variant('pro', { fee: '99.00' });
const SEAT = component('seat', '9.00');
const SUPPORT = component('support', '49.00', { kind: 'on_off' });

describe('the samples', () => {
  test('Nordlicht lives its year', () => {
    const lines = told({
      variants: [BASIC, PRO],
      components: [SEAT, SUPPORT],
      start: '2023-12-18',
      commands: [
        on('2024-01-16', to('pro')),
        on('2024-02-10', change({ add: [book('seat', '3')] })),
        on('2024-04-11', pause),
        on('2024-05-21', resume),
        on('2024-06-17', change({ add: [book('support')] })),
        on('2024-08-20', set('seat', '1'), 'period_end'),
        on('2024-09-11', to('basic')),
        on('2024-11-05', cancel, 'period_end'),
        on('2024-11-20', { kind: 'withdraw', command: 7 }),
      ],
      until: '2024-12-31',
    });
    const renewal = (day: string, fee: string, ...rest: string[]) => [
      `${day} fee ${fee}`,
      ...rest.map((line) => `${day} ${line}`),
    ];
    expect(lines).toEqual([
      '2024-01-01 fee 29.00',
      '2024-01-16 fee -14.97',
      '2024-01-16 fee 51.10',
      '2024-02-01 fee 99.00',
      '2024-02-10 seat 18.62',
      ...renewal('2024-03-01', '99.00', 'seat 27.00'),
      ...renewal('2024-04-01', '99.00', 'seat 27.00'),
      ...renewal('2024-05-21', '35.13', 'seat 9.58'),
      ...renewal('2024-06-01', '99.00', 'seat 27.00'),
      '2024-06-17 support 22.87',
      ...renewal('2024-07-01', '99.00', 'seat 27.00', 'support 49.00'),
      ...renewal('2024-08-01', '99.00', 'seat 27.00', 'support 49.00'),
      ...renewal('2024-09-01', '99.00', 'seat 9.00', 'support 49.00'),
      '2024-09-11 fee -66.00',
      '2024-09-11 fee 19.33',
      ...renewal('2024-10-01', '29.00', 'seat 9.00', 'support 49.00'),
      ...renewal('2024-11-01', '29.00', 'seat 9.00', 'support 49.00'),
      ...renewal('2024-12-01', '29.00', 'seat 9.00', 'support 49.00'),
    ]);
  });

  test('Alpenblick, ordered on the 31st, is billed on the last days', () => {
    const months = ['03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31'];
    const lines = told({
      variants: [PRO],
      components: [SEAT],
      start: '2024-01-31',
      booked: [book('seat', '2')],
      commands: [on('2024-03-10', set('seat', '5'), '2024-03-15')],
      until: '2024-12-31',
    });
    expect(lines).toEqual([
      '2024-01-31 fee 99.00',
      '2024-01-31 seat 18.00',
      '2024-02-29 fee 99.00',
      '2024-02-29 seat 18.00',
      '2024-03-15 seat -9.29',
      '2024-03-15 seat 23.23',
      ...months.flatMap((day) => [`2024-${day} fee 99.00`, `2024-${day} seat 45.00`]),
    ]);
  });

  test("Muster's invoice has a workshop, seats ahead, surveys behind and a credit", () => {
    const tiers = [
      { upTo: '25', price: '0.952' },
      { upTo: null, price: '4.70' },
    ];
    const lines = told({
      variants: [variant('cloud')],
      components: [component('licence', '283.3333'), metered('0', { model: { kind: 'graduated', tiers } })],
      start: '2016-11-01',
      booked: [book('licence', '3', { start: '2016-12-01' }), book('meter')],
      usage: [
        {
          subscription: 'meter',
          at: '2016-11-10T09:00:00Z',
          recordedAt: '2016-11-10T09:00:00Z',
          quantity: '18',
        },
        {
          subscription: 'meter',
          at: '2016-11-29T09:00:00Z',
          recordedAt: '2016-11-29T09:00:00Z',
          quantity: '12',
        },
      ],
      oneTime: [
        {
          id: 'workshop',
          at: '2016-11-15T09:00:00Z',
          quantity: '1',
          unitPrice: '7500.00',
          serviceDate: '2016-11-15',
          when: 'next_invoice',
        },
        {
          id: 'loyalty',
          at: '2016-11-20T09:00:00Z',
          quantity: '2',
          unitPrice: '-5.00',
          serviceDate: '2016-11-20',
          when: 'next_invoice',
        },
      ],
      until: '2016-12-31',
    });
    expect(lines).toEqual([
      '2016-12-01 licence 850.00',
      '2016-12-01 meter 23.80',
      '2016-12-01 meter 23.50',
      '2016-12-01 workshop 7500.00',
      '2016-12-01 loyalty -10.00',
    ]);
  });

  test('2,000 API calls, 500 of them included, cost 5.00 in each tier', () => {
    const tiers = [
      { upTo: '1000', price: '0.01' },
      { upTo: null, price: '0.005' },
    ];
    const lines = told({
      variants: [variant('pro')],
      components: [metered('0', { model: { kind: 'graduated', tiers }, included: '500' })],
      start: '2024-04-01',
      booked: [book('meter')],
      usage: [used('2024-04-10', '2000')],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-05-01 meter 5.00', '2024-05-01 meter 5.00']);
  });

  test('storage billed until the end of a yearly fee is 60.00 at once, in twelve lines', () => {
    const lines = told({
      variants: [variant('pro', { fee: '990.00', feeInterval: YEAR })],
      components: [component('storage', '5.00', { mode: 'billed_until' })],
      start: '2024-01-01',
      booked: [book('storage')],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-01-01 fee 990.00', ...many(12, '2024-01-01 storage 5.00')]);
  });
});

// One seat costs 30.00 a month, which is 1.00 a day in April.
describe('each payment mode', () => {
  const story = (mode: Component['mode'], more: Partial<Story>) =>
    told({
      variants: [variant('plan', mode === 'billed_until' ? { feeInterval: YEAR } : {})],
      components: [component('seat', '30.00', { mode })],
      start: '2024-04-01',
      booked: [book('seat')],
      until: '2024-06-15',
      ...more,
    });
  const joins = [on('2024-04-11', change({ add: [book('seat')] }))];

  test('joined in the middle', () => {
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

  test('changed from one to two', () => {
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

  test('paused over a boundary, with 11 of 31 days left of the next period', () => {
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

  test('paused inside a period', () => {
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

  test('cancelled now', () => {
    const commands = [on('2024-04-11', cancel)];
    expect(story('pre_paid', { commands })).toEqual(['2024-04-01 seat 30.00', '2024-04-11 seat -20.00']);
    expect(story('post_paid', { commands })).toEqual(['2024-04-11 seat 10.00']);
    expect(story('billed_until', { start: '2024-01-01', commands })).toEqual([
      ...many(12, '2024-01-01 seat 30.00'),
      '2024-04-11 seat -20.00',
      ...many(8, '2024-04-11 seat -30.00'),
    ]);
  });

  test('at the end of February: 19 of the 29 days from 31 January', () => {
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

  test('with a start and an end of its own, it is billed between them', () => {
    const booked = [book('seat', '1', { start: '2024-04-11', end: '2024-05-11' })];
    expect(story('pre_paid', { booked })).toEqual(['2024-04-11 seat 20.00', '2024-05-01 seat 9.68']);
    expect(story('post_paid', { booked })).toEqual(['2024-05-01 seat 20.00', '2024-06-01 seat 9.68']);
  });

  test('a yearly change of the interval now closes what is behind and begins anew', () => {
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

  test('quantities changed twice on one day leave what the first change billed at nothing', () => {
    const commands = [on('2024-04-11', set('seat', '2')), on('2024-04-11T12:00', set('seat', '1'))];
    expect(story('pre_paid', { commands, until: '2024-04-30' })).toEqual([
      '2024-04-01 seat 30.00',
      '2024-04-11 seat -20.00',
      '2024-04-11 seat 40.00',
      '2024-04-11 seat -40.00',
      '2024-04-11 seat 20.00',
    ]);
  });

  test('a standalone one keeps its own anchor over a change of the interval', () => {
    const lines = told({
      variants: [variant('plan'), variant('long', { feeInterval: YEAR })],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-04-01',
      commands: [on('2024-04-11', change({ add: [book('seat')] })), on('2024-04-21', to('long'))],
      until: '2024-06-15',
    });
    expect(lines).toEqual(['2024-04-11 seat 30.00', '2024-05-11 seat 30.00', '2024-06-11 seat 30.00']);
  });
});

describe('fees', () => {
  const seconds = [
    variant('small', { fee: '30.00', proration: 'seconds' }),
    variant('large', { fee: '60.00', proration: 'seconds' }),
  ];

  test('by seconds a change counts from its instant: 14.5 of 30 days', () => {
    const commands = [on('2024-04-16T12:00', to('large'))];
    expect(told({ variants: seconds, start: '2024-04-01', commands, until: '2024-04-30' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-16 fee -14.50',
      '2024-04-16 fee 29.00',
    ]);
  });

  test('between seconds and days it counts by days', () => {
    const variants = [seconds[0]!, variant('large', { fee: '60.00' })];
    const commands = [on('2024-04-16T12:00', to('large'))];
    expect(told({ variants, start: '2024-04-01', commands, until: '2024-04-30' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-16 fee -15.00',
      '2024-04-16 fee 30.00',
    ]);
  });

  test('by seconds post-paid quantities are billed to the instant', () => {
    const lines = told({
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
    const lines = told({
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
    const lines = told({
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

  test('a variant may credit what is paused, and bills it again from the day of resuming', () => {
    const lines = told({
      variants: [variant('plan', { fee: '30.00', creditOnPause: true })],
      start: '2024-04-01',
      commands: [on('2024-04-11', pause), on('2024-04-21', resume)],
      until: '2024-04-30',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-04-11 fee -20.00', '2024-04-21 fee 10.00']);
  });

  test('the set-up fee comes with the first bill, after the trial, and once', () => {
    const trial = variant('plan', { fee: '30.00', setupFee: '50.00', trial: { unit: 'week', count: 2 } });
    const story = { variants: [trial], start: '2024-04-01' };
    expect(told({ ...story, until: '2024-05-15' })).toEqual([
      '2024-04-15 setup 50.00',
      '2024-04-15 fee 30.00',
      '2024-05-15 fee 30.00',
    ]);
    expect(told({ ...story, commands: [on('2024-04-10', cancel)], until: '2024-05-15' })).toEqual([]);
  });

  test('a chosen anchor makes the first period short: 20 of 30 days', () => {
    const variants = [variant('plan', { fee: '30.00' })];
    expect(told({ variants, start: '2024-04-11', anchor: '2024-04-01', until: '2024-05-01' })).toEqual([
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
    expect(told({ ...story, commands: [on('2022-10-01', cancel, 'period_end')] })).toEqual([
      '2022-01-01 fee 120.00',
    ]);
    expect(told({ ...story, commands: [on('2022-10-02', cancel, 'period_end')] })).toEqual([
      '2022-01-01 fee 120.00',
      '2023-01-01 fee 120.00',
    ]);
  });

  test('a term without renewal ends by itself', () => {
    const plan = variant('plan', { fee: '30.00', term: { unit: 'month', count: 2 } });
    expect(told({ variants: [plan], start: '2024-04-01', until: '2024-12-31' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 30.00',
    ]);
  });

  test('cancelling without credit takes nothing back', () => {
    const variants = [variant('plan', { fee: '30.00' })];
    const commands = [on('2024-04-11', { kind: 'cancel', credit: false })];
    expect(told({ variants, start: '2024-04-01', commands, until: '2024-05-15' })).toEqual([
      '2024-04-01 fee 30.00',
    ]);
  });
});

describe('usage', () => {
  const story = (one: Component, usage: Usage[], more: Partial<Story> = {}) =>
    told({
      variants: [variant('plan')],
      components: [one],
      start: '2024-04-01',
      booked: [book('meter')],
      usage,
      until: '2024-05-15',
      ...more,
    });

  test('is added up, or the largest, the last, or the number of values counts', () => {
    const usage = [
      used('2024-04-20', '3', '2024-04-20', { value: 'a' }),
      used('2024-04-10', '5', '2024-04-21', { value: 'b' }),
      used('2024-04-15', '2', '2024-04-22', { value: 'b' }),
      used('2024-04-16', '-3', '2024-04-23', { value: 'a' }),
    ];
    expect(story(metered('1.00', { aggregation: 'sum' }), usage)).toEqual(['2024-05-01 meter 7.00']);
    expect(story(metered('1.00', { aggregation: 'max' }), usage)).toEqual(['2024-05-01 meter 5.00']);
    expect(story(metered('1.00', { aggregation: 'last' }), usage)).toEqual(['2024-05-01 meter 3.00']);
    expect(story(metered('1.00', { aggregation: 'unique' }), usage)).toEqual(['2024-05-01 meter 1.00']);
  });

  test('that comes late is billed as a difference, up or down, with the next bill', () => {
    const usage = [
      used('2024-04-10', '5'),
      used('2024-04-11', '4', '2024-05-02'),
      used('2024-04-12', '-7', '2024-06-02'),
    ];
    expect(story(metered('1.00'), usage, { until: '2024-07-15' })).toEqual([
      '2024-05-01 meter 5.00',
      '2024-06-01 meter 4.00',
      '2024-07-01 meter -7.00',
    ]);
  });

  test('below zero in total is rated as nothing', () => {
    expect(story(metered('1.00'), [used('2024-04-10', '5'), used('2024-04-11', '-8')])).toEqual([]);
  });

  test('at the instant of a bill belongs to the next period, and recorded then is late', () => {
    const usage = [
      {
        subscription: 'meter',
        at: berlin('2024-05-01T00:00'),
        recordedAt: berlin('2024-05-01T00:00'),
        quantity: '1',
      },
      {
        subscription: 'meter',
        at: berlin('2024-04-30T23:59'),
        recordedAt: berlin('2024-05-01T00:00'),
        quantity: '2',
      },
    ];
    expect(story(metered('1.00'), usage, { until: '2024-06-01' })).toEqual([
      '2024-06-01 meter 2.00',
      '2024-06-01 meter 1.00',
    ]);
  });

  test('is capped, whole, however short the period', () => {
    const capped = metered('0.96', { cap: '500.00' });
    const booked = [book('meter', '1', { start: '2024-04-20' })];
    expect(story(capped, [used('2024-04-25', '600')], { booked })).toEqual([
      '2024-05-01 meter 576.00',
      '2024-05-01 meter -76.00',
    ]);
  });

  test('is rated at once when the contract is cancelled, late usage with it', () => {
    const usage = [used('2024-04-10', '5'), used('2024-05-03', '2'), used('2024-04-11', '1', '2024-05-04')];
    expect(story(metered('1.00'), usage, { commands: [on('2024-05-11', cancel)] })).toEqual([
      '2024-05-01 meter 5.00',
      '2024-05-11 meter 1.00',
      '2024-05-11 meter 2.00',
    ]);
  });

  test('of a removed component comes with the next bill', () => {
    const commands = [on('2024-04-11', change({ remove: ['meter'] }))];
    expect(story(metered('1.00'), [used('2024-04-10', '5')], { commands })).toEqual([
      '2024-05-01 meter 5.00',
    ]);
  });

  test('goes on being billed while the contract is paused', () => {
    const commands = [on('2024-04-11', pause)];
    expect(story(metered('1.00'), [used('2024-04-10', '5')], { commands })).toEqual([
      '2024-05-01 meter 5.00',
    ]);
  });

  test('takes the included units of the variant at the end of its period', () => {
    const variants = ['2', '4'].map((included, i) =>
      variant(`plan ${i}`, {
        components: [{ id: 'meter', rule: 'optional', quantity: '1', included, least: null, most: null }],
      }),
    );
    const usage = [used('2024-04-10', '5'), used('2024-05-10', '5')];
    const commands = [on('2024-04-15', to('plan 1')), on('2024-05-05', to('plan 0'), 'period_end')];
    expect(story(metered('1.00'), usage, { variants, commands, until: '2024-06-15' })).toEqual([
      '2024-05-01 meter 1.00',
      '2024-06-01 meter 1.00',
    ]);
  });
});

describe('meetings', () => {
  test('a trial that is upgraded keeps its end, and bills the new fee from there', () => {
    const commands = [on('2023-12-22', to('pro')), on('2023-12-23', change({ add: [book('seat')] }))];
    expect(
      told({
        variants: [BASIC, PRO],
        components: [SEAT],
        start: '2023-12-18',
        commands,
        until: '2024-01-31',
      }),
    ).toEqual(['2024-01-01 fee 99.00', '2024-01-01 seat 9.00']);
  });

  test('a change to yearly at the end of the period is a full year from there', () => {
    const variants = [
      variant('month', { fee: '30.00', proration: 'none' }),
      variant('year', { fee: '300.00', feeInterval: YEAR, billingInterval: YEAR, proration: 'none' }),
    ];
    const commands = [on('2024-04-11', to('year'), 'period_end')];
    expect(told({ variants, start: '2024-04-01', commands, until: '2025-05-01' })).toEqual([
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
    const lines = told({
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

  test('by seconds a standalone booking still has a full period', () => {
    const lines = told({
      variants: [variant('plan', { proration: 'seconds' })],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-04-01',
      commands: [on('2024-04-11T12:00', change({ add: [book('seat')] })), on('2024-04-26T00:00', cancel)],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-04-11 seat 30.00', '2024-04-26 seat -15.00']);
  });

  test('from prorated to not, the old fee stays and the new one begins with the next period', () => {
    const variants = [
      variant('days', { fee: '30.00' }),
      variant('none', { fee: '60.00', proration: 'none' }),
    ];
    const commands = [on('2024-04-11', to('none')), on('2024-05-11', to('days'))];
    expect(told({ variants, start: '2024-04-01', commands, until: '2024-06-01' })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 60.00',
      '2024-06-01 fee 30.00',
    ]);
  });

  test('a pause by seconds that ends at noon, when a change by days takes the day: 20 of 30 days each', () => {
    const lines = told({
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

  test('a pause by seconds keeps its morning, although a change by days takes its day: half a day of three', () => {
    const lines = told({
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
  ])('what is scheduled for one day counts as one change, %s: nothing is credited', (_, order) => {
    const bodies: Record<string, Body> = { two: set('seat', '2'), none: to('none') };
    const lines = told({
      variants: [variant('days'), variant('none', { proration: 'none' })],
      components: [component('seat', '30.00', { standalone: true })],
      start: '2024-04-01',
      booked: [book('seat', '1', { start: '2024-04-11' })],
      commands: order.map((name) => on('2024-04-20', bodies[name]!, '2024-05-01')),
      until: '2024-05-31',
    });
    // Paid until 11 May; the ten days from the 1st on stay, and the two begin where the cover ends.
    expect(lines).toEqual(['2024-04-11 seat 30.00', '2024-05-11 seat 60.00']);
  });

  test('what is scheduled for one day is credited once, from what was before it: a pause and a variant that credits it', () => {
    const lines = told({
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
    // April has 30 days, and 11 April to 11 May, too: ten of them are left.
    expect(lines).toEqual([
      '2024-03-01 fee 31.00',
      '2024-04-01 fee 31.00',
      '2024-04-11 seat 30.00',
      '2024-05-01 seat -10.00',
    ]);
  });

  test('what waits for an invoice waits through a pause, unless something is metered', () => {
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
    expect(told({ ...story, until: '2024-05-31' })).toEqual([
      '2024-04-01 fee 31.00',
      '2024-05-21 fee 11.00',
      '2024-05-21 work 80.00',
    ]);
    const withMeter = { ...story, components: [metered('1.00')], booked: [book('meter')] };
    expect(told({ ...withMeter, until: '2024-05-31' })).toEqual([
      '2024-04-01 fee 31.00',
      '2024-05-01 work 80.00',
      '2024-05-21 fee 11.00',
    ]);
  });

  test('a yearly component under a monthly fee is billed once, and its rest is credited at the end', () => {
    const lines = told({
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

  test('a day without a midnight begins at one', () => {
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
    expect(told({ ...story, commands: [on('2024-04-02', to('two'))] })).toEqual(lines);
    expect(told({ ...story, commands: [on('2024-04-02', to('two'), 'period_end')] })).toEqual(lines);
    expect(told({ ...story, commands: [on('2024-04-02', to('two'), '2024-04-08')] })).toEqual(lines);
  });

  test('what waits comes with the first bill, also of a pause that ends with the trial (rule 24)', () => {
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
    const lines = told({
      variants: [variant('plan', { trial: TRIAL })],
      start: '2024-04-01',
      anchor: '2024-04-15',
      commands: [on('2024-04-02', pause), on('2024-04-03', resume, 'period_end')],
      oneTime,
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-04-08 work 80.00']);
  });

  test('an order ahead is bound by its term already: cancelled before it starts, it ends with the term (rule 26)', () => {
    const term = { unit: 'month', count: 3 } as const;
    const lines = told({
      variants: [variant('plan', { fee: '30.00', term, renewal: term })],
      ordered: '2024-03-20',
      start: '2024-04-01',
      commands: [on('2024-03-21', cancel, 'period_end')],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 30.00', '2024-06-01 fee 30.00']);
  });
});

describe('removed, and the interval changed on the same day', () => {
  test('by seconds and then by days, the removed seat is owed up to its noon: 10.5 of 30 days', () => {
    const lines = told({
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

  test('usage of the morning is rated with what was removed (rule 27)', () => {
    const lines = told({
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

describe('prices, as the samples give them', () => {
  const tiers = [
    { upTo: '10', price: '10.00' },
    { upTo: '50', price: '8.00' },
    { upTo: null, price: '6.00' },
  ];
  const buckets: Component['model'] = {
    kind: 'buckets',
    tiers: [
      { upTo: '100', flat: '20.00' },
      { upTo: '1000', flat: '50.00' },
      { upTo: null, price: '0.04' },
    ],
  };
  const discount: Component['model'] = {
    kind: 'discount',
    price: '10.00',
    tiers: [
      { from: '10', percent: '5' },
      { from: '50', percent: '12.5' },
    ],
  };
  const cost = (model: Component['model'], quantity: string, included: string | null = null) =>
    told({
      variants: [variant('plan')],
      components: [component('seat', '0', { model, included })],
      start: '2024-04-01',
      booked: [book('seat', quantity)],
      until: '2024-04-01',
    }).map((line) => line.replace('2024-04-01 seat ', ''));

  test('volume: the tier of the whole quantity', () => {
    const model: Component['model'] = { kind: 'volume', tiers };
    expect(cost(model, '10')).toEqual(['100.00']);
    expect(cost(model, '10.5')).toEqual(['84.00']);
    expect(cost(model, '50')).toEqual(['400.00']);
    expect(cost(model, '51')).toEqual(['306.00']);
    expect(cost(model, '12', '5')).toEqual(['56.00']);
  });

  test('graduated: each unit in its tier', () => {
    const model: Component['model'] = { kind: 'graduated', tiers };
    expect(cost(model, '11')).toEqual(['100.00', '8.00']);
    expect(cost(model, '60')).toEqual(['100.00', '320.00', '60.00']);
    expect(cost(model, '12', '5')).toEqual(['50.00', '16.00']);
  });

  test('buckets: a flat for each one that a paid unit falls in', () => {
    expect(cost(buckets, '100')).toEqual(['20.00']);
    expect(cost(buckets, '101')).toEqual(['20.00', '50.00']);
    expect(cost(buckets, '1250')).toEqual(['20.00', '50.00', '10.00']);
    expect(cost(buckets, '120', '50')).toEqual(['20.00', '50.00']);
    expect(cost(buckets, '120', '100')).toEqual(['50.00']);
  });

  test('discount: the percentage of the whole quantity', () => {
    expect(cost(discount, '9')).toEqual(['90.00']);
    expect(cost(discount, '10')).toEqual(['95.00']);
    expect(cost(discount, '50')).toEqual(['437.50']);
    expect(cost(discount, '12', '5')).toEqual(['66.50']);
  });

  test('free: nothing', () => {
    expect(cost({ kind: 'free' }, '1000')).toEqual([]);
  });
});

describe('one-time charges', () => {
  const one = { id: 'work', quantity: '1', unitPrice: '80.00', serviceDate: '2024-04-05' };
  const story = { variants: [variant('plan', { fee: '30.00' })], start: '2024-04-01', until: '2024-05-15' };
  const at = berlin('2024-04-05T12:00');

  test('now, with the next invoice, with the end, or withdrawn', () => {
    expect(told({ ...story, oneTime: [{ ...one, at, when: 'now' }] })).toContain('2024-04-05 work 80.00');
    const next = { ...one, at, when: 'next_invoice' as const };
    expect(told({ ...story, oneTime: [next] })).toContain('2024-05-01 work 80.00');
    const ends = [on('2024-04-20', { kind: 'cancel', credit: false })];
    expect(told({ ...story, commands: ends, oneTime: [next] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-20 work 80.00',
    ]);
    const gone = { ...next, withdrawnAt: berlin('2024-04-20T12:00') };
    expect(told({ ...story, oneTime: [gone] })).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 30.00']);
  });
});
