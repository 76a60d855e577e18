import { next, plusInterval } from './dates.ts';
import type { Grid } from './dates.ts';
import type { Component, Interval, LocalDate, Variant } from './types.ts';

/** Intervals are compared as they are written. */
export const alike = (a: Interval | null, b: Interval | null): boolean =>
  a?.unit === b?.unit && a?.count === b?.count;

export const later = (a: LocalDate, b: LocalDate): LocalDate => (a > b ? a : b);

export const endOfTerm = ({ term }: Variant, start: LocalDate): LocalDate | null =>
  term === null ? null : plusInterval(start, term);

/** The first end of term, renewal or, without a term, fee period whose last day of notice is the day or a later one. */
export function earliestEnd(variant: Variant, termStart: LocalDate, fee: Grid, day: LocalDate): LocalDate {
  const { renewal, notice } = variant;
  const term = endOfTerm(variant, termStart);
  if (term === null && notice === null) return day;
  if (term !== null && renewal === null) return term;
  let end = term ?? next(fee, day);
  const tooLate = () => end < day || (notice !== null && plusInterval(end, notice, -1) < day);
  for (let n = 1; tooLate(); n += 1) {
    end = term === null ? next(fee, end) : plusInterval(term, renewal!, n);
  }
  return end;
}

/** How far ahead a component with an anchor of its grid is billed on a day, under a variant with such bill runs. */
export function reach(
  { mode, standalone, interval }: Component,
  anchor: LocalDate,
  variant: Variant,
  runs: Grid,
  day: LocalDate,
): LocalDate {
  const own = next({ anchor, interval: mode === 'billed_until' ? variant.feeInterval : interval }, day);
  const alone = standalone || mode === 'billed_until';
  return alone ? own : later(own, next(runs, day));
}
