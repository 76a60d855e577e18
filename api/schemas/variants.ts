import { z } from 'zod';
import {
  charged,
  decimalOut,
  externalId,
  externalIdOut,
  idOut,
  instantOut,
  interval,
  nonNegative,
  quantity,
  reference,
  text,
} from './common.ts';

const listedComponent = z.strictObject({
  component: reference,
  rule: z.enum(['included', 'optional']).meta({ description: '`included`: booked with the variant.' }),
  quantity: quantity.default('1').meta({ description: 'Booked with the variant, where it is included.' }),
  included: nonNegative
    .exactOptional()
    .meta({ description: "The first units, free; left out: as many as the component's price says." }),
  least: nonNegative.exactOptional().meta({ description: 'Of all its subscriptions together.' }),
  most: nonNegative.exactOptional().meta({ description: 'Of all its subscriptions together.' }),
});
const variantTerms = {
  name: text(200).meta({ description: 'What the line prints.', example: 'Pro monthly' }),
  description: text(2000).or(z.literal('')).default(''),
  fee: charged.nullable().meta({
    description: 'Of a fee interval, no finer than the currency; null: there is none.',
  }),
  fee_interval: interval,
  billing_interval: interval
    .exactOptional()
    .meta({ description: 'How often a bill run happens; left out: the fee interval.' }),
  trial: interval
    .exactOptional()
    .meta({ description: 'Granted once, at the order; nothing is billed in it.' }),
  setup_fee: charged
    .exactOptional()
    .meta({ description: 'Once, with the first bill; no finer than the currency.' }),
  term: interval
    .exactOptional()
    .meta({ description: 'How long it cannot be left; a multiple of the fee interval.' }),
  renewal: interval
    .exactOptional()
    .meta({ description: 'How long each further term is; left out: the contract ends with its term.' }),
  notice: interval.exactOptional().meta({ description: 'How long before an end it must be cancelled.' }),
  proration: z
    .enum(['days', 'seconds', 'none'])
    .default('days')
    .meta({
      description:
        'How a part of a period is charged. `days`: by whole days. `seconds`: by seconds, and changes count from their ' +
        'instant, but the contract still begins at the first instant of its first day: ordered at 10:00 and cancelled ten ' +
        'days later at 10:00, it pays for 10 days and 10 hours, and by days for 10 days. `none`: whole periods only.',
    }),
  credit_on_pause: z.boolean().default(false),
  credit_on_cancel: z.boolean().default(true),
  components: z
    .array(listedComponent)
    .max(200)
    .default([])
    .meta({ description: 'What may be booked; a component that is not listed is not allowed.' }),
};
export const newVariantVersion = z.strictObject(variantTerms).meta({
  id: 'NewVariantVersion',
  example: {
    name: 'Pro monthly',
    fee: '109.00',
    fee_interval: { unit: 'month', count: 1 },
    components: [{ component: 'seat', rule: 'optional' }],
  },
});
export const newVariant = z
  .strictObject({ external_id: externalId.exactOptional(), plan: reference, ...variantTerms })
  .meta({
    id: 'NewVariant',
    example: {
      external_id: 'pro-monthly',
      plan: 'pro',
      name: 'Pro monthly',
      fee: '99.00',
      fee_interval: { unit: 'month', count: 1 },
      components: [{ component: 'seat', rule: 'optional' }],
    },
  });
export type NewVariantVersion = z.output<typeof newVariantVersion>;

const intervalOut = z.object({ unit: z.string(), count: z.int() });
export const variantOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    plan: idOut,
    version: z
      .object({
        id: idOut,
        version: z.int(),
        name: z.string(),
        description: z.string(),
        fee: decimalOut.nullable(),
        fee_interval: intervalOut,
        billing_interval: intervalOut,
        trial: intervalOut.nullable(),
        setup_fee: decimalOut.nullable(),
        term: intervalOut.nullable(),
        renewal: intervalOut.nullable(),
        notice: intervalOut.nullable(),
        proration: z.string(),
        credit_on_pause: z.boolean(),
        credit_on_cancel: z.boolean(),
        components: z.array(
          z.object({
            component: idOut,
            rule: z.string(),
            quantity: decimalOut,
            included: decimalOut.nullable(),
            least: decimalOut.nullable(),
            most: decimalOut.nullable(),
          }),
        ),
        published_at: instantOut,
      })
      .meta({ description: 'The newest published version.' }),
    created_at: instantOut,
  })
  .meta({ id: 'Variant' });
