/**
 * The parts of a JPEG that a reader of the PDF needs to show it. The file is put into the PDF as it is, so nothing else decodes it. The
 * picture itself is not decoded here: only its tables and the least length of its data are checked.
 */

/** A component of the picture: its number of blocks of 8 × 8 samples, and its quantisation table. */
interface Component {
  readonly blocks: number;
  readonly table: number;
}
interface Frame {
  readonly progressive: boolean;
  readonly components: ReadonlyMap<number, Component>;
}
interface Tables {
  readonly quantisation: Set<number>;
  /** Huffman tables. Those of the class AC have 16 added to their number. */
  readonly huffman: Set<number>;
}

const SCAN = 0xda;
const END = 0xd9;
const QUANTISATION = 0xdb;
const HUFFMAN = 0xc4;
/** Baseline, extended and progressive frames. Readers of a PDF show no others. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];
const PROGRESSIVE = 0xc2;
const AC = 16;

/** Whether a JPEG has all tables of its picture, and data for each of its components. Bytes after its end are ignored. */
export function hasPicture(jpeg: Buffer): boolean {
  try {
    return readPicture(jpeg);
  } catch (error) {
    if (error instanceof RangeError) return false; // a number lies beyond the end of the file
    throw error;
  }
}

function readPicture(jpeg: Buffer): boolean {
  const tables: Tables = { quantisation: new Set(), huffman: new Set() };
  const shown = new Set<number>();
  let frame: Frame | null = null;
  for (let at = 2; ;) {
    while (jpeg.readUInt8(at) === 0xff && jpeg.readUInt8(at + 1) === 0xff) at += 1;
    if (jpeg.readUInt8(at) !== 0xff) return false;
    const marker = jpeg.readUInt8(at + 1);
    if (marker === END)
      return frame !== null && [...frame.components.keys()].every((each) => shown.has(each));
    const length = jpeg.readUInt16BE(at + 2);
    const segment = jpeg.subarray(at + 4, at + 2 + length);
    if (segment.length !== length - 2) return false;
    at += 2 + length;
    if (marker === QUANTISATION) readQuantisation(segment, tables);
    else if (marker === HUFFMAN) readHuffman(segment, tables);
    else if (FRAMES.includes(marker)) {
      if (frame !== null) return false;
      frame = frameOf(segment, marker === PROGRESSIVE);
    } else if (marker === SCAN) {
      const end = endOfScan(jpeg, at);
      if (frame === null || !isWhole(segment, frame, tables, end - at)) return false;
      const count = segment.readUInt8(0);
      for (let n = 0; n < count; n += 1) shown.add(segment.readUInt8(1 + 2 * n));
      at = end;
    }
  }
}

function readQuantisation(segment: Buffer, { quantisation }: Tables): void {
  for (let at = 0; at < segment.length;) {
    const kind = segment.readUInt8(at);
    at += 1 + (kind >> 4 === 0 ? 64 : 128);
    segment.readUInt8(at - 1);
    quantisation.add(kind & 15);
  }
}

function readHuffman(segment: Buffer, { huffman }: Tables): void {
  for (let at = 0; at < segment.length;) {
    const kind = segment.readUInt8(at);
    let symbols = 0;
    for (let n = 1; n <= 16; n += 1) symbols += segment.readUInt8(at + n);
    at += 17 + symbols;
    segment.readUInt8(at - 1);
    if (symbols > 0) huffman.add((kind & 15) + (kind >> 4 === 0 ? 0 : AC));
  }
}

function frameOf(segment: Buffer, progressive: boolean): Frame {
  const [height, width, count] = [segment.readUInt16BE(1), segment.readUInt16BE(3), segment.readUInt8(5)];
  const read = Array.from({ length: count }, (_, n) => {
    const sampling = segment.readUInt8(7 + 3 * n);
    return {
      id: segment.readUInt8(6 + 3 * n),
      across: sampling >> 4,
      down: sampling & 15,
      table: segment.readUInt8(8 + 3 * n),
    };
  });
  const most = (factors: number[]): number => Math.max(1, ...factors);
  const [across, down] = [most(read.map((each) => each.across)), most(read.map((each) => each.down))];
  const blocks = (size: number, factor: number, largest: number): number =>
    Math.ceil(Math.ceil((size * factor) / largest) / 8);
  const components = new Map(
    read.map((each) => [
      each.id,
      { blocks: blocks(width, each.across, across) * blocks(height, each.down, down), table: each.table },
    ]),
  );
  return { progressive, components };
}

/** The place of the marker that ends the data of a scan. A byte 0xff of the data is followed by 0, and restarts belong to it. */
function endOfScan(jpeg: Buffer, from: number): number {
  for (let at = from; ; at += 1) {
    at = jpeg.indexOf(0xff, at);
    if (at === -1) throw new RangeError('the data of a scan has no end');
    const next = jpeg.readUInt8(at + 1);
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
}

/**
 * Whether a scan has its tables and enough data. The shortest code has one bit: a block of a baseline scan has at least two codes, and
 * one of the first scan of a progressive picture has one. Later scans may pass over many blocks at once.
 */
function isWhole(segment: Buffer, frame: Frame, tables: Tables, bytes: number): boolean {
  const count = segment.readUInt8(0);
  const [first, approximation] = [segment.readUInt8(1 + 2 * count), segment.readUInt8(3 + 2 * count)];
  let bits = 0;
  for (let n = 0; n < count; n += 1) {
    const component = frame.components.get(segment.readUInt8(1 + 2 * n));
    if (component === undefined || !tables.quantisation.has(component.table)) return false;
    const used = segment.readUInt8(2 + 2 * n);
    const refines = frame.progressive && approximation >> 4 > 0;
    const needsDc = first === 0 && !refines;
    const needsAc = !frame.progressive || first > 0;
    if (needsDc && !tables.huffman.has(used >> 4)) return false;
    if (needsAc && !tables.huffman.has((used & 15) + AC)) return false;
    bits += component.blocks * (frame.progressive ? (needsDc ? 1 : 0) : 2);
  }
  return count > 0 && bytes * 8 >= bits;
}
