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
  name: text(200).meta({ description: 'What the line prints.', example: 'Seat' }),
  description: text(2000).or(z.literal('')).default(''),
  price: priceModel,
  included: nonNegative.exactOptional().meta({ description: 'The first units, free.' }),
  cap: charged
    .exactOptional()
    .meta({ description: 'The most that a period costs; no finer than the currency.' }),
  interval,
  payment_mode: z.enum(['pre_paid', 'post_paid', 'billed_until']).exactOptional().meta({
    description: 'Left out: pre-paid, and post-paid of metered components, which know nothing else.',
  }),
  standalone: z
    .boolean()
    .default(false)
    .meta({ description: 'Its own start is its anchor, whatever the contract does.' }),
  aggregation: z.enum(['sum', 'max', 'last', 'unique']).exactOptional().meta({
    description: 'Of metered components: how the usage of a period becomes a quantity; left out: its sum.',
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
    tax_policy: reference.exactOptional().meta({ description: "Left out: the plan group's." }),
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
