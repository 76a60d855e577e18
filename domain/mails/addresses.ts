/** Everything that looks like a mail address. Servers quote addresses in their replies. */
const ADDRESS = /<?(?:"[^"\n]*"|[^\s<>"'(),;:@]+)@[^\s<>"'(),;@]+>?/g;

/** Removes mail addresses from a text, such as the reply of a server, because they are personal data. */
export function withoutAddresses(text: string): string {
  return text.replace(ADDRESS, '<…>');
}
