import { closeSync, fstatSync, open, readSync, type Stats } from "node:fs";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { Receipt } from "../../signals/receipt.ts";

const openDescriptor = promisify(open);

/** How much of a file's beginning tells it from others. */
const FINGERPRINT_BYTES = 1024;

/** How far a file has been read, and by what it is known again after a restart. */
export interface FilePosition {
  readonly offset: number;
  /** Absent in positions that another collector left. */
  readonly file?: FileIdentity;
}

export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  /** CRC-32 of the first `length` bytes. */
  readonly length: number;
  readonly crc: number;
  /** When the file was made: what had its name after it is younger. */
  readonly bornMs?: number;
}

/** One file that is being read. It stays the same file when its name goes to another. */
export class OpenFile {
  readonly descriptor: number;
  readonly dev: number;
  readonly ino: number;
  readonly bornMs: number;
  /** Where the first line begins that has not been read. */
  offset: number;
  /** The line at `offset` was cut, and what is left of it is passed over. */
  isSkipping = false;
  /** Up to here the data is safe: where reading begins after a restart. */
  committed: number;
  #fingerprint = { length: 0, crc: 0 };
  readonly #outstanding: { end: number; isSettled: boolean }[] = [];
  readonly #onCommit: () => void;

  private constructor(descriptor: number, stats: Stats, offset: number, onCommit: () => void) {
    this.descriptor = descriptor;
    this.dev = stats.dev;
    this.ino = stats.ino;
    this.bornMs = stats.birthtimeMs;
    this.offset = offset;
    this.committed = offset;
    this.#onCommit = onCommit;
    this.refreshFingerprint(stats.size);
  }

  static async open(path: string, onCommit: () => void, offsetOf: (file: OpenFile, size: number) => number): Promise<OpenFile> {
    const descriptor = await openDescriptor(path, "r");
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) {
      closeSync(descriptor);
      throw Object.assign(new Error(stats.isDirectory() ? "is directory" : "is not a regular file"), { code: "EISDIR" });
    }
    const file = new OpenFile(descriptor, stats, 0, onCommit);
    file.offset = file.committed = offsetOf(file, stats.size);
    return file;
  }

  get position(): { readonly offset: number; readonly file: FileIdentity } {
    return { offset: this.committed, file: { dev: this.dev, ino: this.ino, ...this.#fingerprint, bornMs: this.bornMs } };
  }

  /** Whether this is the file that `known` describes, and still holds what it held then. */
  isFile(known: FileIdentity): boolean {
    return known.dev === this.dev && known.ino === this.ino && this.beginsLike(known);
  }

  beginsLike(known: { readonly length: number; readonly crc: number }): boolean {
    return known.length === 0 || this.#crcOf(known.length) === known.crc;
  }

  /** False where the file's beginning has been written anew. */
  isUnchanged(): boolean {
    return this.beginsLike(this.#fingerprint);
  }

  /** Learns more of the beginning while the file grows; its first bytes are known once they have been read. */
  refreshFingerprint(size: number): void {
    const length = Math.min(size, FINGERPRINT_BYTES);
    if (length < FINGERPRINT_BYTES ? length < this.#fingerprint.length * 2 : this.#fingerprint.length === FINGERPRINT_BYTES) return;
    const crc = this.#crcOf(length);
    if (crc !== undefined) this.#fingerprint = { length, crc };
  }

  /** Begins anew with the same file: it was truncated. */
  restart(): void {
    this.offset = 0;
    this.committed = 0;
    this.isSkipping = false;
    this.#outstanding.length = 0;
    this.#fingerprint = { length: 0, crc: 0 };
  }

  /** For the data up to `end`: once it is settled, and all before it, the position moves there. */
  receiptUpTo(end: number): Receipt {
    const mark = { end, isSettled: false };
    const outstanding = this.#outstanding;
    outstanding.push(mark);
    return new Receipt(() => {
      mark.isSettled = true;
      let moved = false;
      while (outstanding[0]?.isSettled === true) {
        this.committed = (outstanding.shift() as { end: number }).end;
        moved = true;
      }
      if (moved) this.#onCommit();
    });
  }

  /** The position moves to `end` when all that came before is settled. */
  commitUpTo(end: number): void {
    this.receiptUpTo(end).settle();
  }

  get isSettled(): boolean {
    return this.#outstanding.length === 0;
  }

  stats(): Stats {
    return fstatSync(this.descriptor);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #crcOf(length: number): number | undefined {
    const bytes = Buffer.alloc(length);
    return readSync(this.descriptor, bytes, 0, length, 0) === length ? crc32(bytes) : undefined;
  }
}
