import { getDocument } from '../../db/books/documents.ts';
import type { PdfObject } from '../../db/books/pdfs.ts';
import { loadLogo } from '../../db/parties/logos.ts';
import type { Vault, VaultRef } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { pageOf } from '../../documents/description.ts';
import type { PrintedParty } from '../../documents/document.ts';
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
  const page = pageOf(printed, languageOf(row.language));
  return {
    task: { page, createdAt: new Date(row.effective_at), ...(await logoOf(db, merchant, printed.issuer)) },
    subjectId: row.recipient_subject_id,
    clockId: row.clock,
    fileName: fileNameOf(row.number),
  };
}

async function logoOf(
  db: Db,
  merchant: MerchantId,
  issuer: PrintedParty | null,
): Promise<Pick<RenderTask, 'logo'>> {
  return issuer?.logo === undefined ? {} : { logo: await loadLogo(db, merchant, issuer.logo.sha256) };
}

/** A name of a file that every system accepts. */
function fileNameOf(number: string): string {
  return `${number.replace(/[^\w.-]+/g, '-')}.pdf`;
}
