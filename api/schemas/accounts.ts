import { z } from 'zod';
import {
  amount,
  amountOut,
  currency,
  date,
  dateOut,
  dayAfterLastOut,
  id,
  idOut,
  instant,
  instantOut,
  priceMode,
  reference,
  text,
} from './common.ts';

const kind = z.enum(['immediate', 'collective']).meta({
  description:
    'Contracts of an `immediate` account make a document with each bill. Contracts of a `collective` one make charges, and a ' +
    'run of the account makes one document of all of them.',
});

const runs = z
  .strictObject({
    every: z
      .strictObject({ unit: z.enum(['week', 'month', 'year']), count: z.int().min(1).max(100).default(1) })
      .meta({ id: 'RunInterval', description: 'A quarter is three months.' }),
    anchor: date.meta({ description: 'The day of the first run. Later ones are counted from it.' }),
  })
  .meta({
    id: 'RunCalendar',
    description: "Runs begin with the days anchor + n × interval, in the account's time zone.",
    example: { every: { unit: 'month', count: 1 }, anchor: '2024-02-01' },
  });

const runSettings = {
  kind: kind.exactOptional(),
  runs: runs.nullable().exactOptional().meta({ description: 'Null: a run comes only if it is asked for.' }),
  price_mode: priceMode.exactOptional().meta({
    description:
      'The mode of all prices of a collective account. It is needed unless contracts of the account say it, and never changes.',
  }),
};

export const newAccount = z
  .strictObject({
    customer: reference,
    issuer: reference,
    currency,
    name: text(100).exactOptional(),
    payment_term_days: z.int().min(0).max(365).exactOptional(),
    payment_method: id.exactOptional(),
    ...runSettings,
  })
  .meta({
    id: 'NewBillingAccount',
    example: { customer: 'nordlicht', issuer: 'wolkenwerk', currency: 'EUR', name: 'Licences' },
  });

export const accountPatch = z
  .strictObject({
    name: text(100).exactOptional(),
    payment_term_days: z.int().min(0).max(365).exactOptional(),
    payment_method: id.nullable().exactOptional(),
    ...runSettings,
  })
  .meta({ id: 'BillingAccountPatch', example: { payment_term_days: 30 } });

export const accountOut = z
  .object({
    id: idOut,
    customer: idOut,
    issuer: idOut,
    clock: idOut.nullable(),
    currency: z.string(),
    name: z.string(),
    kind,
    price_mode: priceMode.nullable().meta({ description: 'Null for an immediate account.' }),
    runs: z
      .object({
        every: z.object({ unit: z.enum(['week', 'month', 'year']), count: z.int() }),
        anchor: dateOut,
      })
      .nullable()
      .meta({ description: 'The calendar of the runs; null if a run comes only if it is asked for.' }),
    next_run: instantOut.nullable().meta({ description: 'The next run of the calendar.' }),
    is_default: z.boolean().meta({
      description: 'Whether this is the default account for its customer, issuer and currency.',
    }),
    payment_term_days: z.int(),
    payment_method: idOut.nullable(),
    time_zone: z.string(),
    balance: amountOut.meta({ description: "The customer's balance with the issuer. A debt is negative." }),
    created_at: instantOut,
  })
  .meta({ id: 'BillingAccount' });

/** A run of a collective account. */
export const runOut = z
  .object({
    id: idOut,
    account: idOut,
    cause: z.enum(['calendar', 'hand', 'credits']).meta({
      description: '`credits` bills credits of a contract that has moved away from an immediate account.',
    }),
    state: z.enum(['planned', 'done']),
    until: instantOut.meta({ description: 'It takes the charges up to this instant.' }),
    invoice: idOut.nullable().meta({
      description: 'The invoice or credit note; null if the run is not done yet, or found nothing to bill.',
    }),
    left_out: z.array(idOut).meta({
      description: 'Contracts whose step failed. Their charges come with the next run: see their incidents.',
    }),
    asked_at: instantOut,
    done_at: instantOut.nullable(),
  })
  .meta({ id: 'AccountRun' });

