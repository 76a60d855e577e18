import { describe, expect, test } from 'vitest';
import type { Body, Variant } from './model.ts';
import {
  book,
  cancel,
  change,
  component,
  on,
  pause,
  resume,
  set,
  to,
  billed,
  variant,
} from './model/story.ts';

const PLAN = variant('plan', { fee: '30.00' });
const LARGE = variant('large', { fee: '60.00' });
const SEAT = component('seat', '30.00');

describe('changes in a pause', () => {
  const pro = {
    variants: [variant('pro', { fee: '99.00' })],
    components: [component('seat', '9.00')],
    start: '2024-01-01',
    booked: [book('seat', '5')],
    until: '2024-01-31',
  };
  const first = ['2024-01-01 fee 99.00', '2024-01-01 seat 45.00'];
  const six = [on('2024-01-02', pause), on('2024-01-03', set('seat', '6'))];

  test('are billed when the contract resumes: two days of five seats are credited, and two of six charged (rule 25)', () => {
    const commands = [...six, on('2024-01-30', resume)];
    expect(billed({ ...pro, commands })).toEqual([...first, '2024-01-30 seat -2.90', '2024-01-30 seat 3.48']);
  });

  test('and a cancellation in the pause credit what the lines still cover: 22 of 31 days (rule 25)', () => {
    const commands = [...six, on('2024-01-10', cancel)];
    expect(billed({ ...pro, commands })).toEqual([
      ...first,
      '2024-01-10 fee -70.26',
      '2024-01-10 seat -31.94',
    ]);
  });

  test('and a cancellation in the pause without credit neither charge nor credit (rule 25)', () => {
    const commands = [...six, on('2024-01-10', { kind: 'cancel', credit: false })];
    expect(billed({ ...pro, commands })).toEqual(first);
  });

  const story = (commands: ReturnType<typeof on>[], variants: Variant[] = [PLAN, LARGE]) => {
    const booked = [book('seat')];
    return billed({
      variants,
      components: [SEAT],
      start: '2024-04-01',
      booked,
      commands,
      until: '2024-04-30',
    });
  };
  const paid = ['2024-04-01 fee 30.00', '2024-04-01 seat 30.00'];

  test('that are reversed in the pause leave the lines as they are (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-06', to('large')),
      on('2024-04-07', set('seat', '2')),
      on('2024-04-08', to('plan')),
      on('2024-04-09', set('seat', '1')),
      on('2024-04-16', resume),
    ];
    expect(story(commands)).toEqual(paid);
  });

  test('that are reversed leave a line that the next change credits like any other (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-07', set('seat', '2')),
      on('2024-04-09', set('seat', '1')),
      on('2024-04-16', resume),
      on('2024-04-21', set('seat', '3')),
    ];
    expect(story(commands)).toEqual([...paid, '2024-04-21 seat -10.00', '2024-04-21 seat 30.00']);
  });

  const reversed = [
    on('2024-04-05', pause),
    on('2024-04-07', set('seat', '2')),
    on('2024-04-09', set('seat', '1')),
  ];

  test('that are reversed, and a cancellation after the resumption, credit the days that are left: 10 of 30 (rule 25)', () => {
    const commands = [...reversed, on('2024-04-16', resume), on('2024-04-21', cancel)];
    expect(story(commands)).toEqual([...paid, '2024-04-21 fee -10.00', '2024-04-21 seat -10.00']);
  });

  test('that are reversed, and a cancellation in the pause, credit the days that are left: 15 of 30 (rule 25)', () => {
    const commands = [...reversed, on('2024-04-16', cancel)];
    expect(story(commands)).toEqual([...paid, '2024-04-16 fee -15.00', '2024-04-16 seat -15.00']);
  });

  test('to another variant decide whether a cancellation in the pause credits: the new variant says so (rule 25)', () => {
    const variants = [PLAN, variant('large', { fee: '60.00', creditOnCancel: false })];
    const commands = [on('2024-04-05', pause), on('2024-04-06', to('large')), on('2024-04-16', cancel)];
    expect(story(commands, variants)).toEqual(paid);
  });

  test('to other included units and back leave the line; without the change back, one of three seats is free (rule 25)', () => {
    const listed = {
      id: 'seat',
      rule: 'optional',
      quantity: '1',
      included: '1',
      least: null,
      most: null,
    } as const;
    const seats = {
      variants: [variant('plan'), variant('large', { components: [listed] })],
      components: [SEAT],
      start: '2024-04-01',
      booked: [book('seat', '3')],
      until: '2024-04-30',
    };
    const there = [on('2024-04-05', pause), on('2024-04-06', to('large'))];
    const resumed = on('2024-04-16', resume);
    expect(billed({ ...seats, commands: [...there, on('2024-04-08', to('plan')), resumed] })).toEqual([
      '2024-04-01 seat 90.00',
    ]);
    // Half of three seats, then half of two.
    expect(billed({ ...seats, commands: [...there, resumed] })).toEqual([
      '2024-04-01 seat 90.00',
      '2024-04-16 seat -45.00',
      '2024-04-16 seat 30.00',
    ]);
  });

  test('count from the day of the resumption: a removal is credited and a booking is billed from then on (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-07', change({ remove: ['seat'] })),
      on('2024-04-08', change({ add: [{ component: 'seat', quantity: '2', subscription: 'more' }] })),
      on('2024-04-16', resume),
    ];
    expect(story(commands)).toEqual([...paid, '2024-04-16 seat -15.00', '2024-04-16 more 30.00']);
  });

  test('credit nothing if the contract resumes only in the next period (rule 25)', () => {
    const lines = billed({
      variants: [PLAN, LARGE],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), on('2024-04-06', to('large')), on('2024-05-22', resume)],
      until: '2024-05-31',
    });
    // 10 of 31 days of 60.00.
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-22 fee 19.35']);
  });

  test('under a variant that credits pauses leave only the new fee and the seats to bill on resuming (rule 25)', () => {
    const variants = [variant('plan', { fee: '30.00', creditOnPause: true }), LARGE];
    const commands = [on('2024-04-06', pause), on('2024-04-07', to('large')), on('2024-04-16', resume)];
    expect(story(commands, variants)).toEqual([
      ...paid,
      '2024-04-06 fee -25.00',
      '2024-04-06 seat -25.00',
      '2024-04-16 fee 30.00',
      '2024-04-16 seat 15.00',
    ]);
  });

  test('to a variant without proration credit nothing; its fee begins with the next period (rule 25)', () => {
    const lines = billed({
      variants: [PLAN, variant('none', { fee: '60.00', proration: 'none' })],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), on('2024-04-06', to('none')), on('2024-04-16', resume)],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 60.00']);
  });

  test('over a variant without proration credit a line only if a change that prorates came first (rule 25)', () => {
    const plans = [
      PLAN,
      LARGE,
      variant('none', { fee: '90.00', proration: 'none' }),
      variant('last', { fee: '40.00' }),
    ];
    const through = (...ids: string[]) =>
      billed({
        variants: plans,
        start: '2024-04-01',
        commands: [
          on('2024-04-05', pause),
          ...ids.map((id, n) => on(`2024-04-0${6 + n}`, to(id))),
          on('2024-04-16', resume),
        ],
        until: '2024-05-15',
      });
    // Half of 30.00 back, and half of 40.00 charged.
    expect(through('large', 'none', 'last')).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-16 fee -15.00',
      '2024-04-16 fee 20.00',
      '2024-05-01 fee 40.00',
    ]);
    expect(through('none', 'large', 'last')).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 40.00']);
    expect(through('large', 'none')).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 90.00']);
  });

  test('are billed only when the last pause reason is taken away (rule 25)', () => {
    const operator = (kind: 'pause' | 'resume'): Body => ({ kind, reason: 'operator' });
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-06', operator('pause')),
      on('2024-04-07', set('seat', '2')),
      on('2024-04-11', resume),
      on('2024-04-16', operator('resume')),
    ];
    expect(story(commands)).toEqual([...paid, '2024-04-16 seat -15.00', '2024-04-16 seat 30.00']);
  });

  test.each([
    ['pause, then change', [pause, set('seat', '2')]],
    ['change, then pause', [set('seat', '2'), pause]],
  ])(
    'that are scheduled for the day on which a scheduled pause begins are billed when it ends, too: %s (rule 25)',
    (_, bodies) => {
      const commands = [
        ...bodies.map((body) => on('2024-04-05', body, '2024-04-11')),
        on('2024-04-16', resume),
      ];
      expect(story(commands)).toEqual([...paid, '2024-04-16 seat -15.00', '2024-04-16 seat 30.00']);
    },
  );

  test('leave the line as it is if their reversal is scheduled for the day of the resumption (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-06', set('seat', '2')),
      on('2024-04-07', set('seat', '1'), '2024-04-16'),
      on('2024-04-07', resume, '2024-04-16'),
    ];
    expect(story(commands)).toEqual(paid);
  });
});
