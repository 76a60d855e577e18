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
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, components, 0, 0, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]), frame]);
}
