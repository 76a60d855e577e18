import { inflateSync } from 'node:zlib';
import { DomainError } from '../../domain/errors.ts';
import { hasPicture } from './jpeg.ts';

/** A picture that was checked, with its size in pixels. */
export interface Logo {
  readonly bytes: Uint8Array;
  readonly mediaType: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
}

const LARGEST_BYTES = 200_000;
const LARGEST_SIDE = 2_000;

/**
 * Checks a logo before it is stored: in addition to `readLogo`, that each of its pixels has a colour.
 * @throws DomainError invalid_logo
 */
export function checkLogo(bytes: Uint8Array): Logo {
  const logo = readLogo(bytes);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (logo.mediaType === 'image/jpeg') {
    if (!hasPicture(view))
      throw refused('The logo is a JPEG without a whole picture, or of a kind that PDF readers do not show.');
  } else checkColours(view, logo);
  return logo;
}

/**
 * Reads a logo before it is printed: a PNG without interlacing, or a JPEG in grey or RGB, of at most 200 kB and 2,000 pixels a side.
 * @throws DomainError invalid_logo
 */
export function readLogo(bytes: Uint8Array): Logo {
  if (bytes.length > LARGEST_BYTES) throw refused('The logo has more than 200,000 bytes.');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = view.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n';
  const isJpeg = view.subarray(0, 3).toString('latin1') === '\xff\xd8\xff';
  if (!isPng && !isJpeg) throw refused('The logo is neither a PNG nor a JPEG.');
  const { width, height } = isPng ? checkPng(view) : checkJpeg(view);
  return { bytes, mediaType: isPng ? 'image/png' : 'image/jpeg', width, height };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function checkSize(width: number, height: number): Size {
  if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    throw refused(`The logo has ${width} × ${height} pixels. Each side may have 1 to 2,000.`);
  return { width, height };
}

/** Samples of a pixel, by the colour type of a PNG. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The colour type of a PNG whose pixels are indices of a palette. */
const INDEXED = 3;

/** Each row begins with its filter, from 0 to 4. */
const LAST_FILTER = 4;

/** pdfkit unpacks a PNG in a callback whose errors nobody can catch, so the data must be whole. */
function checkPng(png: Buffer): Size {
  const parts = chunksOf(png);
  const header = parts[0]?.type === 'IHDR' && parts[0].data.length === 13 ? parts[0].data : null;
  if (header === null || parts.at(-1)?.type !== 'IEND') throw refused('The logo is a damaged PNG.');
  const size = checkSize(header.readUInt32BE(0), header.readUInt32BE(4));
  const samples = SAMPLES[header.readUInt8(9)];
  if (header.readUInt8(8) !== 8 || samples === undefined || header.readUInt8(12) !== 0)
    throw refused('The logo must be a PNG with 8 bits a sample and without interlacing.');
  const palette = parts.find(({ type }) => type === 'PLTE')?.data.length ?? 0;
  if (header.readUInt8(9) === INDEXED && (palette === 0 || palette % 3 !== 0))
    throw refused('The logo is a PNG without its palette.');
  const rowBytes = 1 + size.width * samples;
  const packed = Buffer.concat(parts.filter(({ type }) => type === 'IDAT').map(({ data }) => data));
  const rows = inflated(packed, rowBytes * size.height);
  if (rows?.length !== rowBytes * size.height) throw refused('The logo is a damaged PNG.');
  for (let at = 0; at < rows.length; at += rowBytes)
    if (rows.readUInt8(at) > LAST_FILTER) throw refused('The logo is a damaged PNG.');
  return size;
}

/** The length of the transparency of a PNG without a palette, by its colour type. Those with alpha have none. */
const TRANSPARENCY: Readonly<Record<number, number>> = { 0: 2, 2: 6 };

/** Refuses a PNG with pixels beyond its palette, or with a transparency that does not fit its colours. */
function checkColours(png: Buffer, { width, height }: Size): void {
  const parts = chunksOf(png);
  const dataOf = (name: string): Buffer =>
    Buffer.concat(parts.filter(({ type }) => type === name).map(({ data }) => data));
  const type = dataOf('IHDR').readUInt8(9);
  const transparency = dataOf('tRNS').length;
  if (type !== INDEXED) {
    if (transparency !== 0 && transparency !== TRANSPARENCY[type])
      throw refused('The logo is a damaged PNG.');
    return;
  }
  const colours = dataOf('PLTE').length / 3;
  const rows = inflated(dataOf('IDAT'), (1 + width) * height) ?? Buffer.alloc(0);
  if (colours > 256 || transparency > colours || largestIndex(rows, width) >= colours)
    throw refused('The logo is a PNG with colours that its palette does not have.');
}

/** The largest index of a colour in rows of one byte a pixel. The filter of a row predicts each byte from its neighbours. */
function largestIndex(rows: Buffer, width: number): number {
  let largest = 0;
  let above = new Uint8Array(width);
  for (let at = 0; at < rows.length; at += 1 + width) {
    const filter = rows[at] ?? 0;
    const row = new Uint8Array(width);
    for (let x = 0; x < width; x += 1) {
      const left = x === 0 ? 0 : (row[x - 1] ?? 0);
      const corner = x === 0 ? 0 : (above[x - 1] ?? 0);
      row[x] = (rows[at + 1 + x] ?? 0) + predicted(filter, left, above[x] ?? 0, corner);
      largest = Math.max(largest, row[x] ?? 0);
    }
    above = row;
  }
  return largest;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const found = [];
  for (let at = 8; at + 12 <= png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > png.length) break;
    found.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return found;
}

/** Null if the data is damaged, or longer than `most`. */
function inflated(packed: Buffer, most: number): Buffer | null {
  try {
    return inflateSync(packed, { maxOutputLength: most });
  } catch {
    return null;
  }
}

/** The first segment that states a size ends the walk. */
function checkJpeg(jpeg: Buffer): Size {
  for (let at = 2; at + 10 <= jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at] !== 0xff) break;
    const marker = jpeg[at + 1] ?? 0;
    const hasSize = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!hasSize) continue;
    if (![1, 3].includes(jpeg.readUInt8(at + 9))) throw refused('The logo must be a JPEG in grey or RGB.');
    return checkSize(jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5));
  }
  throw refused('The logo is a damaged JPEG.');
}

function refused(message: string): DomainError {
  return new DomainError('invalid_logo', message, { field: 'logo' });
}
