import { z } from 'zod';
import { amountOut, dateOut, dayAfterLastOut, decimalOut, idOut } from './common.ts';
import { priceModelOut } from './price-models.ts';

const fraction = z
  .object({ days: z.int(), of: z.int(), unit: z.enum(['day', 'second']) })
  .meta({ description: 'How many days, or seconds, of how many of the full period.' });
const rounding = z.literal('half away from zero');
const recurring = {
  full_amount: decimalOut.meta({ description: 'Of the whole period, in major units, exact.' }),
  fraction,
  why: z.enum(['renewal', 'first_period', 'change', 'resume', 'cancel', 'end']),
  rounding,
};

/** Of a fee that of its variant, of a component its own; the model is in `prices`. */
const version = { variant_version: idOut.nullable(), component_version: idOut.nullable() };

/** The price that lines of a document are of. */
export const linePriceOut = z.object({ ...version, model: priceModelOut }).meta({
  id: 'LinePrice',
  description: 'A price that lines are of, found by the version that their derivation names.',
});
export type LinePrice = z.output<typeof linePriceOut>;

/** A price as it was applied to a quantity, and the tier that a line is of. */
const priced = {
  ...version,
  quantity: decimalOut,
  included: decimalOut.nullable().meta({ description: 'The first units, free.' }),
  cap: decimalOut.nullable().meta({ description: 'The most that a period costs.' }),
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
    .meta({ description: 'The tier that this line is of.' }),
  full_period: z.object({ start: dateOut, end: dayAfterLastOut }),
};

/** How a line came to its amount: enough to compute it again to the same cents. */
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
          'Set where the line is what others leave of a total: the full amount of a period that it completes, or the share of a cap.',
      }),
  })
  .meta({ id: 'Derivation' });

/** How a credit came to its amount: it reverses a line at that line's price and tax. */
const creditDerivationOut = z
  .object({
    kind: z.literal('credit'),
    reverses: idOut.meta({ description: 'The charge of the line that it uncovers.' }),
    line_amount: amountOut,
    credited_before: amountOut,
    takes_the_rest: z
      .boolean()
      .meta({ description: 'All that was left of the line is taken, so exactly what was left.' }),
    ...recurring,
  })
  .meta({ id: 'CreditDerivation' });

/** How metered usage came to its amount: the line is what its tier exceeds what was billed of it before. */
const usageDerivationOut = z
  .object({
    kind: z.literal('usage'),
    ...priced,
    full_amount: decimalOut.meta({ description: 'Of the whole tier, in major units, exact.' }),
    aggregation: z.enum(['sum', 'max', 'last', 'unique']),
    total: decimalOut.meta({ description: 'As the events of the period add up.' }),
    shortfall: decimalOut.meta({ description: 'By how much the total is below zero; it is rated as 0.' }),
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
