import { hash32 } from "../../../../bytes/hash.ts";
import type { Clock } from "../../../../component/clock.ts";

const COUNTERS = 4096;
const PERIOD_MS = 1000;

/** Lets through the first messages of a text each second, and every so many-th after them. Texts share counters by their hash. */
export class Sampler {
  readonly #clock: Clock;
  readonly #counts = new Uint32Array(COUNTERS);
  readonly #endsMs = new Float64Array(COUNTERS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `thereafter` 0: none after the first. */
  accepts(message: string, initial: number, thereafter: number): boolean {
    const slot = hash32(Buffer.from(message)) % COUNTERS;
    const now = this.#clock.monotonic();
    if (now >= (this.#endsMs[slot] as number)) {
      this.#endsMs[slot] = now + PERIOD_MS;
      this.#counts[slot] = 0;
    }
    const count = (this.#counts[slot] as number) + 1;
    this.#counts[slot] = count;
    return count <= initial || (thereafter > 0 && (count - initial) % thereafter === 0);
  }
}
