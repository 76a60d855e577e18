/** Heights in points. */
export interface Room {
  /** For rows on the first page, and on each further page. */
  readonly first: number;
  readonly further: number;
  /** A line with the sum that is carried forward, at the end of a page and at the start of the next one. */
  readonly carried: number;
  /** What follows the last row on its page: the sums and the payment note. */
  readonly tail: number;
}

/**
 * Divides rows among pages, as `[from, to)`. The last page has the last row and the tail. A row that is higher than a page
 * has a page of its own.
 */
export function paginate(heights: readonly number[], room: Room): [from: number, to: number][] {
  const pages: [number, number][] = [];
  let from = 0;
  do {
    const space = pages.length === 0 ? room.first : room.further - room.carried;
    const rest = heights.slice(from);
    const to = sum(rest) + room.tail <= space ? heights.length : from + fitting(rest, space - room.carried);
    pages.push([from, to]);
    from = to;
  } while (from < heights.length);
  return pages;
}

/** How many rows fit: at least one, and not all of several, as the last one stays with the tail. */
function fitting(heights: readonly number[], space: number): number {
  let used = 0;
  const tooHigh = heights.findIndex((height) => (used += height) > space);
  const count = tooHigh === -1 ? heights.length : tooHigh;
  return Math.max(1, Math.min(count, heights.length - 1));
}

function sum(heights: readonly number[]): number {
  return heights.reduce((total, height) => total + height, 0);
}
