import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { Budget } from "./budget.ts";
import type { Chunk } from "./chunk.ts";
import { ChunkCache } from "./chunk-cache.ts";
import type { QueueFiles } from "./files.ts";
import { newSegment, type Segment } from "./segment.ts";
import { SegmentFiles } from "./segment-files.ts";
import { recordHeaderBytes, segmentHeaderBytes, segmentName, voidRecord, writeRecordHeader, writeSegmentHeader } from "./segment-format.ts";

export interface DiskLogOptions {
  readonly folder: string;
  readonly files: QueueFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly budget: Budget;
  /** Where appending begins: beyond all that was ever written. */
  readonly start: number;
  readonly segments: readonly Segment[];
  readonly segmentBytes: () => number;
  /** Memory for chunks that could be read again from disk. */
  readonly cacheBytes: () => number;
  readonly syncsEachWrite: () => boolean;
  /** All up to this position is on disk. */
  onWritten(end: number): void;
  onFailed(error: unknown): void;
}

export interface NewRecord {
  readonly group: string;
  readonly payload: readonly Uint8Array[];
  readonly payloadBytes: number;
  readonly lane: number;
  readonly items: number;
  readonly timeMs: number;
}

/**
 * The log of one queue: takes records at its end, writes them in the background, many at a time, and gives back the bytes of any position. What
 * was appended last is kept in memory as it is on disk, so that it can be sent without being read.
 */
export class DiskLog {
  readonly segments: Segment[];
  readonly #options: DiskLogOptions;
  readonly #files: SegmentFiles;
  readonly #cache: ChunkCache;
  #end: number;
  #chunkBytes = smallestChunkBytes;
  #chunkSinceMs = 0;
  #flushing: Promise<void> = Promise.resolve();
  #isFlushing = false;
  #isPaused = false;

  constructor(options: DiskLogOptions) {
    this.#options = options;
    this.#files = new SegmentFiles(options);
    this.#cache = new ChunkCache({ ...options, end: () => this.#end });
    this.#end = options.start;
    this.segments = [...options.segments];
  }

  /** Nothing is written until `retry`: the last write failed. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** What the files take. */
  get diskBytes(): number {
    let bytes = 0;
    for (const segment of this.segments) bytes += segment.end - segment.start;
    return bytes + this.unwrittenBytes;
  }

