import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Signal } from "./batch.ts";
import { ItemCursor, leadsOn } from "./item-cursor.ts";

const CLOSED = -1;

/**
 * Distributes the items of chunks: `partOf` names the part of the item on which the cursor stands, or a negative number to leave it out. Each part
 * becomes a chunk in memory of its own, with the resources, scopes and metrics of its items; undefined where it has none.
 */
export function partition(
  signal: Signal,
  chunks: readonly Uint8Array[],
  parts: number,
  partOf: (cursor: ItemCursor) => number,
): (Part | undefined)[] {
  const cursor = new ItemCursor(signal);
  const builders = new Array<PartBuilder | undefined>(parts);
  for (const chunk of chunks) {
    cursor.reset(chunk);
    while (cursor.next()) {
      const part = partOf(cursor);
      if (part < 0) continue;
      let builder = builders[part];
      if (builder === undefined) {
        builder = new PartBuilder(cursor.last);
        builders[part] = builder;
      }
      builder.add(cursor);
    }
    for (const builder of builders) builder?.endChunk();
  }
  return Array.from(builders, (builder) => builder?.part());
}

export interface Part {
  readonly chunk: Uint8Array;
  readonly items: number;
}

class PartBuilder {
  readonly #writer = new ProtobufWriter(16 * 1024);
  readonly #fields = new ProtobufReader();
  readonly #last: number;
  /** By level: the writer's mark of its open message, and where that begins in the source. */
  readonly #marks: number[];
  readonly #starts: number[];
  #items = 0;

  constructor(last: number) {
    this.#last = last;
    this.#marks = new Array<number>(last + 1).fill(CLOSED);
    this.#starts = new Array<number>(last + 1).fill(CLOSED);
  }

  /** Appends the current item; parents are opened where they are others than at the part's last one. */
  add(cursor: ItemCursor): void {
    const { levels, bytes } = cursor;
    let level = 1;
    while (level <= this.#last && this.#starts[level] === (levels[level - 1] as ProtobufReader).start) level++;
    this.#close(level);
    for (; level <= this.#last; level++) {
      const message = levels[level - 1] as ProtobufReader;
      this.#marks[level] = this.#writer.begin(message.field, message.stop - message.start);
      this.#starts[level] = message.start;
      const fields = this.#fields.reset(bytes, message.start, message.stop);
      while (fields.next()) if (!leadsOn(level, fields.field)) this.#writer.raw(bytes, fields.tagStart, fields.stop);
    }
    const item = levels[this.#last] as ProtobufReader;
    this.#writer.raw(bytes, item.tagStart, item.stop);
    this.#items++;
  }

  endChunk(): void {
    this.#close(1);
  }

  part(): Part {
    return { chunk: this.#writer.take(0), items: this.#items };
  }

  /** Ends the messages from a level on, the innermost first. */
  #close(from: number): void {
    for (let level = this.#last; level >= from; level--) {
      const mark = this.#marks[level] as number;
      if (mark !== CLOSED) this.#writer.finish(mark);
      this.#marks[level] = this.#starts[level] = CLOSED;
    }
  }
}
