import { expect, it } from 'vitest';
import { pageOf } from '../../documents/description.ts';
import { checkLogo } from '../../documents/pdf/logo.ts';
import { renderPdf } from '../../documents/pdf/render.ts';
import { jpegHead, pngLogo } from '../support/logos.ts';
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
  expect(checkLogo(jpegHead(640, 480, 3))).toMatchObject({ width: 640, height: 480 });
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
  ['a JPEG in CMYK', jpegHead(640, 480, 4), 'grey or RGB'],
  ['a JPEG that is cut off', jpegHead(640, 480, 3).subarray(0, 12), 'damaged JPEG'],
])('%s is refused as a logo', (_, bytes, reason) => {
  expect(() => checkLogo(bytes)).toThrow(reason);
  expect(() => checkLogo(bytes)).toThrow(expect.objectContaining({ code: 'invalid_logo' }));
});

it('a PNG that unpacks to more than its size is refused before it is unpacked', () => {
  const bomb = pngLogo(4_000, 60, (header) => header.writeUInt32BE(1, 0));
  expect(() => checkLogo(bomb)).toThrow('damaged PNG');
});
