import type { Font, GlyphRun } from 'fontkit';

/**
 * Texts whose glyphs stand beside each other, one for each character. The general layout of fontkit, which also joins and moves
 * glyphs, takes several times as long. All other texts need it.
 */
export const SIMPLE = /^[\p{L}\p{N}\p{P}\p{S}\p{Z}]*$/u;

/** By how much the second of two characters moves towards the first, in units of the font. */
type Kerning = (first: number, second: number) => number;

const kernings = new Map<string, Kerning>();
/** Above all code points. */
const CODES = 0x110000;

/** The kerning of a typeface. Each pair is looked up in the font once for each process. */
export function kerningOf(name: string, font: Font): Kerning {
  const known = kernings.get(name);
  if (known !== undefined) return known;
  const found = new Map<number, number>();
  const kerning: Kerning = (first, second) => {
    const pair = first * CODES + second;
    const stored = found.get(pair);
    if (stored !== undefined) return stored;
    const { glyphs, positions } = font.layout(String.fromCodePoint(first, second), { liga: false });
    const moved = (positions[0]?.xAdvance ?? 0) - (glyphs[0]?.advanceWidth ?? 0);
    found.set(pair, moved);
    return moved;
  };
  kernings.set(name, kerning);
  return kerning;
}

type Position = GlyphRun['positions'][number];

/** The glyphs of a simple text, with their positions. */
export function runOf(font: Font, kerning: Kerning, text: string): GlyphRun {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const glyphs = codes.map((code) => font.glyphForCodePoint(code));
  const positions = glyphs.map((glyph, n): Position => {
    const next = codes[n + 1];
    const moved = next === undefined ? 0 : kerning(codes[n] ?? 0, next);
    return { xAdvance: glyph.advanceWidth + moved, yAdvance: 0, xOffset: 0, yOffset: 0 };
  });
  const run = {
    glyphs,
    positions,
    // pdfkit scales the positions before it asks for their sum.
    get advanceWidth() {
      return positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0);
    },
  };
  return run as unknown as GlyphRun;
}
