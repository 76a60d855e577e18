import type { PageDescription, Pair } from '../page-description.ts';
import type { Canvas, Element } from './canvas.ts';
import { MIDDLE, PAGE, STYLES } from './layout.ts';
import type { Logo } from './logo.ts';

const ADDRESS_WIDTH = MIDDLE - PAGE.left - 24;
/** The window of an envelope shows what stands from here, as DIN 5008 places it. */
const RECIPIENT_TOP = 144;
const HEADING_TOP = 256;
const LOGO = { width: 150, height: 56 } as const;

/** Draws everything above the table: sender, logo, recipient, facts and title. Returns the height below it. */
export function drawLetterhead(canvas: Canvas, page: PageDescription, logo: Logo | null): number {
  const senderEnd = drawSender(canvas, page.sender, logo);
  const top = Math.max(RECIPIENT_TOP, senderEnd + 18);
  const recipient = page.recipient.flatMap((line) => canvas.wrap(line, STYLES.body, ADDRESS_WIDTH));
  let recipientEnd = top;
  canvas.part(canvas.root, 'P', () => {
    recipientEnd = canvas.lines(recipient, PAGE.left, top, STYLES.body);
  });
  const factsEnd = drawFacts(canvas, page.facts, top);
  return drawHeadings(canvas, page, Math.max(HEADING_TOP, recipientEnd + 26, factsEnd + 26));
}

function drawSender(canvas: Canvas, [name = '', ...address]: readonly string[], logo: Logo | null): number {
  if (logo !== null) {
    const scale = Math.min(LOGO.width / logo.width, LOGO.height / logo.height);
    const [width, height] = [logo.width * scale, logo.height * scale];
    const bbox: [number, number, number, number] = [
      PAGE.right - width,
      PAGE.top,
      PAGE.right,
      PAGE.top + height,
    ];
    canvas.part(canvas.root, 'Figure', () => canvas.image(logo.bytes, PAGE.right, PAGE.top, width, height), {
      alt: name,
      bbox,
    });
  }
  const names = canvas.wrap(name, STYLES.strong, ADDRESS_WIDTH);
  const rest = address.flatMap((line) => canvas.wrap(line, STYLES.small, ADDRESS_WIDTH));
  let end: number = PAGE.top;
  canvas.part(canvas.root, 'P', () => {
    end = canvas.lines(names, PAGE.left, PAGE.top, STYLES.strong) + 1.5;
    end = canvas.lines(rest, PAGE.left, end, STYLES.small);
  });
  return logo === null ? end : Math.max(end, PAGE.top + LOGO.height);
}

function drawFacts(canvas: Canvas, facts: readonly Pair[], top: number): number {
  const table = canvas.group(canvas.root, 'Table');
  let y = top;
  for (const fact of facts) y = drawPair(canvas, table, fact, { left: MIDDLE, y });
  return y;
}

/** A label at the left and its value at the right edge of the page. A long label leaves the value at least half of the width. */
function drawPair(
  canvas: Canvas,
  table: Element,
  [label, value]: Pair,
  { left, y }: { left: number; y: number },
): number {
  const width = PAGE.right - left;
  const labels = canvas.wrap(label, STYLES.label, width / 2 - 6);
  const labelWidth = Math.max(...labels.map((line) => canvas.width(line, STYLES.label)));
  const values = canvas.wrap(value, STYLES.body, width - labelWidth - 12);
  const row = canvas.group(table, 'TR');
  canvas.part(row, 'TH', () => canvas.lines(labels, left, y, STYLES.label), { scope: 'Row' });
  canvas.part(row, 'TD', () => canvas.lines(values, PAGE.right, y, STYLES.body, 'right'));
  return y + Math.max(labels.length, values.length) * STYLES.body.lineHeight + 1.5;
}

function drawHeadings(canvas: Canvas, { number, title }: PageDescription, top: number): number {
  const width = PAGE.right - PAGE.left;
  const heading = canvas.wrap(number.join(' '), STYLES.heading, width);
  const titles = canvas.wrap(title, STYLES.body, width);
  let y = top;
  canvas.part(canvas.root, 'H1', () => {
    y = canvas.lines(heading, PAGE.left, y, STYLES.heading) + 3;
  });
  canvas.part(canvas.root, 'P', () => {
    y = canvas.lines(titles, PAGE.left, y, STYLES.body);
  });
  return y + 18;
}
