import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { decompressLz4Block } from "../../../../transport/compression/lz4.ts";
import { decompressXz } from "../../../../transport/compression/xz.ts";

// The format is documented by systemd as JOURNAL_FILE_FORMAT. All numbers are little-endian. What is read here:
//
//   header      | signature 8 | compatible 4 | incompatible 4 | state 1 … | sequence id at 72 | header size at 88 | entries at 152 |
//               | first entry array at 176 |
//   object      | type 1 | flags 1 | 6 | size 8 | …
//   data        … | payload at 64 (compact files: 72): NAME=value, packed as the object's flags say
//   entry       … | sequence number 8 | realtime 8 | monotonic 8 | boot id 16 | xor hash 8 | items at 64: data offset 8, hash 8 (compact: offset 4)
//   entry array … | next array 8 | items at 24: entry offset 8 (compact: 4)

const SIGNATURE = "LPKSHHRH";
const HEADER_BYTES = 184;
const DATA = 1;
const ENTRY = 3;
const ENTRY_ARRAY = 6;
const PACKED_XZ = 1;
const PACKED_LZ4 = 2;
const PACKED_ZSTD = 4;
const KEYED_HASH = 4;
const COMPACT = 16;
/** Flags that a reader must understand. */
const KNOWN_FLAGS = 1 | 2 | KEYED_HASH | 8 | COMPACT;
const ARCHIVED = 2;

const PAGE = 64 * 1024;
const MOST_PAGES = 16;
/** A longer value is cut, or left out where it is packed. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024;
const MAX_ITEMS = 4096;
const MOST_KNOWN_FIELDS = 4096;
const LONGEST_KNOWN = 512;

/** Where an entry stands, among those of its file and of others. */
export interface EntryHead {
  readonly offset: number;
  readonly size: number;
  readonly sequence: number;
  /** Microseconds since the epoch. */
  readonly realtime: number;
}

/** One field; its value as text. */
export type Field = readonly [name: string, value: string];

/** Reads one journal file in place, also while it is being written. */
export class JournalFile {
  path: string;
  readonly inode: number;
  readonly sequenceId: string;
  readonly #fd: number;
  readonly #isCompact: boolean;
  readonly #firstArray: () => number;
  /** Entries that are whole. */
  count = 0;
  isArchived = false;
  readonly #pages = new Map<number, Buffer>();
  readonly #fields = new Map<number, Field>();
  /** The chain of arrays as far as it was followed: position, first entry, number of entries. */
  #arrays: { readonly offset: number; readonly first: number; readonly items: number }[] = [];

  /** Throws `MalformedInput` where it is no journal file that can be read, and the system's error where it can't be opened. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, "r");
    try {
      this.inode = fstatSync(this.#fd).ino;
      const header = this.#read(0, HEADER_BYTES);
      if (header.toString("latin1", 0, 8) !== SIGNATURE) throw new MalformedInput("it does not begin as journal files do");
      const flags = header.readUInt32LE(12);
      if ((flags & ~KNOWN_FLAGS) !== 0) throw new MalformedInput(`it has features that are not known: flags ${flags.toString(16)}`);
      this.#isCompact = (flags & COMPACT) !== 0;
      this.sequenceId = header.toString("hex", 72, 88);
      this.#firstArray = () => numberAt(this.#read(176, 8), 0);
      this.refresh();
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Looks whether entries were added. */
  refresh(): void {
    const header = this.#readFresh(0, HEADER_BYTES);
    const count = numberAt(header, 152);
    this.isArchived = header[16] === ARCHIVED;
    if (count === this.count) return;
    this.count = count;
    // What was read before may have been the beginning of what is whole now.
    this.#pages.clear();
  }

  head(index: number): EntryHead {
    const offset = this.#entryOffset(index);
    const size = this.#object(offset, ENTRY);
    const content = this.#read(offset + 16, 16);
    return { offset, size, sequence: numberAt(content, 0), realtime: numberAt(content, 8) };
  }

  /** As systemd writes it: `s=…;i=…;b=…;m=…;t=…;x=…`. */
  cursor({ offset, sequence, realtime }: EntryHead): string {
    const content = this.#read(offset + 32, 32);
    const hash = content.readBigUInt64LE(24).toString(16);
    const monotonic = numberAt(content, 0).toString(16);
    return `s=${this.sequenceId};i=${sequence.toString(16)};b=${content.toString("hex", 8, 24)};m=${monotonic};t=${realtime.toString(16)};x=${hash}`;
  }

