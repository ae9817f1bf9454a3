import type { Clock } from "../../../../component/clock.ts";
import type { Logger } from "../../../../component/context.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { moveAside, pruneBackups, type Rotation } from "./backups.ts";
import type { OpenFile, OpenOptions, openOutput } from "./open-file.ts";

export interface OutputFileOptions extends OpenOptions {
  readonly rotation: Rotation | undefined;
  /** How often what was written is forced to the disk; 0: when the system likes. */
  readonly syncMs: number;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly open: typeof openOutput;
  /** What does not concern a message that somebody waits for went wrong. */
  readonly failed: (path: string, error: unknown) => void;
}

interface Waiting {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
  readonly done: (error: DeliveryError | undefined) => void;
}

/**
 * One file at one path. Messages that come while one is being written go out together in the next write. After a failure the file is as it was before, so
 * that it never holds a part of a message; what failed may be tried again.
 */
export class OutputFile {
  readonly #around: Surroundings;
  #options: OutputFileOptions;
  #file: OpenFile | undefined;
  #size = 0;
  /** A failed write may have left a part of a message behind `#size`. */
  #isTorn = false;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #work: Promise<void> | undefined;
  #aside: Promise<void> = Promise.resolve();
  #cancelSync: (() => void) | undefined;
  #isUnsynced = false;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #prunedMs = Number.NEGATIVE_INFINITY;

  constructor(around: Surroundings, options: OutputFileOptions) {
    this.#around = around;
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Of messages that are not written yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes over what may change while the file is open. */
  update(options: Pick<OutputFileOptions, "rotation" | "syncMs" | "folderMode">): void {
    this.#options = { ...this.#options, ...options };
    this.#prunedMs = Number.NEGATIVE_INFINITY;
  }

  /** Opens the file, so that it is there before the first message is. */
  open(): Promise<void> {
    return this.write([]);
  }

  /** Resolves when the system has the message. Rejects with `DeliveryError`, and none of it is in the file. */
  write(pieces: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
      this.#waitingBytes += bytes;
      const done = (error: DeliveryError | undefined) => {
        this.#waitingBytes -= bytes;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#waiting.push({ pieces, bytes, done });
      this.#work ??= this.#writeAll();
    });
  }

