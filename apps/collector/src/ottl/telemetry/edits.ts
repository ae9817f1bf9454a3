import type { BufferPool } from "../../bytes/buffer-pool.ts";
import { ProtobufReader, WIRE_BYTES } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";

/** Columns of an edit: where it begins and ends in the source, how deep the message lies that it changes, where its content is. */
const COLUMNS = 5;
const MAX_DEPTH = 8;

/**
 * Changes to a serialized request, collected in any order while it is gone through, and carried out in one go. An edit replaces a range of
 * the source, which is empty for an insertion, by bytes of `arena`. It belongs to the message whose fields it changes, told by its depth (the request
 * is 0), since the end of one message and the beginning of the next are the same place. Lengths of the messages around are written anew.
 */
export class Edits {
  /** Where new content is written before it is added; reset with the edits. */
  readonly arena = new ProtobufWriter(64 * 1024);
  readonly #output = new ProtobufWriter(64 * 1024);
  readonly #readers = Array.from({ length: MAX_DEPTH }, () => new ProtobufReader());
  #columns = new Int32Array(256 * COLUMNS);
  #order: Uint32Array | undefined;
  #count = 0;
  #isSorted = true;
  #source: Uint8Array = new Uint8Array(0);
  /** The next edit to be carried out. */
  #next = 0;
  #copied = 0;

  get count(): number {
    return this.#count;
  }

  reset(source: Uint8Array): void {
    this.#source = source;
    this.#count = 0;
    this.#isSorted = true;
    this.arena.clear();
  }

  /** Forgets all edits but the first `count`. */
  rewind(count: number): void {
    this.#count = count;
  }

  /** Replaces `start` to `end` of the source, in the message at `depth`, by the arena's bytes from `contentStart` to `contentEnd`. */
  add(depth: number, start: number, end: number, contentStart: number, contentEnd: number): void {
    if ((this.#count + 1) * COLUMNS > this.#columns.length) {
      const larger = new Int32Array(this.#columns.length * 2);
      larger.set(this.#columns);
      this.#columns = larger;
    }
    const at = this.#count * COLUMNS;
    const columns = this.#columns;
    columns[at] = start;
    columns[at + 1] = end;
    columns[at + 2] = depth;
    columns[at + 3] = contentStart;
    columns[at + 4] = contentEnd;
    if (this.#count > 0 && this.#isSorted) {
      const before = columns[at - COLUMNS] as number;
      if (before > start || (before === start && (columns[at - COLUMNS + 2] as number) < depth)) this.#isSorted = false;
    }
    this.#count++;
  }

  /** Leaves a range out. */
  remove(depth: number, start: number, end: number): void {
    this.add(depth, start, end, 0, 0);
  }

  /** The source as it is now: itself where there are no edits; else in memory of its own, from the pool where there is one. */
  apply(pool?: BufferPool): Uint8Array {
    if (this.#count === 0) return this.#source;
    this.#sort();
    this.#output.clear();
    this.#next = 0;
    this.#copied = 0;
    this.#message(0, 0, this.#source.length);
    this.#output.raw(this.#source, this.#copied, this.#source.length);
    if (pool === undefined) return this.#output.toBytes();
    const chunk = pool.take(this.#output.length);
    chunk.set(this.#output.bytes.subarray(0, this.#output.length));
    return chunk;
  }

  /** Only a message in which a deeper one is changed is gone through: its own edits tell where they are. */
  #message(depth: number, start: number, end: number): void {
    const reader = (this.#readers[depth] as ProtobufReader).reset(this.#source, start, end);
    this.#own(depth, end);
    while (this.#next < this.#count && this.#isWithin(depth, end) && reader.next()) {
      if (reader.wire !== WIRE_BYTES || !this.#isBelow(depth, reader.start, reader.stop)) continue;
      this.#output.raw(this.#source, this.#copied, reader.tagStart);
      const mark = this.#output.begin(reader.field, reader.stop - reader.start);
      this.#copied = reader.start;
      this.#message(depth + 1, reader.start, reader.stop);
      this.#output.raw(this.#source, this.#copied, reader.stop);
      this.#copied = reader.stop;
      this.#output.finish(mark);
      this.#own(depth, end);
    }
  }

  /** Carries out the edits of this message that come before one in a deeper message. */
  #own(depth: number, end: number): void {
    while (this.#next < this.#count) {
      const at = this.#at(this.#next);
      const start = this.#columns[at] as number;
      if (start > end || (this.#columns[at + 2] as number) !== depth) return;
      this.#output.raw(this.#source, this.#copied, start);
      this.#output.raw(this.arena.bytes, this.#columns[at + 3], this.#columns[at + 4]);
      this.#copied = Math.max(start, this.#columns[at + 1] as number);
      this.#next++;
    }
  }

  #isWithin(depth: number, end: number): boolean {
    const at = this.#at(this.#next);
    return (this.#columns[at] as number) <= end && (this.#columns[at + 2] as number) >= depth;
  }

  #isBelow(depth: number, start: number, stop: number): boolean {
    if (this.#next === this.#count) return false;
    const at = this.#at(this.#next);
    const position = this.#columns[at] as number;
    return position >= start && position <= stop && (this.#columns[at + 2] as number) > depth;
  }

  #at(edit: number): number {
    return (this.#order === undefined ? edit : (this.#order[edit] as number)) * COLUMNS;
  }

  /** By position; where several share one, what lies deeper ends there and comes first; then in the order in which they were added. */
  #sort(): void {
    this.#order = undefined;
    if (this.#isSorted) return;
    const columns = this.#columns;
    this.#order = Uint32Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) =>
        (columns[a * COLUMNS] as number) - (columns[b * COLUMNS] as number) ||
        (columns[b * COLUMNS + 2] as number) - (columns[a * COLUMNS + 2] as number) ||
        a - b,
    );
  }
}
