import type { CustomerPurpose } from './purposes.ts';

/** The recipients of a mail. */
export interface MailAddresses {
  readonly to: readonly string[];
  readonly cc: readonly string[];
}

/** The addresses of a customer by purpose. `default` is for purposes without addresses of their own. */
export type AddressBook = Readonly<Partial<Record<CustomerPurpose | 'default', MailAddresses>>>;

/** The recipients of a customer's mail: those of its purpose, the default ones, or the party's own address. Null if there are none. */
export function recipientsOf(
  purpose: CustomerPurpose,
  book: AddressBook,
  partyAddress: string | undefined,
): MailAddresses | null {
  const found = book[purpose] ?? book.default;
  if (found !== undefined) return found;
  return partyAddress === undefined ? null : { to: [partyAddress], cc: [] };
}
