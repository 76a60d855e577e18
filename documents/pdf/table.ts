import {
  type Column,
  type ColumnKey,
  NUMBERS,
  type PageDescription,
  type Pair,
  type Row,
} from '../page-description.ts';
import type { Canvas, Element, Style } from './canvas.ts';
import { PAGE, RULE, STYLES, WIDTH } from './layout.ts';

const GAP = 11;
const PADDING = 4.5;
/** The most that a column takes; longer cells are continued below. The column of texts takes the rest. */
const WIDEST: Readonly<Record<Exclude<ColumnKey, 'text'>, number>> = {
  position: 30,
  service: 66,
  date: 66,
  reference: 110,
  quantity: 68,
  unitPrice: 76,
  amount: 92,
  balance: 92,
};
/** The space above a heading. */
const ABOVE_HEADING = 6;

interface Place {
  readonly key: ColumnKey;
  readonly left: number;
  readonly width: number;
}

/** Lines, each with its style. */
type Cell = readonly { readonly text: string; readonly style: Style }[];

interface LaidRow {
  readonly heading: Cell;
  /** The cells in the order of the columns. */
  readonly cells: readonly Cell[];
  readonly subtotal: Pair | null;
  readonly carried: string;
  /** The height of the row with its heading and its subtotal. */
  readonly height: number;
}

/** The table, with the place of each column and the height of each row. */
interface LaidTable {
  readonly places: readonly Place[];
  readonly head: LaidRow;
  readonly headHeight: number;
  readonly rows: readonly LaidRow[];
}

/** The height of a line with a carried sum. */
export const CARRIED_HEIGHT = STYLES.label.lineHeight + 2 * PADDING;
const SUBTOTAL_HEIGHT = STYLES.strong.lineHeight + 2 * PADDING;

/** Places the columns and breaks the cells into lines. */
export function layTable(canvas: Canvas, { columns, rows }: PageDescription): LaidTable {
  const places = placesOf(canvas, columns, rows);
  const labels = Object.fromEntries(columns.map(({ key, label }) => [key, label]));
  const texts = [labels['text'] ?? ''];
  const head = layRow(canvas, { cells: labels, texts, carried: '' }, places, STYLES.small);
  // The head has no space above it, and a little between it and its rule.
  const headHeight = head.height - 2 * PADDING + 3;
  return { places, head, headHeight, rows: rows.map((row) => layRow(canvas, row, places, STYLES.body)) };
}

function placesOf(canvas: Canvas, columns: readonly Column[], rows: readonly Row[]): Place[] {
  const widthOf = ({ key, label }: Column): number => {
    if (key === 'text') return 0;
    const cells = rows.map((row) => canvas.width(row.cells[key] ?? '', STYLES.body));
    return Math.min(WIDEST[key], Math.max(canvas.width(label, STYLES.small), ...cells));
  };
  const others = columns.map(widthOf);
  const taken = others.reduce((total, each) => total + each, GAP * (columns.length - 1));
  let left: number = PAGE.left;
  return columns.map(({ key }, n) => {
    const place = { key, left, width: key === 'text' ? WIDTH - taken : (others[n] ?? 0) };
    left += place.width + GAP;
    return place;
  });
}

function layRow(canvas: Canvas, row: Row, places: readonly Place[], style: Style): LaidRow {
  const cell = (text: string, width: number, of = style): Cell =>
    text === '' ? [] : canvas.wrap(text, of, width).map((line) => ({ text: line, style: of }));
  const [first = '', ...more] = row.texts;
  const cells = places.map(({ key, width }) =>
    key === 'text'
      ? [...cell(first, width), ...more.flatMap((text) => cell(text, width, STYLES.small))]
      : cell(row.cells[key] ?? '', width),
  );
  const heading = cell(row.heading ?? '', WIDTH, STYLES.strong);
  const subtotal = row.subtotal ?? null;
  const height =
    Math.max(...cells.map(heightOf)) +
    2 * PADDING +
    (heading.length === 0 ? 0 : heightOf(heading) + ABOVE_HEADING) +
    (subtotal === null ? 0 : SUBTOTAL_HEIGHT);
  return { heading, cells, subtotal, carried: row.carried, height };
}

function heightOf(cell: Cell): number {
  return cell.reduce((height, { style }) => height + style.lineHeight, 0);
}

/** The rows of a page, `[from, to)`, and the height at which the head of the table begins. */
interface PageOfTable {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly isLast: boolean;
}

