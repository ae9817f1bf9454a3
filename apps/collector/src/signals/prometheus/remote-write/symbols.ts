import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { textOf } from "../../../bytes/utf8.ts";

/** Requests with more texts are refused: their table would take more memory than the request. */
const MAX_SYMBOLS = 4 * 1024 * 1024;

/** The texts of one request of remote write 2, where they lie in its body. */
export class Symbols {
  count = 0;
  #starts = new Uint32Array(256);
  #ends = new Uint32Array(256);
  #body: Uint8Array = new Uint8Array(0);

  reset(body: Uint8Array): void {
    this.#body = body;
    this.count = 0;
    if (this.#starts.length <= KEPT) return;
    this.#starts = new Uint32Array(256);
    this.#ends = new Uint32Array(256);
  }

  add(start: number, end: number): void {
    const at = this.count++;
    if (at >= MAX_SYMBOLS) throw new MalformedInput(`the request has more than ${MAX_SYMBOLS} symbols`);
    if (at === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#ends = doubled(this.#ends);
    }
    this.#starts[at] = start;
    this.#ends[at] = end;
  }

  startOf(ref: number): number {
    return this.#starts[ref] as number;
  }

  endOf(ref: number): number {
    return this.#ends[ref] as number;
  }

  textOf(ref: number): string {
    return textOf(this.#body, this.startOf(ref), this.endOf(ref));
  }
}

/** Larger tables are not kept for the next request. */
const KEPT = 64 * 1024;

function doubled(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(old.length * 2);
  larger.set(old);
  return larger;
}
