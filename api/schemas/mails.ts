import { z } from 'zod';
import { MAIL_PURPOSES, MAIL_STATES } from '../../domain/mails/purposes.ts';
import { LANGUAGES } from '../../domain/parties/languages.ts';
import { sortBy } from '../lists.ts';
import { id, idOut, instant, instantOut, pageQuery, reference, text } from './common.ts';
import { mailAddress } from './mail-addresses.ts';

const purpose = z.enum(MAIL_PURPOSES);
const language = z.enum(LANGUAGES);

/** Several lines of text. */
function lines(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(/^(?:[\r\n\t]|[^\p{Cc}\p{Cs}])+$/u, 'must be text without control characters');
}

// ---- mails

export const mailQuery = z.strictObject({
  ...pageQuery,
  customer: reference.exactOptional(),
  document: id.exactOptional(),
  address: mailAddress.exactOptional().meta({
    description: 'Mails to customers who have, or had, this whole mail address.',
    example: 'ada@nordlicht.example',
  }),
  state: z.enum(MAIL_STATES).exactOptional(),
  purpose: purpose.exactOptional(),
  created_from: instant.exactOptional().meta({
    description: 'Only mails that were made at this instant or later.',
    example: '2024-01-01T00:00:00Z',
  }),
  created_before: instant
    .exactOptional()
    .meta({ description: 'Only mails that were made before this instant.', example: '2024-02-01T00:00:00Z' }),
  sort: sortBy(['created_at']),
});

const mailFields = {
  id: idOut,
  purpose,
  state: z.enum(MAIL_STATES).meta({
    description:
      '`queued`: it will be sent, or tried again. `sent`: the mail server has accepted it. `failed`: the server refused it, or did ' +
      'not accept it within three days. `skipped`: nobody should get it, see `reason`. `bounced`: it came back.',
  }),
  reason: z
    .string()
    .nullable()
    .meta({
      description:
        'Why it was not sent or came back. Of a skipped mail: `erased`, `no_address`, `no_sender`, `switched_off` or `deleted`. Of a ' +
        'failed one: `refused`, `gave_up`, `invalid_template`, `invalid_subject` or `pdf_erased`. Of one that came back, the codes of ' +
        'the server: `550 5.1.1`.',
    }),
  last_error: z
    .string()
    .nullable()
    .meta({ description: 'The message of the last failure, without mail addresses.' }),
  event: idOut.nullable(),
  resend_of: idOut.nullable().meta({ description: 'The mail that this one repeats.' }),
  customer: idOut.nullable(),
  document: idOut.nullable(),
  tries: z.int(),
  due_at: instantOut.meta({ description: 'When a queued mail is tried next.' }),
  created_at: instantOut,
  sent_at: instantOut.nullable(),
  bounced_at: instantOut.nullable(),
};

export const mailOut = z.object(mailFields).meta({ id: 'Mail' });
export type Mail = z.output<typeof mailOut>;

const tryOut = z
  .object({
    number: z.int(),
    at: instantOut,
    outcome: z
      .enum(['accepted', 'refused', 'deferred', 'unreachable', 'skipped', 'error'])
      .nullable()
      .meta({ description: 'Null while the try is under way, and for a try whose process died.' }),
    reply: z.int().nullable().meta({ description: 'The reply code of the mail server.' }),
    detail: z.string().nullable(),
    duration_ms: z.int().nullable(),
  })
  .meta({ id: 'MailTry' });

export const mailDetailOut = z
  .object({
    ...mailFields,
    to: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The recipients of the last try. Null before it, and after erasure.' }),
    cc: z.array(z.string()).nullable(),
    log: z.array(tryOut).meta({ description: 'The tries to send it, oldest first.' }),
  })
  .meta({ id: 'MailDetail' });

export const bounce = z
  .strictObject({
    reason: text(500).exactOptional().meta({ description: "The server's reply. Only its codes are kept." }),
  })
  .meta({ id: 'Bounce', example: { reason: '550 5.1.1 unknown user' } });

// ---- templates

export const templateParams = z.strictObject({ purpose, language });

const texts = {
  subject: text(200).meta({ example: 'Your invoice {{invoice_number}}' }),
  text: lines(20_000).meta({ description: 'The plain text.', example: 'Dear {{customer_name}}, …' }),
  html: lines(50_000).meta({
    description: 'The HTML. Values are escaped.',
    example: '<p>Dear {{customer_name}}, …</p>',
  }),
};

export const mailTemplate = z.strictObject(texts).meta({
  id: 'NewMailTemplate',
  description: 'A template. A placeholder is `{{name}}`; each purpose has its own.',
  example: {
    subject: 'Your invoice {{invoice_number}}',
    text: 'Dear {{customer_name}}, your invoice is attached.',
    html: '<p>Dear {{customer_name}}, your invoice is attached.</p>',
  },
});

export const mailTemplateOut = z
  .object({
    purpose,
    language,
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    placeholders: z.array(z.string()).meta({ description: 'The placeholders that the purpose has.' }),
    updated_at: instantOut.nullable().meta({ description: 'Null for the default template.' }),
  })
  .meta({ id: 'MailTemplate' });

export const templatePreview = z
  .strictObject({
    purpose,
    language,
    template: mailTemplate.exactOptional().meta({
      description: 'A template that is not stored. Without it, the stored or default template is shown.',
    }),
  })
  .meta({ id: 'MailPreviewRequest', example: { purpose: 'invoice', language: 'en' } });

export const templatePreviewOut = z
  .object({ subject: z.string(), text: z.string(), html: z.string() })
  .meta({ id: 'MailPreview' });

// ---- settings

export const mailSettings = z
  .strictObject({
    operators: z.array(mailAddress).max(10).meta({
      description: 'Where the operators of the merchant get their mails. They are stored only in the vault.',
    }),
    language: language.default('en'),
  })
  .meta({ id: 'NewMailSettings', example: { operators: ['ops@wolkenwerk.example'], language: 'en' } });

export const mailSettingsOut = z
  .object({ operators: z.array(z.string()), language })
  .meta({ id: 'MailSettings' });
