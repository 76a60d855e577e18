import { add, dec, decText, isZero, sub } from '../domain/arithmetic/money.ts';
import type { TierBounds } from '../domain/catalogue/pricing.ts';
import { type Language, writeDecimal } from '../domain/parties/languages.ts';
import { DOCUMENT_WORDS } from './words.ts';

/**
 * The bounds of a tier as they are printed: its first and last unit if units are whole, `26–100`, else the bounds
 * themselves. Null for a tier without bounds.
 * @param quantity the quantity of the line; a quantity of 2.5 shows that units need not be whole
 */
export function tierText(
  { from, to, includes }: TierBounds,
  quantity: string,
  language: Language,
): string | null {
  if (to === null && isZero(dec(from))) return null;
  const words = DOCUMENT_WORDS[language].tier;
  const write = (text: string): string => writeDecimal(text, language);
  const upper = to === null ? null : write(to);
  if (![from, to ?? '0', quantity].every(isWhole)) {
    return includes === 'to' ? words.upTo(write(from), upper) : words.below(write(from), upper);
  }
  const first = includes === 'to' ? write(decText(add(dec(from), dec(1)))) : write(from);
  if (to === null) return words.from(first);
  const last = includes === 'to' ? write(to) : write(decText(sub(dec(to), dec(1))));
  return words.units(first === last ? first : `${first}–${last}`);
}

function isWhole(text: string): boolean {
  return !decText(dec(text)).includes('.');
}
