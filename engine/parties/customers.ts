import { DomainError } from '../../domain/errors.ts';
import { refuseTooDeep } from '../../domain/parties/tree.ts';
import { holdClock } from '../../db/clocks/clocks.ts';
import {
  type CustomerRow,
  type NewCustomer,
  clockOfCustomer,
  customerWithAbove,
  insertCustomer,
  lockCustomerRow,
  storeCustomer,
} from '../../db/parties/customers.ts';
import type { PartyData, Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import type { CustomerPurpose } from '../../domain/mails/purposes.ts';
import type { AddressBook } from '../../domain/mails/recipients.ts';
import { withMail } from './mail-data.ts';
import { found, resolve } from '../../db/platform/refs.ts';

/**
 * Creates a customer. The personal data is stored in the vault. `at` is the field of the request that contains the customer,
 * if it is not the request itself.
 * @throws DomainError not_found (parent, clock), clock_at_root_only, external_id_taken
 */
export async function createCustomer(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  customer: NewCustomer,
  at?: string,
): Promise<string> {
  const place = await placeInTree(tx, merchant, customer, at);
  if (place.clockId !== null) await holdClock(tx, merchant, place.clockId, place.clockFrom);
  const data = withMail(customer.party, customer.mail_addresses);
  const subject = await vault.create(tx, merchant, data);
  await vault.index(tx, merchant, subject.subjectId, data);
  return insertCustomer(tx, merchant, { ...customer, ...place, subject });
}

/**
 * Finds the parent and the clock of a new customer. Only the root of a tree may name a test clock, and everything below
 * shares it. `clockFrom` is the path of the field that decided the clock.
 * @throws DomainError not_found (parent, clock), clock_at_root_only, tree_too_deep
 */
export async function placeInTree(
  db: Db,
  merchant: MerchantId,
  { parent, clock }: NewCustomer,
  at?: string,
): Promise<{ parentId: string | null; clockId: string | null; clockFrom: string }> {
  const pathOf = (field: string): string => (at === undefined ? field : `${at}.${field}`);
  if (parent === undefined) {
    const clockFrom = pathOf('clock');
    const clockId = clock === undefined ? null : await resolve(db, merchant, 'clock', clock, clockFrom);
    return { parentId: null, clockId, clockFrom };
  }
  if (clock !== undefined) {
    throw new DomainError('clock_at_root_only', 'a customer with a parent shares the clock of its root', {
      field: pathOf('clock'),
    });
  }
  const clockFrom = pathOf('parent');
  const parentId = await resolve(db, merchant, 'customer', parent, clockFrom);
  refuseTooDeep(await customerWithAbove(db, merchant, parentId), clockFrom);
  return { parentId, clockId: await clockOfCustomer(db, merchant, parentId), clockFrom };
}

/** Changes of a customer. Omitted fields stay as they are. */
export interface CustomerRevision {
  readonly external_id?: string | null;
  readonly party?: PartyData;
  readonly country?: string;
  readonly language?: string;
  readonly payment_term_days?: number | null;
  readonly invoice_title?: string | null;
  readonly mail_addresses?: AddressBook;
  readonly mail_off?: readonly CustomerPurpose[];
}

/**
 * Revises a customer. Documents keep the version that they print. A new country is not checked here, but by `moveCustomer`
 * (`engine/catalogue/tax-rates.ts`).
 * @throws DomainError not_found, erased, external_id_taken
 */
export async function reviseCustomer(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  id: string,
  { party, mail_addresses, ...revision }: CustomerRevision,
): Promise<void> {
  const customer = found(await lockCustomerRow(tx, merchant, id), 'customer');
  const version =
    party === undefined && mail_addresses === undefined
      ? customer.version
      : await revisedData(tx, vault, merchant, customer, { party, mail_addresses });
  await storeCustomer(tx, merchant, { ...customer, ...revision, version });
}

/** Seals a new version of the party and the mail addresses. An omitted one stays as it is. */
async function revisedData(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  { subject_id, version }: CustomerRow,
  { party, mail_addresses }: { party: PartyData | undefined; mail_addresses: AddressBook | undefined },
): Promise<number> {
  const current = await vault.open(tx, merchant, { subjectId: subject_id, version });
  if (current === null) {
    throw new DomainError('erased', 'the personal data of this customer was erased');
  }
  const { mail, ...currentParty } = current;
  const data = withMail(party ?? currentParty, mail_addresses ?? mail);
  await vault.index(tx, merchant, subject_id, data);
  return (await vault.revise(tx, merchant, subject_id, data)).version;
}
