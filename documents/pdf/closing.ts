import { create } from 'qrcode';
import type { PageDescription, Pair } from '../page-description.ts';
import { DOCUMENT_WORDS } from '../words.ts';
import type { Canvas, Element, Style } from './canvas.ts';
import { MIDDLE, PAGE, STYLES, WIDTH } from './layout.ts';

const CODE_SIDE = 84;
const GAP = 18;

interface LaidSum {
  readonly labels: readonly string[];
  readonly value: string;
  readonly style: Style;
  readonly labelStyle: Style;
}

/** The part below the table: sums, and how to pay. */
interface LaidClosing {
  readonly sums: readonly LaidSum[];
  readonly note: readonly string[];
  readonly transferCode: string | null;
  readonly codeName: string;
  readonly height: number;
}

/** Breaks sums and payment note into lines. */
export function layClosing(canvas: Canvas, { sums, payment, language }: PageDescription): LaidClosing {
  const laid = sums.map((sum, n) => laySum(canvas, sum, n === sums.length - 1));
  const transferCode = payment?.transferCode ?? null;
  const noteWidth = transferCode === null ? WIDTH : WIDTH - CODE_SIDE - 24;
  const note = payment === null ? [] : canvas.wrap(payment.text, STYLES.body, noteWidth);
  const noteHeight = Math.max(note.length * STYLES.body.lineHeight, transferCode === null ? 0 : CODE_SIDE);
  const sumsHeight = laid.reduce((height, sum) => height + heightOf(sum), 8);
  const height = sumsHeight + (note.length === 0 ? 0 : GAP + noteHeight);
  return { sums: laid, note, transferCode, codeName: DOCUMENT_WORDS[language].payment.code, height };
}

function laySum(canvas: Canvas, [label, value]: Pair, isTotal: boolean): LaidSum {
  const style = isTotal ? STYLES.total : STYLES.body;
  const labelStyle = isTotal ? STYLES.total : STYLES.label;
  const width = PAGE.right - MIDDLE - canvas.width(value, style) - 12;
  return { labels: canvas.wrap(label, labelStyle, width), value, style, labelStyle };
}

function heightOf({ labels, style }: LaidSum): number {
  return labels.length * style.lineHeight + (style === STYLES.total ? 8 : 2);
}

/** Draws sums and payment note below the table. */
export function drawClosing(canvas: Canvas, closing: LaidClosing, top: number): void {
  const table = canvas.group(canvas.root, 'Table');
  let y = top + 8;
  for (const sum of closing.sums) {
    drawSum(canvas, table, sum, y);
    y += heightOf(sum);
  }
  if (closing.note.length === 0) return;
  y += GAP;
  const { transferCode, codeName } = closing;
  if (transferCode !== null) drawCode(canvas, transferCode, codeName, y);
  const left = transferCode === null ? PAGE.left : PAGE.left + CODE_SIDE + 24;
  canvas.part(canvas.root, 'P', () => canvas.lines(closing.note, left, y, STYLES.body));
}

function drawSum(
  canvas: Canvas,
  table: Element,
  { labels, value, style, labelStyle }: LaidSum,
  y: number,
): void {
  const isTotal = style === STYLES.total;
  if (isTotal) canvas.rule(MIDDLE, PAGE.right, y + 3, 0.6, style.colour);
  const at = isTotal ? y + 8 : y;
  const row = canvas.group(table, 'TR');
  canvas.part(row, 'TH', () => canvas.lines(labels, MIDDLE, at, labelStyle), { scope: 'Row' });
  canvas.part(row, 'TD', () => canvas.line(value, PAGE.right, at, style, 'right'));
}

/** The QR code, drawn as rectangles: one for each run of dark modules in a row. */
function drawCode(canvas: Canvas, content: string, name: string, top: number): void {
  const bytes = new TextEncoder().encode(content);
  const { modules } = create([{ data: bytes, mode: 'byte' }], { errorCorrectionLevel: 'M' });
  const side = CODE_SIDE / modules.size;
  const rectangles: [number, number, number, number][] = [];
  for (let row = 0; row < modules.size; row++) {
    for (let from = 0, to = 0; from < modules.size; from = to) {
      const isDark = modules.get(row, from);
      for (to = from + 1; to < modules.size && modules.get(row, to) === isDark;) to++;
      if (isDark) rectangles.push([PAGE.left + from * side, top + row * side, (to - from) * side, side]);
    }
  }
  const bbox: [number, number, number, number] = [PAGE.left, top, PAGE.left + CODE_SIDE, top + CODE_SIDE];
  canvas.part(canvas.root, 'Figure', () => canvas.paint('#000000', rectangles), { alt: name, bbox });
}
