import { z } from 'zod';
import {
  currency,
  date,
  dateOut,
  decimalOut,
  externalId,
  externalIdOut,
  idOut,
  instantOut,
  nonNegative,
  priceMode,
  reference,
  text,
  timeZone,
} from './common.ts';
import { mailAddress } from './mail-addresses.ts';
import { country, issuerParty, issuerPartyOut } from './parties.ts';

// ---- issuers

function series(pattern: string) {
  return z
    .strictObject({
      pattern: text(100).meta({
        description: 'A text with one counter `{####}`, and optionally `{YYYY}`, `{YY}` and `{MM}`.',
      }),
      first_counter: z.int().min(0).max(1_000_000_000).default(1),
    })
    .default({ pattern, first_counter: 1 });
}

const mailEnabled = z
  .boolean()
  .meta({ description: 'Whether customers of the issuer get mails. They need `mail_from`.' });
const mailFrom = mailAddress.meta({
  description: 'The address from which mails are sent. The name beside it is that of the party.',
  example: 'billing@wolkenwerk.example',
});
const mailReplyTo = mailAddress.meta({
  description: 'The address to which recipients answer. By default `mail_from`.',
  example: 'support@wolkenwerk.example',
});
const logo = z
  .base64()
  .max(266_668)
  .meta({
    description:
      'A picture in base64, which PDFs print at the top right. It is a PNG (8 bits a sample, not interlaced) or a JPEG (grey or ' +
      'RGB) of at most 200,000 bytes and 2,000 pixels a side, with its whole picture.',
  });

export const logoOut = z
  .object({
    sha256: z.string(),
    media_type: z.enum(['image/png', 'image/jpeg']),
    width: z.int().meta({ description: 'In pixels.' }),
    height: z.int().meta({ description: 'In pixels.' }),
  })
  .meta({ id: 'Logo', description: 'A logo. `GET /v1/issuers/{id}/logo` answers the picture.' });

export const newIssuer = z
  .strictObject({
    external_id: externalId.exactOptional(),
    customer: reference.exactOptional().meta({
      description:
        'The customer that the issuer belongs to. It then bills only the customers below that one in its tree.',
    }),
    party: issuerParty,
    logo: logo.exactOptional(),
    country,
    time_zone: timeZone,
    series: z
      .strictObject({ invoice: series('INV-{YYYY}-{####}'), credit_note: series('CN-{YYYY}-{####}') })
      .prefault({}),
    mail_enabled: mailEnabled.exactOptional(),
    mail_from: mailFrom.exactOptional(),
    mail_reply_to: mailReplyTo.exactOptional(),
  })
  .meta({
    id: 'NewIssuer',
    example: {
      external_id: 'wolkenwerk',
      party: { name: 'Wolkenwerk GmbH' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
    },
  });
export const issuerPatch = z
  .strictObject({
    party: issuerParty
      .exactOptional()
      .meta({ description: 'Replaces all names and addresses. The logo stays.' }),
    logo: logo.nullable().exactOptional().meta({ description: 'Replaces the logo; null removes it.' }),
    mail_enabled: mailEnabled.exactOptional(),
    mail_from: mailFrom.nullable().exactOptional(),
    mail_reply_to: mailReplyTo.nullable().exactOptional(),
  })
  .meta({ id: 'IssuerPatch', example: { party: { name: 'Wolkenwerk SE' } } });

const seriesOut = z.object({ pattern: z.string(), first_counter: z.int() });
export const issuerOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    customer: idOut.nullable().meta({ description: 'Null for an issuer that bills all customers.' }),
    country: z.string(),
    time_zone: z.string(),
    version: z.int(),
    party: issuerPartyOut.nullable(),
    logo: logoOut.nullable(),
    series: z.object({ invoice: seriesOut, credit_note: seriesOut }),
    mail_enabled: z.boolean(),
    mail_from: z.string().nullable(),
    mail_reply_to: z.string().nullable(),
    created_at: instantOut,
  })
  .meta({ id: 'Issuer' });

// ---- tax policies

export const newTaxRate = z
  .strictObject({
    country,
    valid_from: date,
    category: text(50).default('standard'),
    rate: nonNegative.meta({ description: 'The rate in percent, 0 to 100.', example: '19' }),
    text: text(100).exactOptional().meta({
      description: 'The text that documents print. By default it is made from the rate.',
      example: 'VAT 19 %',
    }),
  })
  .meta({ id: 'NewTaxRate', example: { country: 'DE', valid_from: '2021-01-01', rate: '19' } });
export const newTaxPolicy = z
  .strictObject({
    external_id: externalId.exactOptional(),
    name: text(200),
    rates: z.array(newTaxRate).max(1000).default([]),
  })
  .meta({
    id: 'NewTaxPolicy',
    example: {
      external_id: 'software',
      name: 'Software',
      rates: [{ country: 'DE', valid_from: '2021-01-01', rate: '19' }],
    },
  });
export const taxPolicyOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    name: z.string(),
    rates: z.array(
      z.object({
        country: z.string(),
        valid_from: dateOut,
        category: z.string(),
        rate: decimalOut,
        text: z.string(),
      }),
    ),
    created_at: instantOut,
  })
  .meta({ id: 'TaxPolicy' });

// ---- plan groups and plans

export const newPlanGroup = z
  .strictObject({
    external_id: externalId.exactOptional(),
    name: text(200),
    currency,
    price_mode: priceMode.default('net'),
    tax_policy: reference,
    issuer: reference,
  })
  .meta({
    id: 'NewPlanGroup',
    example: {
      external_id: 'cloud',
      name: 'Cloud EUR',
      currency: 'EUR',
      tax_policy: 'software',
      issuer: 'wolkenwerk',
    },
  });
export const planGroupOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    name: z.string(),
    currency: z.string(),
    price_mode: priceMode,
    tax_policy: idOut,
    issuer: idOut,
    created_at: instantOut,
  })
  .meta({ id: 'PlanGroup' });

export const newPlan = z
  .strictObject({
    external_id: externalId.exactOptional(),
    plan_group: reference,
    name: text(200),
    description: text(2000).or(z.literal('')).default(''),
  })
  .meta({ id: 'NewPlan', example: { external_id: 'pro', plan_group: 'cloud', name: 'Pro' } });
export const planOut = z
  .object({
    id: idOut,
    external_id: externalIdOut,
    plan_group: idOut,
    name: z.string(),
    description: z.string(),
    created_at: instantOut,
  })
  .meta({ id: 'Plan' });
