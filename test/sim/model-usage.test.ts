import { describe, expect, test } from 'vitest';
import type { Component, Usage } from './model.ts';
import {
  variant,
  metered,
  book,
  berlin,
  on,
  change,
  to,
  pause,
  cancel,
  used,
  billed,
} from './model/story.ts';
import type { Story } from './model/story.ts';

describe('usage', () => {
  const story = (one: Component, usage: Usage[], more: Partial<Story> = {}) =>
    billed({
      variants: [variant('plan')],
      components: [one],
      start: '2024-04-01',
      booked: [book('meter')],
      usage,
      until: '2024-05-15',
      ...more,
    });

  test('is aggregated as the sum, the largest, the last, or the number of unique values', () => {
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

  test('of 1200 calls that become 900 is credited tier by tier: 8.00 and 10.00 (rules 9, 27)', () => {
    const tiers = [
      { upTo: '100', price: '0.10' },
      { upTo: '1000', price: '0.08' },
      { upTo: null, price: '0.05' },
    ];
    const calls = metered('0', { model: { kind: 'graduated', tiers } });
    const usage = [used('2024-04-10', '1200'), used('2024-04-12', '-300', '2024-05-02')];
    expect(story(calls, usage, { until: '2024-06-15' })).toEqual([
      '2024-05-01 meter 10.00',
      '2024-05-01 meter 72.00',
      '2024-05-01 meter 10.00',
      '2024-06-01 meter -8.00',
      '2024-06-01 meter -10.00',
    ]);
  });

  test('is closed by a change of the interval, and a new period begins on its day (rules 26, 27)', () => {
    const variants = [variant('plan'), variant('long', { feeInterval: { unit: 'year', count: 1 } })];
    const usage = [used('2024-04-05', '5'), used('2024-04-22', '7')];
    const commands = [on('2024-04-11', to('long'))];
    expect(story(metered('1.00'), usage, { variants, commands })).toEqual([
      '2024-04-11 meter 5.00',
      '2024-05-11 meter 7.00',
    ]);
  });

  test('with a total below zero is rated as 0', () => {
    expect(story(metered('1.00'), [used('2024-04-10', '5'), used('2024-04-11', '-8')])).toEqual([]);
  });

  test('at the instant of a bill belongs to the next period, and earlier usage that is recorded at that instant is late', () => {
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

  test('has the full cap, however short its period is', () => {
    const capped = metered('0.96', { cap: '500.00' });
    const booked = [book('meter', '1', { start: '2024-04-20' })];
    expect(story(capped, [used('2024-04-25', '600')], { booked })).toEqual([
      '2024-05-01 meter 576.00',
      '2024-05-01 meter -76.00',
    ]);
  });

  test('is rated at once when the contract is cancelled, together with late usage', () => {
    const usage = [used('2024-04-10', '5'), used('2024-05-03', '2'), used('2024-04-11', '1', '2024-05-04')];
    expect(story(metered('1.00'), usage, { commands: [on('2024-05-11', cancel)] })).toEqual([
      '2024-05-01 meter 5.00',
      '2024-05-11 meter 1.00',
      '2024-05-11 meter 2.00',
    ]);
  });

  test('of a removed component is billed with the next bill', () => {
    const commands = [on('2024-04-11', change({ remove: ['meter'] }))];
    expect(story(metered('1.00'), [used('2024-04-10', '5')], { commands })).toEqual([
      '2024-05-01 meter 5.00',
    ]);
  });

  test('is still billed while the contract is paused', () => {
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
