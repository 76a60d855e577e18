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

/** Something that is charged, or credited, once. */
export const newOneTime = z
  .strictObject({
    customer: reference.exactOptional().meta({ description: 'Either a customer or a contract.' }),
    contract: reference.exactOptional().meta({ description: 'Either a customer or a contract.' }),
    account: id
      .exactOptional()
      .meta({ description: "The customer's billing account; left out: the default one, with `issuer`." }),
    issuer: reference.exactOptional().meta({ description: 'Whose document, where no account is named.' }),
    application: text(100).exactOptional(),
    text: text(200),
    service_date: date
      .exactOptional()
      .meta({ description: 'Within ten years of today; left out: today on the customer’s clock.' }),
    quantity: quantity.default('1'),
    unit_price: signedPrice,
    currency,
    price_mode: priceMode,
    tax_policy: reference,
    reference: text(100).exactOptional().meta({ description: "The caller's own, for people." }),
    bill: z.enum(['now', 'next_invoice']).meta({
      description:
        '`now`: on a document of its own. `next_invoice`: on the next document of the contract, or of any of the account.',
    }),
  })
  .refine(({ customer, contract }) => (customer === undefined) !== (contract === undefined), {
    path: ['customer'],
    message: 'either a customer or a contract',
  })
  .refine(
    ({ contract, account, issuer }) =>
      contract === undefined
        ? account !== undefined || issuer !== undefined
        : (account ?? issuer) === undefined,
    { path: ['account'], message: 'with a customer: an account or an issuer; with a contract: neither' },
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
    kind: z.enum(['charge', 'setup']).meta({ description: '`setup`: the set-up fee of a contract.' }),
    customer: idOut,
    account: idOut,
    contract: idOut.nullable(),
    application: z.string().nullable(),
    text: z.string(),
    reference: z.string().nullable(),
    service_date: dateOut,
    quantity: decimalOut,
    unit_price: decimalOut,
    amount: amountOut.meta({ description: 'Quantity × unit price, rounded once; below zero: a credit.' }),
    currency: z.string(),
    price_mode: priceMode,
    tax_policy: idOut,
    state: oneTimeState,
    invoice: idOut.nullable().meta({ description: 'The document that it is on.' }),
    created_at: instantOut,
  })
  .meta({ id: 'OneTimeCharge' });
