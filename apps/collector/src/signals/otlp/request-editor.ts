import type { BufferPool } from "../../bytes/buffer-pool.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Signal } from "./batch.ts";
import { ItemCursor } from "./item-cursor.ts";

const CLOSED = -1;

/**
 * Goes through the items of a chunk as `ItemCursor` does, and rewrites only what is told: an item that is neither dropped nor replaced keeps
 * its bytes, and a chunk in which nothing was changed stays itself. The output is written in one go behind the cursor: nothing up to the
 * first change, from there on untouched stretches are copied and the lengths of changed parents written anew.
 *
 *   source   ...[resource ..[scope .. item item ITEM item ..]..]..
 *                                   ^ #copied: the output holds everything before it; parents that the output is inside of are open
 */
export class RequestEditor {
  readonly cursor: ItemCursor;
  readonly #writer = new ProtobufWriter(64 * 1024);
  readonly #fields = new ProtobufReader();
  /** By level: the writer's mark of its message, or CLOSED. */
  readonly #marks: number[];
  /** By level: where its message begins in the output, tag included. */
  readonly #starts: number[];
  /** By level: items seen and dropped within its message. */
  readonly #seen: number[];
  readonly #dropped: number[];
  /** By level: the fields that were replaced and are left out where the source is copied, one bit each. */
  readonly #replaced: number[];
  #copied = 0;
  #changed = false;
  /** Items that were dropped from the chunk. */
  dropped = 0;

  constructor(signal: Signal) {
    this.cursor = new ItemCursor(signal, (level) => this.#leave(level));
    const levels = this.cursor.last + 1;
    this.#marks = new Array<number>(levels).fill(CLOSED);
    this.#starts = new Array<number>(levels).fill(0);
    this.#seen = new Array<number>(levels).fill(0);
    this.#dropped = new Array<number>(levels).fill(0);
    this.#replaced = new Array<number>(levels).fill(0);
  }

  reset(chunk: Uint8Array): this {
    this.cursor.reset(chunk);
    this.#writer.clear();
    this.#copied = 0;
    this.#changed = false;
    this.dropped = 0;
    this.#marks.fill(CLOSED);
    this.#replaced.fill(0);
    this.#seen.fill(0);
    this.#dropped.fill(0);
    return this;
  }

  /** Moves to the next item; what was not told about the one before leaves it as it is. */
  next(): boolean {
    const { cursor } = this;
    const found = cursor.next();
    if (!found) return false;
    for (let level = cursor.last; level > 0; level--) this.#seen[level] = (this.#seen[level] as number) + 1;
    return true;
  }

  /** Leaves the current item out; parents that have none left are left out as well. */
  drop(): void {
    const { cursor } = this;
    this.#openTo(cursor.last);
    const item = this.#reader(cursor.last);
    this.#copy(cursor.last, item.tagStart);
    this.#copied = item.stop;
    this.dropped++;
    for (let level = cursor.last; level > 0; level--) this.#dropped[level] = (this.#dropped[level] as number) + 1;
  }

  /** Gives the current item other content, which is copied. */
  replace(content: Uint8Array, start = 0, end: number = content.length): void {
    const { cursor } = this;
    this.#openTo(cursor.last);
    const item = this.#reader(cursor.last);
    this.#copy(cursor.last, item.tagStart);
    this.#writer.copy(item.field, content, start, end);
    this.#copied = item.stop;
  }

  /**
   * Gives a field of the current item's parent at `level` other content: its Resource, Scope, a metric's name. To be called at the first item
   * of that parent, before the item itself is changed; outer levels before inner ones. Several fields of one parent can be replaced.
   */
  replacePart(level: number, field: number, content: Uint8Array, start = 0, end: number = content.length): void {
    const contentStart = this.#reader(level - 1).start;
    if (this.#marks[level] !== CLOSED && this.#copied !== contentStart)
      throw new Error("a part was replaced after its message had been changed");
    this.#openTo(level);
    this.#writer.copy(field, content, start, end);
    this.#replaced[level] = (this.#replaced[level] as number) | (1 << field);
  }

  /**
   * The chunk as it is now: the same memory where nothing was changed; empty where nothing is left. A changed one is in memory of its own, taken from
   * the pool where there is one: who drops the chunk gives it back.
   */
  finish(pool?: BufferPool): Uint8Array {
    const { bytes } = this.cursor;
    if (!this.#changed) return bytes;
    const writer = this.#writer;
    writer.raw(bytes, this.#copied, bytes.length);
    if (pool === undefined) return writer.toBytes();
    const chunk = pool.take(writer.length);
    chunk.set(writer.bytes.subarray(0, writer.length));
    return chunk;
  }

  #reader(level: number): ProtobufReader {
    return this.cursor.levels[level] as ProtobufReader;
  }

  /** Begins the messages of all levels up to `level` in the output. */
  #openTo(level: number): void {
    this.#changed = true;
    const writer = this.#writer;
    for (let inner = 1; inner <= level; inner++) {
      if (this.#marks[inner] !== CLOSED) continue;
      const field = this.#reader(inner - 1);
      this.#copy(inner - 1, field.tagStart);
      this.#starts[inner] = writer.length;
      this.#marks[inner] = writer.begin(field.field, field.stop - field.start);
      this.#copied = field.start;
    }
  }

  /** Copies the source up to `end`, which lies in the message of `level`. */
  #copy(level: number, end: number): void {
    const replaced = this.#replaced[level] as number;
    const { bytes } = this.cursor;
    let from = this.#copied;
    if (replaced !== 0) {
      const fields = this.#fields.reset(bytes, from, end);
      while (fields.next()) {
        if (fields.field > 31 || (replaced & (1 << fields.field)) === 0) continue;
        this.#writer.raw(bytes, from, fields.tagStart);
        from = fields.stop;
      }
    }
    this.#writer.raw(bytes, from, end);
    this.#copied = end;
  }

  #leave(level: number): void {
    const mark = this.#marks[level] as number;
    if (mark !== CLOSED) {
      this.#copy(level, this.#reader(level).end);
      const isEmpty = this.#seen[level] === this.#dropped[level] && (this.#dropped[level] as number) > 0;
      if (isEmpty) this.#writer.truncate(this.#starts[level] as number);
      else this.#writer.finish(mark);
      this.#marks[level] = CLOSED;
    }
    this.#replaced[level] = 0;
    this.#seen[level] = 0;
    this.#dropped[level] = 0;
  }
}
