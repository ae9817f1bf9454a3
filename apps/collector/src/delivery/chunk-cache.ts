import type { Budget } from "./budget.ts";
import { type Chunk, ChunkMemory, chunkHolds } from "./chunk.ts";
import type { Segment } from "./segment.ts";
import { segmentHeaderBytes } from "./segment-format.ts";

export interface ChunkCacheOptions {
  readonly budget: Budget;
  /** Memory for chunks that could be read again from disk. */
  readonly cacheBytes: () => number;
  /** The position where the next record goes. */
  readonly end: () => number;
}

/** The pieces of a log that are in memory: those that were appended last, and those that were read back. */
export class ChunkCache {
  readonly #options: ChunkCacheOptions;
  readonly #memory: ChunkMemory;
  /** Appended to, in order; the last may still grow. */
  #tail: Chunk[] = [];
  /** Read back from disk. */
  #blocks: Chunk[] = [];
  #uses = 0;

  constructor(options: ChunkCacheOptions) {
    this.#options = options;
    this.#memory = new ChunkMemory(options.budget);
  }

  get tail(): readonly Chunk[] {
    return this.#tail;
  }

  addToTail(chunk: Chunk): void {
    this.#tail.push(chunk);
  }

  /** Adds what was read of a segment from a position on; it comes pinned. */
  addBlock(segment: Segment, position: number, bytes: Buffer, count: number): Chunk {
    const block: Chunk = {
      bytes,
      segment,
      isFromDisk: true,
      origin: position,
      from: 0,
      used: count,
      written: count,
      live: 0,
      pins: 1,
      isTainted: false,
      lastUse: ++this.#uses,
    };
    this.#blocks.push(block);
    return block;
  }

  /** The chunk which holds `length` bytes from `position` on. */
  find(position: number, length: number): Chunk | undefined {
    for (let i = this.#tail.length - 1; i >= 0; i--) {
      const chunk = this.#tail[i];
      if (chunk !== undefined && chunkHolds(chunk, position)) return chunk;
    }
    const block = this.#blocks.find((other) => chunkHolds(other, position) && position + length <= other.origin + other.used);
    if (block !== undefined) block.lastUse = ++this.#uses;
    return block;
  }

  findInTail(position: number): Chunk | undefined {
    return this.#tail.find((chunk) => chunkHolds(chunk, position));
  }

  pin(chunk: Chunk): void {
    chunk.pins++;
  }

  unpin(chunk: Chunk, mayBeRead: boolean): void {
    chunk.pins--;
    if (mayBeRead) chunk.isTainted = true;
    this.tidy(chunk);
  }

  /** Frees a chunk nobody needs, or makes it ready to be filled again. */
  tidy(chunk: Chunk): void {
    if (chunk.pins > 0 || chunk.written < chunk.used) return;
    const index = this.#tail.indexOf(chunk);
    if (index < 0 || chunk.live > 0) {
      this.#evict();
      return;
    }
    const isLast = index === this.#tail.length - 1;
    if (!isLast || chunk.isTainted || chunk.segment.isSealed) {
      this.drop(chunk);
      return;
    }
    // The same memory again: it is still in the processor's cache.
    chunk.origin = this.#options.end() - segmentHeaderBytes;
    chunk.from = segmentHeaderBytes;
    chunk.used = segmentHeaderBytes;
    chunk.written = segmentHeaderBytes;
  }

  /** Memory for a chunk; beyond the bound in place of what was read, or appended, longest ago. */
  take(size: number): Buffer {
    const bound = this.#options.cacheBytes();
    while (this.#memory.bytes - this.#memory.spareBytes(size) + size > bound || this.#memory.isScarce) if (!this.#evictOne()) break;
    return this.#memory.take(size);
  }

  /** Memory that was taken and became no chunk. */
  giveBack(bytes: Buffer): void {
    this.#memory.giveBack(bytes);
  }

  drop(chunk: Chunk): void {
    this.#tail = this.#tail.filter((other) => other !== chunk);
    this.#blocks = this.#blocks.filter((other) => other !== chunk);
    if (chunk.isTainted || chunk.pins > 0) this.#memory.free(chunk.bytes);
    else this.#memory.giveBack(chunk.bytes);
  }

  dropBlocksOf(segment: Segment): void {
    for (const block of this.#blocks.filter((other) => other.segment === segment && other.pins === 0)) this.drop(block);
  }

  /** Frees what only saves work. */
  rest(): void {
    for (const block of this.#blocks.filter(({ pins }) => pins === 0)) this.drop(block);
    for (const chunk of this.#tail.filter((other) => other.pins === 0 && other.written === other.used)) this.drop(chunk);
    this.#memory.freeSpares();
  }

  close(): void {
    for (const chunk of [...this.#blocks, ...this.#tail]) this.drop(chunk);
    this.#memory.freeSpares();
  }

  #evict(): void {
    while (this.#memory.bytes > this.#options.cacheBytes() || this.#memory.isScarce) {
      this.#memory.freeSpares();
      if (!this.#evictOne()) return;
    }
  }

  #evictOne(): boolean {
    let chunk: Chunk | undefined;
    for (const block of this.#blocks) if (block.pins === 0 && (chunk === undefined || block.lastUse < chunk.lastUse)) chunk = block;
    const last = this.#tail.length - 1;
    chunk ??= this.#tail.find(({ pins, written, used }, index) => index < last && pins === 0 && written === used);
    if (chunk !== undefined) this.drop(chunk);
    return chunk !== undefined;
  }
}
