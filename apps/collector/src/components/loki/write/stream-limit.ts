import type { Clock } from "../../../component/clock.ts";
import type { StreamLabels } from "../../../signals/loki/stream-labels.ts";

/** Admits so many streams a tenant within the time in which lines are gathered to a request. */
export class StreamLimit {
  readonly #most: number;
  readonly #periodMs: number;
  readonly #clock: Clock;
  #periodEnd = 0;
  #active = new Map<string, Set<StreamLabels>>();

  /** `most` 0: all are admitted. */
  constructor(most: number, periodMs: number, clock: Clock) {
    this.#most = most;
    this.#periodMs = periodMs;
    this.#clock = clock;
  }

  admits(tenant: string, labels: StreamLabels): boolean {
    if (this.#most <= 0) return true;
    const now = this.#clock.monotonic();
    if (now >= this.#periodEnd) {
      this.#active = new Map();
      this.#periodEnd = now + this.#periodMs;
    }
    let streams = this.#active.get(tenant);
    if (streams === undefined) {
      streams = new Set();
      this.#active.set(tenant, streams);
    }
    if (!streams.has(labels) && streams.size >= this.#most) return false;
    streams.add(labels);
    return true;
  }
}
