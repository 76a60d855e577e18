import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import type { PartyData } from './vault.ts';

interface Series {
  readonly pattern: string;
  readonly first_counter: number;
}
type SeriesByKind = Readonly<Record<'invoice' | 'credit_note', Series>>;

export interface NewIssuer {
  readonly external_id?: string;
  readonly party: PartyData;
  readonly country: string;
  readonly time_zone: string;
  readonly series: SeriesByKind;
}

export interface IssuerRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly name: string;
  readonly country: string;
  readonly time_zone: string;
  readonly subject_id: string;
  readonly version: number;
  readonly series: SeriesByKind;
  readonly created_at: string;
}

const SELECT = `select i.id as cursor_key, i.id, i.external_id, i.name, i.country, i.time_zone, i.subject_id,
    i.subject_version as version, i.created_at,
    (select jsonb_object_agg(kind, jsonb_build_object('pattern', pattern, 'first_counter', first_counter))
     from number_series s where s.merchant_id = i.merchant_id and s.issuer_id = i.id) as series
  from issuers i where i.merchant_id = $1`;

/**
 * Stores an issuer with its two series of numbers.
 * @throws DomainError external_id_taken
 */
export async function insertIssuer(
  db: Db,
  merchant: MerchantId,
  issuer: NewIssuer,
  subject: { readonly subjectId: string; readonly version: number },
): Promise<string> {
  const { invoice, credit_note } = issuer.series;
  const id = newId('issuer');
  await rows(
    db,
    `insert into issuers (merchant_id, id, external_id, name, country, time_zone, subject_id, subject_version)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      merchant,
      id,
      issuer.external_id ?? null,
      issuer.party.name,
      issuer.country,
      issuer.time_zone,
      subject.subjectId,
      subject.version,
    ],
  ).catch(externalIdTaken);
  await rows(
    db,
    `insert into number_series (merchant_id, issuer_id, kind, pattern, first_counter)
     values ($1, $2, 'invoice', $3, $4), ($1, $2, 'credit_note', $5, $6)`,
    [merchant, id, invoice.pattern, invoice.first_counter, credit_note.pattern, credit_note.first_counter],
  );
  return id;
}

/** Changes the version of the data that documents print, from the next one on. */
export async function storeIssuerParty(
  db: Db,
  merchant: MerchantId,
  id: string,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<void> {
  await rows(db, 'update issuers set name = $3, subject_version = $4 where merchant_id = $1 and id = $2', [
    merchant,
    id,
    name,
    version,
  ]);
}

export function getIssuer(db: Db, merchant: MerchantId, id: string): Promise<IssuerRow | null> {
  return maybeRow<IssuerRow>(db, `${SELECT} and i.id = $2`, [merchant, id]);
}

export function listIssuers(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<IssuerRow>> {
  return pageOf<IssuerRow>(db, SELECT, [merchant], page);
}
