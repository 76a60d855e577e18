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
  rule: z
    .enum(['included', 'optional'])
    .meta({ description: 'Whether the component is booked with the variant, or only on request.' }),
  quantity: quantity
    .default('1')
    .meta({ description: 'The quantity that is booked with the variant, for an included component.' }),
  included: nonNegative
    .exactOptional()
    .meta({ description: "How many of the first units are free. By default the component's `included`." }),
  least: nonNegative
    .exactOptional()
    .meta({ description: 'The least total quantity of all subscriptions of the component.' }),
  most: nonNegative
    .exactOptional()
    .meta({ description: 'The greatest total quantity of all subscriptions of the component.' }),
});
const variantTerms = {
  name: text(200).meta({ description: 'The name that lines print.', example: 'Pro monthly' }),
  description: text(2000).or(z.literal('')).default(''),
  fee: charged.nullable().meta({
    description: 'The fee of one fee interval. It may not be finer than the currency. Null for no fee.',
  }),
  fee_interval: interval,
  billing_interval: interval
    .exactOptional()
    .meta({ description: 'How often a contract has a bill run. By default the fee interval.' }),
  trial: interval.exactOptional().meta({
    description: 'The length of the trial. It is granted once, at the order. Nothing is billed in it.',
  }),
  setup_fee: charged.exactOptional().meta({
    description: 'A fee that is billed once, with the first bill. It may not be finer than the currency.',
  }),
  term: interval
    .exactOptional()
    .meta({ description: 'The time for which a contract cannot be left: a multiple of the fee interval.' }),
  renewal: interval.exactOptional().meta({
    description:
      'How long the contract continues after its term, again and again. Without it the contract ends with its term.',
  }),
  notice: interval
    .exactOptional()
    .meta({ description: 'How long before its end the contract must be cancelled.' }),
  proration: z
    .enum(['days', 'seconds', 'none'])
    .default('days')
    .meta({
      description:
        'How a part of a period is charged. `days` charges whole days. `seconds` charges seconds, and changes count from ' +
        'their instant. The contract still begins at the first instant of its first day: if it is ordered at 10:00 and ' +
        'cancelled ten days later at 10:00, it pays for 10 days and 10 hours, and with `days` for 10 days. `none` charges ' +
        'only whole periods.',
    }),
  credit_on_pause: z.boolean().default(false),
  credit_on_cancel: z.boolean().default(true),
  components: z
    .array(listedComponent)
    .max(200)
    .default([])
    .meta({ description: 'The components that may be booked. Other components are not allowed.' }),
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
