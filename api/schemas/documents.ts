import { z } from 'zod';
import { amountOut, dateOut, dayAfterLastOut, decimalOut, idOut, instantOut, priceMode } from './common.ts';
import { issuerPartyOut, partyOut } from './parties.ts';
import { linePriceOut } from './derivations.ts';
import { creditedInvoices, lineOut, lineReferences, taxOut } from './previews.ts';

/** The state of a document. */
export const documentState = z.enum(['open', 'paid', 'used']);

const summary = {
  id: idOut,
  kind: z.enum(['invoice', 'credit_note']),
  number: z.string(),
  title: z.string(),
  customer: idOut,
  account: idOut,
  contract: idOut.nullable(),
  issuer: idOut,
  clock: idOut.nullable(),
  issue_date: dateOut,
  due_date: dateOut,
  service_from: dateOut,
  service_to: dayAfterLastOut,
  currency: z.string(),
  price_mode: priceMode,
  net: amountOut,
  tax: amountOut,
  gross: amountOut.meta({ description: 'The gross total. Below zero on credit notes.' }),
  open: amountOut.meta({
    description: 'The amount still to be paid. For a credit note, the unused rest, below zero.',
  }),
  state: documentState.meta({
    description:
      '`paid`: nothing of the invoice is open any more. `used`: the whole credit note has paid invoices.',
  }),
  paid_at: instantOut.nullable().meta({
    description: 'When the invoice was paid, or the credit note was used up. Null in the state `open`.',
  }),
  attempt: z
    .object({
      id: idOut,
      state: z.string(),
      reason: z.string().nullable(),
      action_url: z.string().nullable(),
    })
    .nullable()
    .meta({ description: 'The latest attempt to collect the invoice.' }),
  at: instantOut,
};

export const documentSummary = z.object(summary).meta({ id: 'InvoiceSummary' });

export const documentOut = z
  .object({
    ...summary,
    from: issuerPartyOut
      .nullable()
      .meta({ description: 'The issuer at the time of the document. Null after erasure.' }),
    to: partyOut
      .nullable()
      .meta({ description: 'The recipient at the time of the document. Null after erasure.' }),
    credited_invoices: creditedInvoices,
    lines: z.array(
      z
        .object({
          position: z.int(),
          charge: idOut,
          contract: idOut.nullable().meta({
            description: 'The contract of the line. Null for a one-time charge of the account.',
          }),
          kind: z.string(),
          text: z.string(),
          from: dateOut,
          to: dayAfterLastOut,
          quantity: decimalOut,
          unit_price: decimalOut,
          amount: amountOut.meta({ description: 'The amount of the line, net or gross as in `price_mode`.' }),
          net: amountOut,
          ...lineReferences,
          tax_rate: decimalOut,
        })
        .meta({ id: 'InvoiceLine' }),
    ),
    taxes: z.array(taxOut),
  })
  .meta({ id: 'Invoice' });

export const explanationOut = z
  .object({
    id: idOut,
    number: z.string(),
    currency: z.string(),
    lines: z.array(lineOut.extend({ position: z.int(), charge: idOut }).meta({ id: 'ExplainedLine' })),
    prices: z.array(linePriceOut).meta({ description: 'The prices of the lines, each once.' }),
  })
  .meta({ id: 'Explanation' });
