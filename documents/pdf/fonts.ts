import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Font, create } from 'fontkit';
import { SIMPLE, kerningOf, runOf } from './runs.ts';

const WEIGHTS = ['regular', 'bold'] as const;
/** The weights of the typeface. */
export type Weight = (typeof WEIGHTS)[number];

const FILES: Readonly<Record<Weight, string>> = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
};

const { resolve } = createRequire(import.meta.url);
const parsed = new Map<Weight, Font>();

/**
 * A font for one document. Its file is read and parsed once for each process. A font remembers from which characters it made
 * each glyph, and each document needs a memory of its own: the bytes of a document must not depend on earlier ones.
 */
export function openFont(weight: Weight): Font {
  const shared = parsedFont(weight);
  const font = Object.create(shared, { _glyphs: { value: {} } }) as Font;
  const kerning = kerningOf(weight, shared);
  font.layout = (text, ...more) =>
    SIMPLE.test(text) ? runOf(font, kerning, text) : shared.layout.call(font, text, ...more);
  return font;
}

function parsedFont(weight: Weight): Font {
  const known = parsed.get(weight);
  if (known !== undefined) return known;
  const font = create(readFileSync(resolve(FILES[weight])));
  if (!('characterSet' in font)) throw new Error(`${FILES[weight]} is a collection of fonts`);
  parsed.set(weight, font);
  return font;
}

let printable: ReadonlySet<number> | null = null;

/** The characters that all weights have. */
function printableCharacters(): ReadonlySet<number> {
  if (printable !== null) return printable;
  const [regular, bold] = WEIGHTS.map((weight) => parsedFont(weight).characterSet);
  const inBold = new Set(bold);
  printable = new Set(regular?.filter((character) => inBold.has(character)));
  return printable;
}

/** Scripts that run from right to left: the font has some of them, but pdfkit would print their words in the wrong order. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Nko}]/u;
/** Characters without a picture, such as line ends, joiners and marks of direction. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Variation_Selector}]/gu;
/** A no-break space stays, so that lines do not break there. */
const BREAKABLE_SPACE = /[^\S\u00A0\u202F]/gu;
/** These characters are printed as they are. */
const ASCII = /^[\x20-\x7e]*$/;
const REPLACEMENT = '\uFFFD';
/** More marks over one letter than any language has. They would be drawn over the lines above. */
const TOO_MANY_MARKS = /(\p{M}{4})\p{M}+/gu;

/** Makes texts printable, and remembers the characters that cannot be printed. */
export class Glyphs {
  readonly #printable = printableCharacters();
  readonly #replaced = new Set<string>();
  /** A text is measured and drawn several times. */
  readonly #known = new Map<string, string>();

  /** The text as it is printed: � replaces each character that the font does not have. */
  printable(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const printed = ASCII.test(text) ? text : this.#composed(text);
    this.#known.set(text, printed);
    return printed;
  }

  #composed(text: string): string {
    const composed = text
      .normalize('NFC')
      .replace(TOO_MANY_MARKS, '$1')
      .replace(BREAKABLE_SPACE, ' ')
      .replace(INVISIBLE, '');
    return Array.from(composed, (character) => this.#printed(character)).join('');
  }

  /** The characters that were replaced, in the order of their first use. */
  replaced(): string[] {
    return [...this.#replaced];
  }

  #printed(character: string): string {
    const isKnown = this.#printable.has(character.codePointAt(0) ?? 0) && !RIGHT_TO_LEFT.test(character);
    if (isKnown) return character;
    this.#replaced.add(character);
    return REPLACEMENT;
  }
}
