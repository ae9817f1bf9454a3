import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { StatementError } from "./value.ts";

/** Between two lines in the log of one statement. */
const PAUSE_MS = 10_000;

/** Logs errors of statements on items: the first of each statement at once, then one line for many. */
export class ErrorLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #kind: "statement" | "condition";
  readonly #count: (amount: number) => void;
  readonly #seen = new Map<string, { at: number; suppressed: number }>();

  /** `count` is told of every error, also of those that are not logged. */
  constructor(log: Logger, clock: Clock, kind: "statement" | "condition", count: (amount: number) => void) {
    this.#log = log;
    this.#clock = clock;
    this.#kind = kind;
    this.#count = count;
  }

  readonly report = (error: StatementError, text: string): void => {
    this.#count(1);
    const now = this.#clock.monotonic();
    const seen = this.#seen.get(text);
    if (seen !== undefined && now - seen.at < PAUSE_MS) {
      seen.suppressed++;
      return;
    }
    const fields: Record<string, unknown> = { error: error.message, [this.#kind]: text };
    if (seen !== undefined && seen.suppressed > 0) fields.suppressed = seen.suppressed;
    this.#seen.set(text, { at: now, suppressed: 0 });
    this.#log.warn(this.#kind === "statement" ? "failed to execute statement" : "failed to eval condition", fields);
  };
}
