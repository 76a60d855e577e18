import type { Interval, LocalDate } from './types.ts';

const DAY = 86_400_000;
const LONGEST = { day: 1, week: 7, month: 31, year: 366 };

/** Days since 1970-01-01, as if every day had 24 hours. */
export const dayNumber = (date: LocalDate): number => Date.parse(`${date}T00:00:00Z`) / DAY;
const dateOf = (day: number): LocalDate => new Date(day * DAY).toISOString().slice(0, 10);
export const nextDay = (date: LocalDate): LocalDate => dateOf(dayNumber(date) + 1);

/** `date + times × interval`. If the month does not have the day, it is the last day of the month. */
export function plusInterval(date: LocalDate, interval: Interval, times = 1): LocalDate {
  const count = interval.count * times;
  if (interval.unit === 'day') return dateOf(dayNumber(date) + count);
  if (interval.unit === 'week') return dateOf(dayNumber(date) + 7 * count);
  const [year, month, day] = [date.slice(0, 4), date.slice(5, 7), date.slice(8)].map(Number) as [
    number,
    number,
    number,
  ];
  const months = year * 12 + (month - 1) + count * (interval.unit === 'year' ? 12 : 1);
  const last = new Date(Date.UTC(Math.floor(months / 12), (months % 12) + 1, 0)).getUTCDate();
  const two = (number: number) => String(number).padStart(2, '0');
  return `${Math.floor(months / 12)}-${two((months % 12) + 1)}-${two(Math.min(day, last))}`;
}

/** The number of the last boundary on or before the date, counted from a guess. */
function numberOf(anchor: LocalDate, interval: Interval, date: LocalDate): number {
  const days = dayNumber(date) - dayNumber(anchor);
  let n = Math.floor(days / (interval.count * LONGEST[interval.unit]));
  while (plusInterval(anchor, interval, n) > date) n -= 1;
  while (plusInterval(anchor, interval, n + 1) <= date) n += 1;
  return n;
}

export interface Grid {
  anchor: LocalDate;
  interval: Interval;
}

export const floor = ({ anchor, interval }: Grid, date: LocalDate): LocalDate =>
  plusInterval(anchor, interval, numberOf(anchor, interval, date));
export const next = ({ anchor, interval }: Grid, date: LocalDate): LocalDate =>
  plusInterval(anchor, interval, numberOf(anchor, interval, date) + 1);

/** A zone's calendar: which local day an instant (milliseconds) is on, and where a day begins. */
export class Zone {
  private static readonly known = new Map<string, Zone>();
  private readonly format: Intl.DateTimeFormat;
  private readonly days = new Map<number, LocalDate>();
  private readonly starts = new Map<LocalDate, number>();
  private offset = 0;

  /** Zones are shared and cache their answers, as those of the platform are slow. */
  static named(name: string): Zone {
    const zone = Zone.known.get(name) ?? new Zone(name);
    Zone.known.set(name, zone);
    return zone;
  }

  private constructor(timeZone: string) {
    const digits = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    this.format = new Intl.DateTimeFormat('en-CA', { timeZone, ...digits });
  }

  dayOf(instant: number): LocalDate {
    const day = this.days.get(instant) ?? this.format.format(instant);
    this.days.set(instant, day);
    return day;
  }

  /** The first second that is on this day or, where a zone has skipped it, on a later one. */
  start(date: LocalDate): number {
    const start = this.starts.get(date) ?? this.search(date);
    this.starts.set(date, start);
    this.offset = start - dayNumber(date) * DAY;
    return start;
  }

  /** Halves 32 hours until a second is left. First it tries the UTC offset of the last answer. */
  private search(date: LocalDate): number {
    const midnight = dayNumber(date) * DAY;
    const guess = midnight + this.offset;
    const reached = (instant: number) => this.format.format(instant) >= date;
    if (reached(guess) && !reached(guess - 1000)) return guess;
    let before = midnight - 16 * 3_600_000;
    let within = midnight + 16 * 3_600_000;
    while (within - before > 1000) {
      const middle = before + Math.floor((within - before) / 2000) * 1000;
      if (reached(middle)) within = middle;
      else before = middle;
    }
    return within;
  }
}

/** Milliseconds, `from` included and `to` not. */
export interface Range {
  from: number;
  to: number;
}

export const meet = (a: Range, b: Range): Range => ({
  from: Math.max(a.from, b.from),
  to: Math.min(a.to, b.to),
});

/** The parts of a range outside the holes. */
export function without(range: Range, holes: readonly Range[]): Range[] {
  let left = [range];
  for (const hole of holes) {
    left = left.flatMap((piece) =>
      hole.to <= piece.from || hole.from >= piece.to || hole.from >= hole.to
        ? [piece]
        : [
            { from: piece.from, to: hole.from },
            { from: hole.to, to: piece.to },
          ],
    );
  }
  return left.filter((piece) => piece.from < piece.to);
}
