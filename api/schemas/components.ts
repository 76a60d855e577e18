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
  reference,
  text,
} from './common.ts';
import { priceModel, priceModelOut } from './price-models.ts';

const componentTerms = {
  name: text(200).meta({ description: 'The name that lines print.', example: 'Seat' }),
  description: text(2000).or(z.literal('')).default(''),
  price: priceModel,
  included: nonNegative.exactOptional().meta({ description: 'How many of the first units are free.' }),
  cap: charged
    .exactOptional()
    .meta({ description: 'The most that a full period costs. It may not be finer than the currency.' }),
  interval,
  payment_mode: z
    .enum(['pre_paid', 'post_paid', 'billed_until'])
    .exactOptional()
    .meta({
      description:
        'When the component is paid: `pre_paid` in advance, `post_paid` in arrears, `billed_until` as far ahead as the fee. By ' +
        'default `pre_paid`. Metered components are always `post_paid`.',
    }),
  standalone: z.boolean().default(false).meta({
    description: 'Whether the component has its own anchor, which is its first day, and its own bill runs.',
  }),
  aggregation: z.enum(['sum', 'max', 'last', 'unique']).exactOptional().meta({
    description: 'How the usage of a period becomes a quantity, for metered components. By default the sum.',
  }),
};
export const newComponentVersion = z.strictObject(componentTerms).meta({
  id: 'NewComponentVersion',
  example: {
    name: 'Seat',
    price: { kind: 'simple', price: '10.00' },
    interval: { unit: 'month', count: 1 },
  },
});
export const newComponent = z
  .strictObject({
    external_id: externalId.exactOptional(),
    plan_group: reference,
    kind: z.enum(['bookable', 'on_off', 'metered']),
    tax_policy: reference
      .exactOptional()
      .meta({ description: 'By default the tax policy of the plan group.' }),
    ...componentTerms,
  })
  .meta({
    id: 'NewComponent',
    example: {
      external_id: 'seat',
      plan_group: 'cloud',
      kind: 'bookable',
      name: 'Seat',
      price: { kind: 'simple', price: '9.00' },
      interval: { unit: 'month', count: 1 },
    },
  });
export type NewComponentVersion = z.output<typeof newComponentVersion>;

export const componentOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    plan_group: idOut,
    kind: z.enum(['bookable', 'on_off', 'metered']),
    tax_policy: idOut.nullable(),
    version: z
      .object({
        id: idOut,
        version: z.int(),
        name: z.string(),
        description: z.string(),
        price: priceModelOut,
        included: decimalOut.nullable(),
        cap: decimalOut.nullable(),
        interval: z.object({ unit: z.string(), count: z.int() }),
        payment_mode: z.string(),
        standalone: z.boolean(),
        aggregation: z.string().nullable(),
        published_at: instantOut,
      })
      .meta({ description: 'The newest published version.' }),
    created_at: instantOut,
  })
  .meta({ id: 'Component' });
