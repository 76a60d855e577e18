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
  .meta({ description: 'The documents whose lines this one credits, in the order of its lines.' });

/** The fields by which a reader checks a line: its amount is quantity × unit price × `fraction`. */
export const lineReferences = {
  component: idOut.nullable().meta({ description: 'Null for the fee and for one-time charges.' }),
  subscription: idOut.nullable().meta({
    description:
      'The component subscription. Null for the fee and for one-time charges, and in a preview also if the subscription does ' +
      'not exist yet.',
  }),
  tier: z
    .object({
      index: z.int().meta({ description: 'Counted from 0.' }),
      from: decimalOut,
      to: decimalOut.nullable().meta({ description: 'Null if the tier has no upper bound.' }),
      includes: z.enum(['from', 'to']).meta({
        description:
          'The bound that belongs to the tier: `from` for discount tiers, and `to` for all others.',
      }),
    })
    .nullable()
    .meta({
      description:
        'The tier of the price. For a credit, the tier of the credited line. Null if the price has no tiers, and for lines of ' +
        'included units or of a cap.',
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
        'The part of the full period that the line bills or credits: 1 × 31.00 for 10 of 28 days is 11.07. A line that ' +
        'completes a period takes the full amount less the other lines of the period. Null for a whole period, for usage, ' +
        'and for one-time charges.',
    }),
  credits: z
    .object({
      charge: idOut.meta({ description: 'The charge of the credited line.' }),
      invoice: creditedInvoice.nullable().meta({
        description:
          'The document of that line. Null if all its lines were 0.00, so that no document was made.',
      }),
    })
    .nullable()
    .meta({
      description:
        'The credited line, for credits. In a preview it is null if the credited line is not billed yet.',
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
    amount: amountOut.meta({ description: 'The amount of the line, net or gross as in `price_mode`.' }),
    ...lineReferences,
    tax_rate: decimalOut,
    tax: z
      .object({ category: z.string(), text: z.string(), country: z.string() })
      .meta({ description: 'The entry of the tax policy for the country and the service date.' }),
    derivation: anyDerivationOut,
    explanation: z.string().meta({
      description: "The derivation as a sentence, in the customer's language or in the requested one.",
    }),
  })
  .meta({ id: 'Line' });

export type Line = z.output<typeof lineOut>;

export const taxOut = z
  .object({ category: z.string(), rate: decimalOut, text: z.string(), net: amountOut, tax: amountOut })
  .meta({ id: 'TaxTotal' });

const totals = { currency: z.string(), net: amountOut, tax: amountOut, gross: amountOut };

/** A document that would be made. It has no number, because numbers are gapless and only final documents get one. */
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
      .meta({ description: 'At most 5,000 lines, and one for each one-time charge that waits.' }),
    prices: z.array(linePriceOut).meta({ description: 'The prices of the lines, each once.' }),
  })
  .meta({ id: 'PreviewDocument' });

/** The next bill that the contract would make by itself. */
export const nextBilling = z
  .object({ at: instantOut, date: dateOut, ...totals })
  .nullable()
  .meta({
    id: 'NextBilling',
    description:
      'The next bill, if nothing changes. Null if nothing more is billed, or if it cannot be computed.',
  });

export const earliestEnd = dateOut.meta({
  description: 'The first day on which the contract may end if it is cancelled now, by its term and notice.',
});

/** The effect that a command or an order would have. */
export const preview = z
  .object({
    documents: z.array(previewDocument),
    waits_for_run: z.boolean().meta({
      description:
        'Whether the account is collective, so that the lines of these documents come with its next run instead.',
    }),
    scheduled: z
      .array(
        scheduledChangeOut
          .extend({
            document: previewDocument.nullable().meta({
              description:
                'The document that the previewed command makes on that day. Null for other changes.',
            }),
          })
          .meta({ id: 'PreviewedChange' }),
      )
      .meta({ description: 'All changes that would then be scheduled.' }),
    earliest_end: earliestEnd,
    next_billing: nextBilling,
  })
  .meta({ id: 'Preview' });
export type Preview = z.output<typeof preview>;
