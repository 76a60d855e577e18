import { addDays } from '../domain/arithmetic/calendar.ts';
import {
  type CreditedLine,
  type LineFraction,
  type NamedDocument,
  creditedDocuments,
} from '../domain/books/line-facts.ts';
import type { TierBounds } from '../domain/catalogue/pricing.ts';
import {
  type Language,
  monthName,
  writeDate,
  writeDecimal,
  writeMinor,
  writePrice,
} from '../domain/parties/languages.ts';
import { PAGE_WIDTH, labelled, padLeft, padRight, sideBySide, widthOf, wrap } from './page.ts';
import { tierText } from './tiers.ts';
import { DOCUMENT_WORDS, type DocumentWords } from './words.ts';

/** Issuer or recipient in the version that the document keeps. Fields that are missing are not printed. */
interface PrintedParty {
  readonly name: string;
  readonly department?: string;
  readonly contact?: string;
  readonly address?: {
    readonly line1?: string;
    readonly line2?: string;
    readonly postal_code?: string;
    readonly city?: string;
    readonly region?: string;
  };
  readonly vat_id?: string;
  readonly tax_number?: string;
  readonly iban?: string;
  readonly bic?: string;
  readonly bank_name?: string;
  readonly reference?: string;
}

/** A line. `to` is the day after the last day. Prices are decimal text in major units. */
export interface PrintedLine {
  readonly position: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly reference: string | null;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: bigint;
  readonly tier: TierBounds | null;
  /** The part of the full period; null if all of it is billed. */
  readonly fraction: LineFraction | null;
  /** The line that it takes back. */
  readonly credited: Pick<CreditedLine, 'document'> | null;
}

export interface PrintedDocument {
  readonly kind: 'invoice' | 'credit_note';
  readonly number: string;
  readonly title: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly serviceFrom: string;
  /** The day after the last day. */
  readonly serviceTo: string;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** Null after erasure. */
  readonly issuer: PrintedParty | null;
  readonly recipient: PrintedParty | null;
  readonly lines: readonly PrintedLine[];
  readonly taxes: readonly {
    readonly category: string;
    readonly rate: string;
    readonly text: string;
    readonly netMinor: bigint;
    readonly taxMinor: bigint;
  }[];
  readonly netMinor: bigint;
  readonly grossMinor: bigint;
}

