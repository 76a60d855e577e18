import { createHash } from 'node:crypto';
import {
  type PdfObject,
  FAILING_TRIES,
  type SealedPdf,
  dropPdfRequest,
  getSealedPdf,
  requestPdf,
  storePdf,
} from '../../db/books/pdfs.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Db, type Pool, inTransaction } from '../../db/platform/pool.ts';
import type { RenderTask, RenderedPdf } from '../../documents/pdf/tasks.ts';
import { DomainError } from '../../domain/errors.ts';
import { findPdfSource, loadPdfSource } from './pdf-sources.ts';

export interface PdfDeps {
  readonly pool: Pool;
  readonly vault: Vault;
  /** Renders a page, in this process or in a thread. */
  readonly render: (task: RenderTask) => Promise<RenderedPdf>;
  readonly log: { warn(fields: object, message: string): void };
  /** Called before the transaction that stores a PDF commits. */
  readonly onMoment?: (moment: 'pdf:storing') => void;
}

/** A PDF as it was stored. It is the same whenever it is read. */
export interface StoredPdf {
  readonly bytes: Uint8Array;
  /** The SHA-256 of the bytes, in hexadecimal digits. */
  readonly sha256: string;
  /** Such as `R-2024-0001.pdf`. */
  readonly filename: string;
}

/**
 * Returns the stored PDF of an invoice or credit note. If there is none, the PDF is made and stored first. Call it outside of
 * transactions.
 * @throws DomainError not_found, pdf_erased
 */
export function storedPdf(deps: PdfDeps, merchant: MerchantId, documentId: string): Promise<StoredPdf> {
  return storedPdfOf(deps, merchant, { kind: 'document', id: documentId });
}

/**
 * Returns the stored PDF of an object. If there is none, the PDF is made and stored first. If two processes make it at once, the first
 * one stores its file, and both return this file.
 * @throws DomainError not_found, pdf_erased
 */
export async function storedPdfOf(
  deps: PdfDeps,
  merchant: MerchantId,
  object: PdfObject,
): Promise<StoredPdf> {
  const { pool, vault } = deps;
  const stored = await getSealedPdf(pool, merchant, object);
  if (stored !== null) return openPdf(pool, vault, merchant, object, stored);
  await makePdf(deps, merchant, object).catch((error: unknown) => askWorkers(deps, merchant, object, error));
  const made = await getSealedPdf(pool, merchant, object);
  if (made === null) throw new Error(`the PDF of ${object.id} is gone: its test clock was deleted`);
  return openPdf(pool, vault, merchant, object, made);
}

/** Requests a PDF that could not be made for a mail, so that its failures are counted and somebody hears of them. */
async function askWorkers(
  { pool }: PdfDeps,
  merchant: MerchantId,
  object: PdfObject,
  error: unknown,
): Promise<never> {
  if (!(error instanceof DomainError)) {
    const { clockId } = await findPdfSource(pool, merchant, object);
    await requestPdf(pool, merchant, object, clockId);
  }
  throw error;
}

/** Renders and stores a PDF. Rendering takes a while, so no transaction is open meanwhile. */
async function makePdf(deps: PdfDeps, merchant: MerchantId, object: PdfObject): Promise<void> {
  const { pool, vault, render, log, onMoment } = deps;
  const source = await loadPdfSource(pool, vault, merchant, object);
  if (source === null) throw pdfErased();
  const { bytes, replaced } = await render(source.task);
  if (replaced.length > 0) {
    log.warn({ merchant, object: object.id, characters: replaced.length }, 'a PDF shows � for characters');
  }
  const sealed = await vault.sealFile(pool, merchant, source.subjectId, bytes, aboutOf(object));
  if (sealed === null) throw pdfErased();
  const { subjectId: subject_id, fileName: file_name } = source;
  await inTransaction(pool, async (tx) => {
    await storePdf(tx, merchant, object, source.clockId, {
      subject_id,
      file_name,
      sha256: sha256Of(bytes),
      sealed,
    });
    onMoment?.('pdf:storing');
  });
}

/**
 * Reads the stored PDF of an object. If there is none, asks the workers to make it, and returns null.
 * @throws DomainError not_found, pdf_erased, pdf_failed if the workers have tried in vain
 */
export async function readPdf(
  { reads, pool, vault }: { readonly reads: Db; readonly pool: Db; readonly vault: Vault },
  merchant: MerchantId,
  object: PdfObject,
): Promise<StoredPdf | null> {
  const stored = await getSealedPdf(reads, merchant, object);
  if (stored !== null) return openPdf(reads, vault, merchant, object, stored);
  const { recipient, clockId } = await findPdfSource(reads, merchant, object);
  if ((await vault.open(reads, merchant, recipient)) === null) throw pdfErased();
  const tries = await requestPdf(pool, merchant, object, clockId);
  if (tries >= FAILING_TRIES) {
    throw new DomainError('pdf_failed', `the PDF could not be made in ${tries} tries; it is tried again`);
  }
  return null;
}

/** Makes a PDF that was requested. If its object or its recipient is gone, the request is dropped. */
export async function makeRequestedPdf(
  deps: PdfDeps,
  merchant: MerchantId,
  object: PdfObject,
): Promise<void> {
  try {
    if ((await getSealedPdf(deps.pool, merchant, object)) === null)
      return await makePdf(deps, merchant, object);
  } catch (error) {
    if (!(error instanceof DomainError && ['not_found', 'pdf_erased'].includes(error.code))) throw error;
  }
  await dropPdfRequest(deps.pool, merchant, object.id);
}

/** Decrypts a stored PDF and checks its SHA-256. @throws DomainError pdf_erased */
async function openPdf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  object: PdfObject,
  { subject_id, file_name, sha256, sealed }: SealedPdf,
): Promise<StoredPdf> {
  const bytes = await vault.openFile(db, merchant, subject_id, sealed, aboutOf(object));
  if (bytes === null) throw pdfErased();
  if (!sha256Of(bytes).equals(sha256)) throw new Error(`the stored PDF of ${object.id} has another SHA-256`);
  return {
    bytes: new Uint8Array(bytes),
    sha256: Buffer.from(sha256).toString('hex'),
    filename: file_name,
  };
}

const aboutOf = ({ id }: PdfObject): string => `pdf/${id}`;
const sha256Of = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

function pdfErased(): DomainError {
  return new DomainError(
    'pdf_erased',
    'the PDF cannot be read: the personal data of its recipient was erased',
  );
}
