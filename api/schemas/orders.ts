import { z } from 'zod';
import { booking, commandOut } from './commands.ts';
import { date, externalId, id, idOut, reference, text } from './common.ts';
import { newCustomer } from './parties.ts';

/** A payment method to make for the customer: the provider's own name for a card or mandate, never its number. */
const newPaymentMethod = z
  .strictObject({ provider: text(50), token: text(200) })
  .meta({ id: 'NewPaymentMethod', example: { provider: 'sandbox', token: 'card' } });

/** Customer and contract in one step. */
export const orderRequest = z
  .strictObject({
    external_id: externalId.exactOptional().meta({ description: 'Of the contract.' }),
    customer: z
      .union([reference, newCustomer])
      .meta({ description: 'An existing customer by id or external id, or a new one.' }),
    variant: reference,
    components: z.array(booking).max(100).default([]).meta({
      description:
        'Optional components to book, or other quantities of those that are booked with the variant.',
    }),
    start: date
      .exactOptional()
      .meta({ description: "First local day; left out: today on the customer's clock." }),
    anchor: date.exactOptional().meta({
      description: 'Day that periods are counted from; left out: the start, or the end of the trial.',
    }),
    account: id
      .exactOptional()
      .meta({ description: 'A billing account of the customer; left out: the default one.' }),
    issuer: reference.exactOptional().meta({ description: "Whose documents; left out: the plan group's." }),
    payment_method: z
      .union([id, newPaymentMethod])
      .exactOptional()
      .meta({ description: "For this contract; it becomes the account's, too, where that has none." }),
    payment_term_days: z
      .int()
      .min(0)
      .max(365)
      .exactOptional()
      .meta({ description: 'Of the account, where this order makes it.' }),
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

/** What became of an order. */
export const orderOut = z
  .object({ contract: idOut, customer: idOut, command: commandOut })
  .meta({ id: 'OrderResult' });
