// A bzip2 stream: "BZh" and a digit, then blocks, each behind 48 bits that are the digits of pi, then 48 bits of the square root of pi and a checksum.
// A block is a list of bytes after run-length coding, Burrows-Wheeler, move-to-front, run-length coding of zeros, and Huffman coding, undone
// here in the opposite order.

/** No block of 900,000 bytes takes more, compressed. */
const MOST_BLOCK_BYTES = 1_300_000;
const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GROUP_SYMBOLS = 50;

/** Decompresses a bzip2 file, one block after the other. Throws where it is damaged or cut off. */
export async function* decompressBzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new BitInput();
  const chunks = source[Symbol.asyncIterator]();
  let isEnd = false;
  const refill = async () => {
    while (!isEnd && input.bytesLeft < MOST_BLOCK_BYTES) {
      const { value, done } = await chunks.next();
      if (done === true) isEnd = true;
      else input.append(value);
    }
  };
  await refill();
  do {
    const blockSize = readHeader(input) * 100_000;
    for (;;) {
      await refill();
      const magic = input.bits(24) * 0x1000000 + input.bits(24);
      if (magic === END_MAGIC) break;
      if (magic !== BLOCK_MAGIC) throw new Error("bzip2 data invalid: bad magic value found");
      yield readBlock(input, blockSize);
    }
    // The checksum of all blocks, each of which has been checked.
    input.bits(16);
    input.bits(16);
    input.align();
    await refill();
  } while (input.bytesLeft > 0);
}

class BitInput {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #buffered = 0;
  #count = 0;

  get bytesLeft(): number {
    return this.#bytes.length - this.#at;
  }

