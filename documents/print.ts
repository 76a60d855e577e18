import type { Language } from '../domain/parties/languages.ts';
import { type PageDescription, type Row, pageOf } from './description.ts';
import type { PrintedDocument } from './document.ts';
import { PAGE_WIDTH, labelled, padLeft, padRight, sideBySide, widthOf, wrap } from './page.ts';

/** A document as a page of plain text, 92 wide: parties, dates, positions and totals. */
export function printDocument(document: PrintedDocument, language: Language): string {
  const page = pageOf(document, language);
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

/** The table of positions. The column of texts takes the width that the others leave. */
function positions({ columns, rows }: PageDescription): string[] {
  const head = { cells: columns, texts: [columns.text] };
  const width = (column: keyof Row['cells']): number =>
    Math.max(...[head, ...rows].map(({ cells }) => widthOf(cells[column])));
  const [position, service] = [width('position'), width('service')];
  const [quantity, unitPrice, amount] = [width('quantity'), width('unitPrice'), width('amount')];
  const textWidth = Math.max(20, PAGE_WIDTH - position - service - quantity - unitPrice - amount - 10);
  const indent = ' '.repeat(position + service + 4);
  const printed = ({ cells, texts }: Omit<Row, 'carried'>): string[] => {
    const [first = '', ...more] = texts.flatMap((text) => wrap(text, textWidth));
    const fields = [
      padLeft(cells.position, position),
      padRight(cells.service, service),
      padRight(first, textWidth),
      padLeft(cells.quantity, quantity),
      padLeft(cells.unitPrice, unitPrice),
      padLeft(cells.amount, amount),
    ];
    return [fields.join('  '), ...more.map((text) => indent + text)];
  };
  const rule = '-'.repeat(PAGE_WIDTH);
  return [...printed(head), rule, ...rows.flatMap(printed), rule];
}

/** The issuer's tax numbers, bank account and legal notice. */
function imprint({ imprint: { taxIds, bank, legalNotice } }: PageDescription): string[] {
  return [
    ...(taxIds.length === 0 ? [] : [taxIds.join(' · ')]),
    ...(bank === null ? [] : [`${bank.label}: ${bank.account.join(' · ')}`]),
    ...(legalNotice === null ? [] : [legalNotice]),
  ];
}
