import { next, plusInterval } from './dates.ts';
import type { Grid } from './dates.ts';
import type { Component, Interval, LocalDate, Variant } from './types.ts';

/** Whether two intervals have the same unit and the same count. */
export const alike = (a: Interval | null, b: Interval | null): boolean =>
  a?.unit === b?.unit && a?.count === b?.count;

export const later = (a: LocalDate, b: LocalDate): LocalDate => (a > b ? a : b);

export const endOfTerm = ({ term }: Variant, start: LocalDate): LocalDate | null =>
  term === null ? null : plusInterval(start, term);

/** The first end of a term or renewal (without a term: of a fee period) whose last day of notice is not before `day`. */
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

/** The day up to which a component with the anchor of its grid is billed in advance on `day`. `runs` is the grid of bill runs. */
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
