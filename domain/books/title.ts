import type { LocalDate } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { type Language, monthName } from '../parties/languages.ts';

/** The values for the placeholders of a title pattern. */
interface Titled {
  readonly plan: string;
  /** The day of the bill. When a contract catches up, each missed month has its own title. */
  readonly date: LocalDate;
  readonly language: Language;
}

/**
 * Title patterns of invoices: literal text around `{plan}`, `{YYYY}` and `{YY}`, `{MM}` (12), `{MMM}` and `{MMMM}`
 * (Dez. and Dezember, in the customer's language).
 *
 * `Rechnung {plan} {MMM} {YYYY}` is "Rechnung German BusinessCloud Dez. 2016".
 */
const PLACEHOLDERS: Readonly<Record<string, (titled: Titled) => string>> = {
  '{plan}': ({ plan }) => plan,
  '{YYYY}': ({ date }) => date.slice(0, 4),
  '{YY}': ({ date }) => date.slice(2, 4),
  '{MM}': ({ date }) => date.slice(5, 7),
  '{MMM}': ({ date, language }) => monthName(date, language, 'short'),
  '{MMMM}': ({ date, language }) => monthName(date, language, 'long'),
};

const BRACED = /\{[^{}]*\}/g;
const MAX_LENGTH = 100;

/**
 * Returns the pattern, or refuses an invalid one.
 * @throws DomainError invalid_title_pattern with the reason in `details`
 */
export function checkTitlePattern(pattern: string, field = 'invoiceTitle'): string {
  const refuse = (reason: string): DomainError =>
    new DomainError('invalid_title_pattern', reason, { field, details: { reason } });
  if (pattern.length > MAX_LENGTH) throw refuse(`a title pattern has at most ${MAX_LENGTH} characters`);
  if (pattern.trim() === '') throw refuse('a title pattern is not empty');
  const unknown = pattern.match(BRACED)?.find((each) => !Object.hasOwn(PLACEHOLDERS, each));
  if (unknown !== undefined) throw refuse(`${unknown} is not known`);
  if (/[{}]/.test(pattern.replace(BRACED, ''))) throw refuse('braces must come in pairs');
  return pattern;
}

/** The title of an invoice; without a pattern it is the plan's name. */
export function titleOf(pattern: string | null, titled: Titled): string {
  if (pattern === null) return titled.plan;
  return pattern.replace(BRACED, (each) => PLACEHOLDERS[each]?.(titled) ?? each);
}
