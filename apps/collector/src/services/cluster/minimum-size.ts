import type { Logger } from "../../component/context.ts";

/** Whether a cluster has as many collectors as it must have before it works, or was waited for long enough. */
export class MinimumSize {
  readonly #minimum: number;
  readonly #timeoutMs: number;
  readonly #log: Logger;
  #state: "short" | "reached" | "waited" = "short";
  #shortSinceMs = 0;

  /** `minimum` 0: any size will do. `timeoutMs` 0: it is waited for ever. */
  constructor(minimum: number, timeoutMs: number, log: Logger) {
    this.#minimum = minimum;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
    if (minimum === 0) this.#state = "reached";
  }

  get isReached(): boolean {
    return this.#state !== "short";
  }

  start(nowMs: number): void {
    this.#shortSinceMs = nowMs;
  }

  look(size: number, nowMs: number): void {
    const fields = { minimum_cluster_size: this.#minimum, peers_count: size };
    if (size >= this.#minimum) {
      if (this.#state !== "reached") this.#log.info("minimum cluster size reached, marking cluster as ready to admit traffic", fields);
      this.#state = "reached";
      return;
    }
    if (this.#state === "reached") {
      this.#state = "short";
      this.#shortSinceMs = nowMs;
      this.#log.warn("minimum cluster size requirements are not met - marking cluster as not ready for traffic", fields);
    }
    if (this.#state === "short" && this.#timeoutMs > 0 && nowMs - this.#shortSinceMs >= this.#timeoutMs) {
      this.#state = "waited";
      this.#log.warn("deadline passed, marking cluster as ready to admit traffic", fields);
    }
  }
}
