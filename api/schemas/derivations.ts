import { z } from 'zod';
import { amountOut, dateOut, decimalOut, idOut } from './common.ts';
import { priceModelOut } from './price-models.ts';

const fraction = z
  .object({ days: z.int(), of: z.int() })
  .meta({ description: 'How many days of how many of the full period.' });
const common = {
  full_amount: decimalOut.meta({ description: 'Of the whole period, in major units, exact.' }),
  fraction,
  why: z.enum(['renewal', 'first_period', 'change', 'resume', 'cancel', 'end']),
  rounding: z.literal('half away from zero'),
};

/** How a line came to its amount: enough to compute it again to the same cents. */
export const derivationOut = z
  .object({
    kind: z.literal('price'),
    variant_version: idOut.nullable(),
    component_version: idOut.nullable(),
    model: priceModelOut,
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
    full_period: z.object({ start: dateOut, end: dateOut }),
    ...common,
  })
  .meta({ id: 'Derivation' });

/** How a credit came to its amount: it reverses a line at that line's price and tax. */
export const creditDerivationOut = z
  .object({
    kind: z.literal('credit'),
    reverses: idOut.meta({ description: 'The charge of the line that it uncovers.' }),
    line_amount: amountOut,
    credited_before: amountOut,
    takes_the_rest: z
      .boolean()
      .meta({ description: 'All that was left of the line is taken, so exactly what was left.' }),
    ...common,
  })
  .meta({ id: 'CreditDerivation' });
