import { z } from 'zod';
import { MOST_TIERS } from '../../domain/catalogue/price-model.ts';
import { decimalOut, nonNegative, price } from './common.ts';

const upTo = nonNegative
  .nullable()
  .meta({ description: 'The upper bound, inclusive. Null for the last tier, which must be open.' });
const unitTier = z.strictObject({ up_to: upTo, price });
const bucketTier = z.strictObject({
  up_to: upTo,
  flat: price.exactOptional().meta({ description: 'The price of the whole bucket.' }),
  price: price
    .exactOptional()
    .meta({ description: 'A price per unit instead of `flat`. Only the open bucket may have it.' }),
});
const discountTier = z.strictObject({
  from: nonNegative.meta({ description: 'The lower bound, inclusive.' }),
  percent: nonNegative.meta({ description: 'The percentage off all units.', example: '12.5' }),
});

/** How a quantity becomes an amount (rules 12 and 13). */
export const priceModel = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('simple'), price }),
    z.strictObject({ kind: z.literal('volume'), tiers: z.array(unitTier).min(1).max(MOST_TIERS) }),
    z.strictObject({ kind: z.literal('graduated'), tiers: z.array(unitTier).min(1).max(MOST_TIERS) }),
    z.strictObject({ kind: z.literal('buckets'), tiers: z.array(bucketTier).min(1).max(MOST_TIERS) }),
    z.strictObject({
      kind: z.literal('discount'),
      price,
      tiers: z.array(discountTier).min(1).max(MOST_TIERS),
    }),
    z.strictObject({ kind: z.literal('free') }),
  ])
  .meta({ id: 'PriceModel', example: { kind: 'simple', price: '9.00' } });
export type PriceModelIn = z.output<typeof priceModel>;

const upToOut = decimalOut.nullable();
const unitTierOut = z.object({ up_to: upToOut, price: decimalOut });

export const priceModelOut = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('simple'), price: decimalOut }),
    z.object({ kind: z.literal('volume'), tiers: z.array(unitTierOut) }),
    z.object({ kind: z.literal('graduated'), tiers: z.array(unitTierOut) }),
    z.object({
      kind: z.literal('buckets'),
      tiers: z.array(
        z.object({
          up_to: upToOut,
          flat: decimalOut.exactOptional(),
          price: decimalOut.exactOptional(),
        }),
      ),
    }),
    z.object({
      kind: z.literal('discount'),
      price: decimalOut,
      tiers: z.array(z.object({ from: decimalOut, percent: decimalOut })),
    }),
    z.object({ kind: z.literal('free') }),
  ])
  .meta({ id: 'PriceModelData' });
export type PriceModelOut = z.output<typeof priceModelOut>;