  /** Calls with each field. What can't be read of an entry is told to `failed`. */
  fields({ offset, size }: EntryHead, visit: (field: Field) => void, failed: (reason: string) => void): void {
    const width = this.#isCompact ? 4 : 16;
    const items = Math.floor((size - 64) / width);
    if (items > MAX_ITEMS) throw new MalformedInput(`an entry of ${items} fields`);
    const content = this.#read(offset + 64, items * width);
    for (let i = 0; i < items; i++) {
      const at = this.#isCompact ? content.readUInt32LE(i * 4) : numberAt(content, i * 16);
      if (at === 0) continue;
      const field = this.#fields.get(at) ?? this.#field(at);
      if (typeof field === "string") failed(field);
      else visit(field);
    }
  }

  /** The first entry for which the claim holds; those before it do not make it, all others do. `count` where none does. */
  firstWhere(holds: (head: EntryHead) => boolean): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.head(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #field(offset: number): Field | string {
    const size = this.#object(offset, DATA);
    const packing = (this.#read(offset + 1, 1)[0] as number) & (PACKED_XZ | PACKED_LZ4 | PACKED_ZSTD);
    const start = this.#isCompact ? 72 : 64;
    const payload = this.#read(offset + start, Math.min(Math.max(size - start, 0), MAX_VALUE_BYTES));
    const unpacked = unpack(payload, packing);
    if (typeof unpacked === "string") return unpacked;
    const equals = unpacked.indexOf(0x3d);
    if (equals < 0) return "corrupt";
    const field: Field = [unpacked.toString("latin1", 0, equals), unpacked.toString("utf8", equals + 1)];
    if (unpacked.length <= LONGEST_KNOWN) {
      if (this.#fields.size >= MOST_KNOWN_FIELDS) this.#fields.clear();
      this.#fields.set(offset, field);
    }
    return field;
  }

  #entryOffset(index: number): number {
    const arrays = this.#arrays;
    let last = arrays.at(-1);
    while (last === undefined || index >= last.first + last.items) {
      const offset = last === undefined ? this.#firstArray() : numberAt(this.#read(last.offset + 16, 8), 0);
      if (offset === 0) throw new MalformedInput(`there is no entry ${index} of ${this.count}`);
      if (last !== undefined && offset <= last.offset) throw new MalformedInput("its entry arrays go backwards");
      const items = Math.floor((this.#object(offset, ENTRY_ARRAY) - 24) / (this.#isCompact ? 4 : 8));
      last = { offset, first: last === undefined ? 0 : last.first + last.items, items };
      if (items === 0) throw new MalformedInput("it has an empty entry array");
      arrays.push(last);
    }
    const array = arrays.find(({ first, items }) => index < first + items) as { offset: number; first: number };
    const place = index - array.first;
    if (this.#isCompact) return this.#read(array.offset + 24 + place * 4, 4).readUInt32LE();
    return numberAt(this.#read(array.offset + 24 + place * 8, 8), 0);
  }

  /** Checks the type of an object and returns its size. */
  #object(offset: number, type: number): number {
    const header = this.#read(offset, 16);
    if (header[0] !== type) throw new MalformedInput(`an object of type ${header[0]} at ${offset}, expected ${type}`);
    const size = numberAt(header, 8);
    if (size < 16) throw new MalformedInput(`an object of ${size} bytes at ${offset}`);
    return size;
  }

  /** Bytes of the file, which stay as they are until the next call but for those of whole pages. */
  #read(offset: number, length: number): Buffer {
    const number = Math.floor(offset / PAGE);
    const start = offset - number * PAGE;
    if (start + length > PAGE) return this.#readFresh(offset, length);
    let page = this.#pages.get(number);
    if (page === undefined || page.length < start + length) {
      if (this.#pages.size >= MOST_PAGES) this.#pages.delete(this.#pages.keys().next().value as number);
      page = Buffer.allocUnsafeSlow(PAGE);
      page = page.subarray(0, readSync(this.#fd, page, 0, PAGE, number * PAGE));
      this.#pages.set(number, page);
    }
    if (page.length < start + length) throw truncated(offset);
    return page.subarray(start, start + length);
  }

  #readFresh(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (read === 0) throw truncated(offset);
      done += read;
    }
    return bytes;
  }
}

/** Unpacked bytes, or why there are none. */
function unpack(payload: Buffer, packing: number): Buffer | string {
  try {
    switch (packing) {
      case 0:
        return payload;
      case PACKED_ZSTD:
        return zstdDecompressSync(payload, { maxOutputLength: MAX_VALUE_BYTES });
      case PACKED_LZ4:
        // Its length stands before the block.
        return Buffer.from(decompressLz4Block(payload.subarray(8), Math.min(numberAt(payload, 0), MAX_VALUE_BYTES)));
      default:
        return Buffer.from(decompressXz(payload, MAX_VALUE_BYTES));
    }
  } catch {
    return "corrupt";
  }
}

/** A 64-bit number; offsets, times and counts are below 2^53. */
function numberAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 4294967296;
}

function truncated(offset: number): MalformedInput {
  return new MalformedInput(`it ends before byte ${offset}`);
}
