import PdfKit from 'pdfkit';
import { wrapBy } from '../wrap.ts';
import { Glyphs, type Weight, openFont } from './fonts.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- pdfkit declares its types in this namespace.
  namespace PDFKit.Mixins {
    interface StructureElementOptions {
      scope?: 'Row' | 'Column';
      bbox?: [left: number, top: number, right: number, bottom: number];
    }
  }
}

/** How a text looks. The line height is the distance to the next line. */
export interface Style {
  readonly size: number;
  readonly weight: Weight;
  readonly colour: string;
  readonly lineHeight: number;
}

export type Element = PDFKit.PDFStructureElement;
type Align = 'left' | 'right';

/** A PDF under construction, whose texts are parts of a structure tree. All lengths are in points from the upper left corner. */
export class Canvas {
  readonly root: Element;
  readonly #pdf: PDFKit.PDFDocument;
  readonly #glyphs = new Glyphs();
  #style: Style | null = null;

  constructor({ title, language, createdAt }: { title: string; language: string; createdAt: Date }) {
    this.#pdf = new PdfKit({
      size: 'A4',
      margin: 0,
      autoFirstPage: false,
      // No default font: a standard font would not be embedded.
      font: null as unknown as string,
      pdfVersion: '1.7',
      subset: 'PDF/A-3b',
      tagged: true,
      lang: language,
      displayTitle: true,
      // pdfkit writes the title into XML as it is.
      info: {
        Title: title.replace(/[<>&]/g, ' '),
        Producer: 'Tenor',
        Creator: 'Tenor',
        CreationDate: createdAt,
      },
    });
    // pdfkit accepts a parsed font, which its types do not know.
    for (const weight of ['regular', 'bold'] as const)
      this.#pdf.registerFont(weight, openFont(weight) as unknown as ArrayBuffer);
    this.root = this.#pdf.struct('Document');
    this.#pdf.addStructure(this.root);
  }

  addPage(): void {
    this.#pdf.addPage();
    this.#style = null;
  }

  /** A part of the structure that has parts of its own. */
  group(parent: Element, type: string): Element {
    const element = this.#pdf.struct(type);
    parent.add(element);
    return element;
  }

  /** Adds what is drawn to the structure, as one part. */
  part(
    parent: Element,
    type: string,
    draw: () => void,
    options: PDFKit.Mixins.StructureElementOptions = {},
  ): void {
    const content = this.#pdf.markStructureContent(type);
    draw();
    this.#pdf.endMarkedContent();
    parent.add(this.#pdf.struct(type, options, [content]));
  }

  /** Draws what a reader of the structure leaves out: rules, and texts that repeat on each page. */
  artifact(draw: () => void): void {
    this.#pdf.markContent('Artifact', { type: 'Pagination' });
    draw();
    this.#pdf.endMarkedContent();
  }

  /** The text in lines of at most the width, broken between words. A longer word is cut. */
  wrap(text: string, style: Style, width: number): string[] {
    this.#use(style);
    return wrapBy(this.#glyphs.printable(text), (line) => this.#pdf.widthOfString(line) <= width + 0.01);
  }

  width(text: string, style: Style): number {
    this.#use(style);
    return this.#pdf.widthOfString(this.#glyphs.printable(text));
  }

  /** Writes a line that fits. Its left or right end is at `x`. */
  line(text: string, x: number, y: number, style: Style, align: Align = 'left'): void {
    const printable = this.#glyphs.printable(text);
    this.#use(style);
    const left = align === 'left' ? x : x - this.#pdf.widthOfString(printable);
    this.#pdf.text(printable, left, y, { lineBreak: false });
  }

  /** Writes lines below each other. Returns the height below them. */
  lines(lines: readonly string[], x: number, y: number, style: Style, align: Align = 'left'): number {
    lines.forEach((line, n) => this.line(line, x, y + n * style.lineHeight, style, align));
    return y + lines.length * style.lineHeight;
  }

  rule(left: number, right: number, y: number, weight: number, colour: string): void {
    this.artifact(() => {
      this.#pdf.lineWidth(weight).moveTo(left, y).lineTo(right, y).stroke(colour);
    });
  }

  /** Paints rectangles, as `[x, y, width, height]`. */
  paint(colour: string, rectangles: readonly (readonly [number, number, number, number])[]): void {
    for (const rectangle of rectangles) this.#pdf.rect(...rectangle);
    this.#pdf.fill(colour);
    this.#style = null;
  }

  /** A picture whose upper right corner is at the point. */
  image(picture: Uint8Array, right: number, top: number, width: number, height: number): void {
    this.#pdf.image(Buffer.from(picture), right - width, top, { width, height });
  }

  /** Ends the document. `replaced` are the characters that no font has. */
  async end(): Promise<{ bytes: Uint8Array; replaced: string[] }> {
    const chunks: Buffer[] = [];
    this.#pdf.end();
    for await (const chunk of this.#pdf) chunks.push(chunk as Buffer);
    return { bytes: new Uint8Array(Buffer.concat(chunks)), replaced: this.#glyphs.replaced() };
  }

  #use(style: Style): void {
    if (this.#style === style) return;
    this.#pdf.font(style.weight).fontSize(style.size).fillColor(style.colour);
    this.#style = style;
  }
}
