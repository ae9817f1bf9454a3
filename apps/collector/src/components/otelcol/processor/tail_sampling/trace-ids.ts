import type { Budget } from "../../../../delivery/budget.ts";

/** What a remembered id takes. */
const ENTRY_BYTES = 112;

/** Ids of traces with what was decided about them; above a size the ones that were not asked for longest are forgotten. */
export class TraceIds<Value> {
  readonly #budget: Budget;
  readonly #known = new Map<string, Value>();
  size: number;

  constructor(size: number, budget: Budget) {
    this.size = size;
    this.#budget = budget;
  }

  get count(): number {
    return this.#known.size;
  }

  get(id: string): Value | undefined {
    if (this.#known.size === 0) return undefined;
    const value = this.#known.get(id);
    if (value === undefined) return undefined;
    this.#known.delete(id);
    this.#known.set(id, value);
    return value;
  }

  put(id: string, value: Value): void {
    if (this.size <= 0) return;
    if (!this.#known.delete(id)) this.#budget.take(ENTRY_BYTES);
    this.#known.set(id, value);
    this.shrink(this.size);
  }

  /** Forgets ids until there are at most so many. */
  shrink(size: number): void {
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= size) return;
      this.#known.delete(oldest);
      this.#budget.release(ENTRY_BYTES);
    }
  }
}
