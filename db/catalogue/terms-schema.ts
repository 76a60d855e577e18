// Schemas of prices and terms as the database returns them. They match the types of `domain/catalogue/terms.ts`.
import { z } from 'zod';
import type { ListedComponent, Pricing, VariantTerms } from '../../domain/catalogue/terms.ts';
import type { LineTax, TaxRate } from '../../domain/contracts/state.ts';
import type { PriceModel } from '../../domain/catalogue/pricing.ts';
import { date, decimal, list, schemaOf, text, truth } from '../platform/columns.ts';

export const interval = z.strictObject({ unit: z.enum(['day', 'week', 'month', 'year']), count: z.int() });

export const priceMode = z.enum(['net', 'gross']);
export const proration = z.enum(['days', 'seconds', 'none']);

export const paymentMode = z.enum(['pre_paid', 'post_paid', 'billed_until']);

export const aggregation = z.enum(['sum', 'max', 'last', 'unique']);

const bound = decimal.nullable();

export const priceModel = schemaOf<PriceModel>()(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('free') }),
    z.strictObject({ kind: z.literal('simple'), price: decimal }),
    z.strictObject({
      kind: z.enum(['volume', 'graduated']),
      tiers: list(z.strictObject({ upTo: bound, price: decimal })),
    }),
    z.strictObject({
      kind: z.literal('buckets'),
      tiers: list(
        z.union([
          z.strictObject({ upTo: bound, flat: decimal }),
          z.strictObject({ upTo: z.null(), price: decimal }),
        ]),
      ),
    }),
    z.strictObject({
      kind: z.literal('discount'),
      price: decimal,
      tiers: list(z.strictObject({ from: decimal, percent: decimal })),
    }),
  ]),
);

export const pricing = schemaOf<Pricing>()(
  z.strictObject({
    componentVersionId: text.nullable(),
    variantVersionId: text.nullable(),
    name: text,
    model: priceModel,
    included: bound,
    cap: bound,
    interval,
    taxPolicyId: text,
    mode: paymentMode,
    standalone: truth,
    aggregation: aggregation.nullable(),
  }),
);

export const componentKind = z.enum(['bookable', 'on_off', 'metered']);

export const listingRule = z.enum(['included', 'optional']);

const listedComponent = schemaOf<ListedComponent>()(
  z.strictObject({
    componentId: text,
    rule: listingRule,
    quantity: decimal,
    included: bound,
    least: bound,
    most: bound,
  }),
);

export const terms = schemaOf<VariantTerms>()(
  z.strictObject({
    variantId: text,
    variantVersionId: text,
    planGroupId: text,
    planName: text,
    name: text,
    fee: pricing.nullable(),
    feeInterval: interval,
    billingInterval: interval,
    trial: interval.nullable(),
    setupFee: bound,
    taxPolicyId: text,
    proration,
    creditOnPause: truth,
    creditOnCancel: truth,
    term: interval.nullable(),
    renewal: interval.nullable(),
    notice: interval.nullable(),
    components: list(listedComponent),
  }),
);

export const taxRate = schemaOf<TaxRate>()(
  z.strictObject({
    taxPolicyId: text,
    country: text,
    validFrom: date,
    category: text,
    rate: decimal,
    text,
  }),
);

export const lineTax = schemaOf<LineTax>()(
  z.strictObject({
    category: text,
    rate: decimal,
    text,
    country: text,
  }),
);
