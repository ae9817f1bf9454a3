import { Receipt } from "../../../../signals/receipt.ts";

/** Keeps the cursor behind which every destination has what was read, whatever the order in which batches are settled. */
export class CommittedCursor {
  readonly #save: (cursor: string) => void;
  readonly #waiting: { readonly cursor: string; isSettled: boolean }[] = [];
  last: string | undefined;

  constructor(save: (cursor: string) => void) {
    this.#save = save;
  }

  /** For a batch that ends at `cursor`. */
  receipt(cursor: string): Receipt {
    const entry = { cursor, isSettled: false };
    this.#waiting.push(entry);
    return new Receipt(() => {
      entry.isSettled = true;
      let committed: string | undefined;
      while (this.#waiting[0]?.isSettled === true) committed = this.#waiting.shift()?.cursor;
      if (committed === undefined) return;
      this.last = committed;
      this.#save(committed);
    });
  }
}
