/** Everything that looks like a mail address. Servers quote addresses in their replies. */
const ADDRESS = /<?(?:"[^"\n]*"|[^\s<>"'(),;:@]+)@[^\s<>"'(),;@]+>?/g;

/**
 * The codes in the reply of a server, such as `550 5.1.1`; null if there are none. The rest of the reply may name the recipient in any
 * form, so only the codes of a returned mail are stored.
 */
export function codesOf(answer: string): string | null {
  const [reply] = /\b[245]\d\d\b/.exec(answer) ?? [];
  const [status] = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(answer) ?? [];
  return [reply, status].filter(Boolean).join(' ') || null;
}

/** Removes mail addresses from a text, such as the reply of a server, because they are personal data. */
export function withoutAddresses(text: string): string {
  return text.replace(ADDRESS, '<…>');
}
