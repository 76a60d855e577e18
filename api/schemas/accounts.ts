import { z } from 'zod';
import { COLLECTION_STATES } from '../../domain/payments/balance.ts';
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

const runInterval = z
  .strictObject({ unit: z.enum(['week', 'month', 'year']), count: z.int().min(1).max(100).default(1) })
  .meta({ id: 'RunInterval', description: 'A quarter is three months.' });

const runs = z
  .strictObject({
    every: runInterval,
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

const byInvoice = z
  .strictObject({ by: z.literal('invoice') })
  .meta({ id: 'CollectionByInvoice', description: 'Each invoice is collected by itself, when it is made.' });

const byBalance = z
  .strictObject({
    by: z.literal('balance'),
    every: runInterval.nullable().default(null).meta({ description: 'Null: only if it is asked for.' }),
    anchor: date.exactOptional().meta({ description: 'The first day. Later ones are counted from it.' }),
    threshold: amount
      .default('0')
      .meta({ description: 'Only more than this is collected. The rest waits for the next day.' }),
    currency: currency
      .exactOptional()
      .meta({ description: 'The currency of the threshold. If it is sent, it must be that of the account.' }),
    notice_days: z.int().min(0).max(60).default(0).meta({
      description: 'How many days before, the customer is told the amount and the day; 0 for no notice.',
    }),
  })
  .meta({
    id: 'CollectionByBalance',
    description:
      "Everything that is open on the account, due or not, is collected in one payment, on days of the account's zone.",
    example: {
      by: 'balance',
      every: { unit: 'month', count: 1 },
      anchor: '2024-02-05',
      threshold: '5.00',
      notice_days: 3,
    },
  });

const collection = z.discriminatedUnion('by', [byInvoice, byBalance]).exactOptional();

export const newAccount = z
  .strictObject({
    customer: reference,
    issuer: reference,
    currency,
    name: text(100).exactOptional(),
    payment_term_days: z.int().min(0).max(365).exactOptional(),
    payment_method: id.exactOptional(),
    collection,
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
    collection,
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
    collection: z
      .object({
        by: z.enum(['invoice', 'balance']),
        every: z.object({ unit: z.enum(['week', 'month', 'year']), count: z.int() }).nullable(),
        anchor: dateOut.nullable(),
        threshold: amountOut,
        notice_days: z.int(),
      })
      .meta({ description: 'How open invoices are collected.' }),
    next_collection: instantOut.nullable().meta({ description: 'The next collection of the calendar.' }),
    deactivated_at: instantOut.nullable().meta({
      description:
        'When it was deactivated; null for an active account. A deactivated one has no runs and no collection.',
    }),
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

/** A collection of an account by balance. */
export const collectionOut = z
  .object({
    id: idOut,
    account: idOut,
    cause: z.enum(['calendar', 'hand']),
    state: z.enum(COLLECTION_STATES).meta({
      description:
        '`planned`: for its day. `noticed`: the customer was told. `collecting`: it is charged, or tried again after a decline. ' +
        '`stopped`: the last attempt was declined, and it waits for money. `charged_back`: the bank took the payment back. ' +
        '`collected`: paid by it. `paid`: paid from elsewhere. `below_threshold`: not more than the threshold was open. ' +
        '`no_payment_method`: the account had none. `replaced`: a collection by hand took its invoices. `withdrawn`: the ' +
        'account collects otherwise since.',
    }),
    currency: z.string(),
    amount: amountOut.nullable().meta({ description: 'What was open when the invoices were taken.' }),
    threshold: amountOut.nullable(),
    collected: amountOut.meta({ description: 'What it has collected, less what was charged back.' }),
    notice_at: instantOut.nullable().meta({ description: 'When the notice is planned; null for none.' }),
    noticed_at: instantOut.nullable().meta({ description: 'When the notice went out.' }),
    due_at: instantOut.meta({ description: 'When the money is collected.' }),
    dunning_level: z.int(),
    invoices: z
      .array(
        z.object({
          invoice: idOut,
          number: z.string(),
          amount: amountOut.meta({ description: 'What was open when it was taken. No more is collected.' }),
          open: amountOut.meta({ description: 'What is open now.' }),
        }),
      )
      .meta({ description: 'The oldest first.' }),
    attempts: z.array(idOut),
    asked_at: instantOut,
    ended_at: instantOut.nullable(),
  })
  .meta({ id: 'AccountCollection' });

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
    invoice: idOut.nullable().meta({ description: 'Null for an attempt of a collection by balance.' }),
    collection: idOut.nullable().meta({ description: 'The collection by balance that it belongs to.' }),
    payment_method: idOut,
    provider: z.string(),
    n: z
      .int()
      .meta({ description: 'The number of the attempt for its invoice or collection. The first is 1.' }),
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
