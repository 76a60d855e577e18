import { DomainError } from '../../domain/errors.ts';
import { holdClock } from '../clocks/clocks.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';
import { externalIdTaken, found, resolve } from '../platform/refs.ts';
import type { PartyData, Vault } from './vault.ts';

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

/**
 * Makes a customer; what is personal goes into the vault. `at` is the request's field that holds it, if any.
 * @throws DomainError not_found (parent, clock), clock_at_root_only, external_id_taken
 */
export async function createCustomer(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  customer: NewCustomer,
  at?: string,
): Promise<{ readonly id: string }> {
  const { parentId, clockId } = await placeInTree(tx, merchant, customer, (field) =>
    at === undefined ? field : `${at}.${field}`,
  );
  const subject = await vault.create(tx, merchant, customer.party);
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
      parentId,
      clockId,
      customer.country,
      customer.time_zone,
      customer.language,
      customer.payment_term_days ?? null,
      customer.invoice_title ?? null,
      subject.subjectId,
      subject.version,
    ],
  ).catch(externalIdTaken);
  return { id };
}

/** The root of a tree may have a test clock, and everything below inherits it. */
async function placeInTree(
  tx: Tx,
  merchant: MerchantId,
  { parent, clock }: NewCustomer,
  pathOf: (field: string) => string,
): Promise<{ parentId: string | null; clockId: string | null }> {
  if (parent === undefined) {
    if (clock === undefined) return { parentId: null, clockId: null };
    const clockId = await resolve(tx, merchant, 'clock', clock, pathOf('clock'));
    await holdClock(tx, merchant, clockId, pathOf('clock'));
    return { parentId: null, clockId };
  }
  if (clock !== undefined) {
    throw new DomainError('clock_at_root_only', 'a customer below another shares the clock of its tree', {
      field: pathOf('clock'),
    });
  }
  const parentId = await resolve(tx, merchant, 'customer', parent, pathOf('parent'));
  const { clock_id } = await row<{ clock_id: string | null }>(
    tx,
    'select clock_id from customers where merchant_id = $1 and id = $2',
    [merchant, parentId],
  );
  if (clock_id !== null) await holdClock(tx, merchant, clock_id, pathOf('parent'));
  return { parentId, clockId: clock_id };
}

/** Locks a customer, so that nobody else makes accounts or contracts for it meanwhile; its clock's lock comes before. */
export async function lockCustomer(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  await rows(tx, 'select from customers where merchant_id = $1 and id = $2 for no key update', [
    merchant,
    id,
  ]);
}

/** What is left out stays as it is. */
export interface CustomerRevision {
  readonly external_id?: string | null;
  readonly party?: PartyData;
  readonly country?: string;
  readonly language?: string;
  readonly payment_term_days?: number | null;
  readonly invoice_title?: string | null;
}

/**
 * Revises a customer; documents keep the version that they print. `moveCustomer` (`engine/tax-rates.ts`) checks a new country.
 * @throws DomainError not_found, erased, external_id_taken
 */
export async function reviseCustomer(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  id: string,
  revision: CustomerRevision,
): Promise<void> {
  const customer = found(
    await maybeRow<CustomerRow>(tx, `${SELECT} and c.id = $2 for no key update of c`, [merchant, id]),
    'customer',
  );
  const version =
    revision.party === undefined
      ? customer.version
      : await revisedParty(tx, vault, merchant, customer, revision.party);
  await rows(
    tx,
    `update customers set external_id = $3, country = $4, language = $5, subject_version = $6, payment_term_days = $7,
       invoice_title = $8
     where merchant_id = $1 and id = $2`,
    [
      merchant,
      id,
      revision.external_id === undefined ? customer.external_id : revision.external_id,
      revision.country ?? customer.country,
      revision.language ?? customer.language,
      version,
      revision.payment_term_days === undefined ? customer.payment_term_days : revision.payment_term_days,
      revision.invoice_title === undefined ? customer.invoice_title : revision.invoice_title,
    ],
  ).catch(externalIdTaken);
}

async function revisedParty(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  { subject_id, version }: CustomerRow,
  party: PartyData,
): Promise<number> {
  if ((await vault.open(tx, merchant, { subjectId: subject_id, version })) === null) {
    throw new DomainError('erased', 'the personal data of this customer was erased');
  }
  return (await vault.revise(tx, merchant, subject_id, party)).version;
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
