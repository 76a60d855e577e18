import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import type { PartyData } from './vault.ts';

/** A customer to make. */
export interface NewCustomer {
  readonly external_id?: string;
  readonly party: PartyData;
  readonly country: string;
  readonly time_zone: string;
  readonly language: string;
  /** Of the accounts that are made for it. */
  readonly payment_term_days?: number;
  /** A pattern of `domain/books/title.ts`. */
  readonly invoice_title?: string;
  /** The customer above, by id or external id. */
  readonly parent?: string;
  /** Only for the root of a tree. */
  readonly clock?: string;
}

export interface CustomerRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly parent: string | null;
  readonly clock: string | null;
  readonly country: string;
  readonly time_zone: string;
  readonly language: string;
  readonly payment_term_days: number | null;
  readonly invoice_title: string | null;
  readonly subject_id: string;
  readonly version: number;
  readonly created_at: string;
}

const SELECT = `select c.id as cursor_key, c.id, c.external_id, c.parent_id as parent, c.clock_id as clock, c.country,
    c.time_zone, c.language, c.payment_term_days, c.invoice_title, c.subject_id, c.subject_version as version, c.created_at
  from customers c where c.merchant_id = $1`;

/** Where a customer stands in its tree, and which version of its personal data is in force. */
interface PlacedCustomer extends Omit<NewCustomer, 'party' | 'parent' | 'clock'> {
  readonly parentId: string | null;
  readonly clockId: string | null;
  readonly subject: { readonly subjectId: string; readonly version: number };
}

/** @throws DomainError external_id_taken */
export async function insertCustomer(
  tx: Tx,
  merchant: MerchantId,
  customer: PlacedCustomer,
): Promise<string> {
  const id = newId('customer');
  await rows(
    tx,
    `insert into customers (merchant_id, id, external_id, parent_id, clock_id, country, time_zone, language,
       payment_term_days, invoice_title, subject_id, subject_version)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      merchant,
      id,
      customer.external_id ?? null,
      customer.parentId,
      customer.clockId,
      customer.country,
      customer.time_zone,
      customer.language,
      customer.payment_term_days ?? null,
      customer.invoice_title ?? null,
      customer.subject.subjectId,
      customer.subject.version,
    ],
  ).catch(externalIdTaken);
  return id;
}

/** The clock of a customer. */
export async function clockOfCustomer(db: Db, merchant: MerchantId, id: string): Promise<string | null> {
  const { clock_id } = await row<{ clock_id: string | null }>(
    db,
    'select clock_id from customers where merchant_id = $1 and id = $2',
    [merchant, id],
  );
  return clock_id;
}

/**
 * Locks a customer, so that nobody else makes accounts or contracts for it meanwhile; its clock's lock comes before. Answers
 * the wall time under the lock.
 */
export async function lockCustomer(tx: Tx, merchant: MerchantId, id: string): Promise<string> {
  const { now_at } = await row<{ now_at: string }>(
    tx,
    `with locked as materialized (select 1 from customers where merchant_id = $1 and id = $2 for no key update)
     select date_trunc('milliseconds', clock_timestamp()) as now_at from locked`,
    [merchant, id],
  );
  return now_at;
}

/** Locks a customer that is to be revised; null when there is none. */
export function lockCustomerRow(tx: Tx, merchant: MerchantId, id: string): Promise<CustomerRow | null> {
  return maybeRow<CustomerRow>(tx, `${SELECT} and c.id = $2 for no key update of c`, [merchant, id]);
}

/**
 * Stores what is revised of a customer; the caller holds its lock.
 * @throws DomainError external_id_taken
 */
export async function storeCustomer(
  tx: Tx,
  merchant: MerchantId,
  revised: Pick<
    CustomerRow,
    'id' | 'external_id' | 'country' | 'language' | 'version' | 'payment_term_days' | 'invoice_title'
  >,
): Promise<void> {
  await rows(
    tx,
    `update customers set external_id = $3, country = $4, language = $5, subject_version = $6, payment_term_days = $7,
       invoice_title = $8
     where merchant_id = $1 and id = $2`,
    [
      merchant,
      revised.id,
      revised.external_id,
      revised.country,
      revised.language,
      revised.version,
      revised.payment_term_days,
      revised.invoice_title,
    ],
  ).catch(externalIdTaken);
}

export function getCustomer(db: Db, merchant: MerchantId, id: string): Promise<CustomerRow | null> {
  return maybeRow<CustomerRow>(db, `${SELECT} and c.id = $2`, [merchant, id]);
}

export function listCustomers(
  db: Db,
  merchant: MerchantId,
  filter: { external_id?: string; parent?: string; clock?: string },
  page: PageOf,
): Promise<Page<CustomerRow>> {
  return pageOf<CustomerRow>(
    db,
    `${SELECT} and ($2::text is null or c.external_id = $2) and ($3::text is null or c.parent_id = $3)
       and ($4::text is null or c.clock_id = $4)`,
    [merchant, filter.external_id ?? null, filter.parent ?? null, filter.clock ?? null],
    page,
  );
}
