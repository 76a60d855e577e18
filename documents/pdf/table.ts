import { COLUMNS, type Column, type PageDescription, type Row } from '../description.ts';
import type { Canvas, Element, Style } from './canvas.ts';
import { PAGE, RULE, STYLES, WIDTH } from './layout.ts';

const GAP = 11;
const PADDING = 4.5;
/** The most that a column takes; longer cells are continued below. The column of texts takes the rest. */
const WIDEST: Readonly<Record<Exclude<Column, 'text'>, number>> = {
  position: 30,
  service: 66,
  quantity: 68,
  unitPrice: 76,
  amount: 92,
};
const NUMBERS: ReadonlySet<Column> = new Set(['position', 'quantity', 'unitPrice', 'amount']);

interface Place {
  readonly left: number;
  readonly width: number;
}
type Places = Readonly<Record<Column, Place>>;

/** A cell: lines, each with its style. */
type Cell = readonly { readonly text: string; readonly style: Style }[];

interface LaidRow {
  readonly cells: Readonly<Record<Column, Cell>>;
  readonly carried: string;
  readonly height: number;
}

/** The table of positions, with the place of each column and the height of each row. */
interface LaidTable {
  readonly places: Places;
  readonly head: LaidRow;
  readonly headHeight: number;
  readonly rows: readonly LaidRow[];
}

/** The height of a line with a carried sum. */
export const CARRIED_HEIGHT = STYLES.label.lineHeight + 2 * PADDING;

/** Places the columns and breaks the cells into lines. */
export function layTable(canvas: Canvas, { columns, rows }: PageDescription): LaidTable {
  const places = placesOf(canvas, columns, rows);
  const { text, ...labels } = columns;
  const head = layRow(canvas, { cells: labels, texts: [text], carried: '' }, places, STYLES.small);
  // The head has no space above it, and a little between it and its rule.
  const headHeight = head.height - 2 * PADDING + 3;
  return { places, head, headHeight, rows: rows.map((row) => layRow(canvas, row, places, STYLES.body)) };
}

function placesOf(canvas: Canvas, columns: Readonly<Record<Column, string>>, rows: readonly Row[]): Places {
  const natural = (column: Exclude<Column, 'text'>): number =>
    Math.max(
      canvas.width(columns[column], STYLES.small),
      ...rows.map(({ cells }) => canvas.width(cells[column], STYLES.body)),
    );
  const width = (column: Exclude<Column, 'text'>): number => Math.min(WIDEST[column], natural(column));
  const others = {
    position: width('position'),
    service: width('service'),
    quantity: width('quantity'),
    unitPrice: width('unitPrice'),
    amount: width('amount'),
  };
  const taken = Object.values(others).reduce((total, each) => total + each + GAP, 0);
  let left: number = PAGE.left;
  const next = (each: number): Place => {
    const place = { left, width: each };
    left += each + GAP;
    return place;
  };
  return {
    position: next(others.position),
    service: next(others.service),
    text: next(WIDTH - taken),
    quantity: next(others.quantity),
    unitPrice: next(others.unitPrice),
    amount: next(others.amount),
  };
}

function layRow(canvas: Canvas, row: Row, places: Places, style: Style): LaidRow {
  const cell = (text: string, column: Column, of = style): Cell =>
    canvas.wrap(text, of, places[column].width).map((line) => ({ text: line, style: of }));
  const [first = '', ...more] = row.texts;
  const { position, service, quantity, unitPrice, amount } = row.cells;
  const cells = {
    position: cell(position, 'position'),
    service: cell(service, 'service'),
    text: [...cell(first, 'text'), ...more.flatMap((text) => cell(text, 'text', STYLES.small))],
    quantity: cell(quantity, 'quantity'),
    unitPrice: cell(unitPrice, 'unitPrice'),
    amount: cell(amount, 'amount'),
  };
  const height = Math.max(...Object.values(cells).map(heightOf)) + 2 * PADDING;
  return { cells, carried: row.carried, height };
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
    canvas.artifact(() => drawCarried(canvas, carriedLabel, row?.carried ?? '', places.text.left, y));
    y += CARRIED_HEIGHT;
  };
  if (from > 0) {
    carry(rows[from - 1]);
    canvas.rule(PAGE.left, PAGE.right, y, 0.3, RULE.light);
  }
  for (const [n, row] of rows.slice(from, to).entries()) {
    if (n > 0) canvas.rule(PAGE.left, PAGE.right, y, 0.3, RULE.light);
    drawRow(canvas, row, places, y + PADDING, { parent: canvas.group(element, 'TR'), type: 'TD' });
    y += row.height;
  }
  canvas.rule(PAGE.left, PAGE.right, y, 0.6, RULE.strong);
  if (!isLast) carry(rows[to - 1]);
  return y;
}

/** @param tag the row in the structure and the type of its cells; null for a row that repeats */
function drawRow(
  canvas: Canvas,
  { cells }: LaidRow,
  places: Places,
  y: number,
  tag: { readonly parent: Element; readonly type: 'TH' | 'TD' } | null,
): void {
  for (const column of COLUMNS) {
    const { left, width } = places[column];
    const isNumber = NUMBERS.has(column);
    const draw = (): void => {
      let at = y;
      for (const { text, style } of cells[column]) {
        canvas.line(text, isNumber ? left + width : left, at, style, isNumber ? 'right' : 'left');
        at += style.lineHeight;
      }
    };
    if (tag === null) draw();
    else canvas.part(tag.parent, tag.type, draw, tag.type === 'TH' ? { scope: 'Column' } : {});
  }
}

function drawCarried(canvas: Canvas, label: string, sum: string, left: number, y: number): void {
  canvas.line(label, left, y + PADDING, STYLES.label);
  canvas.line(sum, PAGE.right, y + PADDING, STYLES.label, 'right');
}
