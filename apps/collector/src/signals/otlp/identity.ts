import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { equalBytes } from "../../bytes/utf8.ts";
import { AnyValueReader, ARRAY, BOOL, BYTES, DOUBLE, EMPTY, INT, MAP, STRING } from "./any-value.ts";
import { AttributeCursor } from "./attribute-cursor.ts";

/** Positions of one attribute: key start, key end, value start, value end. */
const COLUMNS = 4;

/**
 * Writes bytes that are the same for attribute sets that mean the same, whatever the order of their keys and however they were encoded, and
 * different otherwise. Of several attributes of one key the first counts, as for every reader of them.
 */
export class IdentityWriter {
  /** What was written; the user clears it. */
  readonly writer = new ProtobufWriter(512);
  readonly #cursor = new AttributeCursor();
  readonly #value = new AnyValueReader();
  #positions = new Int32Array(32 * COLUMNS);

  clear(): void {
    this.writer.clear();
  }

  /** Appends the identity of the attributes in field `field` of the message in `bytes` from `start` to `end`. */
  attributes(bytes: Uint8Array, start: number, end: number, field: number): void {
    const count = this.#sorted(bytes, start, end, field);
    const positions = this.#positions;
    const { writer } = this;
    writer.varint(count);
    for (let i = 0; i < count; i++) {
      const at = i * COLUMNS;
      const keyStart = positions[at] as number;
      const keyEnd = positions[at + 1] as number;
      writer.varint(keyEnd - keyStart);
      writer.raw(bytes, keyStart, keyEnd);
      this.value(bytes, positions[at + 2] as number, positions[at + 3] as number);
    }
  }

  /** Appends the identity of an AnyValue. */
  value(bytes: Uint8Array, start: number, end: number): void {
    const { writer } = this;
    const value = this.#value.reset(bytes, start, end);
    writer.byte(value.kind);
    switch (value.kind) {
      case EMPTY:
        return;
      case STRING:
      case BYTES:
        writer.varint(value.end - value.start);
        writer.raw(bytes, value.start, value.end);
        return;
      case BOOL:
        writer.byte(value.bool() ? 1 : 0);
        return;
      case INT:
      case DOUBLE:
        writer.word64(value.low, value.high);
        return;
      default:
        nested(writer, value);
    }
  }

  /** Appends text or bytes with their length, so that neighbours can't run into each other. */
  run(bytes: Uint8Array, start: number, end: number): void {
    this.writer.varint(end - start);
    this.writer.raw(bytes, start, end);
  }

  /** Notes where the attributes lie, ordered by key; returns how many there are. */
  #sorted(bytes: Uint8Array, start: number, end: number, field: number): number {
    const cursor = this.#cursor.reset(bytes, start, end, field);
    let count = 0;
    while (cursor.next()) {
      if ((count + 1) * COLUMNS > this.#positions.length) {
        const larger = new Int32Array(this.#positions.length * 2);
        larger.set(this.#positions);
        this.#positions = larger;
      }
      const positions = this.#positions;
      // Few attributes, mostly sorted already: insertion.
      let i = count;
      let order = 1;
      for (; i > 0; i--) {
        const before = (i - 1) * COLUMNS;
        order = compare(bytes, positions[before] as number, positions[before + 1] as number, cursor.keyStart, cursor.keyEnd);
        if (order <= 0) break;
      }
      if (i > 0 && order === 0) continue;
      positions.copyWithin((i + 1) * COLUMNS, i * COLUMNS, count * COLUMNS);
      const at = i * COLUMNS;
      positions[at] = cursor.keyStart;
      positions[at + 1] = cursor.keyEnd;
      positions[at + 2] = cursor.valueStart;
      positions[at + 3] = cursor.valueEnd;
      count++;
    }
    return count;
  }
}

function nested(writer: ProtobufWriter, value: AnyValueReader): void {
  const inner = new IdentityWriter();
  if (value.kind === MAP) inner.attributes(value.bytes, value.start, value.end, 1);
  else if (value.kind === ARRAY) {
    const items = new ProtobufReader().reset(value.bytes, value.start, value.end);
    while (items.next())
      if (items.field === 1) {
        inner.writer.byte(1);
        inner.value(value.bytes, items.start, items.stop);
      }
    inner.writer.byte(0);
  }
  writer.varint(inner.writer.length);
  writer.raw(inner.writer.bytes, 0, inner.writer.length);
}

function compare(bytes: Uint8Array, oneStart: number, oneEnd: number, twoStart: number, twoEnd: number): number {
  const shorter = Math.min(oneEnd - oneStart, twoEnd - twoStart);
  if (equalBytes(bytes, oneStart, oneStart + shorter, bytes, twoStart, twoStart + shorter)) return oneEnd - oneStart - (twoEnd - twoStart);
  for (let i = 0; ; i++) {
    const difference = (bytes[oneStart + i] as number) - (bytes[twoStart + i] as number);
    if (difference !== 0) return difference;
  }
}
