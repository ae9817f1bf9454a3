import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Logger } from "../component/context.ts";
import { codeOf, diskFiles, type QueueFile, type QueueFiles } from "./files.ts";

/** How far sources have read, kept across restarts: a journal to which each change is appended. */
export interface Positions<P> {
  get(key: string): P | undefined;
  /** True where an entry was there but could not be understood. */
  isDamaged(key: string): boolean;
  /** In force at once; written before the event loop's next turn ends, unless the disk is slow. */
  set(key: string, position: P): void;
  delete(key: string): void;
  keys(): IterableIterator<string>;
  /** Resolves when all changes so far are written. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface PositionsOptions<P> {
  readonly log: Logger;
  /** Understands what was written as JSON; undefined where it can't be a position. */
  readonly read: (value: unknown) => P | undefined;
  /** More keys than this push out the one that was set longest ago. */
  readonly maxKeys?: number;
  readonly files?: QueueFiles;
}

/** Opens the positions that a component keeps in its folder; without one they are in memory, and end with it. */
export async function positionsIn<P>(folder: string | undefined, options: PositionsOptions<P>): Promise<Positions<P>> {
  return folder === undefined ? memoryPositions() : await openPositions(join(folder, "positions.journal"), options);
}

/**
 * Opens the journal at `path`, whose folder is made where it is missing. Each line is an entry behind its CRC-32 in hex, so that a torn last line, or
 * damage in the middle, costs that line alone:
 *
 *     invar-positions 1
 *     5f3a90c1 ["/var/log/a.log",{"offset":1234}]
 *     0b7e22d4 ["/var/log/a.log"]                    (deleted)
 */
export async function openPositions<P>(path: string, options: PositionsOptions<P>): Promise<Positions<P>> {
  const { log, read, maxKeys = 100_000, files = diskFiles() } = options;
  await files.makeFolder(path.slice(0, Math.max(path.lastIndexOf("/"), 1)));
  const text = await readWhole(files, path);
  const { entries, damaged, damagedLines, validBytes } = readJournal(text, read, path);
  if (damagedLines > 0) log.warn("lines of the positions journal are damaged and were left out", { path, lines: damagedLines });
  const journal = new Journal(path, files, log, entries);
  await journal.open(text.byteLength, validBytes);

  return {
    get: (key) => entries.get(key) as P | undefined,
    isDamaged: (key) => damaged.has(key),
    set(key, position) {
      damaged.delete(key);
      // The order of insertion is the order of age.
      entries.delete(key);
      entries.set(key, position);
      journal.write(key, position);
      if (entries.size > maxKeys) {
        const [oldest = ""] = entries.keys();
        entries.delete(oldest);
        journal.write(oldest, undefined);
      }
    },
    delete(key) {
      damaged.delete(key);
      if (entries.delete(key)) journal.write(key, undefined);
    },
    keys: () => entries.keys(),
    flush: () => journal.flush(),
    close: () => journal.close(),
  };
}

/** For those who have nowhere to write: a restart reads everything again. */
export function memoryPositions<P>(): Positions<P> {
  const entries = new Map<string, P>();
  return {
    get: (key) => entries.get(key),
    isDamaged: () => false,
    set: (key, position) => void entries.set(key, position),
    delete: (key) => void entries.delete(key),
    keys: () => entries.keys(),
    flush: async () => {},
    close: async () => {},
  };
}

const firstLine = "invar-positions 1\n";

/** Appends changes, and writes the whole anew when the changes outweigh what is in force. */
class Journal {
  readonly #path: string;
  readonly #files: QueueFiles;
  readonly #log: Logger;
  readonly #entries: ReadonlyMap<string, unknown>;
  /** Absent until there is something to keep, and once closed. */
  #file: QueueFile | undefined;
  #isClosed = false;
  #size = 0;
  #sizeWhenCompact = 0;
  /** The newest change of each key since the last write. */
  #pending = new Map<string, unknown>();
  /** Changes whose write failed. They are in force, and go along with the next. */
  #unwritten: ReadonlyMap<string, unknown> = new Map();
  #writing: Promise<void> | undefined;
  #compacting: Promise<void> | undefined;
  /** What was appended while a new file is being written. */
  #since: Buffer[] = [];
  /** A new file that is written and safe: before the next change it takes the place of the old one. */
  #prepared: { readonly file: QueueFile; readonly size: number } | undefined;

  constructor(path: string, files: QueueFiles, log: Logger, entries: ReadonlyMap<string, unknown>) {
    this.#path = path;
    this.#files = files;
    this.#log = log;
    this.#entries = entries;
  }

  /** A journal of which nothing is there is begun with the first change: sources whose files are absent make none. */
  async open(fileBytes: number, validBytes: number): Promise<void> {
    if (fileBytes === 0) return;
    this.#file = await this.#files.open(this.#path, "update");
    this.#size = validBytes;
    this.#sizeWhenCompact = validBytes;
    // What follows the last whole line was torn by a kill: the next line must not continue it.
    if (validBytes < fileBytes) await this.#file.truncate(validBytes);
    if (validBytes === 0) await this.#begin();
  }

