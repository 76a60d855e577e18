import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Font, create } from 'fontkit';

/** The weights of the typeface. */
export type Weight = 'regular' | 'bold';

const FILES: Readonly<Record<Weight, string>> = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
};

const { resolve } = createRequire(import.meta.url);
const parsed = new Map<Weight, Font>();

/**
 * The typeface for one document. The files are read and parsed once for each process. A font remembers from which
 * characters it made a glyph, so each document has its own memory: the bytes must not depend on earlier documents.
 */
export function openFont(weight: Weight): Font {
  const font = parsed.get(weight) ?? parse(weight);
  return Object.create(font, { _glyphs: { value: {} } }) as Font;
}

function parse(weight: Weight): Font {
  const font = create(readFileSync(resolve(FILES[weight])));
  if (!('characterSet' in font)) throw new Error(`${FILES[weight]} is a collection of fonts`);
  parsed.set(weight, font);
  return font;
}

/** Scripts that run from right to left: the font has them, but pdfkit would put words into the wrong order. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Nko}\p{Script=Syriac}\p{Script=Thaana}]/u;
/** Characters without a picture, such as line ends, joiners and marks of direction. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Variation_Selector}]/gu;
const REPLACEMENT = '\uFFFD';

/** Makes texts printable, and remembers the characters that cannot be printed. */
export class Glyphs {
  readonly #printable: ReadonlySet<number>;
  readonly #replaced = new Set<string>();

  constructor(fonts: readonly Font[]) {
    const [first, ...others] = fonts.map(({ characterSet }) => new Set(characterSet));
    this.#printable = new Set(
      [...(first ?? [])].filter((character) => others.every((set) => set.has(character))),
    );
  }

  /** The text as it is printed: each character that no font has is replaced by the sign for it. */
  printable(text: string): string {
    const composed = text.normalize('NFC').replace(/\s/gu, ' ').replace(INVISIBLE, '');
    return Array.from(composed, (character) => this.#printed(character)).join('');
  }

  /** The characters that were replaced, in the order of their first use. */
  replaced(): string[] {
    return [...this.#replaced];
  }

  #printed(character: string): string {
    const known = this.#printable.has(character.codePointAt(0) ?? 0) && !RIGHT_TO_LEFT.test(character);
    if (known) return character;
    this.#replaced.add(character);
    return REPLACEMENT;
  }
}