  get unwrittenBytes(): number {
    let bytes = 0;
    for (const chunk of this.#cache.tail) bytes += chunk.used - chunk.written;
    return bytes;
  }

  /** The last segment, as long as it grows. */
  get active(): Segment | undefined {
    const last = this.segments[this.segments.length - 1];
    return last === undefined || last.isSealed ? undefined : last;
  }

  /** Puts a record at the end. It is written soon, and `onWritten` tells when. */
  append(record: NewRecord): { readonly position: number; readonly end: number; readonly segment: Segment } {
    const groupBytes = record.group === "" ? 0 : Buffer.byteLength(record.group);
    const length = recordHeaderBytes + groupBytes + record.payloadBytes;
    const chunk = this.#chunkFor(length);
    const at = chunk.used;
    const position = chunk.origin + at;
    let to = at + recordHeaderBytes;
    if (groupBytes > 0) to += chunk.bytes.write(record.group, to);
    for (const part of record.payload) {
      chunk.bytes.set(part, to);
      to += part.byteLength;
    }
    writeRecordHeader(chunk.bytes, at, { ...record, position, groupBytes });
    chunk.used = to;
    chunk.live++;
    this.#end = position + length;
    if (!this.#isPaused) this.#startFlush();
    return { position, end: this.#end, segment: chunk.segment };
  }

  /** True where nothing will be written to the segment any more. */
  isComplete(segment: Segment): boolean {
    return segment.isSealed && !this.#cache.tail.some((chunk) => chunk.segment === segment && chunk.written < chunk.used);
  }

  /** Ends the segment that grows; the next record begins another. */
  seal(): void {
    const { active } = this;
    if (active !== undefined) active.isSealed = true;
  }

  /** Tries again to write, after `onFailed`. */
  async retry(): Promise<void> {
    this.#isPaused = false;
    this.#startFlush();
    await this.#flushing;
  }

  /** Resolves when all that was appended is written, or can't be. */
  async flush(): Promise<void> {
    while (this.#isFlushing) await this.#flushing;
  }

  /** The chunk which holds `length` bytes from `position` on, out of memory; undefined where it must be read. */
  inMemory(position: number, length: number): Chunk | undefined {
    return this.#cache.find(position, length);
  }

  /**
   * Reads a large piece that begins at `position` and has at least `length` bytes, fewer only where the segment ends before. It comes pinned: between
   * its arrival and the reader's next step others may need memory.
   */
  read(segment: Segment, position: number, length: number): Promise<Chunk> {
    return this.#files.inTurn(() => {
      const known = this.inMemory(position, length);
      if (known === undefined) return this.#readBlock(segment, position, length);
      this.pin(known);
      return known;
    });
  }

  pin(chunk: Chunk): void {
    this.#cache.pin(chunk);
  }

  unpin(chunk: Chunk, mayBeRead: boolean): void {
    this.#cache.unpin(chunk, mayBeRead);
  }

  /** A record is settled: memory that holds nothing else is free. */
  settled(position: number): void {
    const chunk = this.#cache.findInTail(position);
    if (chunk === undefined) return;
    chunk.live--;
    this.#cache.tidy(chunk);
  }

  /** Takes back the meaning of a record which is not written yet. */
  makeVoid(position: number): void {
    const chunk = this.#cache.findInTail(position);
    if (chunk === undefined || chunk.written > position - chunk.origin || !this.#isPaused)
      throw new Error("a record to be taken back was written already");
    voidRecord(chunk.bytes, position - chunk.origin);
  }

  /**
   * Forgets what could not be written and needs no writing any more: all before `position` (undefined: all). What comes after begins a new segment,
   * as a segment has no gaps. Only while writing is paused.
   */
  discardUnwritten(position: number | undefined): void {
    if (!this.#isPaused) throw new Error("what is being written can't be discarded");
    const discarded = this.#cache.tail.filter(
      (chunk) => chunk.written < chunk.used && (position === undefined || chunk.origin + chunk.used <= position),
    );
    if (discarded.length === 0) return;
    for (const chunk of discarded) {
      this.#sealAt(chunk.segment);
      if (chunk.written > chunk.from) chunk.used = chunk.written;
      else this.#cache.drop(chunk);
    }
    const next = this.#cache.tail.find((chunk) => chunk.written < chunk.used);
    if (next === undefined || !next.segment.isSealed || next.from === 0) return;
    const segment = this.#addSegment(next.origin);
    const sealed = next.segment;
    for (const chunk of this.#cache.tail) if (chunk.segment === sealed && chunk.origin >= next.origin) chunk.segment = segment;
    writeSegmentHeader(next.bytes, 0, next.origin);
    next.from = 0;
    next.written = 0;
  }

  remove(segment: Segment): void {
    segment.isRemoved = true;
    segment.isSealed = true;
    const index = this.segments.indexOf(segment);
    if (index >= 0) this.segments.splice(index, 1);
    this.#cache.dropBlocksOf(segment);
    this.#files.retire(segment);
  }

  /** Makes what was written survive a power cut; what is delivered already is left out. */
  sync(): Promise<void> {
    return this.#files.sync((segment) => this.isComplete(segment));
  }

  /** Frees memory that only saves work; for a queue with nothing to do. */
  rest(): void {
    this.#cache.rest();
    this.#chunkBytes = smallestChunkBytes;
    this.#files.rest();
  }

  /** The queue must have ended all reading. */
  async close(): Promise<void> {
    await this.flush();
    await this.sync();
    await this.#files.close(this.segments);
    this.#cache.close();
  }

  #chunkFor(length: number): Chunk {
    const { active } = this;
    const last = this.#cache.tail[this.#cache.tail.length - 1];
    const fitsSegment = active !== undefined && this.#end - active.start + length <= this.#options.segmentBytes();
    if (last !== undefined && last.segment === active && fitsSegment && last.used + length <= last.bytes.byteLength) return last;
    let segment = active;
    if (segment === undefined || (!fitsSegment && this.#end - segment.start > segmentHeaderBytes)) {
      this.seal();
      segment = this.#addSegment(this.#end);
    }
    const isHead = segment.start === this.#end;
    const chunk: Chunk = {
      bytes: this.#cache.take(Math.max(this.#nextChunkBytes(), segmentHeaderBytes + length)),
      segment,
      isFromDisk: false,
      // Room for a header is left even where there is none, see discardUnwritten.
      origin: isHead ? this.#end : this.#end - segmentHeaderBytes,
      from: isHead ? 0 : segmentHeaderBytes,
      used: segmentHeaderBytes,
      written: isHead ? 0 : segmentHeaderBytes,
      live: 0,
      pins: 0,
      isTainted: false,
      lastUse: 0,
    };
    if (isHead) writeSegmentHeader(chunk.bytes, 0, segment.start);
    this.#cache.addToTail(chunk);
    return chunk;
  }

  /** A queue that fills chunks quickly gets larger ones: fewer writes. */
  #nextChunkBytes(): number {
    const nowMs = this.#options.clock.monotonic();
    if (this.#cache.tail.length > 0 && nowMs - this.#chunkSinceMs < 1000)
      this.#chunkBytes = Math.min(
        this.#chunkBytes * 2,
        Math.max(smallestChunkBytes, Math.min(largestChunkBytes, this.#options.cacheBytes() / 8)),
      );
    this.#chunkSinceMs = nowMs;
    return this.#chunkBytes;
  }

  #addSegment(start: number): Segment {
    const segment = newSegment(`${this.#options.folder}/${segmentName(start)}`, start);
    this.segments.push(segment);
    return segment;
  }

  #startFlush(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // After this turn of the event loop: what other requests bring in it is written along.
    this.#flushing = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    try {
      for (let chunk = this.#firstUnwritten(); chunk !== undefined; chunk = this.#firstUnwritten()) {
        const { segment } = chunk;
        segment.file ??= await this.#files.create(segment);
        const to = chunk.used;
        const writing = segment.file.write(chunk.bytes, chunk.written, to, chunk.origin + chunk.written - segment.start);
        if (writing !== undefined) await writing;
        chunk.written = to;
        segment.end = chunk.origin + to;
        this.#files.wasWritten(segment);
        if (this.#options.syncsEachWrite()) await segment.file.sync();
        this.#options.onWritten(segment.end);
        this.#cache.tidy(chunk);
      }
      this.#isFlushing = false;
    } catch (thrown) {
      this.#isFlushing = false;
      this.#isPaused = true;
      this.#options.onFailed(thrown);
    }
  }

  #firstUnwritten(): Chunk | undefined {
    return this.#cache.tail.find((chunk) => chunk.written < chunk.used);
  }

  /** Ends a segment whose last write failed: what arrived of that write is cut off. */
  #sealAt(segment: Segment): void {
    if (segment.isSealed && segment.file === undefined) return;
    segment.isSealed = true;
    const { file } = segment;
    if (file !== undefined) this.#files.cut(segment);
    else if (segment.end === segment.start) this.remove(segment);
  }

  async #readBlock(segment: Segment, position: number, length: number): Promise<Chunk> {
    const size = Math.max(length, Math.min(blockBytes, segment.end - position));
    const bytes = this.#cache.take(size);
    let count: number;
    try {
      count = await this.#files.read(segment, bytes, position);
    } catch (thrown) {
      this.#cache.giveBack(bytes);
      throw thrown;
    }
    return this.#cache.addBlock(segment, position, bytes, count);
  }
}

const smallestChunkBytes = 64 * 1024;
const largestChunkBytes = 1024 * 1024;
/** What is read back at a time. */
const blockBytes = 1024 * 1024;
