import type { Style } from './canvas.ts';

/** The page is A4, in points. */
export const PAGE = { left: 56.7, right: 538.6, top: 45, footer: 744, lowest: 806 } as const;
/** The right half of the page: facts and sums begin here. */
export const MIDDLE = 318;
export const WIDTH = PAGE.right - PAGE.left;

const INK = '#1a1a1a';
const GREY = '#6b6b6b';
export const RULE = { strong: INK, light: '#d6d6d6' } as const;

/** One typeface in four sizes. */
export const STYLES = {
  heading: { size: 15, weight: 'bold', colour: INK, lineHeight: 19 },
  strong: { size: 9, weight: 'bold', colour: INK, lineHeight: 12.5 },
  body: { size: 9, weight: 'regular', colour: INK, lineHeight: 12.5 },
  label: { size: 9, weight: 'regular', colour: GREY, lineHeight: 12.5 },
  small: { size: 7.5, weight: 'regular', colour: GREY, lineHeight: 10.5 },
  total: { size: 11, weight: 'bold', colour: INK, lineHeight: 16 },
} as const satisfies Record<string, Style>;
