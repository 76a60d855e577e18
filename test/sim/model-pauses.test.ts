import { describe, expect, test } from 'vitest';
import type { Body, Component, Variant } from './model.ts';
import {
  YEAR,
  book,
  cancel,
  change,
  component,
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

const PLAN = variant('plan', { fee: '30.00' });
const LARGE = variant('large', { fee: '60.00' });
/** 365.00 for the 365 days from 11 April 2024 on: 1.00 a day. */
const LONG = variant('long', { fee: '365.00', feeInterval: YEAR });
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

  test('are settled when it is resumed: two days of five seats back, two of six charged (rule 25)', () => {
    const commands = [...six, on('2024-01-30', resume)];
    expect(told({ ...pro, commands })).toEqual([...first, '2024-01-30 seat -2.90', '2024-01-30 seat 3.48']);
  });

  test('cancelled in the pause, what the lines still cover is credited: 22 of 31 days (rule 25)', () => {
    const commands = [...six, on('2024-01-10', cancel)];
    expect(told({ ...pro, commands })).toEqual([...first, '2024-01-10 fee -70.26', '2024-01-10 seat -31.94']);
  });

  test('cancelled in the pause without credit, nothing is (rule 25)', () => {
    const commands = [...six, on('2024-01-10', { kind: 'cancel', credit: false })];
    expect(told({ ...pro, commands })).toEqual(first);
  });

  const story = (commands: ReturnType<typeof on>[], variants: Variant[] = [PLAN, LARGE]) => {
    const booked = [book('seat')];
    return told({ variants, components: [SEAT], start: '2024-04-01', booked, commands, until: '2024-04-30' });
  };
  const paid = ['2024-04-01 fee 30.00', '2024-04-01 seat 30.00'];

  test('there and back leave the lines as they are (rule 25)', () => {
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

  test('what has stayed is credited by the next change like any line (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-07', set('seat', '2')),
      on('2024-04-09', set('seat', '1')),
      on('2024-04-16', resume),
      on('2024-04-21', set('seat', '3')),
    ];
    expect(story(commands)).toEqual([...paid, '2024-04-21 seat -10.00', '2024-04-21 seat 30.00']);
  });

  test('a removal counts from the day of resuming, a booking is billed from there (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-07', change({ remove: ['seat'] })),
      on('2024-04-08', change({ add: [{ component: 'seat', quantity: '2', subscription: 'more' }] })),
      on('2024-04-16', resume),
    ];
    expect(story(commands)).toEqual([...paid, '2024-04-16 seat -15.00', '2024-04-16 more 30.00']);
  });

  test('resumed in the next period, nothing is left to credit (rule 25)', () => {
    const lines = told({
      variants: [PLAN, LARGE],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), on('2024-04-06', to('large')), on('2024-05-22', resume)],
      until: '2024-05-31',
    });
    // 10 of 31 days of 60.00.
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-22 fee 19.35']);
  });

  test('where a variant credits a pause, only the new side is billed when it is resumed (rule 25)', () => {
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
    const lines = told({
      variants: [PLAN, variant('none', { fee: '60.00', proration: 'none' })],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), on('2024-04-06', to('none')), on('2024-04-16', resume)],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-05-01 fee 60.00']);
  });

  test('only the last reason settles them (rule 25)', () => {
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
    'what is scheduled for the day of a scheduled pause waits for its end, too: %s (rule 25)',
    (_, bodies) => {
      const commands = [
        ...bodies.map((body) => on('2024-04-05', body, '2024-04-11')),
        on('2024-04-16', resume),
      ];
      expect(story(commands)).toEqual([...paid, '2024-04-16 seat -15.00', '2024-04-16 seat 30.00']);
    },
  );

  test('scheduled with the resuming, there and back leave the line as it is (rule 25)', () => {
    const commands = [
      on('2024-04-05', pause),
      on('2024-04-06', set('seat', '2')),
      on('2024-04-07', set('seat', '1'), '2024-04-16'),
      on('2024-04-07', resume, '2024-04-16'),
    ];
    expect(story(commands)).toEqual(paid);
  });
});

describe('a change of the interval in a pause', () => {
  const story = (
    commands: ReturnType<typeof on>[],
    more: { components?: Component[]; until?: string } = {},
  ) =>
    told({
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

  test('cuts what is booked, too: from the 21st to the 11th of May, 20 of 30 days (rule 25)', () => {
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

  test('and back is not the same again, as the periods are others (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-13', to('plan')), on('2024-04-21', resume)];
    // From the 13th to the 13th of May: 22 of 30 days are left.
    expect(story(commands, { components: [SEAT] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-21 fee -10.00',
      '2024-04-21 seat -10.00',
      '2024-04-21 fee 22.00',
      '2024-04-21 seat 22.00',
    ]);
  });

  test('leaves what stands alone (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-21', resume)];
    expect(story(commands, { components: [component('seat', '30.00', { standalone: true })] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-01 seat 30.00',
      '2024-04-21 fee -10.00',
      '2024-04-21 fee 355.00',
    ]);
  });

  test('is the start of another term: two months from the 11th of April (rule 25)', () => {
    const two = { unit: 'month', count: 2 } as const;
    const lines = told({
      variants: [PLAN, variant('two', { fee: '61.00', feeInterval: two, billingInterval: two, term: two })],
      start: '2024-04-01',
      commands: [on('2024-04-05', pause), on('2024-04-11', to('two')), on('2024-04-21', resume)],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-04-01 fee 30.00', '2024-04-21 fee -10.00', '2024-04-21 fee 51.00']);
  });

  test('cancelled after it, what the old lines cover is credited (rule 25)', () => {
    const commands = [on('2024-04-11', to('long')), on('2024-04-16', cancel)];
    expect(story(commands)).toEqual(['2024-04-01 fee 30.00', '2024-04-16 fee -15.00']);
  });
});

describe('arrears through a pause with a change', () => {
  test('one seat for ten days before the pause, two for ten days after it, with the run (rule 25)', () => {
    const lines = told({
      variants: [variant('plan')],
      components: [component('seat', '30.00', { mode: 'post_paid' })],
      start: '2024-04-01',
      booked: [book('seat')],
      commands: [on('2024-04-11', pause), on('2024-04-15', set('seat', '2')), on('2024-04-21', resume)],
      until: '2024-05-15',
    });
    expect(lines).toEqual(['2024-05-01 seat 10.00', '2024-05-01 seat 20.00']);
  });

  test('a change of the interval in the pause closes them on its day (rule 25)', () => {
    const lines = told({
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

  test('usage is billed at its run, by the quantity and the included units of its period (rule 25)', () => {
    const included = (id: string, units: string) =>
      variant(id, {
        components: [
          { id: 'meter', rule: 'optional', quantity: '1', included: units, least: null, most: null },
        ],
      });
    const lines = told({
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

  test('usage is rated where a change of the interval cuts its period (rule 25)', () => {
    const lines = told({
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
