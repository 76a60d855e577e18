import { describe, expect, test } from 'vitest';
import { nextDue } from '../../../domain/contracts/next-due.ts';
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

const net = (life: Life) => life.documents.reduce((sum, each) => sum + each.netMinor, 0n);

/** Basic has a trial of 14 days: from 1 to 14 January. */
const trial = () => new Life({ variant: 'basic', start: '2024-01-01' });
const pro = () => new Life({ variant: 'pro', start: '2024-01-01' });

describe('in a trial nothing is billed, and no command moves the end of the trial (rule 24):', () => {
  test('an upgrade and a booking are billed from the end of the trial on', () => {
    const life = trial();
    expect(life.do('2024-01-05', toVariant('pro'))).toBe('applied');
    expect(life.do('2024-01-06', add('seat', '3'))).toBe('applied');
    life.stepTo('2024-02-15');
    expect(billed(life)).toEqual(['2024-01-15: 99.00, 27.00', '2024-02-15: 99.00, 27.00']);
  });

  test('the end of the period is the end of the trial', () => {
    const life = trial();
    expect(life.do('2024-01-05', toVariant('pro'), 'period_end')).toBe('applied');
    expect(nextDue(life.state)).toBe('2024-01-14T23:00:00.000Z');
    life.stepTo('2024-02-15');
    expect(billed(life)).toEqual(['2024-01-15: 99.00', '2024-02-15: 99.00']);
  });

  test('a change of the interval cuts no period, as none is billed', () => {
    const life = trial();
    expect(life.do('2024-01-05', toVariant('pro-year'))).toBe('applied');
    life.stepTo('2025-01-15');
    expect(billed(life)).toEqual(['2024-01-15: 990.00', '2025-01-15: 990.00']);
  });

  test('a pause that ends within the trial changes no bill', () => {
    const life = trial();
    expect(life.do('2024-01-05', pause())).toBe('applied');
    expect(life.do('2024-01-10', resume())).toBe('applied');
    expect(life.state.phase).toBe('trial');
    life.stepTo('2024-01-15');
    expect(billed(life)).toEqual(['2024-01-15: 29.00']);
  });

  test('a contract that is paused when its trial ends is billed from the day on which it resumes: 29.00 × 26 ÷ 31', () => {
    const life = trial();
    expect(life.do('2024-01-05', pause())).toBe('applied');
    life.stepTo('2024-01-20');
    expect(billed(life)).toEqual([]);
    expect(life.do('2024-01-20', resume())).toBe('applied');
    expect(life.state.phase).toBe('normal');
    life.stepTo('2024-02-15');
    expect(billed(life)).toEqual(['2024-01-20: 24.32', '2024-02-15: 29.00']);
  });

  test.each([
    ['now', '2024-01-05T12:00:00.000Z'],
    ['period_end', '2024-01-14T23:00:00.000Z'],
  ])('a cancellation (%s) ends the contract without a document', (effective, endedAt) => {
    const life = trial();
    expect(life.do('2024-01-05', cancel(), effective)).toBe('applied');
    life.stepTo('2024-12-31');
    expect(life.state).toMatchObject({ phase: 'ended', endedAt });
    expect(billed(life)).toEqual([]);
    expect(life.charges).toEqual([]);
  });

  test('a change to a variant with a trial grants no trial: Pro to Basic is −51.10 + 14.97', () => {
    const life = pro();
    expect(life.do('2024-01-16', toVariant('basic'))).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-01-16: -51.10, 14.97']);
  });
});

