/** A customer is found by the words of its names, and by its mail addresses. */
type WordKind = 'name' | 'email';

/** A word of a name, or a whole mail address, in the form in which it is compared. */
export interface SearchWord {
  readonly kind: WordKind;
  readonly word: string;
}

/** Letters that have no decomposition into a letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  þ: 'th',
};

/** The words of a text without case and accents, each once. `Müller & Söhne` has `muller` and `sohne`. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøđłþ]/g, (letter) => LETTERS[letter] ?? letter);
  return [...new Set(plain.match(/[\p{L}\p{N}]+/gu) ?? [])];
}

/** A mail address in the form in which it is compared. */
function comparedAddress(address: string): string {
  return address.trim().toLowerCase();
}

/** The most words of one customer that are stored. */
const MOST_WORDS = 60;

/** The words by which a customer is found: those of the name and of the contact, and all mail addresses. */
export function searchWordsOf(party: Readonly<Record<string, unknown>>): SearchWord[] {
  const names = [party['name'], party['contact']].filter((each) => typeof each === 'string').join(' ');
  const { email, ...others } = party;
  const addresses = [email, ...Object.values(others).flatMap(addressesIn)].filter(
    (each) => typeof each === 'string',
  );
  return [
    ...wordsOf(names).map((word) => ({ kind: 'name', word }) as const),
    ...[...new Set(addresses.map(comparedAddress))].map((word) => ({ kind: 'email', word }) as const),
  ].slice(0, MOST_WORDS);
}

/** The mail addresses in an object of the party, such as the addresses by purpose. */
function addressesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((each: unknown) =>
    typeof each === 'string' ? (/^[^\s@]+@[^\s@]+$/.test(each) ? [each] : []) : addressesIn(each),
  );
}

/** The words of a search: a text with `@` is a whole mail address, all others are words of a name. */
export function searchedWords(text: string): SearchWord[] {
  if (text.includes('@')) return [{ kind: 'email', word: comparedAddress(text) }];
  return wordsOf(text).map((word) => ({ kind: 'name', word }));
}
