import type { Clock } from "../component/clock.ts";

/** Follows what is wrong with a destination, and says so once when it becomes or ceases to be. */
export class FailureWatch {
  readonly #clock: Clock;
  readonly #report: (state: "healthy" | "unhealthy", message: string) => void;
  /** What is wrong now, by its kind. */
  readonly #conditions = new Map<string, string>();
  #reported = "";
  #failingSinceMs: number | undefined;
  #lastError: string | undefined;
  #cancelTimer: () => void = () => {};

  constructor(clock: Clock, report: (state: "healthy" | "unhealthy", message: string) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** When sending began to fail without a success since. */
  get failingSinceMs(): number | undefined {
    return this.#failingSinceMs;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** A request failed, for now or for good. Unhealthy only after a minute of nothing else: a restart of the destination takes seconds. */
  failed(message: string): void {
    this.#lastError = message;
    if (this.#failingSinceMs === undefined) {
      this.#failingSinceMs = this.#clock.now();
      this.#cancelTimer = this.#clock.after(patienceMs, () => this.#sayFailing());
    } else if (this.#conditions.has("sending")) this.#sayFailing();
  }

  succeeded(): void {
    if (this.#failingSinceMs === undefined) return;
    this.#cancelTimer();
    this.#failingSinceMs = undefined;
    this.set("sending", undefined);
  }

  /** Something is wrong (or, with undefined, no longer) that needs no patience. */
  set(kind: string, message: string | undefined): void {
    if (message === undefined) this.#conditions.delete(kind);
    else this.#conditions.set(kind, message);
    const all = [...this.#conditions.values()].join("; ");
    if (all === this.#reported) return;
    this.#reported = all;
    this.#report(all === "" ? "healthy" : "unhealthy", all === "" ? "data is delivered again" : all);
  }

  close(): void {
    this.#cancelTimer();
  }

  #sayFailing(): void {
    const since = new Date(this.#failingSinceMs ?? 0).toISOString();
    this.set("sending", `nothing could be delivered since ${since}: ${this.#lastError}`);
  }
}

const patienceMs = 60_000;
