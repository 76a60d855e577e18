import { describe, expect, test } from 'vitest';
import type { Component } from './model.ts';
import {
  variant,
  component,
  book,
  on,
  change,
  pause,
  resume,
  cancel,
  billed,
  withdraw,
} from './model/story.ts';

const ahead = { ordered: '2024-03-20', start: '2024-04-01' };

describe('the line that completes a period', () => {
  const cents = { variants: [variant('plan', { fee: '10.01' })], ...ahead, until: '2024-04-30' };
  const cancelled = on('2024-03-20', cancel, '2024-04-16');

  test('takes what is left of the full amount: 10.01 is 5.01 and 5.00 (rules 9, 10)', () => {
    const commands = [cancelled, on('2024-04-10', withdraw(0))];
    expect(billed({ ...cents, commands })).toEqual(['2024-04-01 fee 5.01', '2024-04-10 fee 5.00']);
  });

  test('may be the third of three: 10.00 is 3.33, 3.33 and 3.34 (rules 9, 10)', () => {
    const lines = billed({
      ...cents,
      variants: [variant('plan', { fee: '10.00' })],
      commands: [
        on('2024-03-20', pause, '2024-04-11'),
        on('2024-03-20', cancel, '2024-04-21'),
        on('2024-04-05', withdraw(0)),
        on('2024-04-06', withdraw(1)),
      ],
    });
    expect(lines).toEqual(['2024-04-01 fee 3.33', '2024-04-05 fee 3.33', '2024-04-06 fee 3.34']);
  });

  test('does not exist in a period that is billed only from the 11th on: two halves of 20 days are rounded each (rule 10)', () => {
    const lines = billed({
      variants: [variant('plan')],
      components: [component('seat', '10.03')],
      start: '2024-04-01',
      commands: [
        on('2024-04-05', cancel, '2024-04-21'),
        on('2024-04-11', change({ add: [book('seat')] })),
        on('2024-04-15', withdraw(0)),
      ],
      until: '2024-04-30',
    });
    // 3.3433…, twice; 20 of 30 days at once would be 6.69.
    expect(lines).toEqual(['2024-04-11 seat 3.34', '2024-04-15 seat 3.34']);
  });

  test('takes the amount that credits have left: a half that a pause has credited is billed again in full (rules 9, 10)', () => {
    const commands = [
      cancelled,
      on('2024-04-10', withdraw(0)),
      on('2024-04-16', pause),
      on('2024-04-16T12:00', resume),
    ];
    const variants = [variant('plan', { fee: '10.01', creditOnPause: true })];
    expect(billed({ ...cents, variants, commands })).toEqual([
      '2024-04-01 fee 5.01',
      '2024-04-10 fee 5.00',
      '2024-04-16 fee -5.00',
      '2024-04-16 fee 5.00',
    ]);
  });

  test('completes each tier and the cap: 6.67 and 6.67, at most 10.00, in two halves of 5.00 (rules 9, 12)', () => {
    const lines = billed({ ...capped('6.67'), commands: [cancelled, on('2024-04-10', withdraw(0))] });
    expect(lines).toEqual([
      '2024-04-01 seat 3.34',
      '2024-04-01 seat 3.34',
      '2024-04-01 seat -1.68',
      '2024-04-10 seat 3.33',
      '2024-04-10 seat 3.33',
      '2024-04-10 seat -1.66',
    ]);
  });
});

/** A component with two tiers of one unit, both at `price`, and a cap of 10.00 a month. Two units are booked. */
function capped(price: string, more: Partial<Component> = {}) {
  const tiers = [
    { upTo: '1', price },
    { upTo: null, price },
  ];
  return {
    variants: [variant('plan')],
    components: [component('seat', '0', { model: { kind: 'graduated', tiers }, cap: '10.00', ...more })],
    ...ahead,
    booked: [book('seat', '2')],
    until: '2024-04-30',
  };
}

describe("the cap's share", () => {
  const commands = [on('2024-03-20', cancel, '2024-04-29')];

  test('bounds tiers of 6.67 and 6.67 with a cap of 10.00 to 9.33 for 28 of 30 days (rule 12)', () => {
    const lines = ['6.23', '6.23', '-3.13'].map((amount) => `2024-04-01 seat ${amount}`);
    expect(billed({ ...capped('6.67'), commands })).toEqual(lines);
  });

  test('bounds tiers of 5.00 and 5.00, too, when their period is cut short (rule 12)', () => {
    const lines = ['4.67', '4.67', '-0.01'].map((amount) => `2024-04-01 seat ${amount}`);
    expect(billed({ ...capped('5.00'), commands })).toEqual(lines);
  });

  test('changes no line if the rounded lines stay below it: 14 of 30 days are 4.66 (rules 10, 12)', () => {
    const short = [on('2024-03-20', cancel, '2024-04-15')];
    const lines = ['3.11', '3.11', '-1.56'].map((amount) => `2024-04-01 seat ${amount}`);
    expect(billed({ ...capped('6.67'), commands: short })).toEqual(lines);
  });

  test('bounds a component in arrears, too (rule 12)', () => {
    const lines = ['6.23', '6.23', '-3.13'].map((amount) => `2024-04-29 seat ${amount}`);
    expect(billed({ ...capped('6.67', { mode: 'post_paid' }), commands })).toEqual(lines);
  });
});
