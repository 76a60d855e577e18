import { getDocument } from '../../db/books/documents.ts';
import type { PdfObject } from '../../db/books/pdfs.ts';
import type { Vault, VaultRef } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { pageOf } from '../../documents/description.ts';
import type { RenderTask } from '../../documents/pdf/tasks.ts';
import { languageOf } from '../../domain/parties/languages.ts';
import { loadPrinted, recipientOf } from './printed.ts';

/** To whom a PDF goes, and the test clock of its object. */
interface Addressed {
  readonly recipient: VaultRef;
  readonly clockId: string | null;
}

/** Everything from which a PDF is made. */
interface PdfSource {
  readonly task: RenderTask;
  /** The recipient, whose key seals the file. */
  readonly subjectId: string;
  readonly clockId: string | null;
  readonly fileName: string;
}

/** Finds to whom the PDF of an object goes. @throws DomainError not_found */
export async function findPdfSource(db: Db, merchant: MerchantId, { id }: PdfObject): Promise<Addressed> {
  const row = found(await getDocument(db, merchant, id), 'invoice');
  return { recipient: recipientOf(row), clockId: row.clock };
}

/** Loads everything that is printed of an object. Null if its recipient was erased. @throws DomainError not_found */
export async function loadPdfSource(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  { id }: PdfObject,
): Promise<PdfSource | null> {
  const { row, printed } = found(await loadPrinted(db, vault, merchant, id), 'invoice');
  if (printed.recipient === null) return null;
  return {
    task: { page: pageOf(printed, languageOf(row.language)), createdAt: new Date(row.effective_at) },
    subjectId: row.recipient_subject_id,
    clockId: row.clock,
    fileName: fileNameOf(row.number),
  };
}

/** A name of a file that every system accepts. */
function fileNameOf(number: string): string {
  return `${number.replace(/[^\w.-]+/g, '-')}.pdf`;
}