/**
 * Draws the head of the table and the rows of a page. A sum is carried from the page before and to the next one. The
 * structure has the head once, and no carried sums. Returns the height below the rows.
 */
export function drawRows(
  canvas: Canvas,
  { places, head, headHeight, rows }: LaidTable,
  element: Element,
  { from, to, top, isLast }: PageOfTable,
  carriedLabel: string,
): number {
  let y = top;
  if (from === 0) drawRow(canvas, head, places, y, { parent: canvas.group(element, 'TR'), type: 'TH' });
  else canvas.artifact(() => drawRow(canvas, head, places, y, null));
  y += headHeight;
  canvas.rule(PAGE.left, PAGE.right, y, 0.6, RULE.strong);
  const carry = (row: LaidRow | undefined): void => {
    canvas.artifact(() => drawSum(canvas, [carriedLabel, row?.carried ?? ''], places, y, STYLES.label));
    y += CARRIED_HEIGHT;
  };
  if (from > 0) {
    carry(rows[from - 1]);
    canvas.rule(PAGE.left, PAGE.right, y, 0.3, RULE.light);
  }
  for (const [n, row] of rows.slice(from, to).entries()) {
    if (n > 0) canvas.rule(PAGE.left, PAGE.right, y, 0.3, RULE.light);
    drawGroup(canvas, row, places, y, element);
    y += row.height;
  }
  canvas.rule(PAGE.left, PAGE.right, y, 0.6, RULE.strong);
  if (!isLast) carry(rows[to - 1]);
  return y;
}

/** Draws a row with its heading and its subtotal. In the structure they are rows of their own, with empty cells. */
function drawGroup(
  canvas: Canvas,
  { heading, cells, subtotal, height }: LaidRow,
  places: readonly Place[],
  top: number,
  element: Element,
): void {
  let y = top;
  if (heading.length > 0) {
    const row = canvas.group(element, 'TR');
    canvas.part(row, 'TH', () => drawCell(canvas, heading, PAGE.left, y + ABOVE_HEADING), { scope: 'Row' });
    for (const _ of places.slice(1)) canvas.group(row, 'TD');
    y += ABOVE_HEADING + heightOf(heading);
  }
  drawRow(canvas, { cells }, places, y + PADDING, { parent: canvas.group(element, 'TR'), type: 'TD' });
  if (subtotal === null) return;
  const row = canvas.group(element, 'TR');
  const at = top + height - SUBTOTAL_HEIGHT;
  const [label, sum] = subtotal;
  for (const [n, { key }] of places.entries()) {
    if (key === 'text')
      canvas.part(row, 'TH', () => drawSum(canvas, [label, ''], places, at, STYLES.strong), { scope: 'Row' });
    else if (n === places.length - 1)
      canvas.part(row, 'TD', () => drawSum(canvas, ['', sum], places, at, STYLES.strong));
    else canvas.group(row, 'TD');
  }
}

/** @param tag the row in the structure and the type of its cells; null for a row that repeats */
function drawRow(
  canvas: Canvas,
  { cells }: Pick<LaidRow, 'cells'>,
  places: readonly Place[],
  y: number,
  tag: { readonly parent: Element; readonly type: 'TH' | 'TD' } | null,
): void {
  for (const [n, { key, left, width }] of places.entries()) {
    const cell = cells[n] ?? [];
    const isNumber = NUMBERS.has(key);
    const draw = (): void =>
      drawCell(canvas, cell, isNumber ? left + width : left, y, isNumber ? 'right' : 'left');
    if (tag === null) draw();
    else if (cell.length === 0) canvas.group(tag.parent, tag.type);
    else canvas.part(tag.parent, tag.type, draw, tag.type === 'TH' ? { scope: 'Column' } : {});
  }
}

function drawCell(canvas: Canvas, cell: Cell, x: number, y: number, align: 'left' | 'right' = 'left'): void {
  let at = y;
  for (const { text, style } of cell) {
    canvas.line(text, x, at, style, align);
    at += style.lineHeight;
  }
}

/** Writes a label in the column of texts, and a sum at the right edge. */
function drawSum(
  canvas: Canvas,
  [label, sum]: Pair,
  places: readonly Place[],
  y: number,
  style: Style,
): void {
  const left = places.find(({ key }) => key === 'text')?.left ?? PAGE.left;
  if (label !== '') canvas.line(label, left, y + PADDING, style);
  if (sum !== '') canvas.line(sum, PAGE.right, y + PADDING, style, 'right');
}
