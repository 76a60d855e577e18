import { describe, expect, test } from 'vitest';
import type { Catalogue, ComponentTerms } from '../../../domain/contracts/state.ts';
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
import { CLOUD } from '../../support/sold.ts';

/** CLOUD, in which one variant has other terms and, if given, another fee. */
function withTerms(variant: string, terms: object, fee?: string): Catalogue {
  const variants = CLOUD.variants.map((each) => {
    if (each.variantId !== variant) return each;
    const priced =
      fee === undefined || each.fee === null
        ? each.fee
        : { ...each.fee, model: { kind: 'simple' as const, price: fee } };
    return { ...each, ...terms, fee: priced };
  });
  return { ...CLOUD, variants };
}

const YEAR = withTerms('pro-year', {}, '365.00');

describe('A known end bounds lines that are billed in advance (rule 9):', () => {
  test('a yearly fee of 365.00 that is cancelled for 10 January costs 9 of 366 days', () => {
    const life = new Life({ variant: 'pro-year', start: '2011-01-01', catalogue: YEAR });
    expect(life.do('2011-12-01', cancel(), '2012-01-10')).toBe('applied');
    expect(billed(life.stepTo('2012-03-01'))).toEqual(['2011-01-01: 365.00', '2012-01-01: 8.98']);
  });

  test('withdrawing the cancellation bills the rest of the year at once: 365.00 less 8.98', () => {
    const life = new Life({ variant: 'pro-year', start: '2011-01-01', catalogue: YEAR });
    expect(life.do('2011-12-01', cancel(), '2012-01-10')).toBe('applied');
    const cancelled = life.asked;
    expect(life.do('2012-01-05', withdraw(cancelled))).toBe('applied');
    expect(billed(life.stepTo('2012-03-01'))).toEqual([
      '2011-01-01: 365.00',
      '2012-01-01: 8.98',
      '2012-01-05: 356.02',
    ]);
  });

  test('a scheduled cancellation without credit bounds new lines, too', () => {
    const life = new Life({ variant: 'pro-year', start: '2011-01-01', catalogue: YEAR });
    expect(life.do('2011-12-01', cancel(false), '2012-01-10')).toBe('applied');
    expect(billed(life.stepTo('2012-03-01'))).toEqual(['2011-01-01: 365.00', '2012-01-01: 8.98']);
  });

  test('a line that was billed before the cancellation was scheduled is credited on the day of the cancellation', () => {
    const life = new Life({ variant: 'pro-year', start: '2012-01-01', catalogue: YEAR });
    expect(life.do('2012-01-05', cancel(), '2012-01-10')).toBe('applied');
    expect(billed(life.stepTo('2012-03-01'))).toEqual(['2012-01-01: 365.00', '2012-01-10: -356.02']);
  });

  test('five seats that become eight on 16 February are billed for 15 of 29 days, and then eight for the rest', () => {
    const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '5' });
    expect(life.do('2024-01-20', set(life.subscription('seat'), '8'), '2024-02-16')).toBe('applied');
    expect(billed(life.stepTo('2024-03-02'))).toEqual([
      '2024-01-01: 99.00, 45.00',
      '2024-02-01: 99.00, 23.28', // 45.00 × 15 ÷ 29
      '2024-02-16: 34.76', // 72.00 × 14 ÷ 29
      '2024-03-01: 99.00, 72.00',
    ]);
  });

  test('withdrawing that change on 10 February bills the rest of the five seats: 45.00 less 23.28', () => {
    const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '5' });
    expect(life.do('2024-01-20', set(life.subscription('seat'), '8'), '2024-02-16')).toBe('applied');
    const changed = life.asked;
    expect(life.do('2024-02-10', withdraw(changed))).toBe('applied');
    expect(billed(life.stepTo('2024-02-20'))).toEqual([
      '2024-01-01: 99.00, 45.00',
      '2024-02-01: 99.00, 23.28',
      '2024-02-10: 21.72',
    ]);
  });

  test('the line that completes a period takes the rest: 10.01 in two halves is 5.01 and 5.00', () => {
    const life = new Life({ variant: 'pro', start: '2023-03-01', catalogue: withTerms('pro', {}, '10.01') });
    expect(life.do('2023-03-20', pause(), '2023-04-16')).toBe('applied');
    const paused = life.asked;
    expect(life.do('2023-04-10', withdraw(paused))).toBe('applied');
    expect(billed(life.stepTo('2023-04-20'))).toEqual([
      '2023-03-01: 10.01',
      '2023-04-01: 5.01', // 15 of 30 days: 5.005
      '2023-04-10: 5.00',
    ]);
  });

  test('a contract whose term ends inside a period is billed to the end of the term', () => {
    const terms = { term: { unit: 'month', count: 12 } as const, renewal: null };
    const catalogue = withTerms('pro', terms, '31.00');
    const life = new Life({ variant: 'pro', start: '2024-01-10', anchor: '2024-01-01', catalogue });
    life.stepTo('2025-03-01');
    expect(billed(life).slice(0, 2)).toEqual(['2024-01-10: 22.00', '2024-02-01: 31.00']);
    expect(billed(life).at(-1)).toBe('2025-01-01: 9.00'); // 9 of 31 days
  });

  test('a scheduled removal, a scheduled pause and a scheduled variant bound the lines that are billed before their day', () => {
    const removed = new Life({ variant: 'pro', start: '2024-01-01', seats: '1' });
    expect(removed.do('2024-01-20', remove(removed.subscription('seat')), '2024-02-16')).toBe('applied');
    expect(billed(removed.stepTo('2024-02-20'))).toEqual([
      '2024-01-01: 99.00, 9.00',
      '2024-02-01: 99.00, 4.66', // 9.00 × 15 ÷ 29
    ]);

    const paused = new Life({ variant: 'pro', start: '2024-01-01' });
    expect(paused.do('2024-01-20', pause(), '2024-02-16')).toBe('applied');
    expect(billed(paused.stepTo('2024-02-20'))).toEqual(['2024-01-01: 99.00', '2024-02-01: 51.21']); // × 15 ÷ 29
    expect(paused.do('2024-02-20', resume())).toBe('applied');
    expect(billed(paused).at(-1)).toBe('2024-02-20: 34.14'); // × 10 ÷ 29

    const changed = new Life({ variant: 'pro', start: '2024-01-01' });
    expect(changed.do('2024-01-20', toVariant('basic'), '2024-02-16')).toBe('applied');
    expect(billed(changed.stepTo('2024-02-20'))).toEqual([
      '2024-01-01: 99.00',
      '2024-02-01: 51.21',
      '2024-02-16: 14.00', // 29.00 × 14 ÷ 29
    ]);
  });

  test('without proration a period that begins before the end is charged as a whole, and a change bounds nothing', () => {
    const catalogue = withTerms('pro', { proration: 'none' });
    const ends = new Life({ variant: 'pro', start: '2024-01-01', catalogue });
    expect(ends.do('2024-01-20', cancel(), '2024-02-16')).toBe('applied');
    expect(billed(ends.stepTo('2024-04-01'))).toEqual(['2024-01-01: 99.00', '2024-02-01: 99.00']);

    const grows = new Life({ variant: 'pro', start: '2024-01-01', seats: '5', catalogue });
    expect(grows.do('2024-01-20', set(grows.subscription('seat'), '8'), '2024-02-16')).toBe('applied');
    expect(billed(grows.stepTo('2024-03-02'))).toEqual([
      '2024-01-01: 99.00, 45.00',
      '2024-02-01: 99.00, 45.00',
      '2024-03-01: 99.00, 72.00',
    ]);
  });

  test('a booking that would begin at or after a scheduled end is refused (rule 21)', () => {
    const life = new Life({ variant: 'pro', start: '2024-01-01' });
    expect(life.do('2024-01-05', cancel(), '2024-02-16')).toBe('applied');
    const seats = (start: string) => ({
      kind: 'change' as const,
      components: { add: [{ component: 'seat', quantity: '1', start }] },
    });
    expect(life.do('2024-01-06', seats('2024-02-16'))).toBe('after_cancellation');
    expect(life.do('2024-01-06', seats('2024-03-01'))).toBe('after_cancellation');
    expect(life.do('2024-01-06', seats('2024-02-15'))).toBe('applied');
    expect(billed(life.stepTo('2024-03-01'))).toEqual([
      '2024-01-01: 99.00',
      '2024-02-01: 51.21',
      '2024-02-15: 0.31', // one day of 9.00
    ]);
  });

  test('a price that is published later does not change a booking that was scheduled before (rule 21)', () => {
    const seat = (version: string, price: string): ComponentTerms[] =>
      CLOUD.components.flatMap((each) => {
        if (each.componentId !== 'seat') return [];
        const model = { kind: 'simple' as const, price };
        return [{ ...each, pricing: { ...each.pricing, componentVersionId: version, model } }];
      });
    const others = CLOUD.components.filter(({ componentId }) => componentId !== 'seat');
    const before = { ...CLOUD, components: [...seat('seat-1', '9.00'), ...others] };
    const life = new Life({ variant: 'pro', start: '2024-01-01', catalogue: before });
    expect(life.do('2024-01-20', add('seat', '5'), 'period_end')).toBe('applied');
    life.sell({ ...CLOUD, components: [...seat('seat-2', '900.00'), ...before.components] });
    expect(billed(life.stepTo('2024-02-02'))).toEqual(['2024-01-01: 99.00', '2024-02-01: 99.00, 45.00']);
    expect(life.do('2024-02-16', add('seat'))).toBe('applied');
    expect(billed(life).at(-1)).toBe('2024-02-16: 434.48'); // 900.00 × 14 ÷ 29
  });
});

