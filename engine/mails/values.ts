import { type DocumentView, getDocument } from '../../db/books/documents.ts';
import type { ClaimedMail } from '../../db/mails/queue.ts';
import { getCollection } from '../../db/payments/collection-terms.ts';
import { getPayment } from '../../db/payments/views.ts';
import type { Db } from '../../db/platform/pool.ts';
import type { MailValues } from '../../documents/mails/placeholders.ts';
import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { type Language, writeDate, writeMinor } from '../../domain/parties/languages.ts';

/** The language and the time zone in which numbers and dates are written. */
interface Reader {
  readonly language: Language;
  readonly timeZone: string;
}

/** The values of a mail's placeholders that come from its document and its payment. */
export async function valuesOf(db: Db, mail: ClaimedMail, reader: Reader): Promise<MailValues> {
  const { merchant_id: merchant, document_id, object_id } = mail;
  const document = document_id === null ? null : await getDocument(db, merchant, document_id);
  const ofDocument = document === null ? {} : documentValues(document, reader.language);
  if (mail.purpose === 'webhook_disabled') {
    return { endpoint_id: object_id, endpoint_url: textIn(mail.data, 'url') };
  }
  if (mail.purpose === 'invoice' || mail.purpose === 'credit_note') return ofDocument;
  const ofCollection = await collectionValues(db, mail, reader);
  const values = { ...ofDocument, ...ofCollection, ...dataValues(mail, reader) };
  if (mail.purpose !== 'receipt' || ofCollection.reference !== undefined) return values;
  const payment = document === null ? await getPayment(db, merchant, object_id) : null;
  return { ...values, reference: document?.number ?? payment?.reference ?? object_id };
}

/** The values of a collection by balance: the numbers of its invoices, and its day. */
async function collectionValues(
  db: Db,
  { merchant_id: merchant, data }: ClaimedMail,
  { language, timeZone }: Reader,
): Promise<MailValues> {
  const id = textIn(data, 'collection');
  const collection = id === '' ? null : await getCollection(db, merchant, id);
  if (collection === null) return {};
  const numbers = collection.receivables.map(({ number }) => number).join(', ');
  const day = writeDate(dateAt(collection.due_at, timeZone), language);
  return { invoice_number: numbers, reference: numbers, collection_date: day, due_date: day };
}

function documentValues(document: DocumentView, language: Language): MailValues {
  const { number, title, issue_date, due_date, gross_minor, currency } = document;
  return {
    invoice_number: number,
    credit_note_number: number,
    invoice_title: title,
    issue_date: writeDate(issue_date, language),
    due_date: writeDate(due_date, language),
    amount: amountText(gross_minor < 0n ? -gross_minor : gross_minor, currency, language),
  };
}

/** The values in the data of the event. */
function dataValues({ data, purpose }: ClaimedMail, { language, timeZone }: Reader): MailValues {
  const [minor, currency] = [textIn(data, 'amount_minor'), textIn(data, 'currency')];
  const at = textIn(data, 'occurred_at');
  return {
    ...(/^-?\d+$/.test(minor) && currency !== ''
      ? { amount: amountText(BigInt(minor), currency, language) }
      : {}),
    ...(at === '' ? {} : { payment_date: writeDate(dateAt(at, timeZone), language) }),
    ...(purpose === 'action_required' ? { action_url: webAddress(textIn(data, 'action_url')) } : {}),
  };
}

function amountText(minor: bigint, currency: string, language: Language): string {
  return `${writeMinor(minor, currency, language)} ${currency}`;
}

function textIn(data: Readonly<Record<string, unknown>>, name: string): string {
  const value = data[name];
  return typeof value === 'string' ? value : '';
}

/** A text that is a URL of http or https; empty for every other text, such as one that would run a script. */
function webAddress(text: string): string {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text).href : '';
}
