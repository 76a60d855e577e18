// Small pictures for tests.
import { deflateSync } from 'node:zlib';

/**
 * A PNG of the size whose pixels are blue on the left and transparent on the right. `change` alters its header, and `filter`
 * begins each row.
 */
export function pngLogo(
  width: number,
  height: number,
  change: (header: Buffer) => void = () => undefined,
  filter = 0,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a sample; red, green, blue and alpha.
  header.set([8, 6], 8);
  change(header);
  const pixels = Array.from({ length: width }, (_, x) => [20, 90, 160, x * 2 < width ? 255 : 0]).flat();
  const rows = Array.from({ length: height }, () => Buffer.from([filter, ...pixels]));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG with a palette, from the indices of its rows. Each row begins with its filter. */
export function palettePng(rows: readonly (readonly number[])[], colours: number, transparency = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE((rows[0]?.length ?? 1) - 1, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.alloc(3 * colours, 90)),
    ...(transparency === 0 ? [] : [chunk('tRNS', Buffer.alloc(transparency, 255))]),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  framed.set(data, 8);
  framed.writeUInt32BE(crcOf(framed.subarray(4, data.length + 8)), data.length + 8);
  return framed;
}

function crcOf(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The markers of a JPEG of the size, without its picture. */
export function jpegHead(width: number, height: number, components: number): Buffer {
  const each = Array.from({ length: components }, (_, n) => [n + 1, 0x11, 0]).flat();
  const frame = Buffer.from([8, 0, 0, 0, 0, components, ...each]);
  frame.writeUInt16BE(height, 1);
  frame.writeUInt16BE(width, 3);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]), segment(0xc0, frame)]);
}

function segment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/**
 * A grey JPEG, all of one tone. Each of its two Huffman tables has one code, of one bit: a block is the bits 0 (no difference) and 0
 * (no further coefficients). `leftOut` names parts to leave out, and `bytes` shortens the data.
 */
export function jpegLogo(
  width: number,
  height: number,
  {
    leftOut = '',
    bytes,
  }: { leftOut?: 'quantisation' | 'dc' | 'ac' | 'end' | 'scan' | ''; bytes?: number } = {},
): Buffer {
  const table = (kind: number): Buffer =>
    segment(0xc4, Buffer.from([kind, 1, ...Array<number>(15).fill(0), 0]));
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const parts = {
    quantisation: segment(0xdb, Buffer.alloc(65, 1).fill(0, 0, 1)),
    dc: table(0x00),
    ac: table(0x10),
    scan: Buffer.concat([
      segment(SCAN, Buffer.from([1, 1, 0x00, 0, 63, 0])),
      Buffer.alloc(bytes ?? Math.ceil(blocks / 4)),
    ]),
    end: Buffer.from([0xff, 0xd9]),
  };
  const kept = Object.entries(parts).flatMap(([name, part]) => (name === leftOut ? [] : [part]));
  return Buffer.concat([jpegHead(width, height, 1), ...kept]);
}

const SCAN = 0xda;
