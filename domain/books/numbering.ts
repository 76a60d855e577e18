import { localDate } from '../arithmetic/calendar.ts';
import type { LocalDate } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';

/**
 * Number patterns of documents: literal text around
 *
 * - `{YYYY}`, `{YY}`, `{MM}`: year and month of the issue date;
 * - one counter, `{####}`, filled up with zeros to as many digits as there are signs; a greater number has more digits.
 *   It never starts again, unless it says when: `{####/YYYY}` every year, `{####/MM}` every month.
 *
 * `S-{MM}/{YYYY}-{####}` has one running counter; `R-{YYYY}-{####/YYYY}` starts again in each year.
 */
type Parsed = { tokens: string[]; counter: { width: number; restart: '' | 'YYYY' | 'MM' } };

const TOKEN = /\{[^{}]*\}|[^{}]+/g;
const COUNTER = /^\{(#{1,12})(?:\/(YYYY|MM))?\}$/;
const MAX_LENGTH = 60;

/**
 * Refuses an issuer's series if a pattern is invalid, or if both have the same pattern and could make the same number.
 * @throws DomainError invalid_number_pattern, series_not_distinct
 */
export function checkSeries(series: Readonly<Record<'invoice' | 'credit_note', { pattern: string }>>): void {
  const { invoice, credit_note } = series;
  checkPattern(invoice.pattern, 'series.invoice.pattern');
  checkPattern(credit_note.pattern, 'series.credit_note.pattern');
  if (invoice.pattern === credit_note.pattern) {
    throw new DomainError('series_not_distinct', 'credit notes need a series of their own', {
      field: 'series.credit_note.pattern',
    });
  }
}

/**
 * Refuses a pattern that is invalid, or that would repeat numbers.
 * @throws DomainError invalid_number_pattern with the reason in `details`
 */
export function checkPattern(pattern: string, field?: string): void {
  parse(pattern, field);
}

/** The parts of a number: `prefix`, a counter that is filled up with zeros to `width`, `suffix`. */
export type NumberParts = { prefix: string; suffix: string; width: number; periodKey: string };

/**
 * The parts of the numbers of a date, for the statement that takes the counter and makes the number.
 * @param date issue date in the issuer's time zone
 */
export function numberParts(pattern: string, date: LocalDate): NumberParts {
  const { tokens, counter } = parse(pattern);
  const at = tokens.findIndex((token) => COUNTER.test(token));
  const text = (part: string[]) => part.map((token) => render(token, localDate(date))).join('');
  return {
    prefix: text(tokens.slice(0, at)),
    suffix: text(tokens.slice(at + 1)),
    width: counter.width,
    periodKey: periodKey(pattern, date),
  };
}

/** The key of the counter for a date: '' if it never starts again, else its year or month, such as '2024' or '2024-03'. */
export function periodKey(pattern: string, date: LocalDate): string {
  const { restart } = parse(pattern).counter;
  if (restart === '') return '';
  return localDate(date).slice(0, restart === 'YYYY' ? 4 : 7);
}

function render(token: string, date: LocalDate): string {
  if (token === '{YYYY}') return date.slice(0, 4);
  if (token === '{YY}') return date.slice(2, 4);
  return token === '{MM}' ? date.slice(5, 7) : token;
}

function parse(pattern: string, field = 'pattern'): Parsed {
  const refuse = (reason: string) =>
    new DomainError('invalid_number_pattern', reason, {
      field,
      details: { reason, pattern: pattern.slice(0, MAX_LENGTH) },
    });
  if (pattern.length > MAX_LENGTH) throw refuse(`a pattern has at most ${MAX_LENGTH} characters`);
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(pattern)) throw refuse('a pattern has no control characters');
  const tokens: string[] = pattern.match(TOKEN) ?? [];
  if (tokens.join('') !== pattern) throw refuse('braces must come in pairs');
  const counters = tokens.map((token) => COUNTER.exec(token)).filter((match) => match !== null);
  const unknown = tokens.find(
    (token) => token.startsWith('{') && !COUNTER.test(token) && !['{YYYY}', '{YY}', '{MM}'].includes(token),
  );
  if (unknown !== undefined) throw refuse(`${unknown} is not known`);
  const [counter] = counters;
  if (counter === undefined || counters.length > 1) throw refuse('a pattern has exactly one counter');
  const restart = counter[2] === 'YYYY' || counter[2] === 'MM' ? counter[2] : '';
  // A counter that starts again needs its period in the number, or two documents would have the same number.
  if (restart !== '' && !tokens.includes('{YYYY}')) throw refuse('a counter that starts again needs {YYYY}');
  if (restart === 'MM' && !tokens.includes('{MM}')) throw refuse('a monthly counter needs {MM}');
  return { tokens, counter: { width: counter[1]?.length ?? 1, restart } };
}
