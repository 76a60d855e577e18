/** Everything that looks like a mail address. Servers quote addresses in their replies. */
const ADDRESS = /<?(?:"[^"\n]*"|[^\s<>"'(),;:@]+)@[^\s<>"'(),;@]+>?/g;

/**
 * The codes in the words of a server, such as `550 5.1.1`; null if it has none. The words may name the recipient in any form, so nothing
 * else of a returned mail is kept.
 */
export function codesOf(words: string): string | null {
  const [reply] = /\b[245]\d\d\b/.exec(words) ?? [];
  const [status] = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(words) ?? [];
  return [reply, status].filter(Boolean).join(' ') || null;
}

/** Removes mail addresses from a text, such as the reply of a server, because they are personal data. */
export function withoutAddresses(text: string): string {
  return text.replace(ADDRESS, '<…>');
}
