import { addDays } from '../domain/arithmetic/calendar.ts';
import { type NamedDocument, creditedDocuments } from '../domain/books/line-facts.ts';
import {
  type Language,
  monthName,
  writeDate,
  writeDecimal,
  writeMinor,
  writePrice,
} from '../domain/parties/languages.ts';
import type { PrintedDocument, PrintedLine, PrintedParty } from './document.ts';
import { epcPayload } from './epc.ts';
import { tierText } from './tiers.ts';
import { DOCUMENT_WORDS, type DocumentWords } from './words.ts';

/** A label and its value. */
export type Pair = readonly [label: string, value: string];

/** The columns of the table of positions, in the order in which they are read. */
export const COLUMNS = ['position', 'service', 'text', 'quantity', 'unitPrice', 'amount'] as const;
export type Column = (typeof COLUMNS)[number];

/** A row of the table. */
export interface Row {
  readonly cells: Readonly<Record<Exclude<Column, 'text'>, string>>;
  /** The text of the line, and below it its reference, tier, fraction and credited document. */
  readonly texts: readonly string[];
  /** The sum of the amounts up to this row, which is carried forward if the page ends below it. */
  readonly carried: string;
}

/** Everything that is printed of a document, in words of its language and in the order in which it is read. */
export interface PageDescription {
  readonly language: Language;
  readonly sender: readonly string[];
  readonly recipient: readonly string[];
  /** The kind of the document, and its number. */
  readonly number: Pair;
  /** Dates, credited documents, and the recipient's references. */
  readonly facts: readonly Pair[];
  readonly title: string;
  readonly columns: Readonly<Record<Column, string>>;
  readonly rows: readonly Row[];
  /** Net amount, taxes and total. If account credit pays a part, also this part, and at last the amount due. */
  readonly sums: readonly Pair[];
  readonly payment: PaymentNote | null;
  readonly imprint: Imprint;
}

