import { type PdfRounds, claimPdfRequests, storePdfError } from '../db/books/pdfs.ts';
import { onBehalfOf } from '../db/platform/call.ts';
import { type PdfDeps, makeRequestedPdf } from '../engine/books/pdfs.ts';
import { inParallel } from '../engine/platform/in-parallel.ts';

/** While one PDF is rendered, the next one is loaded. */
const AT_ONCE = 2;

/** Makes a batch of the PDFs that were requested. Returns how many requests it took. */
export async function makeRequestedPdfs(deps: PdfDeps, rounds?: PdfRounds): Promise<number> {
  const { pool, log } = deps;
  const taken = await claimPdfRequests(pool, rounds);
  await inParallel(taken, AT_ONCE, async (request) => {
    const { merchant_id: merchant, object_id: id, kind, tries } = request;
    try {
      await onBehalfOf(merchant, () => makeRequestedPdf(deps, merchant, { kind, id }));
    } catch (error) {
      log.warn(
        { merchant, object: id, tries, error: String(error) },
        'a PDF was not made; it is tried again',
      );
      await storePdfError(pool, request, String(error));
    }
  });
  return taken.length;
}
