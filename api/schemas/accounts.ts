import { z } from 'zod';
import {
  amount,
  amountOut,
  currency,
  dateOut,
  id,
  idOut,
  instant,
  instantOut,
  reference,
  text,
} from './common.ts';

export const newAccount = z
  .strictObject({
    customer: reference,
    issuer: reference,
    currency,
    name: text(100).exactOptional(),
    payment_term_days: z.int().min(0).max(365).exactOptional(),
    payment_method: id.exactOptional(),
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
    kind: z.enum(['immediate', 'collective']),
    is_default: z.boolean().meta({ description: 'Of its customer, issuer and currency.' }),
    payment_term_days: z.int(),
    payment_method: idOut.nullable(),
    time_zone: z.string(),
    balance: amountOut.meta({ description: 'What the customer has with the issuer: a debt is negative.' }),
    created_at: instantOut,
  })
  .meta({ id: 'BillingAccount' });

export const entryOut = z
  .object({
    id: idOut,
    at: instantOut,
    date: dateOut.meta({ description: "In the account's time zone." }),
    text: z.string(),
    reference: z.string().meta({ description: "The invoice's number, or the receipt's." }),
    invoice: idOut.nullable().meta({ description: 'The invoice or credit note that it booked.' }),
    amount: amountOut.meta({ description: 'As the customer sees it: what is owed is negative.' }),
    balance: amountOut.meta({ description: 'After this entry.' }),
  })
  .meta({ id: 'AccountEntry' });

/** Money that arrived some other way than by a provider. */
export const newReceipt = z
  .strictObject({
    amount,
    currency: currency.exactOptional().meta({ description: "The account's, if it is given." }),
    reference: text(200).meta({ description: "The receipt's number or the transfer's text." }),
    at: instant.exactOptional().meta({ description: "When it counts; left out: the customer's now." }),
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
    provider: z.string().meta({ description: '`hand`: a receipt that was booked by hand.' }),
    reference: z.string(),
    currency: z.string(),
    amount: amountOut,
    left: amountOut.meta({ description: 'What waits as credit on the account.' }),
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
    n: z.int().meta({ description: 'The first of its invoice is 1.' }),
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
    reason: z.string().nullable().meta({ description: 'Why it was declined.' }),
    action_url: z.string().nullable().meta({ description: 'Where the customer confirms it.' }),
    at: instantOut,
    decided_at: instantOut.nullable(),
  })
  .meta({ id: 'Attempt' });
