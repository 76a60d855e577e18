/**
 * A half-open range `[start, end)` of instants, or of local dates, which compare as texts. Every function takes ranges
 * in any order and returns them merged: they are sorted, do not touch, and are not empty.
 */
export type Range = { readonly start: string; readonly end: string };

/** Whether the range ends at its start, or before it. */
export function isEmpty(range: Range): boolean {
  return range.end <= range.start;
}

/** The union of the ranges, in as few ranges as possible. Ranges that touch become one. */
export function merge(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter((range) => !isEmpty(range)).sort((a, b) => order(a.start, b.start));
  const merged: Range[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || start > last.end) merged.push({ start, end });
    else if (end > last.end) merged[merged.length - 1] = { start: last.start, end };
  }
  return merged;
}

/** The ranges that `a` covers and `b` does not. */
export function subtract(a: readonly Range[], b: readonly Range[]): Range[] {
  const holes = merge(b);
  return merge(a).flatMap((range) => {
    const left: Range[] = [];
    let start = range.start;
    for (const hole of holes) {
      if (hole.end <= start || hole.start >= range.end) continue;
      if (hole.start > start) left.push({ start, end: hole.start });
      start = hole.end;
    }
    if (start < range.end) left.push({ start, end: range.end });
    return left;
  });
}

/** The ranges that both cover. */
export function intersect(a: readonly Range[], b: readonly Range[]): Range[] {
  const others = merge(b);
  return merge(a).flatMap((range) =>
    others
      .map((other) => ({
        start: other.start > range.start ? other.start : range.start,
        end: other.end < range.end ? other.end : range.end,
      }))
      .filter((common) => !isEmpty(common)),
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
