import { z } from 'zod';
import { bytes, int, merchant as merchantColumn, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { roundsOf } from '../platform/rounds.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** The kinds of objects that have a PDF. */
const PDF_KINDS = ['document', 'receipt', 'statement'] as const;
type PdfKind = (typeof PDF_KINDS)[number];

/** An object that has a PDF: an invoice or credit note, a payment with its receipt, or an account statement. */
export interface PdfObject {
  readonly kind: PdfKind;
  readonly id: string;
}

const OF_OBJECT = { merchant: 'text', object: 'text' } as const;

const sealedPdf = { subject_id: text, file_name: text, sha256: bytes, sealed: bytes };
/** A stored PDF, sealed under the key of its recipient. */
export type SealedPdf = RowOf<typeof sealedPdf>;

const selectPdf = statement('sealedPdf', {
  sql: `
    select subject_id, file_name, sha256, sealed from pdfs
    where merchant_id = :merchant and object_id = :object and kind = :kind`,
  params: { ...OF_OBJECT, kind: 'text' },
  row: sealedPdf,
});

/** The stored PDF of an object; null if none was made yet. */
export function getSealedPdf(
  db: Db,
  merchant: MerchantId,
  { id, kind }: PdfObject,
): Promise<SealedPdf | null> {
  return selectPdf.maybeRow(db, { merchant, object: id, kind });
}

const insertPdf = statement('insertPdf', {
  sql: `
    insert into pdfs (merchant_id, object_id, kind, subject_id, clock_id, file_name, sha256, sealed, checksum)
    values (:merchant, :object, :kind, :subject_id, :clock, :file_name, :sha256, :sealed, sha256(:sha256 || :sealed))
    on conflict do nothing`,
  params: {
    ...OF_OBJECT,
    kind: 'text',
    clock: 'text?',
    subject_id: 'text',
    file_name: 'text',
    sha256: 'bytea',
    sealed: 'bytea',
  },
});

const deleteRequest = statement('deletePdfRequest', {
  sql: 'delete from pdf_requests where merchant_id = :merchant and object_id = :object',
  params: OF_OBJECT,
});

/** Stores a PDF, unless another process was first, and deletes its request. */
export async function storePdf(
  tx: Tx,
  merchant: MerchantId,
  { id, kind }: PdfObject,
  clockId: string | null,
  pdf: { readonly [K in keyof SealedPdf]: SealedPdf[K] extends string ? string : Uint8Array },
): Promise<void> {
  await insertPdf.run(tx, { merchant, object: id, kind, clock: clockId, ...pdf });
  await deleteRequest.run(tx, { merchant, object: id });
}

/** Deletes the request for a PDF that can no longer be made. */
export async function dropPdfRequest(db: Db, merchant: MerchantId, objectId: string): Promise<void> {
  await deleteRequest.run(db, { merchant, object: objectId });
}

const insertRequest = statement('requestPdf', {
  sql: `
    with requested as (
      insert into pdf_requests (merchant_id, object_id, kind, clock_id) values (:merchant, :object, :kind, :clock)
      on conflict do nothing)
    select coalesce((select tries from pdf_requests where merchant_id = :merchant and object_id = :object), 0) as tries`,
  params: { ...OF_OBJECT, kind: 'text', clock: 'text?' },
  row: { tries: int },
});

/** After so many tries a PDF is reported as failing (`db/platform/backlog.sql`). */
export const FAILING_TRIES = 5;

/** Asks the workers for a PDF. If it was asked for already, nothing changes. Returns how often they have tried to make it. */
export async function requestPdf(
  db: Db,
  merchant: MerchantId,
  { id, kind }: PdfObject,
  clockId: string | null,
): Promise<number> {
  return (await insertRequest.row(db, { merchant, object: id, kind, clock: clockId })).tries;
}

/** The pause before the second try of a PDF, which doubles with each further one up to an hour. After three days it is a day. */
const PAUSE_SECONDS = 30;
const LONG_PAUSE_SECONDS = 3_600;
const LONGEST_PAUSE_SECONDS = 86_400;
/** The number of tries within three days. */
const TRIES_BEFORE_LONGEST = 79;
/** The most PDFs that a relay claims at once. They must be made before the pause is over. */
const MOST_CLAIMED = 16;

/** Begins rounds over the merchants whose PDFs a relay makes. */
export const pdfRounds = roundsOf('pdfRounds', {
  waiting: 'from pdf_requests q where true',
  due: 'q.due_at',
  until: 'statement_timestamp()',
  params: {},
  atOnce: MOST_CLAIMED,
});
export type PdfRounds = ReturnType<typeof pdfRounds>;

const request = { merchant_id: merchantColumn, object_id: text, kind: z.enum(PDF_KINDS), tries: int };
/** A request that this process has claimed. */
export type PdfRequest = RowOf<typeof request>;

const claim = statement('claimPdfRequests', {
  sql: `
    with taken as materialized (
      select q.merchant_id, q.object_id
      from unnest(:merchants, :most) t(merchant_id, most)
      cross join lateral (
        select o.merchant_id, o.object_id from pdf_requests o
        where o.merchant_id >= t.merchant_id and (o.merchant_id, o.due_at) <= (t.merchant_id, statement_timestamp())
        order by o.merchant_id, o.due_at limit least(t.most, ${MOST_CLAIMED}) for no key update skip locked) q
      limit ${MOST_CLAIMED})
    update pdf_requests r
    set tries = tries + 1,
      due_at = statement_timestamp() + make_interval(secs => case when tries >= ${TRIES_BEFORE_LONGEST}
        then ${LONGEST_PAUSE_SECONDS} else least(${LONG_PAUSE_SECONDS}, ${PAUSE_SECONDS} * power(2, least(tries, 30))) end)
    from taken k where r.merchant_id = k.merchant_id and r.object_id = k.object_id
    returning r.merchant_id, r.object_id, r.kind, r.tries`,
  params: { merchants: 'text[]', most: 'int[]' },
  row: request,
});

/**
 * Claims requests that are due: of each merchant as many as its turn allows, and 16 in all. Another relay can claim them only after a
 * pause, which grows with each try.
 */
export async function claimPdfRequests(db: Db, rounds: PdfRounds = pdfRounds()): Promise<PdfRequest[]> {
  const { turns } = await rounds.next(db, {});
  if (turns.length === 0) return [];
  return claim.rows(db, {
    merchants: turns.map(({ merchant }) => merchant),
    most: turns.map(({ most }) => most),
  });
}

const keepError = statement('keepErrorOfPdfRequest', {
  sql: 'update pdf_requests set last_error = :error where merchant_id = :merchant and object_id = :object',
  params: { ...OF_OBJECT, error: 'text' },
});

/** Stores why a PDF could not be made. It is tried again after its pause. */
export async function storePdfError(
  db: Db,
  { merchant_id, object_id }: PdfRequest,
  error: string,
): Promise<void> {
  await keepError.run(db, { merchant: merchant_id, object: object_id, error: error.slice(0, 500) });
}
