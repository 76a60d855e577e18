import { addDays } from '../domain/arithmetic/calendar.ts';
import { type Language, monthName, writeDate } from '../domain/parties/languages.ts';
import type { PrintedParty } from './document.ts';
import { DOCUMENT_WORDS, type DocumentWords } from './words.ts';

/** A label and its value. */
export type Pair = readonly [label: string, value: string];

/** The columns that a table may have. */
export type ColumnKey =
  | 'position'
  | 'service'
  | 'date'
  | 'reference'
  | 'text'
  | 'quantity'
  | 'unitPrice'
  | 'amount'
  | 'balance';

/** A column of a table. The column `text` is as wide as the others leave. */
export interface Column {
  readonly key: ColumnKey;
  readonly label: string;
}

/** The columns whose cells are flush right. */
export const NUMBERS: ReadonlySet<ColumnKey> = new Set([
  'position',
  'quantity',
  'unitPrice',
  'amount',
  'balance',
]);

/** A row of the table. */
export interface Row {
  /** Above the row: the heading of the rows from here on. */
  readonly heading?: string;
  /** The cells of all columns but `text`. */
  readonly cells: Readonly<Partial<Record<Exclude<ColumnKey, 'text'>, string>>>;
  /** The cell of the column `text`. Below the first text are details, such as the reference, tier and fraction of a line. */
  readonly texts: readonly string[];
  /** The sum up to this row, which is carried forward if the page ends below it. */
  readonly carried: string;
  /** Below the row: the sum of the rows since the last heading. */
  readonly subtotal?: Pair;
}

/** Everything that is printed on a page, in words of its language and in the order in which it is read. */
export interface PageDescription {
  readonly language: Language;
  readonly sender: readonly string[];
  readonly recipient: readonly string[];
  /** The kind of the document, and its number. */
  readonly number: Pair;
  /** Such as dates, credited documents, and the recipient's references. */
  readonly facts: readonly Pair[];
  readonly title: string;
  /** The columns of the table, in the order in which they are read. */
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Such as net amount, taxes, and at last the total. */
  readonly sums: readonly Pair[];
  readonly payment: PaymentNote | null;
  readonly imprint: Imprint;
}

export interface PaymentNote {
  readonly text: string;
  /** The content of the QR code that fills in the transfer; null if there is none. */
  readonly transferCode: string | null;
}

/** The issuer's tax numbers, its bank account (the first text is its label), and its legal notice. */
interface Imprint {
  readonly taxIds: readonly string[];
  readonly bank: { readonly label: string; readonly account: readonly string[] } | null;
  readonly legalNotice: string | null;
}

/** The lines of an address. */
export function addressOf(party: PrintedParty | null, words: DocumentWords): string[] {
  if (party === null) return [words.erased];
  const { line1, line2, postal_code, city, region } = party.address ?? {};
  const place = [postal_code, city].filter((each) => each !== undefined).join(' ');
  return [party.name, party.department, party.contact, line1, line2, place, region].filter(
    (line): line is string => line !== undefined && line !== '',
  );
}

/** A range of days: one day, a whole month by its name, or the first and the last day. */
export function daysText(from: string, to: string, language: Language): string {
  const last = addDays(to, -1);
  if (last <= from) return writeDate(from, language);
  const isMonth = from.endsWith('-01') && to.endsWith('-01') && from.slice(0, 7) === last.slice(0, 7);
  if (isMonth) return `${monthName(from, language, 'short')} ${from.slice(0, 4)}`;
  return `${writeDate(from, language)} ${DOCUMENT_WORDS[language].to} ${writeDate(last, language)}`;
}

/** The imprint of an issuer. */
export function imprintOf(issuer: PrintedParty | null, words: DocumentWords): Imprint {
  const { vat_id, tax_number, iban, bic, bank_name, legal_notice } = issuer ?? {};
  const account = [
    ...(bank_name === undefined ? [] : [bank_name]),
    ...(iban === undefined ? [] : [`IBAN ${iban.replace(/(.{4})(?=.)/g, '$1 ')}`]),
    ...(bic === undefined ? [] : [`BIC ${bic}`]),
  ];
  return {
    taxIds: [
      ...(vat_id === undefined ? [] : [`${words.vatId} ${vat_id}`]),
      ...(tax_number === undefined ? [] : [`${words.taxNumber} ${tax_number}`]),
    ],
    bank: iban === undefined ? null : { label: words.bankAccount, account },
    legalNotice: legal_notice ?? null,
  };
}
