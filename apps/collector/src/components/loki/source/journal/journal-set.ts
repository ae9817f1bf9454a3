import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../../../component/context.ts";
import { type EntryHead, JournalFile } from "./journal-file.ts";

/** The last entry that was read, as far as it is needed to find the next one. */
export interface JournalPosition {
  readonly sequenceId: string;
  readonly sequence: number;
  readonly realtime: number;
}

/** Reads a cursor of systemd's; undefined: it is none. */
export function parseCursor(cursor: string): JournalPosition | undefined {
  const parts = new Map(cursor.split(";").map((part) => [part.slice(0, 1), part.slice(2)] as const));
  const [sequence, realtime] = [Number.parseInt(parts.get("i") ?? "", 16), Number.parseInt(parts.get("t") ?? "", 16)];
  const sequenceId = parts.get("s") ?? "";
  if (sequenceId === "" || Number.isNaN(sequence) || Number.isNaN(realtime)) return undefined;
  return { sequenceId, sequence, realtime };
}

export interface NextEntry {
  readonly file: JournalFile;
  readonly head: EntryHead;
}

const DEFAULT_FOLDERS = ["/var/log/journal", "/run/log/journal"];

/** All files of a journal as one, in the order of time. */
export class JournalSet {
  readonly #path: string;
  readonly #log: Logger;
  readonly #files = new Map<string, { readonly file: JournalFile; next: number }>();
  readonly #unreadable = new Set<string>();
  #position: JournalPosition | undefined;
  readonly #sinceMicros: number;

  /** Begins behind `position`, or at a time where there is none. */
  constructor(options: { path: string; position: JournalPosition | undefined; sinceMicros: number; log: Logger }) {
    this.#path = options.path;
    this.#log = options.log;
    this.#position = options.position;
    this.#sinceMicros = options.sinceMicros;
  }

  get files(): readonly JournalFile[] {
    return [...this.#files.values()].map(({ file }) => file);
  }

  /** Looks for files that came, went or were renamed, and for new entries. Throws where there is no folder to look into. */
  refresh(): void {
    const found = journalPaths(this.#path);
    const seen = new Set<string>();
    for (const path of found) {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      const key = `${stats.dev}:${stats.ino}`;
      seen.add(key);
      const known = this.#files.get(key);
      if (known !== undefined) known.file.path = path;
      else this.#open(key, path);
    }
    for (const [key, reading] of this.#files) {
      reading.file.refresh();
      // A file that was deleted is read to its end first.
      if (!seen.has(key) && reading.next >= reading.file.count) {
        reading.file.close();
        this.#files.delete(key);
      }
    }
  }

  /** The next entry; undefined: there is none for now. */
  next(): NextEntry | undefined {
    let chosen: { reading: { readonly file: JournalFile; next: number }; head: EntryHead } | undefined;
    for (const reading of this.#files.values()) {
      const head = this.#headOf(reading);
      if (head !== undefined && (chosen === undefined || isBefore(reading.file, head, chosen.reading.file, chosen.head)))
        chosen = { reading, head };
    }
    if (chosen === undefined) return undefined;
    const { reading, head } = chosen;
    reading.next++;
    this.#position = { sequenceId: reading.file.sequenceId, sequence: head.sequence, realtime: head.realtime };
    return { file: reading.file, head };
  }

  close(): void {
    for (const { file } of this.#files.values()) file.close();
    this.#files.clear();
  }

  #headOf(reading: { readonly file: JournalFile; next: number }): EntryHead | undefined {
    const { file } = reading;
    while (reading.next < file.count)
      try {
        return file.head(reading.next);
      } catch (error) {
        this.#log.warn("an entry of the journal can't be read and is left out", {
          path: file.path,
          entry: reading.next,
          err: String(error),
        });
        reading.next++;
      }
    return undefined;
  }

  #open(key: string, path: string): void {
    try {
      const file = new JournalFile(path);
      this.#files.set(key, { file, next: this.#placeIn(file) });
      this.#unreadable.delete(key);
    } catch (error) {
      if (!this.#unreadable.has(key))
        this.#log.warn("a journal file can't be read", { path, err: error instanceof Error ? error.message : String(error) });
      this.#unreadable.add(key);
    }
  }

  #placeIn(file: JournalFile): number {
    const position = this.#position;
    if (position === undefined) return file.firstWhere(({ realtime }) => realtime >= this.#sinceMicros);
    if (position.sequenceId === file.sequenceId) return file.firstWhere(({ sequence }) => sequence > position.sequence);
    return file.firstWhere(({ realtime }) => realtime > position.realtime);
  }
}

/** Sequence numbers tell the order within one journal, clocks among several. */
function isBefore(one: JournalFile, a: EntryHead, other: JournalFile, b: EntryHead): boolean {
  if (one.sequenceId === other.sequenceId) return a.sequence < b.sequence;
  return a.realtime < b.realtime;
}

/** The files in a folder and in those of machines within it. Without a folder: this machine's in the usual places. */
function journalPaths(path: string): string[] {
  if (path !== "") return [...filesIn(path, true), ...machines(path).flatMap((folder) => filesIn(folder, false))];
  const machine = machineId();
  const folders = DEFAULT_FOLDERS.flatMap((folder) => machines(folder).filter((each) => machine === "" || each.endsWith(`/${machine}`)));
  return folders.flatMap((folder) => filesIn(folder, false));
}

function filesIn(folder: string, mustBe: boolean): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.journal~?$/.test(name))
      .map((name) => join(folder, name));
  } catch (error) {
    if (mustBe) throw error;
    return [];
  }
}

function machines(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[0-9a-f]{32}$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    // It is not there, or not a folder: then there are none in it.
    return [];
  }
}

function machineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}
