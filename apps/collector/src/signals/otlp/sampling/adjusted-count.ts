import { textOf } from "../../../bytes/utf8.ts";
import { probabilityOf } from "./threshold.ts";
import { TraceState } from "./trace-state.ts";

/** How many spans stand behind one that came, by the sampling that its tracestate tells of. */
export class AdjustedCount {
  readonly #random: () => number;
  readonly #state = new TraceState();
  #text = "";
  #count = 1;

  /** Counts that are not whole are rounded up or down at random, so that their mean is right. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** To be called before each batch: spans of one trace get the same count within it. */
  begin(): void {
    this.#text = "";
    this.#count = 1;
  }

  /** The count of a span whose tracestate lies in `bytes` from `start` to `end`. */
  of(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 1;
    const text = textOf(bytes, start, end);
    if (text === this.#text) return this.#count;
    this.#text = text;
    this.#count = 1;
    if (!text.includes("ot=") || !this.#state.read(text) || this.#state.threshold === undefined) return 1;
    const exact = 1 / probabilityOf(this.#state.threshold);
    const whole = Math.floor(exact);
    this.#count = whole + (this.#random() < exact - whole ? 1 : 0);
    return this.#count;
  }
}
