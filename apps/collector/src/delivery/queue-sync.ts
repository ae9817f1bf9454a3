import type { Clock } from "../component/clock.ts";
import type { Cursor, CursorFile } from "./cursor-file.ts";
import type { DiskLog } from "./disk-log.ts";
import type { FailureWatch } from "./failure-watch.ts";

export interface QueueSyncOptions {
  readonly folder: string;
  readonly log: DiskLog;
  readonly cursor: Cursor;
  readonly cursorFile: CursorFile;
  readonly clock: Clock;
  readonly failures: FailureWatch;
  readonly intervalMs: () => number;
}

/** Notes on disk what a queue has delivered, and every so often makes that and its log survive a power cut. */
export class QueueSync {
  readonly #options: QueueSyncOptions;
  #cancel = () => {};
  #syncing: Promise<void> | undefined;
  #cursorIsUnsynced = false;
  #cursorIsUnwritten = false;
  #isStopped = false;

  constructor(options: QueueSyncOptions) {
    this.#options = options;
    this.#schedule();
  }

  /** Undefined: it is written already. What can't be noted shows in health, and is tried again with the next sync. */
  writeCursor(): Promise<void> | undefined {
    const { failures, folder, cursor, cursorFile } = this.#options;
    this.#cursorIsUnsynced = true;
    this.#cursorIsUnwritten = false;
    const writing = cursorFile.write(cursor);
    if (writing === undefined) {
      failures.set("cursor", undefined);
      return undefined;
    }
    return writing.then(
      () => failures.set("cursor", undefined),
      (error: unknown) => {
        this.#cursorIsUnwritten = true;
        failures.set("cursor", `what is delivered can't be noted in ${folder}, a restart would send it again: ${messageOf(error)}`);
      },
    );
  }

  /** Syncs no more; resolves when one that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#syncing;
  }

  #schedule(): void {
    const { clock, intervalMs } = this.#options;
    this.#cancel = clock.after(Math.max(intervalMs(), shortestSyncMs), () => {
      this.#syncing = this.#sync().finally(() => {
        this.#syncing = undefined;
        if (!this.#isStopped) this.#schedule();
      });
    });
  }

  async #sync(): Promise<void> {
    const { log, cursorFile, failures, folder } = this.#options;
    try {
      await log.sync();
      if (this.#cursorIsUnwritten) await this.writeCursor();
      if (this.#cursorIsUnsynced) {
        this.#cursorIsUnsynced = false;
        await cursorFile.sync();
      }
      failures.set("syncing", undefined);
    } catch (thrown) {
      failures.set("syncing", `the queue in ${folder} can't be made safe against a power cut: ${messageOf(thrown)}`);
    }
  }
}

const shortestSyncMs = 100;

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