describe('A change in a pause (rule 25):', () => {
  const paused = (): Life => {
    const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '5' });
    expect(life.do('2024-01-02', pause())).toBe('applied');
    return life;
  };
  const seats = (life: Life, quantity: string) => set(life.subscription('seat'), quantity);

  test('a new quantity charges and credits nothing, and resuming bills the difference from the day of the resumption on', () => {
    const life = paused();
    expect(life.do('2024-01-03', seats(life, '6'))).toBe('applied');
    expect(life.do('2024-01-30', resume())).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual([
      '2024-01-01: 99.00, 45.00',
      '2024-01-30: -2.90, 3.48', // 45.00 and 54.00 × 2 ÷ 31
      '2024-02-01: 99.00, 54.00',
    ]);
  });

  test('a cancellation in the same pause credits the days that lines still cover', () => {
    const life = paused();
    expect(life.do('2024-01-03', seats(life, '6'))).toBe('applied');
    expect(life.do('2024-01-10', cancel())).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 45.00', '2024-01-10: -70.26, -31.94']); // × 22 ÷ 31
  });

  test('a cancellation without credit in the same pause charges and credits nothing', () => {
    const life = paused();
    expect(life.do('2024-01-03', seats(life, '6'))).toBe('applied');
    expect(life.do('2024-01-10', cancel(false))).toBe('applied');
    expect(billed(life.stepTo('2024-03-01'))).toEqual(['2024-01-01: 99.00, 45.00']);
  });

  test('a new quantity that is reversed in the same pause leaves the line, and a later cancellation credits it', () => {
    const life = paused();
    expect(life.do('2024-01-03', seats(life, '6'))).toBe('applied');
    expect(life.do('2024-01-04', seats(life, '5'))).toBe('applied');
    expect(life.do('2024-01-10', resume())).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 45.00']);
    expect(life.do('2024-01-17', cancel())).toBe('applied');
    expect(billed(life).slice(1)).toEqual(['2024-01-17: -47.90, -21.77']); // × 15 ÷ 31
  });

  test('a change of the interval makes its day the anchor, and resuming bills the rest of the new period', () => {
    const life = paused();
    expect(life.do('2024-01-11', toVariant('pro-year'))).toBe('applied');
    expect(life.do('2024-01-21', resume())).toBe('applied');
    expect(life.state.anchor).toBe('2024-01-11');
    expect(billed(life.stepTo('2024-01-25'))).toEqual([
      '2024-01-01: 99.00, 45.00',
      // −99.00 × 11 ÷ 31, 990.00 × 356 ÷ 366, −45.00 × 11 ÷ 31, 45.00 × 21 ÷ 31
      '2024-01-21: -35.13, 962.95, -15.97, 30.48',
    ]);
  });

  test('the line of a component that is removed is credited only when the contract resumes', () => {
    const life = paused();
    expect(life.do('2024-01-03', remove(life.subscription('seat')))).toBe('applied');
    expect(billed(life)).toEqual(['2024-01-01: 99.00, 45.00']);
    expect(life.do('2024-01-30', resume())).toBe('applied');
    expect(billed(life).slice(1)).toEqual(['2024-01-30: -2.90']);
  });
});
