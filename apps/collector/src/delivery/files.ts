import fs from "node:fs";
import { promisify } from "node:util";

/** The file system as queues and journals use it; tests bring one that fails. */
export interface QueueFiles {
  /** Makes the folder and those above it. */
  makeFolder(path: string): Promise<void>;
  /** Names and sizes of what is in a folder; nothing where it does not exist. */
  list(path: string): Promise<{ readonly name: string; readonly size: number; readonly modifiedMs: number }[]>;
  /** `new` fails where the file exists, `update` makes it where it doesn't. */
  open(path: string, mode: "new" | "update" | "read"): Promise<QueueFile>;
  rename(from: string, to: string): Promise<void>;
  /** Removing what does not exist succeeds. */
  remove(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** Makes new names in a folder survive a power cut. */
  syncFolder(path: string): Promise<void>;
}

export interface QueueFile {
  /**
   * Writes `bytes[from, to)` at `position`. Undefined: it is done already. While it is under way the bytes must not change. After an error any part
   * may have been written.
   */
  write(bytes: Uint8Array, from: number, to: number, position: number): Promise<void> | undefined;
  /** Reads up to `bytes[from, to)`; fewer only at the end of the file. */
  read(bytes: Uint8Array, from: number, to: number, position: number): Promise<number>;
  size(): Promise<number>;
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** Real files. What one call of this opens shares a judgement of how quick the disk is. */
export function diskFiles(): QueueFiles {
  const pace = new DiskPace();
  return {
    async makeFolder(path) {
      await fs.promises.mkdir(path, { recursive: true, mode: 0o750 });
    },
    async list(path) {
      let names: string[];
      try {
        names = await fs.promises.readdir(path);
      } catch (thrown) {
        if (codeOf(thrown) === "ENOENT") return [];
        throw thrown;
      }
      const found: { name: string; size: number; modifiedMs: number }[] = [];
      for (const name of names.sort()) {
        const stat = await fs.promises.stat(`${path}/${name}`).catch(() => undefined);
        if (stat !== undefined) found.push({ name, size: stat.size, modifiedMs: stat.mtimeMs });
      }
      return found;
    },
    async open(path, mode) {
      const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
      const flags = mode === "read" ? O_RDONLY : mode === "new" ? O_RDWR | O_CREAT | O_EXCL : O_RDWR | O_CREAT;
      return fileOf(await openFile(path, flags, 0o640), pace);
    },
    rename: (from, to) => fs.promises.rename(from, to),
    remove: (path) => fs.promises.rm(path, { force: true }),
    removeFolder: (path) => fs.promises.rm(path, { recursive: true, force: true }),
    async syncFolder(path) {
      const folder = await fs.promises.open(path, "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
  };
}

/** The `code` of a system error: `ENOSPC`. */
export function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}

const openFile = promisify<string, number, number, number>(fs.open);

function fileOf(descriptor: number, pace: DiskPace): QueueFile {
  return {
    write(bytes, from, to, position) {
      if (!pace.allowsWaiting(to - from)) return writeAside(descriptor, bytes, from, to, position);
      const startedMs = performance.now();
      try {
        for (let at = from; at < to; ) at += fs.writeSync(descriptor, bytes, at, to - at, position + at - from);
      } catch (thrown) {
        return Promise.reject(thrown);
      } finally {
        pace.took(performance.now() - startedMs);
      }
      return undefined;
    },
    async read(bytes, from, to, position) {
      let at = from;
      while (at < to) {
        const count = await readSome(descriptor, bytes, at, to - at, position + at - from);
        if (count === 0) break;
        at += count;
      }
      return at - from;
    },
    size: () => new Promise((resolve, reject) => fs.fstat(descriptor, (error, stat) => (error ? reject(error) : resolve(stat.size)))),
    sync() {
      const startedMs = performance.now();
      pace.syncing++;
      return new Promise((resolve, reject) => {
        fs.fdatasync(descriptor, (error) => {
          pace.syncing--;
          pace.tookToSync(performance.now() - startedMs);
          if (error) reject(error);
          else resolve();
        });
      });
    },
    truncate: (size) => new Promise((resolve, reject) => fs.ftruncate(descriptor, size, (error) => (error ? reject(error) : resolve()))),
    close: () => new Promise((resolve, reject) => fs.close(descriptor, (error) => (error ? reject(error) : resolve()))),
  };
}

async function writeAside(descriptor: number, bytes: Uint8Array, from: number, to: number, position: number): Promise<void> {
  for (let at = from; at < to; ) {
    const count = await new Promise<number>((resolve, reject) => {
      fs.write(descriptor, bytes, at, to - at, position + at - from, (error, written) => (error ? reject(error) : resolve(written)));
    });
    if (count === 0) throw new Error("the file system took none of the bytes of a write");
    at += count;
  }
}

function readSome(descriptor: number, bytes: Uint8Array, from: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, bytes, from, length, position, (error, count) => (error ? reject(error) : resolve(count)));
  });
}

/**
 * Whether the main thread may wait for a small write. It goes into the page cache and takes microseconds, where handing it to another thread costs
 * a tenfold (measured: 2.5 against 35 µs for 1.6 KB, 8 against 38 µs for 60 KB). But a disk under pressure holds writers up, first of all while
 * it syncs: then, and for a while after anything was slow, writes go aside.
 */
class DiskPace {
  syncing = 0;
  #quickAgainMs = 0;

  allowsWaiting(bytes: number): boolean {
    return bytes <= largestWaitBytes && this.syncing === 0 && performance.now() >= this.#quickAgainMs;
  }

  took(ms: number): void {
    if (ms > slowWriteMs) this.#quickAgainMs = performance.now() + distrustMs;
  }

  tookToSync(ms: number): void {
    if (ms > slowSyncMs) this.#quickAgainMs = performance.now() + distrustMs;
  }
}

const largestWaitBytes = 256 * 1024;
const slowWriteMs = 10;
const slowSyncMs = 300;
const distrustMs = 5000;