describe('a pause leaves billed lines as they are (rule 25):', () => {
  test('a pause inside a period changes no bill', () => {
    const life = pro();
    expect(life.do('2024-01-10', pause())).toBe('applied');
    expect(life.do('2024-01-20', resume())).toBe('applied');
    life.stepTo('2024-02-01');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-02-01: 99.00']);
  });

  test('after a pause over a boundary, the days that no line covers are billed: 99.00 × 19 ÷ 29', () => {
    const life = pro();
    expect(life.do('2024-01-10', pause())).toBe('applied');
    expect(nextDue(life.state)).toBeNull();
    expect(life.do('2024-02-11', resume())).toBe('applied');
    life.stepTo('2024-03-01');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-02-11: 64.86', '2024-03-01: 99.00']);
  });

  test('whole periods in a pause are not billed, and resuming on a boundary bills the period that begins there in full', () => {
    const life = pro();
    expect(life.do('2024-01-10', pause())).toBe('applied');
    expect(life.do('2024-04-01', resume())).toBe('applied');
    life.stepTo('2024-05-01');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-04-01: 99.00', '2024-05-01: 99.00']);
  });

  test('a pause on the day of a boundary counts after its bill, and one at the end of the period counts before it (rule 19)', () => {
    const late = pro();
    expect(late.do('2024-02-01', pause())).toBe('applied');
    const scheduled = pro();
    expect(scheduled.do('2024-01-10', pause(), 'period_end')).toBe('applied');
    for (const life of [late, scheduled]) life.stepTo('2024-06-01');
    expect(billed(late)).toEqual(['2024-01-01: 99.00', '2024-02-01: 99.00']);
    expect(billed(scheduled)).toEqual(['2024-01-01: 99.00']);
  });

  test('a pause for two reasons ends only when the second reason is taken away', () => {
    const life = pro();
    expect(life.do('2024-01-10', pause('customer'))).toBe('applied');
    expect(life.do('2024-01-20', pause('operator'))).toBe('applied');
    expect(life.do('2024-02-05', resume('customer'))).toBe('applied');
    expect(life.state).toMatchObject({ phase: 'inactive', pauseReasons: ['operator'] });
    expect(life.do('2024-02-11', resume('operator'))).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-02-11: 64.86']);
  });

  test('a cancellation in a pause credits the days that are billed and not used: 99.00 × 12 ÷ 31', () => {
    const life = pro();
    expect(life.do('2024-01-10', pause())).toBe('applied');
    expect(life.do('2024-01-20', cancel())).toBe('applied');
    life.stepTo('2024-12-31');
    expect(life.printed.at(-1)).toEqual(['2024-01-20', '-38.32', '-38.32', '-7.28', '-45.60']);
    expect(life.documents).toHaveLength(2);
  });

  test('a scheduled change is applied on its day, also in a pause (rule 21)', () => {
    const life = pro();
    expect(life.do('2024-01-05', toVariant('basic'), 'period_end')).toBe('applied');
    expect(life.do('2024-01-10', pause())).toBe('applied');
    expect(life.do('2024-02-11', resume())).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-02-11: 19.00']); // 29.00 × 19 ÷ 29
  });

  test.each([
    [[resume()], 'not_paused'],
    [[pause(), pause()], 'already_paused'],
    [[pause('operator'), resume('customer')], 'not_paused'],
  ])('of the commands %j, the last one is refused (%s)', (commands, code) => {
    const life = pro();
    const answers = commands.map((command) => life.do('2024-01-10', command));
    expect(answers.at(-1)).toBe(code);
  });
});

describe('a cancellation', () => {
  test('now credits the rest of the fee and of the components, unless the command says not to (rule 26)', () => {
    const credited = new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
    expect(credited.do('2024-01-16', cancel())).toBe('applied');
    const uncredited = new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
    expect(uncredited.do('2024-01-16', cancel(false))).toBe('applied');
    for (const life of [credited, uncredited]) life.stepTo('2025-01-01');
    expect(billed(credited)).toEqual(['2024-01-01: 99.00, 27.00', '2024-01-16: -51.10, -13.94']);
    expect(billed(uncredited)).toEqual(['2024-01-01: 99.00, 27.00']);
  });

  test('of a variant without credit on cancellation credits the rest only if the command says so (rule 26)', () => {
    const uncredited = new Life({ variant: 'kept', start: '2024-01-01' });
    expect(uncredited.do('2024-01-16', cancel())).toBe('applied');
    const credited = new Life({ variant: 'kept', start: '2024-01-01' });
    expect(credited.do('2024-01-16', cancel(true))).toBe('applied');
    expect(billed(uncredited)).toEqual(['2024-01-01: 99.00']);
    expect(billed(credited)).toEqual(['2024-01-01: 99.00', '2024-01-16: -51.10']);
  });

  test('on the day of the first bill credits all of it', () => {
    const life = pro();
    expect(life.do('2024-01-01', cancel())).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-01-01: -99.00']);
    expect(life.documents.map((document) => document.kind)).toEqual(['invoice', 'credit_note']);
  });

  test('at the end of the period bills no further period, and can be withdrawn until then', () => {
    const cancelled = pro();
    expect(cancelled.do('2024-01-16', cancel(), 'period_end')).toBe('applied');
    const withdrawn = pro();
    expect(withdrawn.do('2024-01-16', cancel(), 'period_end')).toBe('applied');
    expect(withdrawn.do('2024-01-31', withdraw(withdrawn.asked))).toBe('applied');
    for (const life of [cancelled, withdrawn]) life.stepTo('2024-02-29');
    expect(cancelled.state).toMatchObject({ phase: 'ended', endedAt: '2024-01-31T23:00:00.000Z' });
    expect(billed(cancelled)).toEqual(['2024-01-01: 99.00']);
    expect(billed(withdrawn)).toEqual(['2024-01-01: 99.00', '2024-02-01: 99.00']);
    expect(cancelled.do('2024-03-01', pause())).toBe('contract_ended');
  });
});

