// Reads PDFs with Mozilla's reader.
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

interface Node {
  readonly role?: string;
  readonly alt?: string;
  readonly type?: string;
  readonly children?: readonly Node[];
}

export interface ReadPdf {
  /** The text of each page, as it is copied out: parts of a line joined by a space. */
  readonly pages: readonly string[];
  /** The roles of the structure of each page, written as `H1` or `TR(TH TD)`. */
  readonly roles: readonly string[];
  readonly title: string;
  readonly language: string;
}

export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  const task = getDocument({ data: bytes.slice(), verbosity: 0, useSystemFonts: false });
  const pdf = await task.promise;
  const pages: string[] = [];
  const roles: string[] = [];
  for (let n = 1; n <= pdf.numPages; n++) {
    const page = await pdf.getPage(n);
    const { items } = await page.getTextContent({ disableNormalization: true });
    const texts = items.flatMap((item) => ('str' in item && item.str.trim() !== '' ? [item.str] : []));
    pages.push(texts.join('|'));
    roles.push(rolesOf(await page.getStructTree()));
  }
  const { info } = (await pdf.getMetadata()) as { info: { Title?: string; Language?: string } };
  await task.destroy();
  return { pages, roles, title: info.Title ?? '', language: info.Language ?? '' };
}

function rolesOf({ role = '', children = [] }: Node): string {
  const inner = children.filter((child) => child.role !== undefined).map(rolesOf);
  return inner.length === 0 ? role : `${role}(${inner.join(' ')})`;
}
