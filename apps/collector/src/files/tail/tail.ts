import type { Stats } from "node:fs";
import { readSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { StreamLabels } from "../../signals/loki/stream-labels.ts";
import { type Decoding, decodingOf, endOfFirstLine, endOfLastLine } from "./encoding.ts";
import type { FileSink } from "./file-sink.ts";
import { type FileIdentity, type FilePosition, OpenFile } from "./open-file.ts";
import { LineTime, MAX_LINE_BYTES, type ReadSlot } from "./read-slot.ts";
import { findBetween, findCopy, findRenamed } from "./rotated-files.ts";

/** A file that lost its name may still be written to by a process that has not noticed. */
const GRACE_MS = 10_000;
/** A file that is not wanted any more since its name was gone when files were looked for may be wanted again at the next look. */
const LEAVING_MS = 15_000;

export interface TailOptions {
  readonly path: string;
  readonly labels: StreamLabels;
  readonly encoding: string;
  readonly startsAtEnd: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: FileSink;
  /** Where reading stood when it ended last: of the file, and of older ones that had its name. */
  readonly positions: readonly FilePosition[];
  /** Called with the positions of all files that are being read under this name, whenever one moves. */
  save(positions: readonly FilePosition[]): void;
}

/** Reads what is written to the file of a name, and to those that had the name before, until they are read to the end. */
export class Tail {
  readonly path: string;
  readonly #options: TailOptions;
  readonly #time = new LineTime();
  #current: OpenFile | undefined;
  /** Oldest first; each is read until nothing more came for a while. */
  #older: { file: OpenFile; until: number }[] = [];
  #knownPositions: readonly FilePosition[];
  #decoding: Decoding = { newline: Uint8Array.of(10), decode: undefined };
  #missingSince: number | undefined;
  /** Set while the name is not wanted: called when all that had it is read. */
  #onLeft: (() => void) | undefined;
  /** Positions are not whole and must not be saved. */
  #isChanging = false;
  #lastProblem: string | undefined;
  #seen: { ino: number; size: number; mtimeMs: number } | undefined;
  size = 0;
  lines = 0;

  constructor(options: TailOptions) {
    this.path = options.path;
    this.#options = options;
    this.#knownPositions = options.positions;
  }

  get isOpen(): boolean {
    return this.#current !== undefined;
  }

  get readOffset(): number {
    return this.#current?.offset ?? 0;
  }

  get committedOffset(): number {
    return this.#current?.committed ?? 0;
  }

  /** For another tail of the same file that goes on in this one's place. */
  get readPositions(): readonly FilePosition[] {
    if (this.#current === undefined) return this.#knownPositions;
    return [...this.#older.map(({ file }) => file), this.#current].map((file) => ({ ...file.position, offset: file.offset }));
  }

  get #positions(): readonly FilePosition[] {
    if (this.#current === undefined) return this.#older.length === 0 ? this.#knownPositions : this.#older.map(({ file }) => file.position);
    return [...this.#older.map(({ file }) => file.position), this.#current.position];
  }

  /** Whether the file looks as it did when it was last read to its end: cheap, and asked before each poll. */
  looksUnchanged(): boolean {
    const seen = this.#seen;
    if (seen === undefined || this.#older.length > 0 || this.#onLeft !== undefined) return false;
    const stats = statSync(this.path, { throwIfNoEntry: false });
    return stats !== undefined && stats.ino === seen.ino && stats.size === seen.size && stats.mtimeMs === seen.mtimeMs;
  }

  /** Whether a file is being read that does not have the name any more. */
  async hasRotated(): Promise<boolean> {
    return this.#older.length > 0 || (this.#current !== undefined && !(await this.#isInPlace(this.#current)));
  }

  /** The name is not wanted any more: files that lost it are read to their end, and no other is begun. */
  leave(onLeft: () => void): void {
    this.#onLeft = onLeft;
  }

  /** The name is wanted again. */
  stay(): void {
    this.#onLeft = undefined;
  }

  /** Reads one chunk and hands it on. Resolves to whether there may be more at once. */
  async step(slot: ReadSlot): Promise<boolean> {
    this.#seen = undefined;
    if (await this.#stepOlder(slot)) return true;
    if (this.#onLeft !== undefined) {
      if (this.#current !== undefined && (await this.#stepMissing(slot, this.#current))) return true;
      if (this.#current === undefined && this.#older.length === 0) this.#onLeft?.();
      return false;
    }
    const stats = await statOf(this.path);
    if (this.#current === undefined) {
      if (stats === undefined || !(await this.#openFirst())) return false;
      return true;
    }
    if (stats === undefined) return this.#stepMissing(slot, this.#current);
    this.#missingSince = undefined;
    const file = this.#current;
    if (stats.ino !== file.ino || stats.dev !== file.dev) {
      if (await this.#read(file, slot)) return true;
      await this.#succeed(file);
      return true;
    }
    this.size = stats.size;
    if (stats.size < file.offset || !file.isUnchanged()) {
      await this.#truncated(file);
      return true;
    }
    if (stats.size > file.offset && (await this.#read(file, slot))) return true;
    this.#seen = { ino: stats.ino, size: stats.size, mtimeMs: stats.mtimeMs };
    return false;
  }

  /** Reads the rest of files that lost the name, the last line even without its end. */
  async readRest(slot: ReadSlot): Promise<void> {
    for (const { file } of this.#older) await this.#readToEnd(file, slot);
    if (this.#current !== undefined && !(await this.#isInPlace(this.#current))) await this.#readToEnd(this.#current, slot);
  }

  close(): void {
    for (const { file } of this.#older) file.close();
    this.#older = [];
    this.#current?.close();
    this.#current = undefined;
  }

  async #isInPlace(file: OpenFile): Promise<boolean> {
    const stats = await statOf(this.path);
    return stats?.ino === file.ino && stats.dev === file.dev;
  }

  async #openFirst(): Promise<boolean> {
    const known = this.#knownPositions;
    let matched: FilePosition | undefined;
    try {
      this.#current = await OpenFile.open(this.path, this.#save, (file, size) => {
        matched = known.find((position) => (position.file === undefined || file.isFile(position.file)) && position.offset <= size);
        const decoding = this.#decode(file);
        if (matched !== undefined) return Math.max(matched.offset, decoding.skip);
        if (known.length === 0 && this.#options.startsAtEnd) return Math.max(endOfFile(file, size, decoding.decoding), decoding.skip);
        return decoding.skip;
      });
    } catch (error) {
      this.#problem(`failed to tail file: ${(error as Error).message}`);
      return false;
    }
    this.#options.log.info("start tailing file", { path: this.path });
    this.#lastProblem = undefined;
    this.#knownPositions = [];
    for (const position of known)
      if (position !== matched && position.file !== undefined) await this.#reopenOlder(position.file, position.offset);
    if (matched === undefined) await this.#addSkipped(known.at(-1)?.file);
    this.#save();
    return true;
  }

  /** What was rotated away while nobody read: under its new name, or, where its content was copied, in the copy. */
  async #reopenOlder(identity: FileIdentity, offset: number): Promise<void> {
    const path = (await findRenamed(this.path, identity)) ?? (await findCopy(this.path, identity, offset));
    if (path === undefined) {
      this.#options.log.warn("a file that was rotated away while it was not read is no longer there", {
        path: this.path,
        read_offset: offset,
      });
      return;
    }
    await this.#addOlder(path, identity, offset);
  }

  async #addOlder(path: string, identity: FileIdentity, offset: number): Promise<void> {
    try {
      const file = await OpenFile.open(path, this.#save, (opened, size) => (opened.beginsLike(identity) ? Math.min(offset, size) : size));
      this.#older.push({ file, until: this.#options.clock.now() + GRACE_MS });
    } catch (error) {
      this.#options.log.warn("a rotated file can't be read", { path, err: (error as Error).message });
    }
  }

  /** Files that had the name after the newest known and before the current, and lost it unseen. */
  async #addSkipped(newest: FileIdentity | undefined): Promise<void> {
    const current = this.#current?.position.file;
    if (newest === undefined || current === undefined) return;
    const isEmptied = newest.ino === current.ino && newest.bornMs === current.bornMs;
    const copy = this.#older.at(-1)?.file.position.file;
    if (isEmptied && copy === undefined) return;
    // Where content is copied away and the file emptied, the file is older than all copies.
    const [from, to] = isEmptied ? [copy as FileIdentity, { ...current, bornMs: Number.POSITIVE_INFINITY }] : [newest, current];
    for (const path of await findBetween(this.path, from, to)) await this.#addOlder(path, { dev: 0, ino: 0, length: 0, crc: 0 }, 0);
  }

  async #stepOlder(slot: ReadSlot): Promise<boolean> {
    for (const [at, older] of this.#older.entries()) {
      if (await this.#read(older.file, slot)) {
        older.until = this.#options.clock.now() + GRACE_MS;
        return true;
      }
      if (this.#options.clock.now() < older.until) continue;
      await this.#readToEnd(older.file, slot);
      if (!older.file.isSettled) continue;
      older.file.close();
      this.#older.splice(at, 1);
      this.#save();
      return true;
    }
    return false;
  }

  /** The name is gone: the file is read as long as it is written to, then given up, so that its space becomes free. */
  async #stepMissing(slot: ReadSlot, file: OpenFile): Promise<boolean> {
    if (await this.#read(file, slot)) {
      this.#missingSince = undefined;
      return true;
    }
    const now = this.#options.clock.now();
    this.#missingSince ??= now;
    if (now - this.#missingSince < (this.#onLeft === undefined ? GRACE_MS : LEAVING_MS)) return false;
    await this.#readToEnd(file, slot);
    if (!file.isSettled) return false;
    file.close();
    this.#current = undefined;
    this.#missingSince = undefined;
    this.#save();
    return false;
  }

  /** The name leads to another file. The old one has been read to its end. */
  async #succeed(old: OpenFile): Promise<void> {
    const now = this.#options.clock.now();
    let isRewritten = false;
    try {
      this.#current = await OpenFile.open(this.path, this.#save, (file, size) => {
        const { file: identity } = old.position;
        // An editor or a copy put a new file with the old content in place of the old one, which has no name any more.
        isRewritten = identity.length > 0 && old.stats().nlink === 0 && file.beginsLike(identity);
        return isRewritten ? Math.min(old.offset, size) : this.#decode(file).skip;
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#problem(`failed to tail file: ${(error as Error).message}`);
      this.#current = undefined;
    }
    if (isRewritten) old.close();
    else {
      this.#older.push({ file: old, until: now + GRACE_MS });
      await this.#change(() => this.#addSkipped(old.position.file));
    }
    this.#save();
  }

  /** Its content was copied away and the file emptied: what was not read yet is in the copy. */
  async #truncated(file: OpenFile): Promise<void> {
    const { file: identity } = file.position;
    const offset = file.offset;
    const copy = await findCopy(this.path, identity, offset);
    this.#options.log.info("file was truncated", { path: this.path, copy });
    file.restart();
    file.offset = file.committed = this.#decode(file).skip;
    file.refreshFingerprint(file.stats().size);
    if (copy !== undefined)
      await this.#change(async () => {
        await this.#addOlder(copy, identity, offset);
        await this.#addSkipped(file.position.file);
      });
    this.#save();
  }

  /** What data becomes safe meanwhile is saved after: after a kill, the files that are being added would be forgotten. */
  async #change(add: () => Promise<void>): Promise<void> {
    this.#isChanging = true;
    await add().finally(() => {
      this.#isChanging = false;
    });
  }

  /** Reads one chunk of complete lines; false at the end of the file. */
  async #read(file: OpenFile, slot: ReadSlot): Promise<boolean> {
    slot.recycle();
    let filled = await slot.fill(file.descriptor, file.offset);
    let end = endOfLastLine(slot.buffer.subarray(0, filled), this.#decoding.newline);
    while (end === 0 && !file.isSkipping && filled === slot.buffer.length && slot.grow()) {
      filled = await slot.fill(file.descriptor, file.offset);
      end = endOfLastLine(slot.buffer.subarray(0, filled), this.#decoding.newline);
    }
    if (file.isSkipping) return this.#skip(file, slot.buffer.subarray(0, filled));
    if (end === 0 && filled === slot.buffer.length && filled >= MAX_LINE_BYTES) return this.#cutLine(file, slot, filled);
    if (end === 0) return false;
    await this.#handOn(file, slot, slot.buffer.subarray(0, end), file.offset + end);
    return true;
  }

  async #handOn(file: OpenFile, slot: ReadSlot, lines: Buffer, end: number): Promise<void> {
    const text = this.#decoding.decode === undefined ? lines : this.#decoding.decode(lines);
    const rows = slot.split(text, text.length);
    file.offset = end;
    file.refreshFingerprint(end);
    await this.#send(file, slot, text, rows, end);
  }

  /** A line longer than any buffer: its beginning is the line, and the rest is passed over. After a kill it is read again as a whole. */
  async #cutLine(file: OpenFile, slot: ReadSlot, filled: number): Promise<boolean> {
    const lines = slot.buffer.subarray(0, filled);
    const text = this.#decoding.decode === undefined ? lines : this.#decoding.decode(lines);
    slot.addLine(0, 0, text.length);
    const lineStart = file.offset;
    file.offset += filled;
    file.isSkipping = true;
    this.#options.sink.truncated(this.path);
    await this.#send(file, slot, text, 1, lineStart);
    return true;
  }

  #skip(file: OpenFile, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return false;
    const { newline } = this.#decoding;
    const end = endOfFirstLine(bytes, newline);
    file.offset += end > 0 ? end : bytes.length - (bytes.length % newline.length);
    if (end > 0) {
      file.isSkipping = false;
      file.commitUpTo(file.offset);
    }
    return true;
  }

  async #readToEnd(file: OpenFile, slot: ReadSlot): Promise<void> {
    while (await this.#read(file, slot));
    slot.recycle();
    const filled = await slot.fill(file.descriptor, file.offset);
    if (filled === 0 || file.isSkipping) return;
    const rest = slot.buffer.subarray(0, filled);
    const text = this.#decoding.decode === undefined ? rest : this.#decoding.decode(rest);
    slot.addLine(0, 0, text.length > 0 && text[text.length - 1] === 13 ? text.length - 1 : text.length);
    file.offset += filled;
    await this.#send(file, slot, text, 1, file.offset);
  }

  async #send(file: OpenFile, slot: ReadSlot, text: Buffer, rows: number, end: number): Promise<void> {
    const receipt = file.receiptUpTo(end);
    const createdMs = this.#options.clock.now();
    this.#time.advance(createdMs);
    const batch = slot.batch(text, rows, { labels: this.#options.labels, time: this.#time, createdMs, receipt });
    this.lines += rows;
    await this.#options.sink.send(batch, this.path);
    batch.release();
    receipt.settle();
  }

  #decode(file: OpenFile): { decoding: Decoding; skip: number } {
    const beginning = Buffer.alloc(4);
    const length = readSync(file.descriptor, beginning, 0, 4, 0);
    const found = decodingOf(this.#options.encoding, beginning.subarray(0, length));
    this.#decoding = found.decoding;
    return found;
  }

  readonly #save = (): void => {
    if (!this.#isChanging) this.#options.save(this.#positions);
  };

  // Tried again and again: the log has each problem once.
  #problem(message: string): void {
    if (message === this.#lastProblem) return;
    this.#lastProblem = message;
    this.#options.log.error(message, { path: this.path });
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

/** Where the last line that has an end ends. */
function endOfFile(file: OpenFile, size: number, { newline }: Decoding): number {
  const chunk = Buffer.alloc(64 * 1024);
  for (let to = size - (size % newline.length); to > 0; ) {
    const from = Math.max(0, to - chunk.length);
    const length = readSync(file.descriptor, chunk, 0, to - from, from);
    const end = endOfLastLine(chunk.subarray(0, length), newline);
    if (end > 0) return from + end;
    to = from;
  }
  return 0;
}
