import { appendFile } from "node:fs/promises";
import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";

/** Lines that may wait while the disk is slow; more are left out. */
const MAX_WAITING = 1000;

/** Writes each failed scrape as one line of JSON to a file of the user's. */
export class FailureLog {
  readonly path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string, clock: Clock, log: Logger) {
    this.path = path;
    this.#clock = clock;
    this.#log = log;
  }

  write(message: string, jobName: string, target: string): void {
    if (this.#lines.length >= MAX_WAITING) return;
    const time = new Date(this.#clock.now()).toISOString();
    this.#lines.push(`${JSON.stringify({ time, level: "ERROR", msg: message, job_name: jobName, target })}\n`);
    this.#writing ??= this.#drain();
  }

  /** Resolves when all is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const text = this.#lines.join("");
      this.#lines = [];
      try {
        await appendFile(this.path, text);
      } catch (error) {
        this.#log.warn("the scrape failure log can't be written", { path: this.path, error: (error as Error).message });
      }
    }
    this.#writing = undefined;
  }
}
