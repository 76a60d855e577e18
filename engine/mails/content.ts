import type { PdfObject } from '../../db/books/pdfs.ts';
import { customerContextOf, merchantContextOf } from '../../db/mails/context.ts';
import type { ClaimedMail } from '../../db/mails/queue.ts';
import { getMailSettings } from '../../db/mails/settings.ts';
import { getMailTemplate } from '../../db/mails/templates.ts';
import type { Vault, VaultRef } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { defaultTemplate } from '../../documents/mails/defaults.ts';
import type { MailValues } from '../../documents/mails/placeholders.ts';
import { type MailTexts, fillTemplate } from '../../documents/mails/template.ts';
import { type CustomerPurpose, type MailPurpose, isOperatorPurpose } from '../../domain/mails/purposes.ts';
import { recipientsOf } from '../../domain/mails/recipients.ts';
import { type Language, languageOf } from '../../domain/parties/languages.ts';
import type { MailAttachment, OutgoingMail } from '../../mail/port.ts';
import { addressBookOf, senderOf } from '../parties/mail-data.ts';
import { operatorsOf } from './settings.ts';
import { valuesOf } from './values.ts';

/** A file to attach. */
interface StoredFile {
  readonly bytes: Uint8Array;
  readonly filename: string;
}

export interface ComposeDeps {
  readonly db: Db;
  readonly vault: Vault;
  /** The sender of mails to operators. */
  readonly ownAddress: string;
  /** Returns the stored PDF of a document or a payment, and makes it if there is none. Without it, mails have no attachment. */
  readonly pdfOf?: ((merchant: MerchantId, object: PdfObject) => Promise<StoredFile>) | undefined;
}

/** The reason why a mail is not sent and not tried again. */
type SkipReason = 'erased' | 'no_address' | 'no_sender' | 'switched_off' | 'deleted';

/** A mail that is ready to be sent, or the reason why nobody gets it. */
export type Composed =
  | { readonly outgoing: OutgoingMail; readonly subject: VaultRef }
  | { readonly skipped: SkipReason };

/**
 * Makes the content of a mail from the rows and the addresses as they are now. It may make a PDF, so it runs outside of transactions.
 * @throws DomainError invalid_template, invalid_subject
 */
export function composeMail(deps: ComposeDeps, mail: ClaimedMail): Promise<Composed> {
  const { purpose } = mail;
  return isOperatorPurpose(purpose) ? toOperators(deps, mail) : toCustomer(deps, mail, purpose);
}

async function toCustomer(deps: ComposeDeps, mail: ClaimedMail, purpose: CustomerPurpose): Promise<Composed> {
  const { db, vault } = deps;
  const { merchant_id: merchant, account_id } = mail;
  const context = account_id === null ? null : await customerContextOf(db, merchant, account_id);
  if (context === null) return { skipped: 'deleted' };
  if (!context.mail_enabled || context.mail_off.includes(purpose)) return { skipped: 'switched_off' };
  const subject = { subjectId: context.subject_id, version: context.version };
  const customer = await vault.open(db, merchant, subject);
  if (customer === null) return { skipped: 'erased' };
  const { email } = customer;
  const to = recipientsOf(purpose, addressBookOf(customer), typeof email === 'string' ? email : undefined);
  if (to === null) return { skipped: 'no_address' };
  const ref = { subjectId: context.issuer_subject_id, version: context.issuer_version };
  const issuer = await vault.open(db, merchant, ref);
  const sender = issuer === null ? {} : senderOf(issuer);
  if (issuer === null || sender.from === undefined) return { skipped: 'no_sender' };
  const language = languageOf(context.language);
  const values = {
    ...(await valuesOf(db, mail, { language, timeZone: context.time_zone })),
    customer_name: customer.name,
    issuer_name: issuer.name,
  };
  return {
    subject,
    outgoing: {
      id: mail.id,
      from: { name: issuer.name, address: sender.from },
      replyTo: sender.reply_to ?? null,
      ...to,
      ...(await textsOf(db, merchant, { purpose, language, values, test: context.test })),
      attachments: await attachmentsOf(deps, mail),
    },
  };
}

async function toOperators({ db, vault, ownAddress }: ComposeDeps, mail: ClaimedMail): Promise<Composed> {
  const { merchant_id: merchant, purpose } = mail;
  const settings = await getMailSettings(db, merchant);
  if (settings === null) return { skipped: 'no_address' };
  const subject = { subjectId: settings.subject_id, version: settings.version };
  const operators = await operatorsOf(db, vault, merchant, settings);
  if (operators.length === 0) return { skipped: 'no_address' };
  const { language } = settings;
  const { name, test } = await merchantContextOf(db, merchant);
  const values = { ...(await valuesOf(db, mail, { language, timeZone: 'UTC' })), merchant_name: name };
  return {
    subject,
    outgoing: {
      id: mail.id,
      from: { name: 'Tenor', address: ownAddress },
      replyTo: null,
      to: operators,
      cc: [],
      ...(await textsOf(db, merchant, { purpose, language, values, test })),
      attachments: [],
    },
  };
}

interface TextRequest {
  readonly purpose: MailPurpose;
  readonly language: Language;
  readonly values: MailValues;
  readonly test: boolean;
}

/** Fills the merchant's own template, or the default one. The subject of a test merchant begins with `[Test]`. */
async function textsOf(
  db: Db,
  merchant: MerchantId,
  { purpose, language, values, test }: TextRequest,
): Promise<MailTexts> {
  const template =
    (await getMailTemplate(db, merchant, { purpose, language })) ?? defaultTemplate(purpose, language);
  const filled = fillTemplate(purpose, template, values);
  return test ? { ...filled, subject: `[Test] ${filled.subject}` } : filled;
}

/** The attachments of a mail: the PDF of an invoice or a credit note, or the receipt of a payment. */
async function attachmentsOf({ pdfOf }: ComposeDeps, mail: ClaimedMail): Promise<MailAttachment[]> {
  const object = pdfObjectOf(mail);
  if (pdfOf === undefined || object === null) return [];
  const { bytes, filename } = await pdfOf(mail.merchant_id, object);
  return [{ filename, contentType: 'application/pdf', bytes }];
}

function pdfObjectOf({ purpose, document_id, object_id, data }: ClaimedMail): PdfObject | null {
  if (purpose === 'receipt') {
    const { payment } = data;
    return { kind: 'receipt', id: typeof payment === 'string' ? payment : object_id };
  }
  const hasDocument = document_id !== null && (purpose === 'invoice' || purpose === 'credit_note');
  return hasDocument ? { kind: 'document', id: document_id } : null;
}
