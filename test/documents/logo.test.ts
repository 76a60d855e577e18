import { expect, it } from 'vitest';
import { pageOf } from '../../documents/description.ts';
import { checkLogo, readLogo } from '../../documents/pdf/logo.ts';
import { renderPdf } from '../../documents/pdf/render.ts';
import { jpegHead, jpegLogo, palettePng, pngLogo } from '../support/logos.ts';
import { muster } from '../support/printed.ts';
import { readPdf } from '../support/read-pdf.ts';

const whole = pngLogo(300, 100);

it('a logo is printed as a figure, and nothing else of the document changes', async () => {
  const page = pageOf(muster, 'en');
  const createdAt = new Date('2016-12-01T09:00:00Z');
  const plain = await readPdf((await renderPdf(page, { createdAt })).bytes);
  const { bytes } = await renderPdf(page, { createdAt, logo: checkLogo(whole) });
  const printed = await readPdf(bytes);
  expect(printed.pages).toEqual(plain.pages);
  expect(printed.roles).toEqual(plain.roles.map((roles) => roles.replace('(P P', '(Figure P P')));
  const again = await renderPdf(page, { createdAt, logo: checkLogo(whole) });
  expect(Buffer.from(again.bytes).equals(Buffer.from(bytes))).toBe(true);
});

it('the size of a logo is read from its bytes', () => {
  expect(checkLogo(whole)).toMatchObject({ width: 300, height: 100 });
  expect(checkLogo(jpegLogo(640, 480))).toMatchObject({ mediaType: 'image/jpeg', width: 640, height: 480 });
});

it.each([
  ['a text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'neither a PNG nor a JPEG'],
  ['no bytes', Buffer.alloc(0), 'neither a PNG nor a JPEG'],
  ['200,000 bytes and one', Buffer.alloc(200_001), 'more than 200,000 bytes'],
  ['a PNG that is cut off', whole.subarray(0, -20), 'damaged PNG'],
  [
    'a PNG with other data than its header says',
    pngLogo(10, 10, (header) => header.writeUInt32BE(20, 4)),
    'damaged PNG',
  ],
  ['a PNG of 5,000 pixels', pngLogo(10, 10, (header) => header.writeUInt32BE(5_000, 0)), '5000 × 10 pixels'],
  ['an interlaced PNG', pngLogo(10, 10, (header) => header.writeUInt8(1, 12)), 'without interlacing'],
  ['a PNG with 16 bits', pngLogo(10, 10, (header) => header.writeUInt8(16, 8)), '8 bits a sample'],
  [
    'a PNG with a palette that is missing',
    pngLogo(10, 10, (header) => header.writeUInt8(3, 9)),
    'without its palette',
  ],
  ['a PNG with a filter that does not exist', pngLogo(10, 10, undefined, 5), 'damaged PNG'],
  [
    'a PNG with a pixel beyond its palette',
    palettePng(
      [
        [0, 0, 1],
        [0, 1, 2],
      ],
      2,
    ),
    'colours that its palette does not have',
  ],
  [
    'a PNG with a predicted pixel beyond its palette',
    palettePng(
      [
        [0, 1, 1],
        [1, 1, 1],
      ],
      2,
    ),
    'colours that its palette does not have',
  ],
  ['a PNG with fewer pixels than its size', palettePng([[0, 0, 1], [0]], 2), 'damaged PNG'],
  [
    'a PNG with more transparencies than colours',
    palettePng([[0, 1]], 2, 5_000),
    'its palette does not have',
  ],
  [
    'a JPEG without a picture',
    Buffer.concat([jpegHead(10, 10, 3), Buffer.from([0xff, 0xd9])]),
    'whole picture',
  ],
  ['a JPEG that ends after its header', jpegHead(10, 10, 3), 'whole picture'],
  ['a JPEG without its scan', jpegLogo(64, 64, { leftOut: 'scan' }), 'whole picture'],
  ['a JPEG without its end', jpegLogo(64, 64, { leftOut: 'end' }), 'whole picture'],
  ['a JPEG without quantisation', jpegLogo(64, 64, { leftOut: 'quantisation' }), 'whole picture'],
  ['a JPEG without a Huffman table', jpegLogo(64, 64, { leftOut: 'dc' }), 'whole picture'],
  ['a JPEG without its other Huffman table', jpegLogo(64, 64, { leftOut: 'ac' }), 'whole picture'],
  ['a JPEG with too little data', jpegLogo(64, 64, { bytes: 15 }), 'whole picture'],
  ['a JPEG in CMYK', jpegHead(640, 480, 4), 'grey or RGB'],
  ['a JPEG that is cut off', jpegHead(640, 480, 3).subarray(0, 12), 'damaged JPEG'],
])('%s is refused as a logo', (_, bytes, reason) => {
  expect(() => checkLogo(bytes)).toThrow(reason);
  expect(() => checkLogo(bytes)).toThrow(expect.objectContaining({ code: 'invalid_logo' }));
});

it('the colours of a PNG with a palette may be predicted from their neighbours', () => {
  const rows = [
    [0, 2, 1, 0],
    [1, 2, 254, 255], // 2 0 255 → the sums are taken modulo 256
    [2, 0, 1, 1],
    [3, 1, 0, 0],
    [4, 0, 0, 0],
  ];
  expect(checkLogo(palettePng(rows, 256, 256))).toMatchObject({ width: 3, height: 5 });
  const three = [
    [0, 2, 1, 0],
    [1, 1, 1, 255],
    [2, 0, 0, 1],
    [4, 0, 0, 0],
  ];
  expect(checkLogo(palettePng(three, 3))).toMatchObject({ width: 3, height: 4 });
});

it('a logo that an earlier version accepted is still printed', async () => {
  const old = Buffer.concat([jpegHead(10, 10, 3), Buffer.from([0xff, 0xd9])]);
  const createdAt = new Date('2016-12-01T09:00:00Z');
  const { bytes } = await renderPdf(pageOf(muster, 'en'), { createdAt, logo: readLogo(old) });
  expect((await readPdf(bytes)).roles[0]).toContain('Figure');
});

it('a PNG that unpacks to more than its size is refused before it is unpacked', () => {
  const bomb = pngLogo(4_000, 60, (header) => header.writeUInt32BE(1, 0));
  expect(() => checkLogo(bomb)).toThrow('damaged PNG');
});
