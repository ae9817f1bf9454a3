import { diskFiles, type QueueFile, type QueueFiles } from "./files.ts";

/** Real files whose writes fail when told to, for tests of full and broken disks. */
export interface FailingFiles extends QueueFiles {
  /**
   * From now on writes fail so; with ENOSPC those which need room, not those over what is there. Undefined: nothing fails. With `partly`, that many bytes of a
   * write still arrive.
   */
  failWith(code: string | undefined, options?: { partly?: number }): void;
  /** Until the returned function is called, writes do not end. */
  hangWrites(): () => void;
  /** From now on reading fails so. */
  failReadsWith(code: string | undefined): void;
  /** Writes that succeeded, in bytes. */
  readonly writtenBytes: number;
  readonly writes: number;
  /** The names of the files that were synced, in order. */
  readonly synced: readonly string[];
}

export function failingFiles(): FailingFiles {
  const files = diskFiles();
  let failure: string | undefined;
  let readFailure: string | undefined;
  let partly = 0;
  let hanging: Promise<void> | undefined;
  let writtenBytes = 0;
  let writes = 0;
  const synced: string[] = [];
  const failed = (code: string) => Object.assign(new Error(`${code}: made to fail by a test`), { code });
  const wrap = (file: QueueFile, name: string, size: number): QueueFile => ({
    ...file,
    write(bytes, from, to, position) {
      if (failure === undefined || (failure === "ENOSPC" && position + to - from <= size)) {
        size = Math.max(size, position + to - from);
        if (hanging !== undefined) return hanging.then(() => file.write(bytes, from, to, position));
        writtenBytes += to - from;
        writes++;
        return file.write(bytes, from, to, position);
      }
      const error = failed(failure);
      const arriving = Math.min(partly, to - from);
      return (async () => {
        if (arriving > 0) await file.write(bytes, from, from + arriving, position);
        throw error;
      })();
    },
    async read(bytes, from, to, position) {
      if (readFailure !== undefined) throw failed(readFailure);
      return file.read(bytes, from, to, position);
    },
    sync() {
      synced.push(name);
      return file.sync();
    },
  });
  return {
    ...files,
    async makeFolder(path) {
      const isThere = await files.list(path).then((found) => found.length > 0);
      if (failure !== undefined && !isThere) throw failed(failure);
      await files.makeFolder(path);
    },
    async open(path, mode) {
      if (failure !== undefined && mode === "new") throw failed(failure);
      const file = await files.open(path, mode);
      return wrap(file, path.slice(path.lastIndexOf("/") + 1), await file.size());
    },
    failWith(code, options = {}) {
      failure = code;
      partly = options.partly ?? 0;
    },
    hangWrites() {
      let end = () => {};
      hanging = new Promise((resolve) => {
        end = () => {
          hanging = undefined;
          resolve();
        };
      });
      return end;
    },
    failReadsWith(code) {
      readFailure = code;
    },
    get writtenBytes() {
      return writtenBytes;
    },
    get writes() {
      return writes;
    },
    synced,
  };
}
