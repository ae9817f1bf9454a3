import type { Clock } from "../../component/clock.ts";

/** Changes come in crowds: the first waits this long for others. */
const settleMs = 100;
/** What follows goes through all targets each time: no more often than this. */
const leastBetweenMs = 2000;

/** Calls back a little after something changed, once for all that changed meanwhile, and not too often. */
export class Settled {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #cancel: (() => void) | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  changed(): void {
    if (this.#cancel !== undefined) return;
    const waitMs = Math.max(settleMs, this.#lastMs + leastBetweenMs - this.#clock.monotonic());
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = undefined;
      this.#lastMs = this.#clock.monotonic();
      this.#callback();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
