import { getDocument } from '../../db/books/documents.ts';
import type { PdfObject } from '../../db/books/pdfs.ts';
import { getStatement } from '../../db/books/statements.ts';
import { loadLogo } from '../../db/parties/logos.ts';
import type { Vault, VaultRef } from '../../db/parties/vault.ts';
import { getReceipt } from '../../db/payments/views.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { pageOf } from '../../documents/description.ts';
import type { PrintedParty } from '../../documents/document.ts';
import type { PageDescription } from '../../documents/page-description.ts';
import type { RenderTask } from '../../documents/pdf/tasks.ts';
import { pageOfReceipt } from '../../documents/receipt.ts';
import { pageOfStatement } from '../../documents/statement.ts';
import { type Language, languageOf } from '../../domain/parties/languages.ts';
import { loadPrintedReceipt } from './payment-receipts.ts';
import { loadPrinted } from './printed.ts';
import { recipientOf } from './printed-parties.ts';
import { loadPrintedStatement } from './statements.ts';

/** The recipient of a PDF, and the test clock of its object. */
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

/** Finds the recipient of the PDF of an object. @throws DomainError not_found */
export async function findPdfSource(
  db: Db,
  merchant: MerchantId,
  { kind, id }: PdfObject,
): Promise<Addressed> {
  const row = {
    document: async () => found(await getDocument(db, merchant, id), 'invoice'),
    receipt: async () => found(await getReceipt(db, merchant, id), 'payment'),
    statement: async () => found(await getStatement(db, merchant, id), 'statement'),
  }[kind];
  const { clock, ...versions } = await row();
  return { recipient: recipientOf(versions), clockId: clock };
}

/** An object, and everything that its page prints. */
interface Loaded {
  readonly row: Parameters<typeof recipientOf>[0] & {
    readonly clock: string | null;
    readonly language: string;
    readonly effective_at: string;
  };
  readonly parties: { readonly issuer: PrintedParty | null; readonly recipient: PrintedParty | null };
  readonly page: (language: Language) => PageDescription;
  readonly fileName: string;
}

/** Loads an object of each kind, and names its file. */
const LOADERS: Readonly<
  Record<PdfObject['kind'], (db: Db, vault: Vault, merchant: MerchantId, id: string) => Promise<Loaded>>
> = {
  async document(db, vault, merchant, id) {
    const { row, printed } = found(await loadPrinted(db, vault, merchant, id), 'invoice');
    return { row, parties: printed, page: (language) => pageOf(printed, language), fileName: row.number };
  },
  async receipt(db, vault, merchant, id) {
    const { row, printed } = await loadPrintedReceipt(db, vault, merchant, id);
    const page = (language: Language): PageDescription => pageOfReceipt(printed, language);
    return { row, parties: printed, page, fileName: `payment-${printed.date}` };
  },
  async statement(db, vault, merchant, id) {
    const { row, printed } = await loadPrintedStatement(db, vault, merchant, id);
    const page = (language: Language): PageDescription => pageOfStatement(printed, language);
    return { row, parties: printed, page, fileName: `statement-${printed.from}-${printed.to}` };
  },
};

/** Loads everything that is printed of an object. Null if its recipient was erased. @throws DomainError not_found */
export async function loadPdfSource(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  { kind, id }: PdfObject,
): Promise<PdfSource | null> {
  const { row, parties, page, fileName } = await LOADERS[kind](db, vault, merchant, id);
  if (parties.recipient === null) return null;
  const logo = await logoOf(db, merchant, parties.issuer);
  return {
    task: { page: page(languageOf(row.language)), createdAt: new Date(row.effective_at), ...logo },
    subjectId: row.recipient_subject_id,
    clockId: row.clock,
    // A name that every system accepts.
    fileName: `${fileName.replace(/[^\w.-]+/g, '-')}.pdf`,
  };
}

async function logoOf(
  db: Db,
  merchant: MerchantId,
  issuer: PrintedParty | null,
): Promise<Pick<RenderTask, 'logo'>> {
  return issuer?.logo === undefined ? {} : { logo: await loadLogo(db, merchant, issuer.logo.sha256) };
}
