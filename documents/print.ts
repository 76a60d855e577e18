import type { Language } from '../domain/parties/languages.ts';
import { pageOf } from './description.ts';
import type { PrintedDocument, PrintedReceipt, PrintedStatement } from './document.ts';
import { type ColumnKey, NUMBERS, type PageDescription, type Row } from './page-description.ts';
import { pageOfReceipt } from './receipt.ts';
import { pageOfStatement } from './statement.ts';
import { PAGE_WIDTH, labelled, padLeft, padRight, sideBySide, widthOf, wrap } from './page.ts';

/** A document as a page of plain text, 92 wide: parties, dates, positions and totals. */
export function printDocument(document: PrintedDocument, language: Language): string {
  return printPage(pageOf(document, language));
}

/** The receipt of a payment as a page of plain text, 92 wide. */
export function printReceipt(receipt: PrintedReceipt, language: Language): string {
  return printPage(pageOfReceipt(receipt, language));
}

/** An account statement as a page of plain text, 92 wide. */
export function printStatement(statement: PrintedStatement, language: Language): string {
  return printPage(pageOfStatement(statement, language));
}

function printPage(page: PageDescription): string {
  const blocks = [
    page.sender.flatMap((text) => wrap(text, PAGE_WIDTH)),
    sideBySide(page.recipient, labelled([page.number, ...page.facts])),
    wrap(page.title, PAGE_WIDTH),
    [...positions(page), ...sideBySide([], labelled(page.sums))],
    page.payment === null ? [] : wrap(page.payment.text, PAGE_WIDTH),
    imprint(page).flatMap((text) => wrap(text, PAGE_WIDTH)),
  ];
  const printed = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${printed.join('\n\n')}\n`;
}

/** The table. The column of texts takes the width that the others leave. */
function positions({ columns, rows }: PageDescription): string[] {
  const labels = Object.fromEntries(columns.map(({ key, label }) => [key, label]));
  const head = { cells: labels, texts: [labels['text'] ?? ''] };
  const natural = (key: Exclude<ColumnKey, 'text'>): number =>
    Math.max(...[head, ...rows].map(({ cells }) => widthOf(cells[key] ?? '')));
  const others = columns.map(({ key }) => (key === 'text' ? 0 : natural(key)));
  const taken = others.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1));
  const place = columns.findIndex(({ key }) => key === 'text');
  const widths = others.with(place, Math.max(20, PAGE_WIDTH - taken));
  const indent = ' '.repeat(others.slice(0, place).reduce((sum, width) => sum + width + GAP.length, 0));
  const printed = ({ cells, texts }: Pick<Row, 'cells' | 'texts'>): string[] => {
    const [first = '', ...more] = texts.flatMap((text) => wrap(text, widths[place] ?? 0));
    const fields = columns.map(({ key }, n) => {
      const pad = NUMBERS.has(key) ? padLeft : padRight;
      return pad(key === 'text' ? first : (cells[key] ?? ''), widths[n] ?? 0);
    });
    return [fields.join(GAP), ...more.map((text) => indent + text)];
  };
  const grouped = (row: Row): string[] => [
    ...(row.heading === undefined ? [] : wrap(row.heading, PAGE_WIDTH)),
    ...printed(row),
    ...(row.subtotal === undefined ? [] : sideBySide([indent + row.subtotal[0]], [row.subtotal[1]])),
  ];
  const rule = '-'.repeat(PAGE_WIDTH);
  return [...printed(head), rule, ...rows.flatMap(grouped), rule];
}

const GAP = '  ';

/** The issuer's tax numbers, bank account and legal notice. */
function imprint({ imprint: { taxIds, bank, legalNotice } }: PageDescription): string[] {
  return [
    ...(taxIds.length === 0 ? [] : [taxIds.join(' · ')]),
    ...(bank === null ? [] : [`${bank.label}: ${bank.account.join(' · ')}`]),
    ...(legalNotice === null ? [] : [legalNotice]),
  ];
}