  append(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** Up to 24 bits. */
  bits(count: number): number {
    while (this.#count < count) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error("bzip2 data invalid: unexpected end of file");
      this.#buffered = ((this.#buffered << 8) | byte) & 0xffffffff;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#buffered >>> this.#count) & ((1 << count) - 1);
  }

  align(): void {
    this.#count -= this.#count % 8;
  }
}

function readHeader(input: BitInput): number {
  const level = input.bits(24) === 0x425a68 ? input.bits(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw new Error("bzip2 data invalid: bad magic value");
  return level;
}

function readBlock(input: BitInput, blockSize: number): Uint8Array {
  const checksum = input.bits(16) * 0x10000 + input.bits(16);
  if (input.bits(1) !== 0) throw new Error("bzip2 data invalid: deprecated randomized files");
  const origin = input.bits(24);
  const used = readUsedBytes(input);
  const groups = input.bits(3);
  if (groups < 2 || groups > 6) throw new Error("bzip2 data invalid: invalid number of Huffman trees");
  const selectors = readSelectors(input, groups);
  const tables = Array.from({ length: groups }, () => readTable(input, used.length + 2));
  const links = new Uint32Array(blockSize);
  const length = readSymbols(input, { selectors, tables, used, links });
  if (origin >= length) throw new Error("bzip2 data invalid: pointer out of bounds");
  const block = expandRuns(links, length, origin);
  if (bzip2Crc(block) !== checksum) throw new Error("bzip2 data invalid: checksum mismatch");
  return block;
}

function readUsedBytes(input: BitInput): number[] {
  const ranges = input.bits(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const bytes = input.bits(16);
    for (let byte = 0; byte < 16; byte++) if ((bytes & (0x8000 >> byte)) !== 0) used.push(range * 16 + byte);
  }
  if (used.length === 0) throw new Error("bzip2 data invalid: no symbols in input");
  return used;
}

function readSelectors(input: BitInput, groups: number): Uint8Array {
  const selectors = new Uint8Array(input.bits(15));
  const recent = Array.from({ length: groups }, (_, group) => group);
  for (let at = 0; at < selectors.length; at++) {
    let place = 0;
    while (input.bits(1) === 1) if (++place >= groups) throw new Error("bzip2 data invalid: tree index too large");
    const [group = 0] = recent.splice(place, 1);
    recent.unshift(group);
    selectors[at] = group;
  }
  return selectors;
}

/** A Huffman code in canonical form: per length the first code, the end of its codes, and where its symbols begin. */
interface HuffmanTable {
  readonly first: Int32Array;
  readonly limit: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

function readTable(input: BitInput, symbolCount: number): HuffmanTable {
  const lengths = new Uint8Array(symbolCount);
  let length = input.bits(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    while (input.bits(1) === 1) length += input.bits(1) === 0 ? 1 : -1;
    if (length < 1 || length > 20) throw new Error("bzip2 data invalid: Huffman length out of range");
    lengths[symbol] = length;
  }
  const counts = new Int32Array(22);
  for (const one of lengths) counts[one] = (counts[one] as number) + 1;
  const table = {
    first: new Int32Array(22),
    limit: new Int32Array(22),
    offset: new Int32Array(22),
    symbols: new Uint16Array(symbolCount),
    shortest: 1,
  };
  let code = 0;
  let sum = 0;
  for (let bits = 1; bits <= 20; bits++) {
    const count = counts[bits] as number;
    table.first[bits] = code;
    table.limit[bits] = code + count;
    table.offset[bits] = sum;
    code = (code + count) << 1;
    sum += count;
  }
  const next = table.offset.slice();
  lengths.forEach((bits, symbol) => {
    const place = next[bits] as number;
    table.symbols[place] = symbol;
    next[bits] = place + 1;
  });
  return {
    ...table,
    shortest: Math.max(
      1,
      counts.findIndex((count, bits) => bits > 0 && count > 0),
    ),
  };
}

/** Undoes Huffman coding, runs of zeros and move-to-front; the bytes of the block lie in the low 8 bits of `links`. */
function readSymbols(
  input: BitInput,
  { selectors, tables, used, links }: { selectors: Uint8Array; tables: HuffmanTable[]; used: number[]; links: Uint32Array },
): number {
  const recent = Uint8Array.from(used);
  const endSymbol = used.length + 1;
  let length = 0;
  let run = 0;
  let runUnit = 1;
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? 255];
    if (table === undefined) throw new Error("bzip2 data invalid: insufficient selector indices for number of decoded symbols");
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      const symbol = readSymbol(input, table);
      if (symbol < 2) {
        run += runUnit << symbol;
        runUnit <<= 1;
        if (run > links.length) throw new Error("bzip2 data invalid: repeat count too large");
        continue;
      }
      if (run > 0) {
        if (length + run > links.length) throw new Error("bzip2 data invalid: data exceeds block size");
        links.fill(recent[0] as number, length, length + run);
        length += run;
        run = 0;
        runUnit = 1;
      }
      if (symbol === endSymbol) return length;
      if (length >= links.length) throw new Error("bzip2 data invalid: data exceeds block size");
      const byte = recent[symbol - 1] as number;
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      links[length++] = byte;
    }
  }
}

function readSymbol(input: BitInput, table: HuffmanTable): number {
  let code = input.bits(table.shortest);
  for (let bits = table.shortest; bits <= 20; bits++) {
    if (code < (table.limit[bits] as number))
      return table.symbols[(table.offset[bits] as number) + code - (table.first[bits] as number)] as number;
    code = (code << 1) | input.bits(1);
  }
  throw new Error("bzip2 data invalid: no code matches");
}

/** Undoes Burrows-Wheeler, whose chain goes into the high 24 bits of `links`, and the first run-length coding: four equal bytes, then how many more. */
function expandRuns(links: Uint32Array, length: number, origin: number): Uint8Array {
  const starts = new Uint32Array(256);
  for (let at = 0; at < length; at++) {
    const byte = (links[at] as number) & 0xff;
    starts[byte] = (starts[byte] as number) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = starts[byte] as number;
    starts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) {
    const byte = (links[at] as number) & 0xff;
    const place = starts[byte] as number;
    starts[byte] = place + 1;
    links[place] = (links[place] as number) | (at << 8);
  }
  let out = Buffer.allocUnsafeSlow(length + (length >> 2) + 256);
  let filled = 0;
  let at = (links[origin] as number) >>> 8;
  let previous = -1;
  let repeats = 0;
  for (let i = 0; i < length; i++) {
    const link = links[at] as number;
    const byte = link & 0xff;
    at = link >>> 8;
    if (filled + 256 > out.length) {
      const larger = Buffer.allocUnsafeSlow(out.length * 2);
      out.copy(larger, 0, 0, filled);
      out = larger;
    }
    if (repeats === 4) {
      out.fill(previous, filled, filled + byte);
      filled += byte;
      repeats = 0;
      previous = -1;
      continue;
    }
    repeats = byte === previous ? repeats + 1 : 1;
    previous = byte;
    out[filled++] = byte;
  }
  return out.subarray(0, filled);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

// The same polynomial as zlib's, but most significant bit first.
function bzip2Crc(bytes: Uint8Array): number {
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
