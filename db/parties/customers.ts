import { z } from 'zod';
import { CUSTOMER_PURPOSES, type CustomerPurpose } from '../../domain/mails/purposes.ts';
import type { AddressBook } from '../../domain/mails/recipients.ts';
import { instant, int, list, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';
import type { PartyData, VaultRef } from './vault.ts';

/** The fields of a new customer. */
export interface NewCustomer {
  readonly external_id?: string;
  readonly party: PartyData;
  readonly country: string;
  readonly time_zone: string;
  readonly language: string;
  /** The payment term of the billing accounts that are made for the customer. */
  readonly payment_term_days?: number;
  /** A pattern of `domain/books/title.ts`. */
  readonly invoice_title?: string;
  /** The addresses for mails. They are stored in the vault, beside the party. */
  readonly mail_addresses?: AddressBook;
  /** The purposes for which the customer gets no mail. */
  readonly mail_off?: readonly CustomerPurpose[];
  /** The parent customer, by id or external id. */
  readonly parent?: string;
  /** Only for the root of a tree. */
  readonly clock?: string;
}

/** The columns of a customer. */
export const customerColumns = {
  id: text,
  external_id: text.nullable(),
  parent: text.nullable(),
  clock: text.nullable(),
  country: text,
  time_zone: text,
  language: text,
  payment_term_days: int.nullable(),
  invoice_title: text.nullable(),
  mail_off: list(z.enum(CUSTOMER_PURPOSES)),
  subject_id: text,
  version: int,
  created_at: instant,
};
export type CustomerRow = RowOf<typeof customerColumns>;

/** The select of `customerColumns`, up to a condition on `c`. */
export const CUSTOMER_VIEW = `
  select c.id, c.external_id, c.parent_id as parent, c.clock_id as clock, c.country, c.time_zone, c.language,
    c.payment_term_days, c.invoice_title, c.mail_off, c.subject_id, c.subject_version as version, c.created_at
  from customers c where c.merchant_id = :merchant`;
const OF_CUSTOMER = { merchant: 'text', customer: 'text' } as const;

const selectCustomer = statement('customer', {
  sql: `${CUSTOMER_VIEW} and c.id = :customer`,
  params: OF_CUSTOMER,
  row: customerColumns,
});

const lockAndSelectCustomer = statement('lockCustomerRow', {
  sql: `${CUSTOMER_VIEW} and c.id = :customer for no key update of c`,
  params: OF_CUSTOMER,
  row: customerColumns,
});

/** A new customer with its place in its tree and the version of its personal data. */
interface PlacedCustomer extends Omit<NewCustomer, 'party' | 'mail_addresses' | 'parent' | 'clock'> {
  readonly parentId: string | null;
  readonly clockId: string | null;
  readonly subject: VaultRef;
}

/** Stores a new customer and returns its id. @throws DomainError external_id_taken */
export async function insertCustomer(
  tx: Tx,
  merchant: MerchantId,
  customer: PlacedCustomer,
): Promise<string> {
  const id = newId('customer');
  const row = {
    merchant_id: merchant,
    id,
    external_id: customer.external_id ?? null,
    parent_id: customer.parentId,
    clock_id: customer.clockId,
    country: customer.country,
    time_zone: customer.time_zone,
    language: customer.language,
    payment_term_days: customer.payment_term_days ?? null,
    invoice_title: customer.invoice_title ?? null,
    mail_off: customer.mail_off ?? [],
    subject_id: customer.subject.subjectId,
    subject_version: customer.subject.version,
  };
  await writeRows(tx, 'insertCustomer', { customers: [row] }).catch(externalIdTaken);
  return id;
}

const selectClock = statement('clockOfCustomer', {
  sql: 'select clock_id from customers where merchant_id = :merchant and id = :customer',
  params: OF_CUSTOMER,
  row: { clock_id: text.nullable() },
});

/** The test clock of a customer; null for wall time. */
export async function clockOfCustomer(db: Db, merchant: MerchantId, id: string): Promise<string | null> {
  const { clock_id } = await selectClock.row(db, { merchant, customer: id });
  return clock_id;
}

const selectAbove = statement('customerWithAbove', {
  sql: `
    with recursive line as (
      select id, parent_id, 1 as level from customers where merchant_id = :merchant and id = :customer
      union all
      select c.id, c.parent_id, l.level + 1 from line l
      join customers c on c.merchant_id = :merchant and c.id = l.parent_id)
    select id from line order by level`,
  params: OF_CUSTOMER,
  row: { id: text },
});

/** The ids of a customer, of its parent, and so on up to the root of the tree. */
export async function customerWithAbove(db: Db, merchant: MerchantId, id: string): Promise<string[]> {
  return (await selectAbove.rows(db, { merchant, customer: id })).map((each) => each.id);
}

const lock = statement('lockCustomer', {
  sql: `
    with locked as materialized (
      select 1 from customers where merchant_id = :merchant and id = :customer for no key update)
    select date_trunc('milliseconds', clock_timestamp()) as now_at from locked`,
  params: OF_CUSTOMER,
  row: { now_at: instant },
});

/**
 * Locks a customer, so that no other transaction makes accounts or contracts for it meanwhile. The lock of its clock comes first.
 * Returns the wall time under the lock.
 */
export async function lockCustomer(tx: Tx, merchant: MerchantId, id: string): Promise<string> {
  const { now_at } = await lock.row(tx, { merchant, customer: id });
  return now_at;
}

/** Locks and loads a customer that is to be revised; null if there is none. */
export function lockCustomerRow(tx: Tx, merchant: MerchantId, id: string): Promise<CustomerRow | null> {
  return lockAndSelectCustomer.maybeRow(tx, { merchant, customer: id });
}

const updateCustomer = statement('updateCustomer', {
  sql: `
    update customers
    set external_id = :external_id, country = :country, language = :language, subject_version = :version,
      payment_term_days = :payment_term_days, invoice_title = :invoice_title, mail_off = :mail_off,
      mail_off_changed_at = case when mail_off = :mail_off then mail_off_changed_at else clock_timestamp() end
    where merchant_id = :merchant and id = :id`,
  params: {
    merchant: 'text',
    id: 'text',
    external_id: 'text?',
    country: 'text',
    language: 'text',
    version: 'int',
    payment_term_days: 'int?',
    invoice_title: 'text?',
    mail_off: 'text[]',
  },
});

/**
 * Stores the revised fields of a customer. The caller holds its lock.
 * @throws DomainError external_id_taken
 */
export async function storeCustomer(
  tx: Tx,
  merchant: MerchantId,
  revised: Pick<
    CustomerRow,
    | 'id'
    | 'external_id'
    | 'country'
    | 'language'
    | 'version'
    | 'payment_term_days'
    | 'invoice_title'
    | 'mail_off'
  >,
): Promise<void> {
  await updateCustomer.run(tx, { merchant, ...revised }).catch(externalIdTaken);
}

export function getCustomer(db: Db, merchant: MerchantId, id: string): Promise<CustomerRow | null> {
  return selectCustomer.maybeRow(db, { merchant, customer: id });
}