interface PaymentNote {
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

/** Describes the page of a document. Each form of a document, text or PDF, prints this description. */
export function pageOf(document: PrintedDocument, language: Language): PageDescription {
  const words = DOCUMENT_WORDS[language];
  return {
    language,
    sender: addressOf(document.issuer, words),
    recipient: addressOf(document.recipient, words),
    number: [words.number[document.kind], document.number],
    facts: factsOf(document, language),
    title: document.title,
    columns: { ...words.columns, amount: words.columns.amount[document.priceMode] },
    rows: rowsOf(document, language),
    sums: sumsOf(document, language),
    payment: paymentOf(document, language),
    imprint: imprintOf(document.issuer, words),
  };
}

function addressOf(party: PrintedParty | null, words: DocumentWords): string[] {
  if (party === null) return [words.erased];
  const { line1, line2, postal_code, city, region } = party.address ?? {};
  const place = [postal_code, city].filter((each) => each !== undefined).join(' ');
  return [party.name, party.department, party.contact, line1, line2, place, region].filter(
    (line): line is string => line !== undefined && line !== '',
  );
}

function factsOf(document: PrintedDocument, language: Language): Pair[] {
  const words = DOCUMENT_WORDS[language];
  const { recipient, serviceFrom, serviceTo } = document;
  const optional = (label: string, value: string | undefined): Pair[] =>
    value === undefined ? [] : [[label, value]];
  return [
    [words.issueDate, writeDate(document.issueDate, language)],
    ...creditNoteOf(document).map((each): Pair => [words.corrects[each.kind], dated(each, language)]),
    ...optional(
      words.dueDate,
      document.kind === 'invoice' ? writeDate(document.dueDate, language) : undefined,
    ),
    [words.servicePeriod, daysText(serviceFrom, serviceTo, language)],
    ...optional(words.yourReference, recipient?.reference),
    ...optional(words.yourVatId, recipient?.vat_id),
  ];
}

/** The documents that a credit note credits; none for an invoice. */
function creditNoteOf({ kind, lines }: PrintedDocument): NamedDocument[] {
  return kind === 'credit_note' ? creditedDocuments(lines) : [];
}

function dated({ number, issueDate }: NamedDocument, language: Language): string {
  return DOCUMENT_WORDS[language].dated(number, writeDate(issueDate, language));
}

/** A range of days: one day, a whole month by its name, or the first and the last day. */
function daysText(from: string, to: string, language: Language): string {
  const last = addDays(to, -1);
  if (last <= from) return writeDate(from, language);
  const isMonth = from.endsWith('-01') && to.endsWith('-01') && from.slice(0, 7) === last.slice(0, 7);
  if (isMonth) return `${monthName(from, language, 'short')} ${from.slice(0, 4)}`;
  return `${writeDate(from, language)} ${DOCUMENT_WORDS[language].to} ${writeDate(last, language)}`;
}

function rowsOf(document: PrintedDocument, language: Language): Row[] {
  const { currency, lines } = document;
  const above = creditNoteOf(document);
  let carriedMinor = 0n;
  return lines.map((line) => {
    carriedMinor += line.amountMinor;
    return {
      cells: {
        position: String(line.position),
        service: daysText(line.from, line.to, language),
        quantity: writeDecimal(line.quantity, language),
        unitPrice: writePrice(line.unitPrice, currency, language),
        amount: writeMinor(line.amountMinor, currency, language),
      },
      texts: textsOf(line, above, language),
      carried: writeMinor(carriedMinor, currency, language),
    };
  });
}

/** @param above the credited documents that are named above the table */
function textsOf(line: PrintedLine, above: readonly NamedDocument[], language: Language): string[] {
  const words = DOCUMENT_WORDS[language];
  const { fraction, reference, quantity } = line;
  const tier = line.tier && tierText(line.tier, quantity, language);
  const count = (n: number): string => writeDecimal(String(n), language);
  return [
    line.text,
    ...(reference === null ? [] : [`${words.reference} ${reference}`]),
    ...(tier === null ? [] : [tier]),
    ...(fraction === null ? [] : [words.fraction[fraction.unit](count(fraction.used), count(fraction.of))]),
    ...creditedTexts(line, above, language),
  ];
}

/**
 * The document that a line credits: on an invoice with its date, and on a credit note by number alone, as the dates are
 * printed above. A credit note for one document prints nothing here.
 */
function creditedTexts(
  { credited }: PrintedLine,
  above: readonly NamedDocument[],
  language: Language,
): string[] {
  const of = credited?.document ?? null;
  if (of === null || above.length === 1) return [];
  const number = above.length > 1 ? of.number : dated(of, language);
  return [`${DOCUMENT_WORDS[language].corrects[of.kind]} ${number}`];
}

function sumsOf(document: PrintedDocument, language: Language): Pair[] {
  const words = DOCUMENT_WORDS[language];
  const { taxes, currency, netMinor, grossMinor, creditedMinor = 0n } = document;
  const money = (minor: bigint): string => writeMinor(minor, currency, language);
  return [
    [words.net, money(netMinor)],
    ...taxes.map((tax): Pair => {
      const on = taxes.length > 1 ? words.on(money(tax.netMinor)) : '';
      // For other rates than the standard one, the law requires a reason: the issuer's own text.
      const label = tax.category === 'standard' ? words.tax(writeDecimal(tax.rate, language)) : tax.text;
      return [label + on, money(tax.taxMinor)];
    }),
    [`${words.total} ${currency}`, money(grossMinor)],
    ...(creditedMinor === 0n
      ? []
      : [
          [words.accountCredit, money(-creditedMinor)] as const,
          [`${words.amountDue} ${currency}`, money(grossMinor - creditedMinor)] as const,
        ]),
  ];
}

/** How an invoice is to be paid. Nothing is to be paid of a credit note, if nothing is due, or without an account. */
function paymentOf(document: PrintedDocument, language: Language): PaymentNote | null {
  const { kind, payment, issuer, number, currency, grossMinor, creditedMinor = 0n, dueDate } = document;
  const words = DOCUMENT_WORDS[language].payment;
  const dueMinor = grossMinor - creditedMinor;
  if (kind !== 'invoice' || dueMinor <= 0n) return null;
  if (payment === 'charge') return { text: words.charge, transferCode: null };
  if (payment !== 'transfer' || issuer?.iban === undefined) return null;
  const { name, iban, bic } = issuer;
  const amount = `${writeMinor(dueMinor, currency, language)} ${currency}`;
  return {
    text: words.transfer(amount, writeDate(dueDate, language), number),
    transferCode: epcPayload({ name, iban, bic, currency, amountMinor: dueMinor, reference: number }),
  };
}

function imprintOf(issuer: PrintedParty | null, words: DocumentWords): Imprint {
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
