import type { Budget } from "./budget.ts";
import type { Segment } from "./segment.ts";

/** A piece of the log in memory: what was appended last, or what was read back. */
export interface Chunk {
  readonly bytes: Buffer;
  segment: Segment;
  readonly isFromDisk: boolean;
  /** The position of `bytes[0]` in the log. */
  origin: number;
  /** `bytes[from, used)` is a piece of the log. */
  from: number;
  used: number;
  /** Up to here it is on disk. */
  written: number;
  /** Records that are not settled yet; counted where the chunk was appended to. */
  live: number;
  /** Requests that read from it. */
  pins: number;
  /** Somebody may still read it after a request was given up: its memory is not used again. */
  isTainted: boolean;
  lastUse: number;
}

export function chunkHolds(chunk: Chunk, position: number): boolean {
  return position >= chunk.origin + chunk.from && position < chunk.origin + chunk.used;
}

/** Gives the memory of chunks, charged to the budget, and keeps a little of what comes back: fresh memory costs more than copying into it. */
export class ChunkMemory {
  readonly #budget: Budget;
  #spare: Buffer[] = [];
  /** All that is held, spares too. */
  bytes = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  take(size: number): Buffer {
    const fitting = this.#spare.findIndex((spare) => spare.byteLength === size);
    const [spare] = fitting < 0 ? [] : this.#spare.splice(fitting, 1);
    if (spare !== undefined) return spare;
    this.freeSpares();
    this.#budget.take(size);
    this.bytes += size;
    return Buffer.allocUnsafeSlow(size);
  }

  /** What need not be made anew for a chunk of this size. */
  spareBytes(size: number): number {
    return this.#spare.some((spare) => spare.byteLength === size) ? size : 0;
  }

  giveBack(bytes: Buffer): void {
    if (this.#spare.length < mostSpares && !this.isScarce) this.#spare.push(bytes);
    else this.free(bytes);
  }

  /** Lets the memory go; who still reads from it can. */
  free(bytes: Buffer): void {
    this.bytes -= bytes.byteLength;
    this.#budget.release(bytes.byteLength);
  }

  freeSpares(): void {
    for (const spare of this.#spare.splice(0)) this.free(spare);
  }

  /** The process as a whole holds too much. */
  get isScarce(): boolean {
    return this.#budget.usedBytes >= this.#budget.limitBytes;
  }
}

const mostSpares = 8;
