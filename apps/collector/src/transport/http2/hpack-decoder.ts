import { staticTable, staticTableLength } from "./hpack-static-table.ts";
import { decodeHuffman } from "./huffman.ts";
import { ConnectionError, errorCodes } from "./protocol.ts";

/** The headers of one block: name, value, name, value, … */
export interface HeaderBlock {
  readonly pairs: readonly string[];
  /** The list was longer than `maxListBytes`: what came after that is left out. */
  readonly isTooLong: boolean;
  /** A name or value has bytes that headers must not have. */
  readonly isMalformed: boolean;
}

interface Entry {
  readonly name: string;
  readonly value: string;
  readonly bytes: number;
  readonly isMalformed: boolean;
}

/** Each entry counts 32 bytes beside its text, in tables and in lists. */
const overhead = 32;
/** What we announce, which is the default. */
const tableLimit = 4096;

/**
 * Decodes header blocks (RFC 7541) of one direction of one connection. Every block must be given to it, in order: each may change the table.
 * Throws `ConnectionError` where a block is no valid code, after which the connection can't go on.
 */
export class HpackDecoder {
  readonly #maxListBytes: number;
  /** A ring of entries; the newest is at `#newest`. */
  #ring: (Entry | undefined)[] = new Array(128);
  #newest = -1;
  #count = 0;
  #tableBytes = 0;
  #tableLimit = tableLimit;
  #data: Buffer = noData;
  #at = 0;
  #isMalformed = false;

  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  decode(block: Buffer): HeaderBlock {
    this.#data = block;
    this.#at = 0;
    let isMalformed = false;
    let listBytes = 0;
    let mayResize = true;
    const pairs: string[] = [];
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      let name: string;
      let value: string;
      this.#isMalformed = false;
      if (first >= 0x80) {
        // 1xxxxxxx: an entry of a table.
        const index = this.#integer(7);
        if (index <= staticTableLength) {
          if (index === 0) throw compressionError("an index of 0");
          name = staticTable[2 * index - 2] ?? "";
          value = staticTable[2 * index - 1] ?? "";
        } else {
          const entry = this.#entry(index);
          name = entry.name;
          value = entry.value;
          this.#isMalformed = entry.isMalformed;
        }
      } else if (first >= 0x20 && first < 0x40) {
        // 001xxxxx: a new size of the table.
        if (!mayResize) throw compressionError("a table size after a header");
        this.#resize(this.#integer(5));
        continue;
      } else {
        // 01xxxxxx: a literal, kept in the table; 0000xxxx and 0001xxxx: one that is not.
        const isKept = first >= 0x40;
        const index = this.#integer(isKept ? 6 : 4);
        if (index === 0) name = this.#text(nameBytes);
        else if (index <= staticTableLength) name = staticTable[2 * index - 2] ?? "";
        else {
          const entry = this.#entry(index);
          name = entry.name;
          this.#isMalformed = entry.isMalformed;
        }
        value = this.#text(valueBytes);
        if (isKept) this.#insert(name, value);
      }
      mayResize = false;
      listBytes += name.length + value.length + overhead;
      if (this.#isMalformed) isMalformed = true;
      if (listBytes <= this.#maxListBytes) pairs.push(name, value);
    }
    this.#data = noData;
    return { pairs, isTooLong: listBytes > this.#maxListBytes, isMalformed };
  }

  #entry(index: number): Entry {
    const back = index - staticTableLength - 1;
    if (back >= this.#count) throw compressionError(`an index of ${index}, beyond the table`);
    const entry = this.#ring[(this.#newest - back + this.#ring.length) % this.#ring.length];
    if (entry === undefined) throw new Error("the header table lost an entry");
    return entry;
  }

  #insert(name: string, value: string): void {
    const bytes = name.length + value.length + overhead;
    this.#evict(this.#tableLimit - bytes);
    // An entry that is larger than the whole table empties it.
    if (bytes > this.#tableLimit) return;
    this.#newest = (this.#newest + 1) % this.#ring.length;
    this.#ring[this.#newest] = { name, value, bytes, isMalformed: this.#isMalformed };
    this.#count++;
    this.#tableBytes += bytes;
  }

  #resize(limit: number): void {
    if (limit > tableLimit) throw compressionError(`a table size of ${limit}, ${tableLimit} are allowed`);
    this.#tableLimit = limit;
    this.#evict(limit);
  }

  #evict(until: number): void {
    while (this.#tableBytes > until && this.#count > 0) {
      const oldest = (this.#newest - this.#count + 1 + this.#ring.length) % this.#ring.length;
      this.#tableBytes -= this.#ring[oldest]?.bytes ?? 0;
      this.#ring[oldest] = undefined;
      this.#count--;
    }
  }

  /** An integer whose first bits share a byte with others. */
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte();
      // More than four bytes would be a size beyond every limit.
      if (shift > 21) throw compressionError("an integer that is too large");
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #text(permitted: Uint8Array): string {
    const isHuffman = ((this.#data[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#data.length) throw compressionError("a text that ends beyond its block");
    this.#at = end;
    if (!isHuffman) return this.#checked(this.#data, start, end, permitted);
    // No code is shorter than five bits.
    const needed = Math.ceil((length * 8) / 5);
    const target = needed <= scratch.length ? scratch : Buffer.allocUnsafe(needed);
    const decoded = decodeHuffman(this.#data, start, end, target);
    if (decoded < 0) throw compressionError("a text that is not in Huffman's code");
    return this.#checked(target, 0, decoded, permitted);
  }

  #checked(data: Buffer, start: number, end: number, permitted: Uint8Array): string {
    for (let i = start; i < end; i++) if (permitted[data[i] ?? 0] === 0) this.#isMalformed = true;
    if (permitted === nameBytes && (start === end || data.subarray(start + 1, end).includes(colon))) this.#isMalformed = true;
    return data.toString("latin1", start, end);
  }

  #byte(): number {
    const byte = this.#data[this.#at++];
    if (byte === undefined) throw compressionError("a block that ends too early");
    return byte;
  }
}

const noData = Buffer.alloc(0);
const scratch = Buffer.allocUnsafeSlow(8192);
const colon = 0x3a;

/** 1 for bytes that names may have: those of tokens, in small letters; a colon begins the names of the protocol itself. */
const nameBytes = permittedBytes((byte) => /[!#$%&'*+\-.^_`|~0-9a-z:]/.test(String.fromCharCode(byte)));
/** Everything but NUL and the ends of lines. */
const valueBytes = permittedBytes((byte) => byte !== 0 && byte !== 10 && byte !== 13);

function permittedBytes(isPermitted: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isPermitted(byte) ? 1 : 0));
}

function compressionError(what: string): ConnectionError {
  return new ConnectionError(errorCodes.COMPRESSION_ERROR, `the header block has ${what}`);
}
