import type { Clock } from "../../../../component/clock.ts";

/** After an answer, senders who waited for it have sent again within this time. */
const ECHO_MS = 20;
/** So many flushes in a row must look alike. */
const EVIDENCE = 2;
/** After so long it is tried again whether waiting is still in vain. */
const DOUBT_AFTER_MS = 10_000;

/**
 * Finds out whether waiting brings more data. A sender is answered when its data was taken further on, so that a few senders under full load
 * all wait for the batch, and the batch for its timer: nobody moves. It shows: silence up to the timer, and data at once after the answer.
 * Then the batch goes as soon as those who waited last time are back. Senders who come at times of their own never look like that,
 * and their batches wait as long as the user said.
 */
export class Patience {
  readonly #clock: Clock;
  #evidence = 0;
  #lastArrivalMs = 0;
  #answeredMs: number | undefined;
  /** Senders that the last batches were waiting for. */
  #usual = 1;
  #vainSinceMs = 0;
  /** Waiting for the timer makes nobody send more. */
  isVain = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Data came; `senders` now wait. Returns whether the batch should go now. */
  arrived(senders: number): boolean {
    const now = this.#clock.monotonic();
    this.#lastArrivalMs = now;
    if (this.#answeredMs !== undefined) {
      const echoes = now - this.#answeredMs <= ECHO_MS;
      this.#answeredMs = undefined;
      this.#evidence = echoes ? this.#evidence + 1 : 0;
      const wasVain = this.isVain;
      this.isVain = this.#evidence >= EVIDENCE;
      if (this.isVain && !wasVain) this.#vainSinceMs = now;
      if (this.isVain && now - this.#vainSinceMs > DOUBT_AFTER_MS) {
        this.isVain = false;
        this.#evidence = EVIDENCE - 1;
      }
    }
    return this.isVain && senders >= this.#usual;
  }

  /** The batch goes, because of its timer or because `arrived` said so. */
  flushed(senders: number, timeoutMs: number): void {
    this.#usual = Math.max(senders, this.#usual - 1);
    const silenceMs = this.#clock.monotonic() - this.#lastArrivalMs;
    if (!this.isVain && silenceMs < timeoutMs / 2) this.#evidence = 0;
  }

  /** The batch is full: enough data comes without any haste. */
  filled(): void {
    this.#evidence = 0;
    this.isVain = false;
  }

  /** The senders of a batch were answered. */
  answered(): void {
    this.#answeredMs ??= this.#clock.monotonic();
  }
}
