import type { LocalDate } from '../arithmetic/calendar.ts';
import { dec, decText, formatMinor, minorDigits } from '../arithmetic/money.ts';

/** The languages in which Tenor writes documents and explanations. */
export const LANGUAGES = ['de', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language for a customer's language tag: German for `de-AT`, and English for a language that Tenor does not write. */
export function languageOf(tag: string): Language {
  return LANGUAGES.find((language) => language === tag.split('-')[0]) ?? 'en';
}

/** How a language writes numbers and dates. */
interface Habits {
  readonly point: string;
  readonly group: string;
  readonly date: (year: string, month: string, day: string) => string;
  readonly short: readonly string[];
  readonly long: readonly string[];
}

const HABITS: Readonly<Record<Language, Habits>> = {
  de: {
    point: ',',
    group: '.',
    date: (year, month, day) => `${day}.${month}.${year}`,
    short: 'Jan.,Feb.,März,Apr.,Mai,Juni,Juli,Aug.,Sept.,Okt.,Nov.,Dez.'.split(','),
    long: 'Januar,Februar,März,April,Mai,Juni,Juli,August,September,Oktober,November,Dezember'.split(','),
  },
  en: {
    point: '.',
    group: ',',
    date: (year, month, day) => `${year}-${month}-${day}`,
    short: 'Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec'.split(','),
    long: 'January,February,March,April,May,June,July,August,September,October,November,December'.split(','),
  },
};

/** A decimal in the language's form, with all of its digits and at least `leastDigits` after the point: 8.387,30. */
export function writeDecimal(text: string, language: Language, leastDigits = 0): string {
  const { point, group } = HABITS[language];
  const [whole = '', fraction = ''] = decText(dec(text)).split('.');
  const digits = fraction.padEnd(leastDigits, '0');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return digits === '' ? grouped : grouped + point + digits;
}

/** A price in major units, with all of its digits and at least those of its currency. */
export function writePrice(text: string, currency: string, language: Language): string {
  return writeDecimal(text, language, minorDigits(currency));
}

/** An amount of minor units, without its currency. */
export function writeMinor(minor: bigint, currency: string, language: Language): string {
  return writePrice(formatMinor(minor, currency), currency, language);
}

/** A date: 01.12.2016 in German, and in ISO's form in English, as its other forms confuse days and months. */
export function writeDate(date: LocalDate, language: Language): string {
  return HABITS[language].date(date.slice(0, 4), date.slice(5, 7), date.slice(8, 10));
}

/** The name of a date's month: Dez. or Dezember. */
export function monthName(date: LocalDate, language: Language, form: 'short' | 'long'): string {
  return HABITS[language][form][Number(date.slice(5, 7)) - 1] ?? '';
}
