import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { DeliveryError } from "../signals/delivery-error.ts";
import type { FailureWatch } from "./failure-watch.ts";
import { codeOf, type QueueFiles } from "./files.ts";
import { diskRefusal } from "./refusal.ts";

export interface DiskFailureOptions {
  readonly folder: string;
  readonly files: QueueFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failures: FailureWatch;
  /** Whether anything waits to be written. */
  hasUnwritten(): boolean;
  /** Writes what waits; what comes of it is told by `failed` or `ended`. */
  write(): Promise<void>;
}

/** What is known of a disk that takes nothing: shows it in health, and tries again until it takes something. */
export class DiskFailure {
  /** The disk takes nothing, and the destination does not keep up in its place: nothing more is taken. */
  isStalled = false;
  readonly #options: DiskFailureOptions;
  #failure: { code: string; message: string } | undefined;
  #cancelRetry = () => {};
  #retrying: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: DiskFailureOptions) {
    this.#options = options;
  }

  /** Set while writing fails. */
  get isOn(): boolean {
    return this.#failure !== undefined;
  }

  failed(error: unknown): void {
    const { folder, failures, log } = this.#options;
    const failure = { code: codeOf(error) ?? "", message: error instanceof Error ? error.message : String(error) };
    if (this.#failure === undefined) log.error("the queue on disk can't be written", { folder, error: failure.message });
    this.#failure = failure;
    const advice = failure.code === "ENOSPC" ? "the disk is full: free space on it, or lower the limits of the queues" : failure.message;
    failures.set("disk", `the queue in ${folder} can't be written, data passes through memory only: ${advice}`);
    this.#scheduleRetry();
  }

  ended(): void {
    const { folder, failures, log } = this.#options;
    log.info("the queue on disk can be written again", { folder });
    this.isStalled = false;
    this.#failure = undefined;
    failures.set("disk", undefined);
  }

  /** A disk that hangs is no failure yet, but nothing more is taken. */
  hangs(seconds: number): void {
    this.isStalled = true;
    this.#options.failures.set("disk", `the disk under the queue in ${this.#options.folder} takes longer than ${seconds} s to write`);
  }

  refusal(): DeliveryError {
    return diskRefusal(this.#failure?.code ?? "", this.#failure?.message ?? "the disk does not answer");
  }

  /** Tries no more; resolves when a try that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry();
    await this.#retrying;
  }

  #scheduleRetry(): void {
    if (this.#isStopped) return;
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(retryWriteMs, () => {
      this.#retrying = this.#retry();
    });
  }

  async #retry(): Promise<void> {
    const { hasUnwritten, write } = this.#options;
    if (hasUnwritten() || (await this.#takesWrites())) await write();
    else this.#scheduleRetry();
  }

  /** Where all was delivered or handed back, there is nothing to write; the disk is tried all the same. */
  async #takesWrites(): Promise<boolean> {
    const { files, folder } = this.#options;
    const path = `${folder}/probe`;
    try {
      await files.remove(path);
      const file = await files.open(path, "new");
      try {
        await file.write(Buffer.alloc(probeBytes), 0, probeBytes, 0);
      } finally {
        await file.close();
        await files.remove(path);
      }
    } catch {
      // As before: what is wrong is known, and reported.
      return false;
    }
    this.ended();
    return true;
  }
}

/** How often a disk that takes nothing is tried again. */
const retryWriteMs = 1000;
const probeBytes = 64 * 1024;