describe('several commands on one day', () => {
  test('are billed one after another, and their sum is the bill of the last one (rule 19)', () => {
    const life = pro();
    expect(life.do('2024-01-16T08:00:00.000Z', add('seat', '3'))).toBe('applied');
    const seat = life.subscription('seat');
    expect(life.do('2024-01-16T09:00:00.000Z', set(seat, '5'))).toBe('applied');
    expect(life.do('2024-01-16T10:00:00.000Z', toVariant('basic'))).toBe('applied');
    expect(life.do('2024-01-16T11:00:00.000Z', toVariant('pro'))).toBe('applied');
    expect(life.do('2024-01-16T12:00:00.000Z', remove(seat))).toBe('applied');
    expect(billed(life)).toEqual([
      '2024-01-01: 99.00',
      '2024-01-16: 13.94', // 27.00 × 16 ÷ 31
      '2024-01-16: -13.94, 23.23', // 45.00 × 16 ÷ 31
      '2024-01-16: -51.10, 14.97',
      '2024-01-16: -14.97, 51.10',
      '2024-01-16: -23.23',
    ]);
    expect(net(life)).toBe(9900n);
  });

  test('at one instant are decided in the order in which they were sent', () => {
    const life = pro();
    const noon = '2024-01-16T12:00:00.000Z';
    life.until(noon);
    for (const body of [pause(), pause(), resume(), add('support')]) life.ask(noon, body);
    life.settle();
    expect(life.decisions.slice(1).map(({ code, state }) => code ?? state)).toEqual([
      'applied',
      'already_paused',
      'applied',
      'applied',
    ]);
    expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-01-16: 25.29']); // 49.00 × 16 ÷ 31
  });

  test('make one document if they are a plan and its components in one command (rule 17)', () => {
    const life = new Life({ variant: 'basic', start: '2024-01-01', anchor: '2024-01-15', seats: '2' });
    life.stepTo('2024-01-15');
    const seat = life.subscription('seat');
    const change = {
      add: [{ component: 'support', quantity: '1' }],
      set: [{ subscription: seat, quantity: '1' }],
    };
    expect(life.do('2024-01-31', toVariant('pro', change))).toBe('applied');
    expect(life.printed).toEqual([
      ['2024-01-15', '29.00, 18.00', '47.00', '8.93', '55.93'],
      // 15 of 31 days each: −29.00, 99.00, −18.00, 9.00 and 49.00.
      ['2024-01-31', '-14.03, 47.90, -8.71, 4.35, 23.71', '53.22', '10.11', '63.33'],
    ]);
  });
});

describe('a contract of a free variant', () => {
  test('has nothing due, and is billed from the day of its upgrade on (rule 28)', () => {
    const life = new Life({ variant: 'free', start: '2024-03-01' });
    expect(nextDue(life.state)).toBeNull();
    expect(life.do('2024-05-16', toVariant('pro'))).toBe('applied');
    life.stepTo('2024-06-01');
    expect(billed(life)).toEqual(['2024-05-16: 51.10', '2024-06-01: 99.00']);
  });

  test('has nothing due after a downgrade, which credits the rest if it counts now, and nothing at the end of the period', () => {
    const now = pro();
    expect(now.do('2024-01-16', toVariant('free'))).toBe('applied');
    const atEnd = pro();
    expect(atEnd.do('2024-01-16', toVariant('free'), 'period_end')).toBe('applied');
    for (const life of [now, atEnd]) life.stepTo('2024-12-31');
    expect(billed(now)).toEqual(['2024-01-01: 99.00', '2024-01-16: -51.10']);
    expect(billed(atEnd)).toEqual(['2024-01-01: 99.00']);
    for (const life of [now, atEnd]) {
      expect(life.state.phase).toBe('normal');
      expect(nextDue(life.state)).toBeNull();
    }
  });
});
