import { expect, test } from 'vitest';
import { Life } from '../../support/contract-builder.ts';
import { CLOUD, EVERY_MODE } from '../../support/sold.ts';

/** Pro, under which as many seats are free as it says itself, or as the seat's own price says. */
function seatsFree(ofVariant: string | null, ofPrice: string | null): typeof CLOUD {
  return {
    variants: CLOUD.variants.map((variant) => ({
      ...variant,
      components: variant.components.map((each) => ({ ...each, included: ofVariant })),
    })),
    components: CLOUD.components.map((each) => ({
      ...each,
      pricing: { ...each.pricing, included: ofPrice },
    })),
  };
}

const MANY = '1000000000';

// 1,000,000,000 × 9,999,999.00 = 9,999,999,000,000,000.00 has 18 digits; ordered on 1 January, it begins on 1 February.
test.each<[string, string | null, string | null, string]>([
  ['none is free', null, null, 'invalid_amount'],
  ['all are free by their price', null, MANY, 'applied'],
  ['all are free in the variant', MANY, null, 'applied'],
  ['the variant frees none of what is free by its price', '0', MANY, 'invalid_amount'],
])('only a period that would cost too much is refused: %s (rule 22)', (_, ofVariant, ofPrice, answer) => {
  const sold = seatsFree(ofVariant, ofPrice);
  const dear = sold.components.map((each) => ({
    ...each,
    pricing: { ...each.pricing, model: { kind: 'simple' as const, price: '9999999.00' } },
  }));
  const life = new Life({
    variant: 'pro',
    start: '2024-02-01',
    ordered: '2024-01-01T00:00:00.000Z',
    seats: MANY,
    catalogue: { ...sold, components: dear },
  });
  expect(life.decisions.map(({ state, code }) => code ?? state)).toEqual([answer]);
});

// 833,333 × 12,000,000.00 a year are 9,999,996,000,000.00, with fifteen digits; one more is beyond.
test.each([
  ['billed_until', '833333', 'applied'],
  ['billed_until', '833334', 'invalid_amount'],
  ['pre_paid', '833334', 'applied'],
])(
  'a bill has at most 15 digits, however far it pays ahead: %s, %s (rule 22)',
  (component, quantity, answer) => {
    const model = { kind: 'simple', price: '1000000.00' } as const;
    const components = EVERY_MODE.components.map((each) => ({
      ...each,
      pricing: { ...each.pricing, model },
    }));
    const life = new Life({
      variant: 'year',
      start: '2024-01-01',
      catalogue: { ...EVERY_MODE, components },
      components: [{ component, quantity }],
    });
    expect(life.decisions.map(({ state, code }) => code ?? state)).toEqual([answer]);
  },
);
