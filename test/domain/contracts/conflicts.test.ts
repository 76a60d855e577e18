import { describe, expect, test } from 'vitest';
import type { CommandBody } from '../../../domain/contracts/state.ts';
import {
  Life,
  add,
  billed,
  cancel,
  pause,
  remove,
  resume,
  set,
  toVariant,
  withdraw,
} from '../../support/contract-builder.ts';

/** Pro with three seats from 1 January. The tests send their commands on the 16th. */
const pro = () => new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
type SentCommand = readonly [body: CommandBody | ((life: Life) => CommandBody), effective: string];

function answers(life: Life, commands: readonly SentCommand[]): string[] {
  return commands.map(([body, effective]) =>
    life.do('2024-01-16', typeof body === 'function' ? body(life) : body, effective),
  );
}

const seats = (quantity: string) => (life: Life) => set(life.subscription('seat'), quantity);
const noSeats = (life: Life) => remove(life.subscription('seat'));
const toFree = (life: Life) => toVariant('free', { remove: [life.subscription('seat')] });
const withdrawLast = (life: Life) => withdraw(life.asked);

describe('at most one scheduled value per item (rule 21)', () => {
  test.each<[string, SentCommand, SentCommand]>([
    ['a second variant', [toVariant('basic'), 'period_end'], [toVariant('bundle'), 'period_end']],
    [
      'a variant now while another one is scheduled',
      [toVariant('basic'), 'period_end'],
      [toVariant('bundle'), 'now'],
    ],
    ['a second quantity', [seats('5'), 'period_end'], [seats('6'), '2024-03-01']],
    ['a quantity now while another one is scheduled', [seats('5'), 'period_end'], [seats('6'), 'now']],
    ['a removal while a quantity is scheduled', [seats('5'), 'period_end'], [noSeats, 'now']],
    ['a quantity while a removal is scheduled', [noSeats, '2024-01-20'], [seats('6'), 'now']],
    [
      'another interval now while a quantity is scheduled',
      [seats('5'), 'period_end'],
      [toVariant('pro-year'), 'now'],
    ],
    [
      'another interval on the day of a scheduled pause',
      [pause(), 'period_end'],
      [toVariant('pro-year'), 'period_end'],
    ],
    ['a second pause for the same reason', [pause(), 'period_end'], [pause(), '2024-01-20']],
    ['a pause now while one is scheduled', [pause(), 'period_end'], [pause(), 'now']],
    ['a cancellation now before a scheduled variant', [toVariant('basic'), 'period_end'], [cancel(), 'now']],
    [
      'a cancellation at the instant of a scheduled quantity',
      [seats('5'), 'period_end'],
      [cancel(), 'period_end'],
    ],
    ['a cancellation now while one is scheduled', [cancel(), 'period_end'], [cancel(), 'now']],
    ['a booking that the scheduled variant does not allow', [toFree, 'period_end'], [add('seat'), 'now']],
    [
      'a variant that does not allow a component whose booking is scheduled',
      [add('support'), 'period_end'],
      [toFree, 'now'],
    ],
    ['a second booking of an on/off component', [add('support'), 'period_end'], [add('support'), 'now']],
    [
      'a booking on the day of a scheduled variant that includes the component',
      [toVariant('bundle'), 'period_end'],
      [add('support'), '2024-02-01'],
    ],
    [
      'a variant that includes a component whose booking is scheduled',
      [add('support'), '2024-03-01'],
      [toVariant('bundle'), 'now'],
    ],
  ])('%s is refused until the first is withdrawn', (_what, first, second) => {
    const life = pro();
    expect(answers(life, [first, second])).toEqual(['applied', 'scheduled_change_exists']);
    const [scheduled] = life.state.scheduled;
    expect(life.do('2024-01-16', withdraw(scheduled?.commandId ?? ''))).toBe('applied');
    expect(answers(life, [second])).toEqual(['applied']);
    life.stepTo('2024-04-02');
  });

  test.each<[string, SentCommand]>([
    ['a change', [seats('5'), 'period_end']],
    ['a pause', [pause(), 'period_end']],
    ['a change on a later day', [toVariant('basic'), '2024-03-01']],
    ['another cancellation', [cancel(), 'period_end']],
  ])(
    'after a scheduled cancellation, %s at or after it is refused (after_cancellation)',
    (_what, command) => {
      const life = pro();
      expect(answers(life, [[cancel(), 'period_end'], command])).toEqual(['applied', 'after_cancellation']);
      life.stepTo('2024-12-31');
      expect(billed(life)).toEqual(['2024-01-01: 99.00, 27.00']);
      expect(life.state).toMatchObject({ phase: 'ended', endedAt: '2024-01-31T23:00:00.000Z' });
    },
  );

  test('commands that count before a scheduled cancellation are applied, and their effect ends with the contract', () => {
    const life = pro();
    expect(
      answers(life, [
        [cancel(), 'period_end'],
        [seats('5'), 'now'],
        [pause(), '2024-01-20'],
      ]),
    ).toEqual(['applied', 'applied', 'applied']);
    life.stepTo('2024-12-31');
    // 27.00 and 45.00 × 16 ÷ 31
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 27.00', '2024-01-16: -13.94, 23.23']);
  });

  test('different items may each have a scheduled change, and each change counts on its day', () => {
    const life = pro();
    expect(
      answers(life, [
        [toVariant('basic'), 'period_end'],
        [seats('5'), 'period_end'],
        [add('support'), '2024-02-01'],
        [pause('operator'), '2024-03-01'],
      ]),
    ).toEqual(['applied', 'applied', 'applied', 'applied']);
    life.stepTo('2024-12-31');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 27.00', '2024-02-01: 29.00, 45.00, 49.00']);
  });

  test('a withdrawn change has no effect, and withdrawing it a second time is refused (nothing_scheduled)', () => {
    const life = pro();
    const codes = answers(life, [
      [toVariant('basic'), 'period_end'],
      [withdrawLast, 'now'],
    ]);
    expect(codes).toEqual(['applied', 'applied']);
    expect(life.do('2024-01-17', withdraw('command-1'))).toBe('nothing_scheduled');
    life.stepTo('2024-02-01');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 27.00', '2024-02-01: 99.00, 27.00']);
  });
});

