import type { Budget } from "../../delivery/budget.ts";
import type { SeriesTable } from "./series-table.ts";

/** A series that does not come again is let go after one to two of these. */
export const RECENT_TURN_MS = 5 * 60_000;

/**
 * Keeps the numbers of series which others push, so that what was derived from a number (relabelling, metadata) is still there with the next push.
 * Past its share of the memory it keeps no more: pushes then only cost more.
 */
export class RecentSeries {
  readonly #table: SeriesTable;
  readonly #budget: Budget;
  readonly #shareBytes: number;
  /** By number: 0 not kept, else the parity of the turn in which it came last. */
  #seenIn = new Uint8Array(1024);
  #parity = 1;
  #now: number[] = [];
  #before: number[] = [];
  #charged = 0;

  constructor(table: SeriesTable, budget: Budget) {
    this.#table = table;
    this.#budget = budget;
    this.#shareBytes = budget.limitBytes / 4;
  }

  get chargedBytes(): number {
    return this.#charged;
  }

  /** How many came in this turn, or in the one before and are kept. */
  get size(): number {
    let count = this.#now.length;
    for (const id of this.#before) if (this.#seenIn[id] !== this.#parity) count++;
    return count;
  }

  /** A series came by. To be asked once a series and request at least. */
  see(id: number): void {
    if (id >= this.#seenIn.length) this.#grow(id);
    const before = this.#seenIn[id];
    if (before === this.#parity) return;
    if (before === 0 && !this.#keep(id)) return;
    this.#seenIn[id] = this.#parity;
    this.#now.push(id);
  }

  /** Ends a turn: lets go what did not come in it. */
  turn(): void {
    for (const id of this.#before) if (this.#seenIn[id] !== this.#parity) this.#letGo(id);
    this.#before = this.#now;
    this.#now = [];
    this.#parity = 3 - this.#parity;
  }

  clear(): void {
    for (const id of [...this.#before, ...this.#now]) if (this.#seenIn[id] !== 0) this.#letGo(id);
    this.#before = [];
    this.#now = [];
    this.#table.collect();
  }

  #keep(id: number): boolean {
    const cost = this.#table.costOf(id);
    if (this.#charged + cost > this.#shareBytes || !this.#budget.reserve(cost)) return false;
    this.#charged += cost;
    this.#table.retain(id);
    return true;
  }

  #letGo(id: number): void {
    const cost = this.#table.costOf(id);
    this.#charged -= cost;
    this.#budget.release(cost);
    this.#seenIn[id] = 0;
    this.#table.release(id);
  }

  #grow(id: number): void {
    const larger = new Uint8Array(Math.max(this.#seenIn.length * 2, id + 1));
    larger.set(this.#seenIn);
    this.#seenIn = larger;
  }
}
