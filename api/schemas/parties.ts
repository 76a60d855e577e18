import { z } from 'zod';
import { checkBic, checkIban, checkTaxNumber, checkVatId } from '../../domain/parties/identifiers.ts';
import { CUSTOMER_PURPOSES } from '../../domain/mails/purposes.ts';
import { checkTitlePattern } from '../../domain/books/title.ts';
import { LANGUAGES } from '../../domain/parties/languages.ts';
import {
  externalId,
  externalIdOut,
  id,
  idOut,
  instantOut,
  readBy,
  reference,
  text,
  timeZone,
} from './common.ts';
import { mailAddress, mailAddresses, mailAddressesOut, mailOff } from './mail-addresses.ts';
import { COUNTRIES } from './countries.ts';

export const country = z
  .string()
  .max(10)
  .refine((code) => COUNTRIES.has(code), 'must be a country of ISO 3166 (two capital letters)')
  .meta({ description: 'A country of ISO 3166, two letters.', example: 'DE' });

const KNOWN_LANGUAGES = `must be one of ${LANGUAGES.join(', ')}, also with a country: de-AT`;
const language = z
  .string()
  .regex(new RegExp(`^(${LANGUAGES.join('|')})(-[A-Z]{2})?$`), { error: KNOWN_LANGUAGES, abort: true })
  .refine((tag) => tag.length === 2 || COUNTRIES.has(tag.slice(3)), KNOWN_LANGUAGES)
  .meta({
    description: `The language of documents and mails: ${LANGUAGES.join(', ')}, also with a country: \`de-AT\`.`,
    example: 'en',
  });

const address = z
  .strictObject({
    line1: text(200).exactOptional(),
    line2: text(200).exactOptional(),
    postal_code: text(20).exactOptional(),
    city: text(100).exactOptional(),
    region: text(100).exactOptional(),
  })
  .meta({ id: 'Address' });

/** A person or company as documents print it. The data is stored only in the vault. */
const party = z
  .strictObject({
    name: text(200).meta({
      description: 'The name that documents print.',
      example: 'Nordlicht Software GmbH',
    }),
    department: text(200).exactOptional(),
    contact: text(200).exactOptional().meta({ description: 'The person to contact.' }),
    address: address.exactOptional(),
    email: mailAddress.exactOptional(),
    phone: text(50).exactOptional(),
    vat_id: readBy(z.string().max(80), (value) => checkVatId(value))
      .exactOptional()
      .meta({ description: 'The VAT id. Its form and check digit are checked.', example: 'DE136695976' }),
    tax_number: readBy(text(80), (value) => checkTaxNumber(value))
      .exactOptional()
      .meta({ description: 'The national tax number. Its form is checked.', example: '21/815/08150' }),
    iban: readBy(z.string().max(80), (value) => checkIban(value))
      .exactOptional()
      .meta({ description: 'The IBAN. Its check digits are checked.', example: 'DE89370400440532013000' }),
    bic: readBy(z.string().max(80), (value) => checkBic(value)).exactOptional(),
    bank_name: text(100).exactOptional(),
    reference: text(100)
      .exactOptional()
      .meta({ description: "The party's own reference, which documents print." }),
  })
  .meta({ id: 'Party' });

/** A party in an answer. Ids are in their compact form. */
export const partyOut = z
  .object({
    name: z.string(),
    department: z.string().exactOptional(),
    contact: z.string().exactOptional(),
    address: z
      .object({
        line1: z.string().exactOptional(),
        line2: z.string().exactOptional(),
        postal_code: z.string().exactOptional(),
        city: z.string().exactOptional(),
        region: z.string().exactOptional(),
      })
      .exactOptional(),
    email: z.string().exactOptional(),
    phone: z.string().exactOptional(),
    vat_id: z.string().exactOptional(),
    tax_number: z.string().exactOptional(),
    iban: z.string().exactOptional(),
    bic: z.string().exactOptional(),
    bank_name: z.string().exactOptional(),
    reference: z.string().exactOptional(),
  })
  .meta({ id: 'PartyData' });

const legalNotice = z.string().exactOptional().meta({
  description:
    "Details that the law requires on an issuer's letters, such as its register and its directors.",
});

/** An issuer as documents print it. */
export const issuerParty = party
  .extend({
    legal_notice: text(1_000)
      .exactOptional()
      .meta(legalNotice.meta() ?? {}),
  })
  .meta({ id: 'IssuerParty' });

/** An issuer's party in an answer. */
export const issuerPartyOut = partyOut.extend({ legal_notice: legalNotice }).meta({ id: 'IssuerPartyData' });

const paymentTermDays = z.int().min(0).max(365).meta({
  description: "The payment term in days of the customer's new accounts, unless an order has its own.",
  example: 60,
});
const invoiceTitle = readBy(text(100), (value) => checkTitlePattern(value)).meta({
  description:
    'The title pattern of invoices: a text with `{plan}`, `{MM}`, `{MMM}`, `{MMMM}`, `{YY}` or `{YYYY}`. They stand for the ' +
    "plan and the day of the bill, with months in the customer's language. Without a pattern, and on credit notes, the " +
    "title is the plan's name. It is not stored in the vault.",
  example: 'Rechnung {plan} {MMM} {YYYY}',
});

/** A new customer, by itself or in an order. */
export const newCustomer = z
  .strictObject({
    external_id: externalId.exactOptional(),
    party,
    country,
    time_zone: timeZone,
    language: language.default('en'),
    payment_term_days: paymentTermDays.exactOptional(),
    invoice_title: invoiceTitle.exactOptional(),
    mail_addresses: mailAddresses.exactOptional(),
    mail_off: mailOff.exactOptional(),
    parent: reference.exactOptional().meta({
      description: 'The parent in the tree of customers. The customer shares the clock of the root.',
    }),
    clock: id.exactOptional().meta({
      description: 'A test clock. Only the root of a tree may have one, and only in a test merchant.',
    }),
  })
  .meta({
    id: 'NewCustomer',
    example: {
      party: { name: 'Nordlicht Software GmbH' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      language: 'de',
    },
  });

/** Changes of a customer. `party` and `mail_addresses` are each replaced as a whole, by a new version. */
export const customerPatch = z
  .strictObject({
    external_id: externalId.nullable().exactOptional(),
    party: party.exactOptional(),
    country: country.exactOptional(),
    language: language.exactOptional(),
    payment_term_days: paymentTermDays.nullable().exactOptional(),
    invoice_title: invoiceTitle.nullable().exactOptional(),
    mail_addresses: mailAddresses.exactOptional(),
    mail_off: mailOff.exactOptional(),
  })
  .meta({ id: 'CustomerPatch', example: { language: 'en', payment_term_days: 30 } });

export const customerOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    parent: idOut.nullable(),
    clock: idOut.nullable(),
    country: z.string(),
    time_zone: z.string(),
    language: z.string(),
    payment_term_days: z.int().nullable(),
    invoice_title: z.string().nullable(),
    mail_addresses: mailAddressesOut.nullable().meta({ description: 'Null after erasure.' }),
    mail_off: z.array(z.enum(CUSTOMER_PURPOSES)),
    version: z
      .int()
      .meta({ description: "The version of the party's data. Documents keep the version that they print." }),
    party: partyOut.nullable().meta({ description: 'Null after erasure.' }),
    created_at: instantOut,
  })
  .meta({ id: 'Customer' });
export type Customer = z.output<typeof customerOut>;
