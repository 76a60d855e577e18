import { expect, test } from 'vitest';
import { Life } from '../../support/contract-builder.ts';
import { CLOUD, EVERY_MODE } from '../../support/sold.ts';

/** CLOUD, in which variants include `ofVariant` units of each component, and the price of each component `ofPrice`. */
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

// 1,000,000,000 × 9,999,999.00 = 9,999,999,000,000,000.00 has 18 digits. The order of 1 January begins on 1 February.
test.each<[string, string | null, string | null, string]>([
  ['no seat is included', null, null, 'invalid_amount'],
  ['the price includes all seats', null, MANY, 'applied'],
  ['the variant includes all seats', MANY, null, 'applied'],
  ['the variant includes no seat, although the price includes all', '0', MANY, 'invalid_amount'],
])(
  'an order is refused only if a period would cost too much: %s (rule 22)',
  (_, ofVariant, ofPrice, answer) => {
    const sold = seatsFree(ofVariant, ofPrice);
    const expensive = sold.components.map((each) => ({
      ...each,
      pricing: { ...each.pricing, model: { kind: 'simple' as const, price: '9999999.00' } },
    }));
    const life = new Life({
      variant: 'pro',
      start: '2024-02-01',
      ordered: '2024-01-01T00:00:00.000Z',
      seats: MANY,
      catalogue: { ...sold, components: expensive },
    });
    expect(life.decisions.map(({ state, code }) => code ?? state)).toEqual([answer]);
  },
);

// 833,333 × 12,000,000.00 a year are 9,999,996,000,000.00, which has 15 digits. One unit more makes it 16.
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
