// The main entry of the package would use a native Temporal if there is one; this entry is always the polyfill.
import { Temporal } from 'temporal-polyfill/implementation';
import { civilOf, dayNumber, daysInMonth } from './civil.ts';
import { DomainError } from '../errors.ts';

/** A point in time in the fixed form `2024-01-01T00:00:00.000Z`, so that instants compare as texts. */
export type Instant = string;

/** A day of a local calendar, `YYYY-MM-DD`. Local dates compare as texts, too. */
export type LocalDate = string;

/** A distance in the calendar. Months and years keep the anchor's day, or take the last day of a shorter month. */
export type Interval = { unit: 'day' | 'week' | 'month' | 'year'; count: number };

/** A period `[start, end)` of a grid: `start` is `anchor + index × interval`, `end` is the next period's start. */
export type GridPeriod = { index: number; start: LocalDate; end: LocalDate };

/** Later than every instant in use: the end of a range that has no end. */
export const FOREVER: Instant = '9999-12-31T00:00:00.000Z';

const MIN_YEAR = 1900;
const MAX_YEAR = 2200;
const DAY_MS = 86_400_000;
const MEMO_SIZE = 20_000;
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)$/i;
const CANONICAL = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

function invalidDate(what: string, text: string): DomainError {
  return new DomainError('invalid_date', what, { details: { value: text.slice(0, 60) } });
}

/** The later of two instants, or of two dates. */
export const later = (a: string, b: string): string => (a > b ? a : b);

/** The earlier of two instants, or of two dates. */
export const earlier = (a: string, b: string): string => (a < b ? a : b);

// ---- local dates

/**
 * Checks a local date.
 * @throws DomainError invalid_date for other forms, days that do not exist, and years outside 1900 to 2200
 */
export function localDate(text: string): LocalDate {
  dayOf(text);
  return text;
}

function dayOf(date: LocalDate): number {
  const { year, month, day } = partsOf(date);
  return dayNumber(year, month, day);
}

function partsOf(date: LocalDate): { year: number; month: number; day: number } {
  const match = DATE.exec(date);
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  const exists = match !== null && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  if (!exists) throw invalidDate('not a date of the form YYYY-MM-DD', date);
  if (year < MIN_YEAR || year > MAX_YEAR) throw invalidDate('a date must lie within 1900 to 2200', date);
  return { year, month, day };
}

