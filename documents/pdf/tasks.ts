import type { PageDescription } from '../page-description.ts';
import { readLogo } from './logo.ts';
import { renderPdf } from './render.ts';

/** A PDF to render. It is plain data, so that it can be sent to a thread. */
export interface RenderTask {
  readonly page: PageDescription;
  /** The instant that is written into the file. */
  readonly createdAt: Date;
  /** The bytes of the issuer's logo. */
  readonly logo?: Uint8Array;
}

export interface RenderedPdf {
  readonly bytes: Uint8Array;
  /** The characters that no font has. */
  readonly replaced: readonly string[];
}

/** Renders a PDF in this thread. */
export function render({ page, createdAt, logo }: RenderTask): Promise<RenderedPdf> {
  return renderPdf(page, { createdAt, ...(logo === undefined ? {} : { logo: readLogo(logo) }) });
}