describe('a refused command is answered with a code that names the reason, and changes no bill (rules 18, 20, 22, 23)', () => {
  test.each<[SentCommand, string]>([
    [[toVariant('shelf'), 'now'], 'variant_not_in_plan_group'],
    [[toVariant('free'), 'now'], 'component_not_allowed'], // seats are booked, and Free does not allow them
    [[toVariant('pro'), 'now'], 'nothing_to_change'],
    [[seats('3'), 'now'], 'nothing_to_change'],
    [[seats('-1'), 'now'], 'invalid_quantity'],
    [[seats('1000000001'), 'now'], 'invalid_quantity'],
    [[seats('1.0000001'), 'now'], 'invalid_quantity'],
    [[add('support', '2'), 'now'], 'invalid_quantity'],
    [[add('calls'), 'now'], 'component_not_allowed'],
    [[add('nothing'), 'now'], 'component_unknown'],
    [[set('subscription-9', '1'), 'now'], 'subscription_unknown'],
    [[remove('fee'), 'now'], 'subscription_unknown'],
    [[withdraw('command-9'), 'now'], 'nothing_scheduled'],
    [[pause(), '2024-01-15'], 'date_in_the_past'],
    [[pause(), '2023-12-31'], 'before_contract_start'],
    [[pause(), '2024-02-30'], 'invalid_date'],
    [[{ kind: 'unreadable', problem: 'upgrade takes a variant' }, 'now'], 'unreadable_command'],
  ])('%j is refused: %s', (command, code) => {
    const life = pro();
    expect(answers(life, [command])).toEqual([code]);
    life.stepTo('2024-02-01');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 27.00', '2024-02-01: 99.00, 27.00']);
  });

  test('a booked component that the new variant does not allow may be removed in the same command (rule 22)', () => {
    const life = pro();
    expect(answers(life, [[toFree, 'now']])).toEqual(['applied']);
    life.stepTo('2024-12-31');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 27.00', '2024-01-16: -51.10, -13.94']);
  });

  test('an on/off component can be booked only once (already_booked)', () => {
    const life = pro();
    expect(
      answers(life, [
        [add('support'), 'now'],
        [add('support'), 'now'],
      ]),
    ).toEqual(['applied', 'already_booked']);
  });

  test('before its start a contract can only be cancelled', () => {
    const life = new Life({ variant: 'pro', start: '2024-02-01', ordered: '2024-01-10T09:00:00.000Z' });
    expect(life.do('2024-01-16', pause())).toBe('contract_not_started');
    expect(life.do('2024-01-16', resume())).toBe('contract_not_started');
    expect(life.do('2024-01-16', cancel())).toBe('applied');
    life.stepTo('2024-12-31');
    expect(life.charges).toEqual([]);
    expect(life.do('2025-01-01', cancel())).toBe('contract_ended');
  });

  test('a command dated today counts now, and one with a later date waits for the first instant of that day (rule 18)', () => {
    const life = pro();
    expect(
      answers(life, [
        [seats('5'), '2024-01-16'],
        [add('support'), '2024-01-20'],
      ]),
    ).toEqual(['applied', 'applied']);
    expect(life.state.scheduled.map((change) => change.dueAt)).toEqual(['2024-01-19T23:00:00.000Z']);
    life.stepTo('2024-01-31');
    // 49.00 × 12 ÷ 31
    expect(billed(life)).toEqual([
      '2024-01-01: 99.00, 27.00',
      '2024-01-16: -13.94, 23.23',
      '2024-01-20: 18.97',
    ]);
  });

  test('an order with a component that its variant does not allow is refused, and its contract ends without a charge', () => {
    const life = new Life({ variant: 'free', start: '2024-01-01', seats: '3' });
    expect(life.decisions.map(({ code }) => code)).toEqual(['component_not_allowed']);
    life.stepTo('2024-12-31');
    expect(life.state.phase).toBe('ended');
    expect(life.charges).toEqual([]);
  });
});