function dateText(year: number, month: number, day: number): LocalDate {
  const text = `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
  // The condition is negated so that it refuses NaN, too.
  if (!(year >= MIN_YEAR && year <= MAX_YEAR)) throw invalidDate('a date must lie within 1900 to 2200', text);
  return text;
}

function dateOfDay(days: number): LocalDate {
  const { year, month, day } = civilOf(days);
  return dateText(year, month, day);
}

/** The date `n` days later, or earlier if `n` is negative. */
export function addDays(date: LocalDate, n: number): LocalDate {
  return dateOfDay(dayOf(date) + n);
}

/** Whole days from start to end; negative if the end lies before the start. */
export function daysBetween(start: LocalDate, end: LocalDate): number {
  return dayOf(end) - dayOf(start);
}

// ---- intervals and periods

const unitLength = {
  day: { days: 1, months: 0 },
  week: { days: 7, months: 0 },
  month: { days: 0, months: 1 },
  year: { days: 0, months: 12 },
} as const;

/** The length of the interval in days or in months. The other field is zero. */
function lengthOf(interval: Interval): { days: number; months: number } {
  checkInterval(interval);
  const unit = unitLength[interval.unit];
  return { days: unit.days * interval.count, months: unit.months * interval.count };
}

/**
 * Refuses an interval with an unknown unit, or with a count outside 1 to 1000.
 * @throws DomainError invalid_interval
 */
export function checkInterval(interval: Interval, field?: string): void {
  const known = Object.hasOwn(unitLength, interval.unit);
  if (known && Number.isInteger(interval.count) && interval.count >= 1 && interval.count <= 1000) return;
  throw new DomainError('invalid_interval', 'an interval is 1 to 1000 days, weeks, months or years', {
    field,
    details: { unit: interval.unit, count: interval.count },
  });
}

/**
 * anchor + n × interval, counted from the anchor and never chained: 31 January + 1 month is the last of February,
 * + 2 months is 31 March again.
 */
export function addInterval(anchor: LocalDate, interval: Interval, n: number): LocalDate {
  const length = lengthOf(interval);
  if (length.months === 0) return addDays(anchor, n * length.days);
  const { year, month, day } = partsOf(anchor);
  const months = year * 12 + month - 1 + n * length.months;
  const targetYear = Math.floor(months / 12);
  const targetMonth = months - targetYear * 12 + 1;
  return dateText(targetYear, targetMonth, Math.min(day, daysInMonth(targetYear, targetMonth)));
}

/** The period that contains the date. Periods before the anchor have a negative index. */
export function periodOf(anchor: LocalDate, interval: Interval, date: LocalDate): GridPeriod {
  let index = estimate(anchor, interval, date);
  let start = addInterval(anchor, interval, index);
  // An estimate in months ignores the day, so it may be one period too late.
  if (start > date) {
    index -= 1;
    start = addInterval(anchor, interval, index);
  }
  return { index, start, end: addInterval(anchor, interval, index + 1) };
}

function estimate(anchor: LocalDate, interval: Interval, date: LocalDate): number {
  const length = lengthOf(interval);
  if (length.months === 0) return Math.floor(daysBetween(anchor, date) / length.days);
  const from = partsOf(anchor);
  const to = partsOf(date);
  return Math.floor(((to.year - from.year) * 12 + to.month - from.month) / length.months);
}

/**
 * Whether every boundary of the larger interval is also a boundary of the smaller one, for any anchor. A month divides
 * a year, seven days divide a week, a day divides every interval, and a week never divides a month.
 */
export function divides(smaller: Interval, larger: Interval): boolean {
  const a = lengthOf(smaller);
  const b = lengthOf(larger);
  if (a.months > 0) return b.months > 0 && b.months % a.months === 0;
  return a.days === 1 || (b.days > 0 && b.days % a.days === 0);
}

/**
 * The most periods of the smaller interval within one period of the larger one, if their boundaries meet; 1 if the
 * smaller interval is not smaller. If the larger one is in months and the smaller in days, this may be a few too many.
 */
export function mostPeriods(smaller: Interval, larger: Interval): number {
  const [a, b] = [lengthOf(smaller), lengthOf(larger)];
  if (a.months > 0) {
    return b.months > 0 ? Math.ceil(b.months / a.months) : Math.ceil(b.days / (SHORTEST_MONTH * a.months));
  }
  const days = b.months > 0 ? mostDays(b.months) : b.days;
  return Math.ceil(days / a.days);
}

const SHORTEST_MONTH = 28;
const LONGEST_MONTH = 31;
/** The calendar repeats itself after 4,800 months, which are 146,097 days. */
const mostDays = (months: number): number =>
  Math.min(LONGEST_MONTH * months, Math.ceil((months * 146_097) / 4_800) + 3);

// ---- instants

/**
 * Parses an instant with a zone offset or Z, and returns it in the fixed form. Digits below a millisecond are cut off.
 * @throws DomainError invalid_date for anything else, and for years outside 1900 to 2200
 */
export function instant(text: string): Instant {
  if (text.length > 40 || !INSTANT.test(text)) {
    throw invalidDate('not an instant such as 2024-01-01T00:00:00Z', text);
  }
  if (CANONICAL.test(text)) {
    dayOf(text.slice(0, 10));
    return text;
  }
  try {
    return instantOfMs(Temporal.Instant.from(text).epochMilliseconds);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw invalidDate('not an instant such as 2024-01-01T00:00:00Z', text);
  }
}

function instantOfMs(ms: number): Instant {
  const days = Math.floor(ms / DAY_MS);
  const rest = ms - days * DAY_MS;
  const pad = (n: number, width = 2) => String(Math.floor(n)).padStart(width, '0');
  const time = `${pad(rest / 3_600_000)}:${pad((rest / 60_000) % 60)}:${pad((rest / 1000) % 60)}`;
  return `${dateOfDay(days)}T${time}.${pad(rest % 1000, 3)}Z`;
}

function msOf(at: Instant): number {
  if (!CANONICAL.test(at)) throw invalidDate('not an instant of the fixed form', at);
  const time =
    Number(at.slice(11, 13)) * 3_600_000 +
    Number(at.slice(14, 16)) * 60_000 +
    Number(at.slice(17, 23)) * 1000;
  return dayOf(at.slice(0, 10)) * DAY_MS + Math.round(time);
}

/** The instant plus the duration, whose fields may be negative. */
export function addDuration(
  at: Instant,
  duration: { hours?: number; minutes?: number; seconds?: number },
): Instant {
  const seconds = (duration.hours ?? 0) * 3600 + (duration.minutes ?? 0) * 60 + (duration.seconds ?? 0);
  return instantOfMs(msOf(at) + Math.round(seconds * 1000));
}

/** The instant plus a number of hours, or of calendar units in UTC. */
export function addSpan(
  at: Instant,
  { unit, count }: { unit: Interval['unit'] | 'hour'; count: number },
): Instant {
  if (unit === 'hour') return addDuration(at, { hours: count });
  return instant(addInterval(at.slice(0, 10), { unit, count }, 1) + at.slice(10));
}

/** The instant plus milliseconds. Two instants differ by at least one. */
export function addMilliseconds(at: Instant, milliseconds: number): Instant {
  return instantOfMs(msOf(at) + milliseconds);
}

/** Whole seconds from a to b. Both are first cut to the second, so that the lengths of adjoining ranges add up. */
export function secondsBetween(a: Instant, b: Instant): number {
  return Math.floor(msOf(b) / 1000) - Math.floor(msOf(a) / 1000);
}

// ---- zones

/** Caches a conversion between zones: it takes microseconds in Temporal, and the same ones are needed again and again. */
function remembered<V>(compute: (value: string, zone: string) => V): (value: string, zone: string) => V {
  const known = new Map<string, V>();
  return (value, zone) => {
    const key = `${value} ${zone}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const computed = compute(value, zone);
    if (known.size >= MEMO_SIZE) known.clear();
    known.set(key, computed);
    return computed;
  };
}

