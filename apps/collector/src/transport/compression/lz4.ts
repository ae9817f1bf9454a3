import { CompressionError } from "./error.ts";
import { xxHash32 } from "./xxhash32.ts";

/*
 * LZ4 frames, read only: no block of ours sends them.
 *
 *   magic (4)  flags (1)  block size (1)  [content length (8)]  [dictionary id (4)]  header checksum (1)
 *   { block length (4, top bit: stored)  block  [block checksum (4)] } ...  end mark (4 zeros)  [content checksum (4)]
 */
const magic = 0x184d2204;
const skippableMagic = 0x184d2a50;

export function decompressLz4(data: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new Lz4Reader(data, maxBytes);
  return reader.read();
}

/** Unpacks one block without a frame, as some file formats have it, to at most `maxBytes`. Throws `CompressionError`. */
export function decompressLz4Block(data: Uint8Array, maxBytes: number): Uint8Array {
  return new Lz4Reader(data, maxBytes).readBlock();
}

class Lz4Reader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #maxBytes: number;
  #out: Uint8Array;
  #at = 0;
  #length = 0;

  constructor(data: Uint8Array, maxBytes: number) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#maxBytes = maxBytes;
    this.#out = new Uint8Array(Math.min(Math.max(data.length * 4, 1024), maxBytes));
  }

  read(): Uint8Array {
    while (this.#at < this.#data.length) {
      const start = this.#word();
      if ((start & 0xfffffff0) >>> 0 === skippableMagic) this.#skip(this.#word());
      else if (start === magic) this.#frame();
      else throw corrupt("does not begin with its magic number");
    }
    return this.#out.subarray(0, this.#length);
  }

  readBlock(): Uint8Array {
    this.#block(this.#data.length, 0);
    return this.#out.subarray(0, this.#length);
  }

  #frame(): void {
    const headerStart = this.#at;
    const flags = this.#byte();
    if (flags >> 6 !== 1) throw corrupt("is of an unknown version");
    const blockSizeCode = (this.#byte() >> 4) & 7;
    if (blockSizeCode < 4) throw corrupt("has an invalid block size");
    const maxBlockBytes = 1 << (8 + 2 * blockSizeCode);
    const [hasBlockChecksums, hasLength, hasContentChecksum, hasDictionary] = [flags & 0x10, flags & 0x08, flags & 0x04, flags & 0x01];
    if (hasLength) this.#skip(8);
    if (hasDictionary) throw corrupt("needs a dictionary");
    const headerSum = (xxHash32(this.#data, headerStart, this.#at) >>> 8) & 0xff;
    if (this.#byte() !== headerSum) throw corrupt("has a header whose checksum is wrong");
    const isLinked = (flags & 0x20) === 0;
    const frameStart = this.#length;
    for (;;) {
      const head = this.#word();
      if (head === 0) break;
      const size = head & 0x7fffffff;
      if (size > maxBlockBytes) throw corrupt("has a block longer than it announced");
      const end = this.#at + size;
      if (end > this.#data.length) throw corrupt("ends within a block");
      const start = this.#at;
      const before = this.#length;
      if (head >>> 31) this.#copyIn(start, size);
      else this.#block(end, isLinked ? frameStart : before);
      if (this.#length - before > maxBlockBytes) throw corrupt("has a block longer than it announced");
      this.#at = end;
      if (hasBlockChecksums && this.#word() !== xxHash32(this.#data, start, end)) throw corrupt("has a block whose checksum is wrong");
    }
    if (hasContentChecksum && this.#word() !== xxHash32(this.#out, frameStart, this.#length)) throw corrupt("has a wrong content checksum");
  }

  /** Literals, then a match in what was unpacked before, and so on; matches reach back no further than `floor`. */
  #block(end: number, floor: number): void {
    const data = this.#data;
    while (this.#at < end) {
      const token = this.#byte();
      const literals = this.#extended(token >> 4);
      if (this.#at + literals > end) throw corrupt("has literals beyond their block");
      this.#copyIn(this.#at, literals);
      this.#at += literals;
      if (this.#at >= end) return;
      if (this.#at + 2 > end) throw corrupt("ends within a match");
      const offset = (data[this.#at] ?? 0) | ((data[this.#at + 1] ?? 0) << 8);
      this.#at += 2;
      const length = this.#extended(token & 15) + 4;
      const from = this.#length - offset;
      if (offset === 0 || from < floor) throw corrupt("has a match before its beginning");
      this.#reserve(length);
      const out = this.#out;
      if (offset >= length) out.copyWithin(this.#length, from, from + length);
      else for (let i = 0; i < length; i++) out[this.#length + i] = out[from + i] ?? 0;
      this.#length += length;
    }
  }

  #extended(nibble: number): number {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const more = this.#byte();
      length += more;
      if (length > this.#maxBytes) throw tooLarge(this.#maxBytes);
      if (more < 255) return length;
    }
  }

  #copyIn(from: number, length: number): void {
    this.#reserve(length);
    this.#out.set(this.#data.subarray(from, from + length), this.#length);
    this.#length += length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (needed <= this.#out.length) return;
    const grown = new Uint8Array(Math.min(Math.max(this.#out.length * 2, needed), this.#maxBytes));
    grown.set(this.#out.subarray(0, this.#length));
    this.#out = grown;
  }

  #byte(): number {
    const byte = this.#data[this.#at++];
    if (byte === undefined) throw corrupt("ends too early");
    return byte;
  }

  #word(): number {
    if (this.#at + 4 > this.#data.length) throw corrupt("ends too early");
    const word = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return word;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#data.length) throw corrupt("ends too early");
  }
}

function tooLarge(maxBytes: number): CompressionError {
  return new CompressionError("too_large", `lz4 data unpacks to more than the ${maxBytes} bytes allowed`);
}

function corrupt(what: string): CompressionError {
  return new CompressionError("corrupt", `the lz4 frame ${what}`);
}
