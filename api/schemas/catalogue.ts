import { z } from 'zod';
import {
  currency,
  date,
  dateOut,
  decimalOut,
  externalId,
  externalIdOut,
  idOut,
  instantOut,
  interval,
  nonNegative,
  price,
  priceMode,
  quantity,
  reference,
  text,
  timeZone,
} from './common.ts';
import { country, party, partyOut } from './parties.ts';
import { priceModel, priceModelOut } from './price-models.ts';

// ---- issuers

function series(pattern: string) {
  return z
    .strictObject({
      pattern: text(100).meta({
        description: 'Text around `{YYYY}`, `{YY}`, `{MM}` and one counter `{####}`.',
      }),
      first_counter: z.int().min(0).max(1_000_000_000).default(1),
    })
    .default({ pattern, first_counter: 1 });
}

export const newIssuer = z
  .strictObject({
    external_id: externalId.exactOptional(),
    party,
    country,
    time_zone: timeZone,
    series: z
      .strictObject({ invoice: series('INV-{YYYY}-{####}'), credit_note: series('CN-{YYYY}-{####}') })
      .prefault({}),
  })
  .meta({
    id: 'NewIssuer',
    example: {
      external_id: 'wolkenwerk',
      party: { name: 'Wolkenwerk GmbH' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
    },
  });
export const issuerPatch = z
  .strictObject({ party })
  .meta({ id: 'IssuerPatch', example: { party: { name: 'Wolkenwerk SE' } } });

const seriesOut = z.object({ pattern: z.string(), first_counter: z.int() });
export const issuerOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    country: z.string(),
    time_zone: z.string(),
    version: z.int(),
    party: partyOut.nullable(),
    series: z.object({ invoice: seriesOut, credit_note: seriesOut }),
    created_at: instantOut,
  })
  .meta({ id: 'Issuer' });

// ---- tax policies

export const newTaxRate = z
  .strictObject({
    country,
    valid_from: date,
    category: text(50).default('standard'),
    rate: nonNegative.meta({ description: 'Percent, 0 to 100.', example: '19' }),
    text: text(100).exactOptional().meta({ description: 'What documents print.', example: 'VAT 19 %' }),
  })
  .meta({ id: 'NewTaxRate', example: { country: 'DE', valid_from: '2021-01-01', rate: '19' } });
export const newTaxPolicy = z
  .strictObject({
    external_id: externalId.exactOptional(),
    name: text(200),
    rates: z.array(newTaxRate).max(1000).default([]),
  })
  .meta({
    id: 'NewTaxPolicy',
    example: {
      external_id: 'software',
      name: 'Software',
      rates: [{ country: 'DE', valid_from: '2021-01-01', rate: '19' }],
    },
  });
export const taxPolicyOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    name: z.string(),
    rates: z.array(
      z.object({
        country: z.string(),
        valid_from: dateOut,
        category: z.string(),
        rate: decimalOut,
        text: z.string(),
      }),
    ),
    created_at: instantOut,
  })
  .meta({ id: 'TaxPolicy' });

// ---- plan groups and plans

export const newPlanGroup = z
  .strictObject({
    external_id: externalId.exactOptional(),
    name: text(200),
    currency,
    price_mode: priceMode.default('net'),
    tax_policy: reference,
    issuer: reference,
  })
  .meta({
    id: 'NewPlanGroup',
    example: {
      external_id: 'cloud',
      name: 'Cloud EUR',
      currency: 'EUR',
      tax_policy: 'software',
      issuer: 'wolkenwerk',
    },
  });
export const planGroupOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    name: z.string(),
    currency: z.string(),
    price_mode: priceMode,
    tax_policy: idOut,
    issuer: idOut,
    created_at: instantOut,
  })
  .meta({ id: 'PlanGroup' });

export const newPlan = z
  .strictObject({
    external_id: externalId.exactOptional(),
    plan_group: reference,
    name: text(200),
    description: text(2000).or(z.literal('')).default(''),
  })
  .meta({ id: 'NewPlan', example: { external_id: 'pro', plan_group: 'cloud', name: 'Pro' } });
export const planOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    plan_group: idOut,
    name: z.string(),
    description: z.string(),
    created_at: instantOut,
  })
  .meta({ id: 'Plan' });

// ---- components

const componentTerms = {
  name: text(200).meta({ description: 'What the line prints.', example: 'Seat' }),
  description: text(2000).or(z.literal('')).default(''),
  price: priceModel,
  included: nonNegative.exactOptional().meta({ description: 'The first units, free.' }),
  cap: price.exactOptional().meta({ description: 'The most that a period costs.' }),
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
export const newComponentVersion = z
  .strictObject(componentTerms)
  .meta({
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

// ---- variants

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
  fee: price.nullable().meta({ description: 'Of a fee interval; null: there is none.' }),
  fee_interval: interval,
  billing_interval: interval
    .exactOptional()
    .meta({ description: 'How often a bill run happens; left out: the fee interval.' }),
  trial: interval
    .exactOptional()
    .meta({ description: 'Granted once, at the order; nothing is billed in it.' }),
  setup_fee: price.exactOptional().meta({ description: 'Once, with the first bill.' }),
  term: interval
    .exactOptional()
    .meta({ description: 'How long it cannot be left; a multiple of the fee interval.' }),
  renewal: interval
    .exactOptional()
    .meta({ description: 'How long each further term is; left out: the contract ends with its term.' }),
  notice: interval.exactOptional().meta({ description: 'How long before an end it must be cancelled.' }),
  proration: z.enum(['days', 'seconds', 'none']).default('days'),
  credit_on_pause: z.boolean().default(false),
  credit_on_cancel: z.boolean().default(true),
  components: z
    .array(listedComponent)
    .max(200)
    .default([])
    .meta({ description: 'What may be booked; a component that is not listed is not allowed.' }),
};
export const newVariantVersion = z
  .strictObject(variantTerms)
  .meta({
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
