/** A series counts as active until it was not seen for one to two of these. */
const TURN_MS = 5 * 60_000;

/** Counts the series that go by: how many are active, how many came and went. One comparison a sample. */
export class ActiveSeries {
  /** The turn in which a series was seen last; 0: never. */
  #seenIn = new Uint16Array(1024);
  #turn = 1;
  #turnEndsMs: number;
  #seen = 0;
  #seenBefore = 0;
  #carried = 0;
  created = 0;
  removed = 0;

  constructor(nowMs: number) {
    this.#turnEndsMs = nowMs + TURN_MS;
  }

  /** Series seen in this turn or the last. */
  get active(): number {
    return this.#seen + this.#seenBefore - this.#carried;
  }

  see(series: Uint32Array, count: number, nowMs: number): void {
    if (nowMs >= this.#turnEndsMs) this.#nextTurn(nowMs);
    const turn = this.#turn;
    for (let row = 0; row < count; row++) {
      const id = series[row] as number;
      if (id >= this.#seenIn.length) this.#grow(id);
      const before = this.#seenIn[id] as number;
      if (before === turn) continue;
      this.#seenIn[id] = turn;
      this.#seen++;
      if (before === turn - 1 && before !== 0) this.#carried++;
      else this.created++;
    }
  }

  /** Lets turns pass while nothing comes. */
  refresh(nowMs: number): void {
    if (nowMs >= this.#turnEndsMs) this.#nextTurn(nowMs);
  }

  #nextTurn(nowMs: number): void {
    this.removed += this.#seenBefore - this.#carried;
    this.#seenBefore = this.#seen;
    this.#seen = 0;
    this.#carried = 0;
    if (nowMs >= this.#turnEndsMs + TURN_MS) {
      this.removed += this.#seenBefore;
      this.#seenBefore = 0;
      this.#turn++;
    }
    this.#turnEndsMs = nowMs + TURN_MS;
    if (++this.#turn < 0xfffe) return;
    // Turns are counted in 16 bits: begin anew, with all series unknown.
    this.#seenIn.fill(0);
    this.removed += this.#seenBefore;
    this.#seenBefore = 0;
    this.#turn = 1;
  }

  #grow(id: number): void {
    const larger = new Uint16Array(Math.max(this.#seenIn.length * 2, id + 1));
    larger.set(this.#seenIn);
    this.#seenIn = larger;
  }
}
