import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { constants, crc32, gunzipSync } from "node:zlib";
import type { FilePosition } from "./open-file.ts";

/** A shorter beginning could be that of many files. */
const LEAST_BEGINNING = 64;
/** Of the packed file; its beginning unpacks to far more than what files are told apart by. */
const PACKED_BYTES = 4096;
const MOST_FILES = 1000;

/** Remembers how far files were read, by how they begin: one that was rotated and packed since is known again. */
export class RecentFiles {
  readonly #offsets = new Map<string, { readonly length: number; readonly crc: number; readonly offset: number }>();

  note(positions: readonly FilePosition[]): void {
    for (const { offset, file } of positions) {
      if (file === undefined || file.length < LEAST_BEGINNING) continue;
      const key = `${file.dev}:${file.ino}`;
      // What was noted last is forgotten last.
      this.#offsets.delete(key);
      this.#offsets.set(key, { length: file.length, crc: file.crc, offset });
      const [oldest] = this.#offsets.keys();
      if (this.#offsets.size > MOST_FILES && oldest !== undefined) this.#offsets.delete(oldest);
    }
  }

  /** How many bytes of a packed file's content were read while it was not packed; 0: it is not known. */
  readOf(path: string): number {
    const packed = this.#offsets.size === 0 ? undefined : lookInto(path);
    if (packed === undefined) return 0;
    const { beginning, size } = packed;
    let most = 0;
    for (const { length, crc, offset } of this.#offsets.values())
      if (offset > most && offset <= size && beginning.length >= length && crc32(beginning.subarray(0, length)) === crc) most = offset;
    return most;
  }
}

/** The first bytes of a packed file's content, and how many it has: its last four bytes say so. */
function lookInto(path: string): { readonly beginning: Buffer; readonly size: number } | undefined {
  const packed = Buffer.alloc(PACKED_BYTES);
  const end = Buffer.alloc(4);
  try {
    const descriptor = openSync(path, "r");
    try {
      const length = readSync(descriptor, packed, 0, PACKED_BYTES, 0);
      readSync(descriptor, end, 0, 4, Math.max(0, fstatSync(descriptor).size - 4));
      return { beginning: gunzipSync(packed.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH }), size: end.readUInt32LE() };
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Gone, or damaged: who reads it meets the same error and reports it.
    return undefined;
  }
}