const zoneName = remembered((text) => {
  try {
    // Temporal accepts offsets such as +01:00 as zones. A contract needs a zone with rules for daylight saving.
    if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) throw new RangeError('not a name');
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch (cause) {
    throw new DomainError('invalid_time_zone', 'not a time zone of the IANA database', {
      details: { zone: text.slice(0, 60) },
      cause,
    });
  }
});

/**
 * Checks a name of the IANA time zone database, and returns it in its usual case: Europe/Berlin, UTC.
 * @throws DomainError invalid_time_zone
 */
export function zone(text: string): string {
  return zoneName(text, '');
}

/** The first instant of the local day. It is not midnight if the clocks skip midnight. */
export const startOfDay: (date: LocalDate, zone: string) => Instant = remembered((date, timeZone) =>
  instantOfMs(Temporal.PlainDate.from(localDate(date)).toZonedDateTime(zone(timeZone)).epochMilliseconds),
);

/** The local date in the zone at the instant. */
export const dateAt: (at: Instant, zone: string) => LocalDate = remembered((at, timeZone) =>
  zoned(at, timeZone).toPlainDate().toString(),
);

/**
 * The same local time, `days` calendar days later. A time that the clocks skip moves forward, and of a time that occurs
 * twice the first is taken.
 */
export function addDaysAtSameTime(at: Instant, days: number, timeZone: string): Instant {
  return instantOfMs(zoned(at, timeZone).add({ days }).epochMilliseconds);
}

function zoned(at: Instant, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(msOf(at)).toZonedDateTimeISO(zone(timeZone));
}
