import { z } from 'zod';
import { instant, int, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';
import type { PartyData, VaultRef } from './vault.ts';

const series = z.strictObject({ pattern: text, first_counter: int });
const seriesByKind = z.strictObject({ invoice: series, credit_note: series });

export interface NewIssuer {
  readonly external_id?: string;
  /** The customer that it belongs to. It then bills only the customers below that one. */
  readonly customer?: string;
  readonly party: PartyData;
  readonly country: string;
  readonly time_zone: string;
  readonly series: z.output<typeof seriesByKind>;
  /** Whether its customers get mails. */
  readonly mail_enabled?: boolean;
  /** The sender of its mails, and the address for answers. They are stored in the vault, beside the party. */
  readonly mail_from?: string;
  readonly mail_reply_to?: string;
}

const issuerColumns = {
  id: text,
  external_id: text.nullable(),
  customer: text.nullable(),
  name: text,
  country: text,
  time_zone: text,
  subject_id: text,
  version: int,
  series: seriesByKind,
  mail_enabled: truth,
  created_at: instant,
};
export type IssuerRow = RowOf<typeof issuerColumns>;

const ISSUER = `
  select i.id, i.external_id, i.customer_id as customer, i.name, i.country, i.time_zone, i.subject_id, i.subject_version as version, i.created_at,
    i.mail_enabled_at is not null as mail_enabled,
    (select jsonb_object_agg(kind, jsonb_build_object('pattern', pattern, 'first_counter', first_counter))
      from number_series s where s.merchant_id = i.merchant_id and s.issuer_id = i.id) as series
  from issuers i where i.merchant_id = :merchant`;

const selectIssuer = statement('issuer', {
  sql: `${ISSUER} and i.id = :issuer`,
  params: { merchant: 'text', issuer: 'text' },
  row: issuerColumns,
});

const listAll = listStatement('issuers', {
  sql: ISSUER,
  params: { merchant: 'text' },
  row: issuerColumns,
});

/**
 * Stores an issuer with its two number series, and returns its id.
 * @throws DomainError external_id_taken
 */
export async function insertIssuer(
  db: Db,
  merchant: MerchantId,
  issuer: NewIssuer,
  { subjectId, version }: VaultRef,
): Promise<string> {
  const id = newId('issuer');
  const row = {
    merchant_id: merchant,
    id,
    external_id: issuer.external_id ?? null,
    customer_id: issuer.customer ?? null,
    name: issuer.party.name,
    country: issuer.country,
    time_zone: issuer.time_zone,
    subject_id: subjectId,
    subject_version: version,
  };
  const number_series = (['invoice', 'credit_note'] as const).map((kind) => {
    const { pattern, first_counter } = issuer.series[kind];
    return { merchant_id: merchant, issuer_id: id, kind, pattern, first_counter: BigInt(first_counter) };
  });
  await writeRows(db, 'insertIssuer', { issuers: [row], number_series }).catch(externalIdTaken);
  return id;
}

const selectOwner = statement('ownerOfIssuer', {
  sql: 'select customer_id as customer from issuers where merchant_id = :merchant and id = :issuer',
  params: { merchant: 'text', issuer: 'text' },
  row: { customer: text.nullable() },
});

/** The customer that an issuer belongs to; null for an issuer that bills all customers. */
export async function ownerOfIssuer(db: Db, merchant: MerchantId, id: string): Promise<string | null> {
  return (await selectOwner.row(db, { merchant, issuer: id })).customer;
}

const lock = statement('lockIssuer', {
  sql: 'select from issuers where merchant_id = :merchant and id = :issuer for no key update',
  params: { merchant: 'text', issuer: 'text' },
});

/** Locks an issuer that is to be revised. */
export async function lockIssuer(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  await lock.run(tx, { merchant, issuer: id });
}

const updateParty = statement('updatePartyOfIssuer', {
  sql: 'update issuers set name = :name, subject_version = :version where merchant_id = :merchant and id = :issuer',
  params: { merchant: 'text', issuer: 'text', name: 'text', version: 'int' },
});

const updateMail = statement('updateMailOfIssuer', {
  sql: `update issuers set mail_enabled_at = case when :enabled then coalesce(mail_enabled_at, clock_timestamp()) end
    where merchant_id = :merchant and id = :issuer`,
  params: { merchant: 'text', issuer: 'text', enabled: 'boolean' },
});

/** Switches the mails of an issuer on or off. */
export async function storeIssuerMail(
  db: Db,
  merchant: MerchantId,
  id: string,
  enabled: boolean,
): Promise<void> {
  await updateMail.run(db, { merchant, issuer: id, enabled });
}

/** Sets the name of an issuer, and the version of its data that documents print from the next one on. */
export async function storeIssuerParty(
  db: Db,
  merchant: MerchantId,
  id: string,
  party: { readonly name: string; readonly version: number },
): Promise<void> {
  await updateParty.run(db, { merchant, issuer: id, ...party });
}

export function getIssuer(db: Db, merchant: MerchantId, id: string): Promise<IssuerRow | null> {
  return selectIssuer.maybeRow(db, { merchant, issuer: id });
}

export function listIssuers(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<IssuerRow>> {
  return listAll.page(db, { merchant }, page);
}
