// Reads the QR code of a PDF as a camera would: its rectangles are painted into a picture, which a reader of codes looks at.
import jsqr from 'jsqr';
import { OPS, getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** Pixels for each point, and white pixels around the code. */
const SCALE = 4;
const MARGIN = 40;
/** A rectangle of a path: a move, three lines and a close, as eleven numbers and its four other corners. */
const RECTANGLE = 13;

type Path = readonly [what: number, parts: readonly [Float32Array], bounds: Float32Array];
const decode = jsqr as unknown as typeof jsqr.default;

/** The content of the code on the first page; null if there is none. */
export async function readCode(bytes: Uint8Array): Promise<string | null> {
  const task = getDocument({ data: bytes.slice(), verbosity: 0, useSystemFonts: false });
  const page = await (await task.promise).getPage(1);
  const { fnArray, argsArray } = await page.getOperatorList();
  const filled = fnArray.flatMap((fn, n) => {
    const path = argsArray[n] as Path;
    return fn === OPS.constructPath && path[0] === OPS.fill ? [path] : [];
  });
  await task.destroy();
  const [path] = filled;
  if (path === undefined) return null;
  const side = Math.round((path[2][2]! - path[2][0]!) * SCALE) + 2 * MARGIN;
  return decode(pictureOf(path, side), side, side)?.data ?? null;
}

function pictureOf([, [numbers], bounds]: Path, side: number): Uint8ClampedArray {
  const picture = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let at = 0; at < numbers.length; at += RECTANGLE) {
    const pixel = (n: number, axis: 0 | 1): number =>
      Math.round((numbers[at + n]! - bounds[axis]!) * SCALE) + MARGIN;
    for (let y = pixel(2, 1); y < pixel(8, 1); y++) {
      for (let x = pixel(1, 0); x < pixel(4, 0); x++)
        picture.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return picture;
}