export const entryOut = z
  .object({
    id: idOut,
    at: instantOut,
    date: dateOut.meta({ description: "The local date in the account's time zone." }),
    text: z.string(),
    reference: z.string().meta({ description: 'The number of the invoice or of the receipt.' }),
    invoice: idOut.nullable().meta({ description: 'The invoice or credit note that the entry books.' }),
    amount: amountOut.meta({
      description: 'The change of the balance: an invoice is negative, a payment positive.',
    }),
    balance: amountOut.meta({ description: 'The balance after this entry.' }),
  })
  .meta({ id: 'AccountEntry' });

/** The days of a statement. */
export const newStatement = z
  .strictObject({
    from: date.meta({ description: "The first day, in the account's time zone." }),
    to: date.meta({ description: 'The day after the last day, tomorrow at the latest.' }),
  })
  .meta({ id: 'NewAccountStatement', example: { from: '2024-01-01', to: '2024-02-01' } });

export const statementOut = z
  .object({
    id: idOut,
    account: idOut,
    customer: idOut,
    from: dateOut,
    to: dayAfterLastOut,
    currency: z.string(),
    opening: amountOut.meta({ description: 'The balance before the first day. A debt is negative.' }),
    closing: amountOut.meta({ description: 'The balance after the last day.' }),
    entries: z
      .array(
        z.object({
          at: instantOut,
          date: dateOut,
          kind: z.enum(['invoice', 'credit_note', 'payment', 'chargeback']),
          text: z.string(),
          reference: z.string().meta({ description: 'The number of the invoice or of the receipt.' }),
          invoice: idOut.nullable().meta({ description: 'The invoice or credit note that the entry books.' }),
          amount: amountOut,
        }),
      )
      .meta({ description: 'The oldest first.' }),
    at: instantOut.meta({ description: 'When the statement was made. Later entries do not change it.' }),
  })
  .meta({ id: 'AccountStatement' });

/** Money that arrived without a provider, such as a bank transfer. */
export const newReceipt = z
  .strictObject({
    amount,
    currency: currency
      .exactOptional()
      .meta({ description: 'If it is sent, it must be that of the account.' }),
    reference: text(200).meta({ description: 'The number of the receipt, or the text of the transfer.' }),
    at: instant.exactOptional().meta({
      description: "When the payment counts. By default the customer's now, which it cannot exceed.",
    }),
  })
  .meta({ id: 'NewReceipt', example: { amount: '117.81', reference: 'Transfer 2024-02-05' } });

export const paymentMethodOut = z
  .object({
    id: idOut,
    customer: idOut,
    provider: z.string(),
    token: z.string(),
    created_at: instantOut,
    removed_at: instantOut.nullable(),
  })
  .meta({ id: 'PaymentMethod' });
export const newPaymentMethodOf = z
  .strictObject({ customer: reference, provider: text(50), token: text(200) })
  .meta({ id: 'NewPaymentMethodOf', example: { customer: 'nordlicht', provider: 'sandbox', token: 'card' } });

export const paymentOut = z
  .object({
    id: idOut,
    account: idOut,
    attempt: idOut.nullable(),
    provider: z.string().meta({ description: 'The payment provider; `hand` for a receipt.' }),
    reference: z.string(),
    currency: z.string(),
    amount: amountOut,
    left: amountOut.meta({ description: 'The part that has paid nothing yet, and is account credit.' }),
    allocations: z.array(z.object({ invoice: idOut.nullable(), amount: amountOut, at: instantOut })),
    at: instantOut,
  })
  .meta({ id: 'Payment' });

export const attemptOut = z
  .object({
    id: idOut,
    account: idOut,
    contract: idOut.nullable(),
    invoice: idOut.nullable(),
    payment_method: idOut,
    provider: z.string(),
    n: z.int().meta({ description: 'The number of the attempt for its invoice. The first is 1.' }),
    currency: z.string(),
    amount: amountOut,
    state: z.enum([
      'planned',
      'sent',
      'pending',
      'requires_action',
      'unknown',
      'succeeded',
      'declined',
      'abandoned',
    ]),
    reason: z.string().nullable().meta({ description: 'The reason why the provider declined it.' }),
    action_url: z
      .string()
      .nullable()
      .meta({ description: 'The page on which the customer confirms the payment.' }),
    at: instantOut,
    decided_at: instantOut.nullable(),
  })
  .meta({ id: 'Attempt' });
