import { z } from 'zod';
import type { PdfObject } from '../db/books/pdfs.ts';
import type { Vault } from '../db/parties/vault.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Db } from '../db/platform/pool.ts';
import { LANGUAGES, type Language, languageOf } from '../domain/parties/languages.ts';
import type { AreaName } from '../domain/parties/scopes.ts';
import { readPdf } from '../engine/books/pdfs.ts';
import { FileAnswer, NotYet, type Route, route } from './route.ts';
import { idParams } from './schemas/common.ts';

/** The language of a page of text. */
export const inLanguage = z.strictObject({
  language: z
    .enum(LANGUAGES)
    .exactOptional()
    .meta({ description: "By default the customer's language, or English if that is not supported." }),
});

/** After how many seconds a PDF that is being made is usually ready. */
const READY_AFTER_SECONDS = 1;

interface PrintedObject {
  readonly path: string;
  readonly tag: AreaName;
  /** The object in words, for the reference page. */
  readonly of: string;
}

interface TextRoute<P> extends PrintedObject {
  readonly description: string;
  /** Loads the customer's language and everything that is printed of the object. @throws DomainError not_found */
  readonly load: (
    db: Db,
    vault: Vault,
    merchant: MerchantId,
    id: string,
  ) => Promise<{ readonly row: { readonly language: string }; readonly printed: P }>;
  readonly print: (printed: P, language: Language) => string;
}

/** Declares the route that prints an object as a page of text. */
export function textRoute<P>({ path, tag, of, description, load, print }: TextRoute<P>): Route {
  return route(
    {
      method: 'get',
      path,
      tag,
      summary: `Print ${of} as a page of text`,
      description,
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: inLanguage,
      status: [200],
      produces: 'text/plain',
      response: z.string(),
      errors: [],
    },
    async ({ params, query }, { db, deps, merchant }) => {
      const { row, printed } = await load(db, deps.vault, merchant, params.id);
      return print(printed, query.language ?? languageOf(row.language));
    },
  );
}

interface PdfRoute extends PrintedObject {
  readonly kind: PdfObject['kind'];
}

/** Declares the route that reads the PDF of an object. */
export function pdfRoute({ path, tag, kind, of }: PdfRoute): Route {
  return route(
    {
      method: 'get',
      path,
      tag,
      summary: `Read ${of} as PDF`,
      description:
        "A PDF/A-3b in the customer's language. A worker makes it when it is first requested or sent, and stores it. Until " +
        'then the answer is 202: repeat the request after the seconds of `Retry-After`. A stored PDF never changes. Its ' +
        '`ETag` is its SHA-256.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200, 202],
      produces: 'application/pdf',
      response: z.string().meta({ format: 'binary' }),
      errors: ['pdf_erased', 'pdf_failed'],
    },
    async ({ params }, { deps, merchant }) => {
      const pdf = await readPdf(deps, merchant, { kind, id: params.id });
      return pdf === null ? new NotYet(READY_AFTER_SECONDS) : new FileAnswer('application/pdf', pdf);
    },
  );
}
