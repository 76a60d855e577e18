import { wrapBy } from './wrap.ts';

/** Plain text in columns. Widths are counted in code points, so an umlaut or a sign has the width 1. */

export const PAGE_WIDTH = 92;

export function widthOf(text: string): number {
  return Array.from(text).length;
}

export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Breaks a text between words into lines of at most the width; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  return wrapBy(text, (line) => widthOf(line) <= width);
}

/** Two blocks side by side, the right one flush with the page's right edge. */
export function sideBySide(left: readonly string[], right: readonly string[]): string[] {
  const rightWidth = Math.max(0, ...right.map(widthOf));
  const leftWidth = PAGE_WIDTH - rightWidth - 2;
  const broken = left.flatMap((line) => wrap(line, leftWidth));
  return Array.from({ length: Math.max(broken.length, right.length) }, (_, n) =>
    `${padRight(broken[n] ?? '', leftWidth)}  ${right[n] ?? ''}`.trimEnd(),
  );
}

const LABEL_WIDTH = 40;
const VALUE_WIDTH = 32;

/** Labels on the left and values on the right, as one block. A text that is too long for its half is continued below. */
export function labelled(pairs: readonly (readonly [label: string, value: string])[]): string[] {
  const cells = pairs.flatMap(([label, value]) => {
    const [labels, values] = [wrap(label, LABEL_WIDTH), wrap(value, VALUE_WIDTH)];
    const height = Math.max(labels.length, values.length);
    return Array.from({ length: height }, (_, n) => [labels[n] ?? '', values[n] ?? ''] as const);
  });
  const labelWidth = Math.max(...cells.map(([label]) => widthOf(label)));
  const valueWidth = Math.max(...cells.map(([, value]) => widthOf(value)));
  return cells.map(([label, value]) => `${padRight(label, labelWidth)}  ${padLeft(value, valueWidth)}`);
}