  /** Ends when all that waits is written, or has failed. */
  async close(): Promise<void> {
    await this.#work;
    this.#cancelSync?.();
    await this.#aside;
    await this.#mend();
    await this.#closeFile();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      let taken = 0;
      try {
        const file = await this.#ready();
        taken = this.#fitting();
        const pieces = this.#waiting.slice(0, taken).flatMap((each) => each.pieces);
        const bytes = this.#waiting.slice(0, taken).reduce((sum, each) => sum + each.bytes, 0);
        if (bytes > 0) {
          this.#isTorn = true;
          await file.write(pieces, file.size === undefined ? undefined : this.#size);
          this.#isTorn = false;
          this.#size += bytes;
          this.#syncLater();
        }
        for (const { done } of this.#waiting.splice(0, taken)) done(undefined);
      } catch (thrown) {
        // Those behind would fail as well; who sent them tries again.
        const failure = failureOf(this.path, thrown);
        const failed = this.#waiting.splice(0);
        await this.#mend();
        for (const { done } of failed) done(failure);
      }
    }
    this.#work = undefined;
  }

  /** The file, open and with room for the first message that waits. */
  async #ready(): Promise<OpenFile> {
    const { clock } = this.#around;
    if (this.#file !== undefined && clock.monotonic() - this.#checkedMs >= CHECK_MS && !(await this.#isInPlace())) await this.#closeFile();
    this.#file ??= await this.#open();
    if (this.#isTorn && this.#file.size !== undefined) await this.#file.truncate(this.#size);
    this.#isTorn = false;
    const { rotation } = this.#options;
    if (rotation !== undefined && this.#file.size !== undefined) {
      const next = this.#waiting[0]?.bytes ?? 0;
      // What is larger than a file may be gets one of its own: better than to lose it.
      if (this.#size > 0 && this.#size + next > rotation.maxBytes) await this.#rotate(rotation);
      else if (clock.monotonic() - this.#prunedMs >= PRUNE_MS) this.#prune(rotation);
    }
    return this.#file ?? (await this.#open());
  }

  /** How many of the messages that wait go into the next write. */
  #fitting(): number {
    const maxBytes = Math.min(WRITE_BYTES, (this.#options.rotation?.maxBytes ?? Number.POSITIVE_INFINITY) - this.#size);
    let bytes = this.#waiting[0]?.bytes ?? 0;
    let count = 1;
    for (; count < this.#waiting.length; count++) {
      bytes += (this.#waiting[count] as Waiting).bytes;
      if (bytes > maxBytes) break;
    }
    return count;
  }

  async #open(): Promise<OpenFile> {
    const { file, cut } = await this.#around.open(this.#options);
    if (cut > 0) this.#around.log.warn("removed a message that was never finished", { path: this.path, bytes: cut });
    // Only what was there before the first message is to go.
    this.#options = { ...this.#options, discardBeforeMs: undefined };
    this.#file = file;
    this.#size = file.size ?? 0;
    this.#isTorn = false;
    this.#checkedMs = this.#around.clock.monotonic();
    return file;
  }

  /** False where somebody has removed or renamed the file, or its folder. */
  async #isInPlace(): Promise<boolean> {
    this.#checkedMs = this.#around.clock.monotonic();
    return this.#file === undefined || (await this.#file.isAt(this.path));
  }

  async #rotate(rotation: Rotation): Promise<void> {
    const { clock } = this.#around;
    await this.#closeFile();
    await moveAside(this.path, clock.now(), rotation.localtime);
    this.#file = await this.#open();
    this.#prune(rotation);
  }

  #prune(rotation: Rotation): void {
    const { clock, failed } = this.#around;
    this.#prunedMs = clock.monotonic();
    this.#aside = this.#aside.then(() => pruneBackups(this.path, rotation, clock.now())).catch((thrown) => failed(this.path, thrown));
  }

  #syncLater(): void {
    const { syncMs } = this.#options;
    if (syncMs === 0 || this.#file?.size === undefined) return;
    this.#isUnsynced = true;
    if (this.#cancelSync !== undefined) return;
    this.#cancelSync = this.#around.clock.after(syncMs, () => {
      this.#cancelSync = undefined;
      this.#aside = this.#aside.then(() => this.#sync());
    });
  }

  async #sync(): Promise<void> {
    this.#isUnsynced = false;
    try {
      await this.#file?.sync();
    } catch (thrown) {
      // Closed in between, after it was synced.
      if ((thrown as NodeJS.ErrnoException).code !== "EBADF") this.#around.failed(this.path, thrown);
    }
  }

  async #mend(): Promise<void> {
    if (!this.#isTorn || this.#file?.size === undefined) return;
    try {
      await this.#file.truncate(this.#size);
      this.#isTorn = false;
    } catch (thrown) {
      this.#around.log.debug("a part of a message will be removed later", { path: this.path, error: String(thrown) });
    }
  }

  async #closeFile(): Promise<void> {
    if (this.#isUnsynced) await this.#sync();
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch((thrown) => this.#around.failed(this.path, thrown));
  }
}

function failureOf(path: string, thrown: unknown): DeliveryError {
  const { code = "", message } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : { message: String(thrown) };
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const text = isFull ? "the disk is full: free space on it, or let `rotation` keep less" : message;
  const reason = isFull ? "disk_full" : noSuchName.has(code) ? "bad_path" : "file_error";
  return new DeliveryError(`can't write to ${path}: ${text}`, { retryable: true, reason, retryAfterMs: 5000 });
}

/** No file of this name there will ever be, or none that could be written. */
const noSuchName: ReadonlySet<string> = new Set(["ENAMETOOLONG", "ERR_INVALID_ARG_VALUE", "EISDIR", "ELOOP"]);

/** How often it is seen to that the file is still the one at its path. */
const CHECK_MS = 1000;
/** How often old backups are looked for where nothing rotates. */
const PRUNE_MS = 60 * 60_000;
const WRITE_BYTES = 4 * 1024 * 1024;
