import { z } from 'zod';
import { scheduledChangeOut } from './commands.ts';
import { amountOut, dateOut, decimalOut, instantOut, priceMode } from './common.ts';
import { anyDerivationOut } from './derivations.ts';

/** A line as documents and previews show it. `to` is the day after the last. */
export const lineOut = z
  .object({
    kind: z.enum(['recurring', 'credit', 'one_time', 'usage', 'discount']),
    text: z.string(),
    from: dateOut,
    to: dateOut.meta({ description: 'The day after the last.' }),
    quantity: decimalOut,
    unit_price: decimalOut,
    amount: amountOut.meta({ description: 'Net or gross, as price_mode says.' }),
    tax_rate: decimalOut,
    tax: z
      .object({ category: z.string(), text: z.string(), country: z.string() })
      .meta({ description: 'Why this rate: the entry of the tax policy that was found by country and day.' }),
    derivation: anyDerivationOut,
    explanation: z.string().meta({
      description: "The derivation as a sentence, in the customer's language or the one that was asked for.",
    }),
  })
  .meta({ id: 'Line' });

export type Line = z.output<typeof lineOut>;

export const taxOut = z
  .object({ category: z.string(), rate: decimalOut, text: z.string(), net: amountOut, tax: amountOut })
  .meta({ id: 'TaxTotal' });

const totals = { currency: z.string(), net: amountOut, tax: amountOut, gross: amountOut };

/** A document that would be made. It has no number: numbers are gapless, and only what is final has one. */
const previewDocument = z
  .object({
    kind: z.enum(['invoice', 'credit_note']),
    issue_date: dateOut,
    price_mode: priceMode,
    ...totals,
    taxes: z.array(taxOut),
    lines: z.array(lineOut),
  })
  .meta({ id: 'PreviewDocument' });

/** What comes next by itself, as things would then stand. */
export const nextBilling = z
  .object({ at: instantOut, date: dateOut, ...totals })
  .nullable()
  .meta({ id: 'NextBilling', description: 'Null: nothing becomes due any more.' });

export const earliestEnd = dateOut.meta({
  description:
    'The first day on which the contract may end if it is cancelled now: term and notice say which.',
});

/** What a command or an order would do: the same computation, with nothing written. */
export const preview = z
  .object({
    documents: z.array(previewDocument),
    scheduled: z
      .array(
        scheduledChangeOut
          .extend({
            document: previewDocument.nullable().meta({
              description: 'The document that this command makes on its day; null for other changes.',
            }),
          })
          .meta({ id: 'PreviewedChange' }),
      )
      .meta({ description: 'All changes that would then wait.' }),
    earliest_end: earliestEnd,
    next_billing: nextBilling,
  })
  .meta({ id: 'Preview' });
export type Preview = z.output<typeof preview>;
