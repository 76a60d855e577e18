/** Heights in points. */
interface Room {
  /** For rows on the first page, and on each further page. */
  readonly first: number;
  readonly further: number;
  /** A line with the sum that is carried forward, at the end of a page and at the start of the next one. */
  readonly carried: number;
  /** What follows the last row on its page: the sums and the payment note. */
  readonly tail: number;
}

/**
 * Divides rows among pages, as `[from, to)`. The last page has the last row and the tail. The first page may be without rows.
 * A row that is higher than a page has a page of its own, and then the tail, too.
 */
export function paginate(heights: readonly number[], room: Room): [from: number, to: number][] {
  const pages: [number, number][] = [];
  for (let from = 0, hasTail = false; !hasTail;) {
    const isFirst = pages.length === 0;
    const space = isFirst ? room.first : room.further - room.carried;
    const rest = heights.slice(from);
    hasTail = rest.length === 0 || sum(rest) + room.tail <= space;
    const count = hasTail ? rest.length : fitting(rest, space - room.carried, isFirst ? 0 : 1);
    pages.push([from, from + count]);
    from += count;
  }
  return pages;
}

/** How many rows fit, but not all of them, as the last one stays with the tail. */
function fitting(heights: readonly number[], space: number, least: number): number {
  let used = 0;
  const tooHigh = heights.findIndex((height) => (used += height) > space);
  const count = tooHigh === -1 ? heights.length : tooHigh;
  return Math.max(least, Math.min(count, heights.length - 1));
}

function sum(heights: readonly number[]): number {
  return heights.reduce((total, height) => total + height, 0);
}
