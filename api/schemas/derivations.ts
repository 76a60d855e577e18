import { z } from 'zod';
import { amountOut, dateOut, dayAfterLastOut, decimalOut, idOut } from './common.ts';
import { priceModelOut } from './price-models.ts';

const fraction = z
  .object({ days: z.int(), of: z.int(), unit: z.enum(['day', 'second']) })
  .meta({ description: 'The billed or credited days or seconds, and those of the full period (`of`).' });
const rounding = z.literal('half away from zero');
const recurring = {
  full_amount: decimalOut.meta({ description: 'The exact amount of the full period, in major units.' }),
  fraction,
  why: z.enum(['renewal', 'first_period', 'change', 'resume', 'cancel', 'end']),
  rounding,
};

/** The version whose price applies: the variant's for a fee, otherwise the component's. `prices` has the price model. */
const version = { variant_version: idOut.nullable(), component_version: idOut.nullable() };

/** A price that lines of a document use. */
export const linePriceOut = z.object({ ...version, model: priceModelOut }).meta({
  id: 'LinePrice',
  description: 'A price that lines use. Derivations refer to it by its version.',
});
export type LinePrice = z.output<typeof linePriceOut>;

/** A price as it was applied to a quantity, and the line's tier. */
const priced = {
  ...version,
  quantity: decimalOut,
  included: decimalOut.nullable().meta({ description: 'How many of the first units are free.' }),
  cap: decimalOut.nullable().meta({ description: 'The most that a full period costs.' }),
  part: z
    .object({
      kind: z.enum(['units', 'flat', 'cap', 'included', 'free']),
      tier: z.int().nullable().meta({ description: 'Counted from 0.' }),
      from: decimalOut.nullable(),
      to: decimalOut.nullable(),
      quantity: decimalOut,
      unit_price: decimalOut,
      amount: decimalOut,
    })
    .meta({ description: 'The part of the price that this line bills: a tier, or the cap.' }),
  full_period: z.object({ start: dateOut, end: dayAfterLastOut }),
};

/** How a line came to its amount. Anyone can compute the amount again from it. */
const derivationOut = z
  .object({
    kind: z.literal('price'),
    ...priced,
    ...recurring,
    balance: z
      .object({ of: z.enum(['rest_of_period', 'share_of_cap']), total: amountOut, others: amountOut })
      .nullable()
      .meta({
        description:
          'Set if the amount is a total less the other lines: the full amount of a period that the line completes, or the ' +
          'share of a cap.',
      }),
  })
  .meta({ id: 'Derivation' });

/** How a credit came to its amount: it reverses a line at that line's price and tax. */
const creditDerivationOut = z
  .object({
    kind: z.literal('credit'),
    reverses: idOut.meta({ description: 'The charge of the line that is credited.' }),
    line_amount: amountOut,
    credited_before: amountOut,
    takes_the_rest: z.boolean().meta({
      description: 'Whether the credit takes the whole rest of the line, so exactly the amount left.',
    }),
    ...recurring,
  })
  .meta({ id: 'CreditDerivation' });

/** How metered usage came to its amount: the amount of the tier, less what was billed of the tier before. */
const usageDerivationOut = z
  .object({
    kind: z.literal('usage'),
    ...priced,
    full_amount: decimalOut.meta({ description: 'The exact amount of the whole tier, in major units.' }),
    aggregation: z.enum(['sum', 'max', 'last', 'unique']),
    total: decimalOut.meta({ description: "The aggregated quantity of the period's events." }),
    shortfall: decimalOut.meta({
      description: 'By how much the total is below zero. The period is then rated as 0.',
    }),
    tier_amount: amountOut,
    billed_before: amountOut,
    why: z.enum(['usage', 'late_usage']),
    rounding,
  })
  .meta({ id: 'UsageDerivation' });

/** How a one-time charge came to its amount: quantity × unit price. */
const oneTimeDerivationOut = z
  .object({
    kind: z.literal('one_time'),
    one_time_charge: idOut,
    quantity: decimalOut,
    unit_price: decimalOut,
    reference: z.string().nullable(),
    application: z.string().nullable(),
    why: z.enum(['one_time', 'setup']),
    rounding,
  })
  .meta({ id: 'OneTimeDerivation' });

export const anyDerivationOut = z.union([
  derivationOut,
  creditDerivationOut,
  usageDerivationOut,
  oneTimeDerivationOut,
]);