  write(key: string, position: unknown): void {
    this.#pending.set(key, position);
    if (this.#writing !== undefined) return;
    this.#writing = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#writePending());
  }

  async flush(): Promise<void> {
    if (this.#writing === undefined && this.#unwritten.size > 0) this.#writing = this.#writePending();
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#compacting;
    await this.#prepared?.file.close();
    this.#prepared = undefined;
    this.#isClosed = true;
    const file = this.#file;
    this.#file = undefined;
    await file?.sync();
    await file?.close();
  }

  async #writePending(): Promise<void> {
    do {
      const changes = new Map([...this.#unwritten, ...this.#pending]);
      this.#pending = new Map();
      await this.#append(changes);
    } while (this.#pending.size > 0);
    this.#writing = undefined;
  }

  async #append(changes: ReadonlyMap<string, unknown>): Promise<void> {
    let text = "";
    for (const [key, position] of changes) text += lineOf(key, position);
    try {
      if (this.#prepared !== undefined) await this.#replace();
      if (this.#file === undefined && !this.#isClosed) {
        // All that is in force goes into it, these changes among it.
        await this.#begin();
        this.#unwritten = new Map();
        return;
      }
      const bytes = Buffer.from(text);
      // A write that fails may leave a part of itself: the next one covers it, at the same place.
      await this.#file?.write(bytes, 0, bytes.byteLength, this.#size);
      this.#size += bytes.byteLength;
      this.#unwritten = new Map();
      if (this.#compacting !== undefined || this.#prepared !== undefined) this.#since.push(bytes);
      else if (this.#size > 64 * 1024 && this.#size > 4 * this.#sizeWhenCompact) this.#compact();
    } catch (thrown) {
      if (this.#unwritten.size === 0)
        this.#log.error("positions can't be written; after a restart data would be read again", {
          path: this.#path,
          error: String(thrown),
        });
      this.#unwritten = changes;
    }
  }

  async #begin(): Promise<void> {
    await this.#prepare();
    await this.#replace();
  }

  /** In the background: to make the new file safe may take long on a busy disk, and until then changes go to the old one. */
  #compact(): void {
    this.#compacting = this.#prepare()
      .catch((thrown: unknown) => {
        this.#log.warn("the positions journal can't be written anew and keeps growing", { path: this.#path, error: String(thrown) });
      })
      .then(() => {
        this.#compacting = undefined;
      });
  }

  /** Writes all that is in force to a new file. */
  async #prepare(): Promise<void> {
    let text = firstLine;
    for (const [key, position] of this.#entries) text += lineOf(key, position);
    const bytes = Buffer.from(text);
    this.#since = [];
    const newPath = `${this.#path}.new`;
    await this.#files.remove(newPath);
    const file = await this.#files.open(newPath, "new");
    try {
      await file.write(bytes, 0, bytes.byteLength, 0);
      await file.sync();
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    this.#prepared = { file, size: bytes.byteLength };
  }

  /** Brings the new file up to date and puts it in place of the old one. */
  async #replace(): Promise<void> {
    const { file, size } = this.#prepared as { file: QueueFile; size: number };
    this.#prepared = undefined;
    const since = Buffer.concat(this.#since);
    this.#since = [];
    try {
      await file.write(since, 0, since.byteLength, size);
      await this.#files.rename(`${this.#path}.new`, this.#path);
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    await this.#file?.close();
    this.#file = file;
    this.#size = size + since.byteLength;
    this.#sizeWhenCompact = this.#size;
  }
}

function lineOf(key: string, position: unknown): string {
  const json = JSON.stringify(position === undefined ? [key] : [key, position]);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

async function readWhole(files: QueueFiles, path: string): Promise<Buffer> {
  let file: QueueFile;
  try {
    file = await files.open(path, "read");
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return Buffer.alloc(0);
    throw thrown;
  }
  try {
    const bytes = Buffer.alloc(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0, bytes.byteLength, 0));
  } finally {
    await file.close();
  }
}

interface ReadJournal<P> {
  readonly entries: Map<string, P>;
  readonly damaged: Set<string>;
  readonly damagedLines: number;
  /** Up to the end of the last whole line; 0 where the journal must be written anew. */
  readonly validBytes: number;
}

function readJournal<P>(bytes: Buffer, read: (value: unknown) => P | undefined, path: string): ReadJournal<P> {
  const entries = new Map<string, P>();
  const damaged = new Set<string>();
  let damagedLines = 0;
  const validBytes = bytes.lastIndexOf("\n") + 1;
  const [head = "", ...lines] = bytes.toString("utf8", 0, validBytes).split("\n").slice(0, -1);
  const version = /^invar-positions (\d+)$/.exec(head)?.[1];
  if (version !== undefined && version !== "1")
    throw new Error(
      `${path} was written by a newer version (format ${version}, this one reads 1): start that version, or move the file away`,
    );
  if (version === undefined) return { entries, damaged, damagedLines: bytes.byteLength > 0 ? lines.length + 1 : 0, validBytes: 0 };
  for (const line of lines) {
    const change = changeIn(line);
    if (change === undefined) {
      damagedLines++;
      continue;
    }
    entries.delete(change.key);
    damaged.delete(change.key);
    if (change.position === undefined) continue;
    const position = read(change.position);
    if (position === undefined) damaged.add(change.key);
    else entries.set(change.key, position);
  }
  return { entries, damaged, damagedLines, validBytes };
}

function changeIn(line: string): { key: string; position: unknown } | undefined {
  const json = line.slice(9);
  if (line.slice(0, 8) !== crc32(json).toString(16).padStart(8, "0")) return undefined;
  const [key, position]: unknown[] = JSON.parse(json);
  return typeof key === "string" ? { key, position } : undefined;
}
