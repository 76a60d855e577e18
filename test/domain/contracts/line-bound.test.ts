import { describe, expect, it, test } from 'vitest';
import { mostLines } from '../../../domain/contracts/line-bound.ts';
import type { Catalogue, ComponentTerms, Pricing, Terms } from '../../../domain/contracts/state.ts';
import { Life, add, pause, remove, resume, set, withdraw } from '../../support/contract-builder.ts';
import { CLOUD, EVERY_MODE } from '../../support/sold.ts';

const DAY = { unit: 'day', count: 1 } as const;
const tiers = (count: number): Pricing['model'] => ({
  kind: 'graduated',
  tiers: Array.from({ length: count }, (_, n) => ({
    upTo: n === count - 1 ? null : String(n + 1),
    price: '0.01',
  })),
});

/** A catalogue in which the price of component `id` has other fields, and all variants have other terms. */
function withPrice(
  { variants, components }: Catalogue,
  id: string,
  more: Partial<Pricing>,
  terms: Partial<Terms> = {},
): Catalogue {
  return {
    variants: variants.map((each) => ({ ...each, ...terms })),
    components: components.map((each) =>
      each.componentId === id ? { ...each, pricing: { ...each.pricing, ...more } } : each,
    ),
  };
}

/** CLOUD with `count` metered components of a hundred tiers, which every variant allows. */
function meters(count: number): Catalogue {
  const metered: ComponentTerms[] = CLOUD.components
    .filter((each) => each.componentId === 'seat')
    .flatMap(({ pricing }) =>
      Array.from({ length: count }, (_, n) => ({
        componentId: `meter-${n}`,
        kind: 'metered' as const,
        pricing: { ...pricing, model: tiers(100), mode: 'post_paid' as const, aggregation: 'sum' as const },
      })),
    );
  const components = metered.map(({ componentId }) => ({
    componentId,
    rule: 'optional' as const,
    quantity: '1',
    included: null,
    least: null,
    most: null,
  }));
  return { variants: CLOUD.variants.map((each) => ({ ...each, components })), components: metered };
}
const meter = (n: number) => ({ component: `meter-${n}`, quantity: '1' });

describe('the most lines that one bill could have (rule 50)', () => {
  test.each([
    // 12 months of a year. The variant has no fee.
    ['billed_until', {}, '1', 12],
    // A month of 31 days.
    ['pre_paid', { interval: DAY }, '1', 31],
    ['post_paid', { interval: DAY }, '1', 31],
    // A standalone component is billed one day at a time.
    ['post_paid alone', { interval: DAY }, '1', 1],
    // Three of the hundred tiers are reached, in each of 12 months; a cap has a line of its own.
    ['billed_until', { model: tiers(100) }, '3', 36],
    ['billed_until', { model: tiers(100), cap: '5.00' }, '3', 48],
    // All units have the price of one tier.
    ['billed_until', { model: { kind: 'volume', tiers: [{ upTo: null, price: '1.00' }] } }, '3', 12],
  ] as const)('of %s: case %#', (component, price, quantity, lines) => {
    const catalogue = withPrice(EVERY_MODE, component, price);
    const life = new Life({
      variant: 'year',
      start: '2024-01-01',
      catalogue,
      components: [{ component, quantity }],
    });
    expect(mostLines(life.state)).toBe(lines);
  });

  it('grow by one for each revision and each pause of a component in arrears', () => {
    const components = [{ component: 'post_paid', quantity: '1' }];
    const life = new Life({ variant: 'year', start: '2024-01-01', catalogue: EVERY_MODE, components });
    expect(mostLines(life.state)).toBe(1);
    expect(life.do('2024-01-10', set(life.subscription('post_paid'), '2'))).toBe('applied');
    expect(life.do('2024-01-12', set(life.subscription('post_paid'), '3'))).toBe('applied');
    expect(mostLines(life.state)).toBe(3);
    expect([life.do('2024-01-15', pause()), life.do('2024-01-20', resume())]).toEqual(['applied', 'applied']);
    expect(mostLines(life.state)).toBe(4);
    // The lines are for days 1 to 9, 10 and 11, 12 to 14, and 20 to 31.
    life.until('2024-02-01');
    expect(life.documents.map(({ lines }) => lines.length)).toEqual([4]);
    expect(mostLines(life.state)).toBe(1);
  });
});

