import { z } from 'zod';
import type { PdfObject } from '../db/books/pdfs.ts';
import type { AreaName } from '../domain/parties/scopes.ts';
import { LANGUAGES } from '../domain/parties/languages.ts';
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

interface PdfRoute {
  readonly path: string;
  readonly tag: AreaName;
  readonly kind: PdfObject['kind'];
  /** The object in words, for the reference page. */
  readonly of: string;
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
      errors: ['pdf_erased'],
    },
    async ({ params }, { deps, merchant }) => {
      const pdf = await readPdf(deps, merchant, { kind, id: params.id });
      return pdf === null ? new NotYet(READY_AFTER_SECONDS) : new FileAnswer(pdf);
    },
  );
}
