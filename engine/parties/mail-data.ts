import { z } from 'zod';
import type { PartyData } from '../../db/parties/vault.ts';
import { CUSTOMER_PURPOSES } from '../../domain/mails/purposes.ts';
import type { AddressBook } from '../../domain/mails/recipients.ts';

/** The field of a version of the vault that has mail addresses, beside the fields of the party. */
const FIELD = 'mail';

/** The data of a party together with its mail addresses. Undefined means that it has none. */
export function withMail(party: PartyData, mail: unknown): PartyData {
  return mail === undefined ? party : { ...party, [FIELD]: mail };
}

const addresses = z.object({ to: z.array(z.string()), cc: z.array(z.string()) });
const addressBook = z.object(
  Object.fromEntries([...CUSTOMER_PURPOSES, 'default'].map((name) => [name, addresses.exactOptional()])),
);

/** The mail addresses of a customer's version. */
export function addressBookOf(data: PartyData): AddressBook {
  return addressBook.catch({}).parse(data[FIELD]);
}

const sender = z.object({ from: z.string().exactOptional(), reply_to: z.string().exactOptional() });

/** The sender and the address for answers of an issuer's version. */
export function senderOf(data: PartyData): z.output<typeof sender> {
  return sender.catch({}).parse(data[FIELD]);
}
