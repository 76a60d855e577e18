import { z } from 'zod';
import { scheduledChangeOut } from './commands.ts';
import { amountOut, dateOut, dayAfterLastOut, decimalOut, idOut, instantOut, priceMode } from './common.ts';
import { anyDerivationOut, linePriceOut } from './derivations.ts';

/** A document that a credit refers to. */
const creditedInvoice = z
  .object({ id: idOut, kind: z.enum(['invoice', 'credit_note']), number: z.string(), issue_date: dateOut })
  .meta({ id: 'CreditedInvoice' });

export const creditedInvoices = z
  .array(creditedInvoice)
  .meta({ description: 'The documents whose lines it credits, in the order of its lines.' });

/** What lets a reader check a line: quantity × unit price is its amount, or the `fraction` of it. */
export const lineReferences = {
  component: idOut.nullable().meta({ description: 'Null: the fee, or a one-time charge.' }),
  subscription: idOut.nullable().meta({
    description:
      'The subscription of the component. Null for the fee and for one-time charges, and in a preview also where the subscription does not exist yet.',
  }),
  tier: z
    .object({
      index: z.int().meta({ description: 'Counted from 0.' }),
      from: decimalOut,
      to: decimalOut.nullable().meta({ description: 'Null: the tier is open.' }),
      includes: z.enum(['from', 'to']).meta({
        description:
          'The bound that is part of the tier: `to` of tiers by upper bound, `from` of discount tiers.',
      }),
    })
    .nullable()
    .meta({
      description:
        'The tier whose price it has; of a credit, that of the line that it takes back. Null: the price has no tiers, or it is the line of included units or of a cap.',
    }),
  fraction: z
    .object({
      used: z.int().meta({ example: 10 }),
      of: z.int().meta({ description: 'The length of the full period.', example: 28 }),
      unit: z.enum(['day', 'second']),
    })
    .nullable()
    .meta({
      description:
        'The part of the full period that it bills or credits: 1 × 31.00 for 10 of 28 days is 11.07. A line that completes a period takes what its other lines leave of the full amount. Null: the whole period, usage, or a one-time charge.',
    }),
  credits: z
    .object({
      charge: idOut.meta({ description: 'The charge of the line that it takes back.' }),
      invoice: creditedInvoice.nullable().meta({
        description: 'The document of that line. Null: all its lines were 0.00, so no document was made.',
      }),
    })
    .nullable()
    .meta({
      description:
        'Set on credits of a line. Null in a preview also where the credited line would be billed before the credit.',
    }),
};

/** A line as documents and previews show it. */
export const lineOut = z
  .object({
    kind: z.enum(['recurring', 'credit', 'one_time', 'usage', 'discount']),
    text: z.string(),
    from: dateOut,
    to: dayAfterLastOut,
    quantity: decimalOut,
    unit_price: decimalOut,
    amount: amountOut.meta({ description: 'Net or gross, as price_mode says.' }),
    ...lineReferences,
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
    credited_invoices: creditedInvoices,
    lines: z
      .array(lineOut)
      .meta({ description: 'At most 5,000, and one for each one-time charge that waits.' }),
    prices: z.array(linePriceOut).meta({ description: 'Each price that a line is of, once.' }),
  })
  .meta({ id: 'PreviewDocument' });

/** The next bill, as things would then stand. */
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
