import type { PageDescription } from '../page-description.ts';
import { DOCUMENT_WORDS } from '../words.ts';
import { Canvas } from './canvas.ts';
import { drawClosing, layClosing } from './closing.ts';
import { drawFooter, layFooter } from './footer.ts';
import { PAGE, STYLES } from './layout.ts';
import { drawLetterhead } from './letterhead.ts';
import type { Logo } from './logo.ts';
import { paginate } from './paginate.ts';
import { CARRIED_HEIGHT, drawRows, layTable } from './table.ts';

/** On further pages the table begins below a line with the number of the document. */
const FURTHER_TOP = PAGE.top + 28;
const ABOVE_FOOTER = 18;

interface PdfOptions {
  /** The instant at which the document was finalised. It is written into the file. */
  readonly createdAt: Date;
  /** Read by `readLogo`. */
  readonly logo?: Logo;
}

interface Pdf {
  readonly bytes: Uint8Array;
  /** The characters that no font has. The page shows � for each of them. */
  readonly replaced: readonly string[];
}

/** Renders a document as a tagged PDF/A-3b. The same description and options give the same bytes. */
export async function renderPdf(page: PageDescription, { createdAt, logo }: PdfOptions): Promise<Pdf> {
  const words = DOCUMENT_WORDS[page.language];
  const name = page.number.join(' ');
  const canvas = new Canvas({ title: name, language: page.language, createdAt });
  canvas.addPage();
  const firstTop = drawLetterhead(canvas, page, logo ?? null);
  const table = layTable(canvas, page);
  const closing = layClosing(canvas, page);
  const footer = layFooter(canvas, page);
  const bottom = footer.top - ABOVE_FOOTER;
  const ranges = paginate(
    table.rows.map(({ height }) => height),
    {
      first: bottom - firstTop - table.headHeight,
      further: bottom - FURTHER_TOP - table.headHeight,
      carried: CARRIED_HEIGHT,
      tail: closing.height,
    },
  );
  const element = canvas.group(canvas.root, 'Table');
  for (const [n, [from, to]] of ranges.entries()) {
    if (n > 0) {
      canvas.addPage();
      canvas.artifact(() => canvas.line(name, PAGE.left, PAGE.top, STYLES.small));
    }
    const top = n === 0 ? firstTop : FURTHER_TOP;
    const isLast = n === ranges.length - 1;
    // Long addresses may leave no room for a row. The table then begins on the next page.
    if (from < to || isLast) {
      const end = drawRows(canvas, table, element, { from, to, top, isLast }, words.carried);
      if (isLast) drawClosing(canvas, closing, end);
    }
    drawFooter(canvas, footer, { page: n + 1, pages: ranges.length });
  }
  return canvas.end();
}
