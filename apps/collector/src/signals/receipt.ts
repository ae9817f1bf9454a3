/**
 * Follows what a source has read to its destinations, for sources which can read again (files, watches, journals). Every holder
 * (a component that keeps lines back, a queue in memory) calls `hold` before the `consume` that handed it the batch resolves, and `settle` once
 * the data is written to disk, delivered, or dropped and counted. When the source's own hold and all others are settled, the source
 * may move its position past the data.
 */
export class Receipt {
  #holds = 1;
  readonly #whenSettled: () => void;
  constructor(whenSettled: () => void) {
    this.#whenSettled = whenSettled;
  }

  hold(): void {
    if (this.#holds === 0) throw new Error("a receipt was held after it had settled");
    this.#holds++;
  }

  settle(): void {
    if (this.#holds === 0) throw new Error("a receipt was settled more often than it was held");
    if (--this.#holds === 0) this.#whenSettled();
  }

  /** One receipt for data that came with several; holds each until it is settled itself. */
  static join(receipts: readonly Receipt[]): Receipt | undefined {
    if (receipts.length === 0) return undefined;
    for (const receipt of receipts) receipt.hold();
    return new Receipt(() => {
      for (const receipt of receipts) receipt.settle();
    });
  }
}
