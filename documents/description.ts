import { type NamedDocument, type PriceNote, creditedDocuments } from '../domain/books/line-facts.ts';
import {
  type Language,
  writeDate,
  writeDecimal,
  writeMinor,
  writePrice,
} from '../domain/parties/languages.ts';
import type { PrintedDocument, PrintedLine } from './document.ts';
import { epcPayload } from './epc.ts';
import {
  type Column,
  type PageDescription,
  type Pair,
  type PaymentNote,
  type Row,
  addressOf,
  daysText,
  imprintOf,
} from './page-description.ts';
import { tierText } from './tiers.ts';
import { DOCUMENT_WORDS } from './words.ts';

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
    columns: columnsOf(document, language),
    rows: rowsOf(document, language),
    sums: sumsOf(document, language),
    payment: paymentOf(document, language),
    imprint: imprintOf(document.issuer, words),
  };
}

function columnsOf({ priceMode }: PrintedDocument, language: Language): Column[] {
  const { columns } = DOCUMENT_WORDS[language];
  return [
    { key: 'position', label: columns.position },
    { key: 'service', label: columns.service },
    { key: 'text', label: columns.text },
    { key: 'quantity', label: columns.quantity },
    { key: 'unitPrice', label: columns.unitPrice },
    { key: 'amount', label: columns.amount[priceMode] },
  ];
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

/**
 * The rows in the order of the lines. If the lines belong to several contracts, the lines of each contract are together, under a
 * heading and with a subtotal.
 */
function rowsOf(document: PrintedDocument, language: Language): Row[] {
  const { currency, lines } = document;
  const words = DOCUMENT_WORDS[language];
  const money = (minor: bigint): string => writeMinor(minor, currency, language);
  const contracts = [...new Set(lines.map(({ contract }) => contract))];
  const above = creditNoteOf(document);
  let carriedMinor = 0n;
  const row = (line: PrintedLine): Row => {
    carriedMinor += line.amountMinor;
    return rowOf(line, above, { currency, language, carried: money(carriedMinor) });
  };
  if (contracts.length < 2) return lines.map(row);
  return contracts.flatMap((contract) => {
    const own = lines.filter((line) => line.contract === contract);
    const sum = own.reduce((total, { amountMinor }) => total + amountMinor, 0n);
    const heading = contract === null ? words.noContract : words.contract(contract);
    return own.map((line, n) => ({
      ...row(line),
      ...(n === 0 ? { heading } : {}),
      ...(n === own.length - 1 ? { subtotal: [words.subtotal, money(sum)] as const } : {}),
    }));
  });
}

/** @param above the credited documents that are named above the table */
function rowOf(
  line: PrintedLine,
  above: readonly NamedDocument[],
  {
    currency,
    language,
    carried,
  }: { readonly currency: string; readonly language: Language; readonly carried: string },
): Row {
  return {
    cells: {
      position: String(line.position),
      service: daysText(line.from, line.to, language),
      quantity: writeDecimal(line.quantity, language),
      unitPrice: writePrice(line.unitPrice, currency, language),
      amount: writeMinor(line.amountMinor, currency, language),
    },
    texts: textsOf(line, above, currency, language),
    carried,
  };
}

/** @param above the credited documents that are named above the table */
function textsOf(
  line: PrintedLine,
  above: readonly NamedDocument[],
  currency: string,
  language: Language,
): string[] {
  const words = DOCUMENT_WORDS[language];
  const { fraction, reference, quantity, priceNote } = line;
  const tier = line.tier && tierText(line.tier, quantity, language);
  const count = (n: number): string => writeDecimal(String(n), language);
  return [
    line.text,
    ...(reference === null ? [] : [`${words.reference} ${reference}`]),
    ...(tier === null ? [] : [tier]),
    ...(priceNote === null ? [] : [priceNoteText(priceNote, currency, language)]),
    ...(fraction === null ? [] : [words.fraction[fraction.unit](count(fraction.used), count(fraction.of))]),
    ...creditedTexts(line, above, language),
  ];
}

function priceNoteText(note: PriceNote, currency: string, language: Language): string {
  const words = DOCUMENT_WORDS[language];
  switch (note.kind) {
    case 'cap':
      return words.cap(writePrice(note.cap, currency, language));
    case 'discount':
      return words.discount(writeDecimal(note.percent, language), writePrice(note.price, currency, language));
    default:
      return words.included;
  }
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
