import { z } from 'zod';
import { booking, commandOut } from './commands.ts';
import { date, externalId, id, idOut, reference, text } from './common.ts';
import { newCustomer } from './parties.ts';

/** A payment method to create for the customer. The token is the provider's name for a card or mandate, never its number. */
const newPaymentMethod = z
  .strictObject({ provider: text(50), token: text(200) })
  .meta({ id: 'NewPaymentMethod', example: { provider: 'sandbox', token: 'card' } });

/** An order: a contract, for a new or an existing customer. */
export const orderRequest = z
  .strictObject({
    external_id: externalId.exactOptional().meta({ description: 'The external id of the contract.' }),
    customer: z
      .union([reference, newCustomer])
      .meta({ description: 'The id or external id of an existing customer, or a new customer.' }),
    variant: reference,
    components: z.array(booking).max(100).default([]).meta({
      description:
        'Optional components to book, and included components that are booked in another quantity.',
    }),
    start: date
      .exactOptional()
      .meta({ description: "The first local day. By default today on the customer's clock." }),
    anchor: date.exactOptional().meta({
      description: 'The day from which periods are counted. By default the start, or the end of the trial.',
    }),
    account: id
      .exactOptional()
      .meta({ description: 'A billing account of the customer. By default the default account.' }),
    issuer: reference
      .exactOptional()
      .meta({ description: 'The issuer of the invoices. By default the issuer of the plan group.' }),
    payment_method: z.union([id, newPaymentMethod]).exactOptional().meta({
      description:
        'The payment method of the contract. If the account has none, it becomes that of the account, too.',
    }),
    payment_term_days: z
      .int()
      .min(0)
      .max(365)
      .exactOptional()
      .meta({ description: 'The payment term in days of the account, if the order creates it.' }),
  })
  .meta({
    id: 'OrderRequest',
    example: {
      customer: {
        party: { name: 'Nordlicht Software GmbH' },
        country: 'DE',
        time_zone: 'Europe/Berlin',
        language: 'de',
      },
      variant: 'pro-monthly',
      components: [{ component: 'seat', quantity: 3 }],
      payment_method: { provider: 'sandbox', token: 'card' },
    },
  });

/** The result of an order. */
export const orderOut = z
  .object({ contract: idOut, customer: idOut, command: commandOut })
  .meta({ id: 'OrderResult' });
