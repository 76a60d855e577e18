import { z } from 'zod';
import {
  amountOut,
  currency,
  date,
  dateOut,
  decimalOut,
  id,
  idOut,
  instantOut,
  priceMode,
  quantity,
  reference,
  signedPrice,
  text,
} from './common.ts';

export const oneTimeState = z.enum(['waiting', 'billed', 'withdrawn']);

/** A new one-time charge or credit. */
export const newOneTime = z
  .strictObject({
    customer: reference
      .exactOptional()
      .meta({ description: 'The customer. Send either this or `contract`.' }),
    contract: reference
      .exactOptional()
      .meta({ description: 'The contract. Send either this or `customer`.' }),
    account: id
      .exactOptional()
      .meta({ description: "The customer's billing account. By default the default account with `issuer`." }),
    issuer: reference.exactOptional().meta({
      description: 'The issuer of the document, if the request names a customer without an account.',
    }),
    application: text(100)
      .exactOptional()
      .meta({ description: "The merchant's product that the charge is for." }),
    text: text(200),
    service_date: date
      .exactOptional()
      .meta({ description: "A date within ten years of today. By default today on the customer's clock." }),
    quantity: quantity.default('1'),
    unit_price: signedPrice,
    currency,
    price_mode: priceMode,
    tax_policy: reference,
    reference: text(100).exactOptional().meta({ description: "The merchant's own reference, for people." }),
    bill: z.enum(['now', 'next_invoice']).meta({
      description:
        '`now` makes a document of its own. `next_invoice` waits for the next document of the contract, or of any contract ' +
        'of the account.',
    }),
  })
  .refine(({ customer, contract }) => (customer === undefined) !== (contract === undefined), {
    path: ['customer'],
    message: 'send either a customer or a contract',
  })
  .refine(
    ({ contract, account, issuer }) =>
      contract === undefined
        ? account !== undefined || issuer !== undefined
        : (account ?? issuer) === undefined,
    {
      path: ['account'],
      message: 'a customer needs an account or an issuer, and a contract allows neither',
    },
  )
  .meta({
    id: 'NewOneTimeCharge',
    example: {
      contract: 'con_01jfa5z8n4b6c7d8e9f0g1h2j3',
      text: 'Workshop Cloud Compliance',
      service_date: '2016-11-15',
      unit_price: '7500.00',
      currency: 'EUR',
      price_mode: 'net',
      tax_policy: 'services',
      bill: 'next_invoice',
    },
  });

export const oneTimeOut = z
  .object({
    id: idOut,
    kind: z.enum(['charge', 'setup']).meta({ description: '`setup` is the set-up fee of a contract.' }),
    customer: idOut,
    account: idOut,
    contract: idOut.nullable(),
    application: z.string().nullable(),
    text: z.string(),
    reference: z.string().nullable(),
    service_date: dateOut,
    quantity: decimalOut,
    unit_price: decimalOut,
    amount: amountOut.meta({ description: 'Quantity × unit price, rounded once. A credit is below zero.' }),
    currency: z.string(),
    price_mode: priceMode,
    tax_policy: idOut,
    state: oneTimeState,
    invoice: idOut.nullable().meta({ description: 'The document that bills the charge.' }),
    created_at: instantOut,
  })
  .meta({ id: 'OneTimeCharge' });
