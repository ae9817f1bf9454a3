import type { Logger } from "../component/context.ts";
import { codeOf, type QueueFile, type QueueFiles } from "./files.ts";
import type { Segment } from "./segment.ts";

export interface SegmentFilesOptions {
  readonly folder: string;
  readonly files: QueueFiles;
  readonly log: Logger;
  readonly segmentBytes: () => number;
}

/** The files of a log's segments: makes, reads, syncs and removes them, and knows which are open. */
export class SegmentFiles {
  readonly #options: SegmentFilesOptions;
  /** The sealed segment that was read last. */
  #reader: { segment: Segment; file: QueueFile } | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  readonly #unsynced = new Set<Segment>();
  #folderIsUnsynced = false;
  /** The file of a segment that is done with, kept to be written over: its place on disk, and in the page cache, is there already. */
  #spare: QueueFile | undefined;
  #keepsSpare = false;
  readonly #background = new Set<Promise<void>>();

  constructor(options: SegmentFilesOptions) {
    this.#options = options;
  }

  /** Makes the file of a new segment. */
  async create(segment: Segment): Promise<QueueFile> {
    const file = (await this.#spareAs(segment.path)) ?? (await this.#newFile(segment.path));
    this.#folderIsUnsynced = true;
    return file;
  }

  wasWritten(segment: Segment): void {
    this.#unsynced.add(segment);
  }

  /** Reading is one after the other: what the first reads is often what the others look for. */
  inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#reading.then(work);
    this.#reading = turn.catch(() => {});
    return turn;
  }

  /** Fills `bytes` from a position on, as far as the segment reaches. Only in turn. */
  async read(segment: Segment, bytes: Buffer, position: number): Promise<number> {
    const file = await this.#readerOf(segment);
    return file.read(bytes, 0, Math.min(bytes.byteLength, segment.end - position), position - segment.start);
  }

  /** Makes what was written survive a power cut; what is delivered already is left out. Closes the files that are written no more. */
  async sync(isComplete: (segment: Segment) => boolean): Promise<void> {
    if (this.#folderIsUnsynced) {
      this.#folderIsUnsynced = false;
      await this.#options.files.syncFolder(this.#options.folder);
    }
    for (const segment of [...this.#unsynced]) {
      this.#unsynced.delete(segment);
      const { file } = segment;
      const isLast = isComplete(segment);
      if (isLast) segment.file = undefined;
      if (segment.live.records > 0) await file?.sync();
      if (!isLast) continue;
      // Reads which began with this file end first: a number of a closed file may be given to another.
      await this.#reading;
      await file?.close();
    }
  }

  /** Cuts off what arrived of a write that failed. */
  cut(segment: Segment): void {
    const { file } = segment;
    // In turn, so that it ends before the file is written over as another segment's.
    this.inTurn(() => file?.truncate(segment.end - segment.start)).catch((error: unknown) => {
      this.#options.log.warn("the torn end of a queue's segment could not be cut off", { path: segment.path, error: String(error) });
    });
  }

  /** Removes the file of a segment that is done with, in the background. */
  retire(segment: Segment): void {
    this.#unsynced.delete(segment);
    this.#inBackground(this.#retire(segment));
  }

  /** Removes what only saves work. */
  rest(): void {
    this.#inBackground(this.#removeSpare());
  }

  async close(segments: readonly Segment[]): Promise<void> {
    await this.#reading;
    for (const segment of segments) {
      await segment.file?.close();
      segment.file = undefined;
    }
    await this.#reader?.file.close();
    this.#reader = undefined;
    while (this.#background.size > 0) await Promise.all(this.#background);
    await this.#removeSpare();
  }

  async #readerOf(segment: Segment): Promise<QueueFile> {
    if (segment.file !== undefined) return segment.file;
    if (this.#reader?.segment === segment) return this.#reader.file;
    await this.#reader?.file.close();
    this.#reader = undefined;
    const file = await this.#options.files.open(segment.path, "read");
    this.#reader = { segment, file };
    return file;
  }

  async #retire(segment: Segment): Promise<void> {
    const { files, log, segmentBytes } = this.#options;
    const { file } = segment;
    segment.file = undefined;
    try {
      await this.#reading;
      if (this.#reader?.segment === segment) {
        const reader = this.#reader;
        this.#reader = undefined;
        await reader.file.close();
      }
      const bytes = segment.end - segment.start;
      if (file !== undefined && bytes > 0 && bytes <= segmentBytes() && (await this.#keepAsSpare(segment.path, file))) return;
      await file?.close();
      await files.remove(segment.path);
    } catch (thrown) {
      log.warn("a segment of a queue that is done with could not be removed", { path: segment.path, error: String(thrown) });
    }
  }

  async #keepAsSpare(path: string, file: QueueFile): Promise<boolean> {
    if (this.#keepsSpare) return false;
    this.#keepsSpare = true;
    try {
      await this.#options.files.rename(path, this.#sparePath);
      this.#spare = file;
      return true;
    } catch (thrown) {
      this.#keepsSpare = false;
      this.#options.log.debug("the file of an old segment can't be kept", { path, error: String(thrown) });
      return false;
    }
  }

  async #newFile(path: string): Promise<QueueFile> {
    const { files, folder } = this.#options;
    try {
      return await files.open(path, "new");
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOENT") throw thrown;
      await files.makeFolder(folder);
      return files.open(path, "new");
    }
  }

  /** The spare file under a new name, where there is one. */
  #spareAs(path: string): Promise<QueueFile | undefined> {
    return this.#withSpare(async (spare) => {
      try {
        await this.#options.files.rename(this.#sparePath, path);
        return spare;
      } catch (thrown) {
        this.#options.log.debug("the file of an old segment can't be used again", { path: this.#sparePath, error: String(thrown) });
        await spare.close();
        return undefined;
      }
    });
  }

  async #removeSpare(): Promise<void> {
    await this.#withSpare(async (spare) => {
      await spare.close();
      await this.#options.files.remove(this.#sparePath);
    });
  }

  /**
   * Until it is known that the spare's name is free, no other file takes it: of two renames under way at once the later may come first, and the file that
   * is written to would be one without a name.
   */
  async #withSpare<T>(work: (spare: QueueFile) => Promise<T>): Promise<T | undefined> {
    const spare = this.#spare;
    if (spare === undefined) return undefined;
    this.#spare = undefined;
    try {
      return await work(spare);
    } finally {
      this.#keepsSpare = false;
    }
  }

  get #sparePath(): string {
    return `${this.#options.folder}/${spareName}`;
  }

  #inBackground(work: Promise<void>): void {
    const tracked = work.finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }
}

/** Of a file that is no segment now. */
export const spareName = "spare";
