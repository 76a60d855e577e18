import type { PageDescription } from '../page-description.ts';
import { DOCUMENT_WORDS, type DocumentWords } from '../words.ts';
import type { Canvas } from './canvas.ts';
import { PAGE, RULE, STYLES } from './layout.ts';

const GAP = 22;
/** The most that a block takes, except for the last one, which takes the rest. The longest IBAN fits on one line. */
const WIDEST = { taxIds: 110, bank: 190 } as const;
const PADDING = 8;

interface LaidBlock {
  readonly left: number;
  readonly lines: readonly string[];
}

/** The foot of each page: tax numbers, bank account and legal notice beside each other. */
interface LaidFooter {
  readonly blocks: readonly LaidBlock[];
  /** The height at which the foot begins. */
  readonly top: number;
  readonly pageText: DocumentWords['page'];
}

/** Breaks the imprint into lines. A long one begins higher on the page. */
export function layFooter(canvas: Canvas, { imprint, language }: PageDescription): LaidFooter {
  const { taxIds, bank, legalNotice } = imprint;
  const texts = [
    { block: taxIds, widest: WIDEST.taxIds },
    { block: bank === null ? [] : [bank.label, ...bank.account], widest: WIDEST.bank },
    { block: legalNotice === null ? [] : [legalNotice], widest: 0 },
  ].filter(({ block }) => block.length > 0);
  const pageText = DOCUMENT_WORDS[language].page;
  let left: number = PAGE.left;
  const most = PAGE.right - canvas.width(pageText(999, 999), STYLES.small) - GAP;
  const blocks = texts.map(({ block, widest }, n): LaidBlock => {
    const natural = Math.max(...block.map((line) => canvas.width(line, STYLES.small)));
    const width = n === texts.length - 1 ? most - left : Math.min(natural, widest);
    const lines = block.flatMap((line) => canvas.wrap(line, STYLES.small, width));
    const laid = { left, lines };
    left += width + GAP;
    return laid;
  });
  const lines = Math.max(1, ...blocks.map((block) => block.lines.length));
  const top = Math.min(PAGE.footer, PAGE.lowest - lines * STYLES.small.lineHeight - PADDING);
  return { blocks, top, pageText };
}

/** Draws the foot of a page. The structure has the imprint once, on the last page. */
export function drawFooter(
  canvas: Canvas,
  { blocks, top, pageText }: LaidFooter,
  { page, pages }: { readonly page: number; readonly pages: number },
): void {
  const y = top + PADDING;
  canvas.rule(PAGE.left, PAGE.right, top, 0.3, RULE.light);
  for (const { left, lines } of blocks) {
    const draw = (): void => {
      canvas.lines(lines, left, y, STYLES.small);
    };
    if (page === pages) canvas.part(canvas.root, 'P', draw);
    else canvas.artifact(draw);
  }
  canvas.artifact(() => canvas.line(pageText(page, pages), PAGE.right, y, STYLES.small, 'right'));
}