/** A document as a page of plain text, 92 wide: parties, dates, positions and totals. */
export function printDocument(document: PrintedDocument, language: Language): string {
  const words = DOCUMENT_WORDS[language];
  const blocks = [
    addressOf(document.issuer, words).flatMap((text) => wrap(text, PAGE_WIDTH)),
    sideBySide(addressOf(document.recipient, words), labelled(factsOf(document, language))),
    wrap(document.title, PAGE_WIDTH),
    [...positions(document, language), ...sums(document, language)],
    imprint(document.issuer, words).flatMap((text) => wrap(text, PAGE_WIDTH)),
  ];
  const printed = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${printed.join('\n\n')}\n`;
}

function addressOf(party: PrintedParty | null, words: DocumentWords): string[] {
  if (party === null) return [words.erased];
  const { line1, line2, postal_code, city, region } = party.address ?? {};
  const place = [postal_code, city].filter((each) => each !== undefined).join(' ');
  return [party.name, party.department, party.contact, line1, line2, place, region].filter(
    (line): line is string => line !== undefined && line !== '',
  );
}

type Pair = readonly [label: string, value: string];

function factsOf(document: PrintedDocument, language: Language): Pair[] {
  const words = DOCUMENT_WORDS[language];
  const { recipient, serviceFrom, serviceTo } = document;
  const optional = (label: string, value: string | undefined): Pair[] =>
    value === undefined ? [] : [[label, value]];
  return [
    [words.number[document.kind], document.number],
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

type Cells = readonly [
  position: string,
  service: string,
  quantity: string,
  unitPrice: string,
  amount: string,
];

/** The table of positions. The column of texts takes the width that the others leave. */
function positions(document: PrintedDocument, language: Language): string[] {
  const words = DOCUMENT_WORDS[language];
  const { columns } = words;
  const head: Cells = [
    columns.position,
    columns.service,
    columns.quantity,
    columns.unitPrice,
    columns.amount[document.priceMode],
  ];
  const body = document.lines.map((line) => cellsOf(line, document.currency, language));
  const width = (n: 0 | 1 | 2 | 3 | 4): number =>
    Math.max(...[head, ...body].map((cells) => widthOf(cells[n])));
  const textWidth = Math.max(20, PAGE_WIDTH - width(0) - width(1) - width(2) - width(3) - width(4) - 10);
  const row = (
    [position, service, quantity, unitPrice, amount]: Cells,
    texts: readonly string[],
  ): string[] => {
    const [first = '', ...more] = texts.flatMap((text) => wrap(text, textWidth));
    const indent = ' '.repeat(width(0) + width(1) + 4);
    const cells = [
      padLeft(position, width(0)),
      padRight(service, width(1)),
      padRight(first, textWidth),
      padLeft(quantity, width(2)),
      padLeft(unitPrice, width(3)),
      padLeft(amount, width(4)),
    ];
    return [cells.join('  '), ...more.map((text) => indent + text)];
  };
  return [
    ...row(head, [columns.text]),
    '-'.repeat(PAGE_WIDTH),
    ...body.flatMap((cells, n) => row(cells, textsOf(document, n, language))),
    '-'.repeat(PAGE_WIDTH),
  ];
}

function cellsOf(line: PrintedLine, currency: string, language: Language): Cells {
  return [
    String(line.position),
    daysText(line.from, line.to, language),
    writeDecimal(line.quantity, language),
    writePrice(line.unitPrice, currency, language),
    writeMinor(line.amountMinor, currency, language),
  ];
}

/** The text of a line, and below it its reference, tier, fraction and credited document. */
function textsOf(document: PrintedDocument, n: number, language: Language): string[] {
  const line = document.lines[n];
  if (line === undefined) return [];
  const words = DOCUMENT_WORDS[language];
  const { fraction, reference, quantity } = line;
  const tier = line.tier && tierText(line.tier, quantity, language);
  const count = (n: number): string => writeDecimal(String(n), language);
  return [
    line.text,
    ...(reference === null ? [] : [`${words.reference} ${reference}`]),
    ...(tier === null ? [] : [tier]),
    ...(fraction === null ? [] : [words.fraction[fraction.unit](count(fraction.used), count(fraction.of))]),
    ...creditedTexts(line, document, language),
  ];
}

/**
 * The document that a line credits: on an invoice with its date, and on a credit note by number alone, as the dates are
 * printed above. A credit note for one document prints nothing here.
 */
function creditedTexts({ credited }: PrintedLine, document: PrintedDocument, language: Language): string[] {
  const of = credited?.document ?? null;
  const above = creditNoteOf(document);
  if (of === null || above.length === 1) return [];
  const number = above.length > 1 ? of.number : dated(of, language);
  return [`${DOCUMENT_WORDS[language].corrects[of.kind]} ${number}`];
}

function sums(document: PrintedDocument, language: Language): string[] {
  const words = DOCUMENT_WORDS[language];
  const { taxes, currency, netMinor, grossMinor } = document;
  const money = (minor: bigint): string => writeMinor(minor, currency, language);
  const pairs: Pair[] = [
    [words.net, money(netMinor)],
    ...taxes.map((tax): Pair => {
      const on = taxes.length > 1 ? words.on(money(tax.netMinor)) : '';
      // For other rates than the standard one, the law requires a reason: the issuer's own text.
      const label = tax.category === 'standard' ? words.tax(writeDecimal(tax.rate, language)) : tax.text;
      return [label + on, money(tax.taxMinor)];
    }),
    [`${words.total} ${currency}`, money(grossMinor)],
  ];
  return sideBySide([], labelled(pairs));
}

/** The issuer's tax numbers and bank account. */
function imprint(issuer: PrintedParty | null, words: DocumentWords): string[] {
  if (issuer === null) return [];
  const { vat_id, tax_number, iban, bic, bank_name } = issuer;
  const ids = [
    ...(vat_id === undefined ? [] : [`${words.vatId} ${vat_id}`]),
    ...(tax_number === undefined ? [] : [`${words.taxNumber} ${tax_number}`]),
  ];
  const bank = [
    ...(bank_name === undefined ? [] : [bank_name]),
    ...(iban === undefined ? [] : [`IBAN ${iban.replace(/(.{4})(?=.)/g, '$1 ')}`]),
    ...(bic === undefined ? [] : [`BIC ${bic}`]),
  ];
  return [
    ...(ids.length === 0 ? [] : [ids.join(' · ')]),
    ...(iban === undefined ? [] : [`${words.bankAccount}: ${bank.join(' · ')}`]),
  ];
}