describe('more than 5,000 lines (rule 50)', () => {
  it('are refused in an order: fifty meters of a hundred tiers, and the fee', () => {
    const order = (count: number) =>
      new Life({
        variant: 'pro',
        start: '2024-01-01',
        catalogue: meters(50),
        components: Array.from({ length: count }, (_, n) => meter(n)),
      }).decisions;
    expect(order(49)).toMatchObject([{ state: 'applied' }]);
    expect(order(50)).toMatchObject([{ state: 'refused', code: 'too_many_lines', field: 'components' }]);
  });

  it('are refused in a change, also on a later day, and together with scheduled changes', () => {
    const components = Array.from({ length: 25 }, (_, n) => meter(n));
    const life = new Life({ variant: 'pro', start: '2024-01-01', catalogue: meters(75), components });
    const added = (from: number, to: number) => ({
      kind: 'change' as const,
      components: { add: Array.from({ length: to - from }, (_, n) => meter(from + n)) },
    });
    expect(life.do('2024-01-02', added(25, 50))).toBe('too_many_lines');
    expect(life.do('2024-01-02', added(25, 50), '2024-03-01')).toBe('too_many_lines');
    // 25, 12 and 12 meters are 4,900 lines; one more is too many.
    expect(life.do('2024-01-02', added(25, 37), '2024-03-01')).toBe('applied');
    expect(life.do('2024-01-02', added(37, 49), '2024-02-01')).toBe('applied');
    expect(life.do('2024-01-02', added(49, 50), '2024-02-15')).toBe('too_many_lines');
    expect(life.do('2024-01-02', added(49, 50))).toBe('too_many_lines');
    expect(life.do('2024-01-02', pause())).toBe('applied');
  });

  it('are refused when a scheduled removal is withdrawn without which a later booking makes too many', () => {
    const components = Array.from({ length: 40 }, (_, n) => meter(n));
    const life = new Life({ variant: 'pro', start: '2024-01-01', catalogue: meters(60), components });
    const removed = Array.from({ length: 20 }, (_, n) => life.subscription(`meter-${n}`));
    expect(life.do('2024-01-02', remove(...removed), '2024-02-01')).toBe('applied');
    const removal = life.asked;
    const add20 = { add: Array.from({ length: 20 }, (_, n) => meter(40 + n)) };
    expect(life.do('2024-01-02', { kind: 'change', components: add20 }, '2024-03-15')).toBe('applied');
    const addition = life.asked;
    expect(life.do('2024-01-03', withdraw(removal))).toBe('too_many_lines');
    expect(life.do('2024-01-03', withdraw(addition))).toBe('applied');
    expect(life.do('2024-01-03', withdraw(removal))).toBe('applied');
  });

  it('include the lines that a change credits, besides those that it bills', () => {
    // 2,800 days are paid ahead; at another quantity they would be credited and billed again: 5,600 lines.
    const weeks = { unit: 'week', count: 400 } as const;
    const intervals = { feeInterval: weeks, billingInterval: weeks };
    const catalogue = withPrice(EVERY_MODE, 'billed_until', { interval: DAY }, intervals);
    const components = [{ component: 'billed_until', quantity: '1' }];
    const life = new Life({ variant: 'year', start: '2024-01-01', catalogue, components });
    expect(mostLines(life.state)).toBe(2800);
    expect(life.do('2024-01-02', set(life.subscription('billed_until'), '2'))).toBe('too_many_lines');
    expect(life.do('2024-01-02', remove(life.subscription('billed_until')))).toBe('applied');
  });
});

test('a contract from before the limit with too many lines can become smaller, but not larger (rule 50)', () => {
  const components = Array.from({ length: 40 }, (_, n) => meter(n));
  const life = new Life({ variant: 'pro', start: '2024-01-01', catalogue: meters(60), components });
  // A price from before the limit may have 200 tiers.
  const { items } = life.state;
  life.state = {
    ...life.state,
    items: items.map((item) => ({ ...item, pricing: { ...item.pricing, model: tiers(200) } })),
  };
  expect(life.do('2024-01-02', add('meter-50'))).toBe('too_many_lines');
  expect(life.do('2024-01-02', remove(life.subscription('meter-1')))).toBe('applied');
  expect(life.do('2024-01-02', pause())).toBe('applied');
});

test('scheduled bookings count together: 600 seats, 400 seats and the fee are more than 1000 items (rule 22)', () => {
  const life = new Life({ variant: 'pro', start: '2024-01-01' });
  const seats = (count: number) => ({
    kind: 'change' as const,
    components: { add: Array.from({ length: count }, () => ({ component: 'seat', quantity: '1' })) },
  });
  expect(life.do('2024-01-02', seats(600), '2024-03-01')).toBe('applied');
  expect(life.do('2024-01-02', seats(400), '2024-02-01')).toBe('too_many_components');
  expect(life.do('2024-01-02', seats(399), '2024-02-01')).toBe('applied');
});
