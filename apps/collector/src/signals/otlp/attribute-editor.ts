import { ProtobufReader, WIRE_BYTES } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { equalBytes, textOf } from "../../bytes/utf8.ts";
import { varintSize } from "../../bytes/varint.ts";
import type { AnyValueReader } from "./any-value.ts";
import { keyValue } from "./fields.ts";

const KEPT = 0;
const REMOVED = 1;
const REPLACED = 2;
const ADDED = 3;

/** Columns of positions: key start, key end, value start, value end; of one that the message had, its field with the tag. */
const COLUMNS = 6;
const KEY_TAG = (keyValue.key << 3) | WIRE_BYTES;
const VALUE_TAG = (keyValue.value << 3) | WIRE_BYTES;
/** One with an empty key and an empty value. */
const SMALLEST_ATTRIBUTE = 6;

/**
 * The attributes of one message while they are changed. Untouched attributes are ranges of the message; new keys and values lie in a scratch of
 * its own. An attribute keeps its number for as long as the message is edited, removed or not.
 */
export class AttributeEditor {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #field = 0;
  readonly #outer = new ProtobufReader();
  readonly #inner = new ProtobufReader();
  readonly #scratch = new ProtobufWriter(1024);
  #positions = new Int32Array(64 * COLUMNS);
  #states = new Uint8Array(64);
  /** Attributes that the message had. */
  #original = 0;
  /** Attributes with a number, removed ones included. */
  count = 0;
  isChanged = false;

  /** Begins with the message in `bytes` from `start` to `end`, whose field `field` repeats KeyValue. */
  reset(bytes: Uint8Array, start: number, end: number, field: number): this {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#field = field;
    this.#scratch.clear();
    this.isChanged = false;
    this.count = 0;
    this.#index();
    this.#original = this.count;
    return this;
  }

  #index(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    const tag = (this.#field << 3) | WIRE_BYTES;
    const outer = this.#outer.reset(bytes, this.#start, end);
    for (;;) {
      // What writers make of nearly all attributes: key, then value, every length of one byte.
      const tagStart = outer.stop;
      if (tagStart + SMALLEST_ATTRIBUTE <= end && bytes[tagStart] === tag && bytes[tagStart + 2] === KEY_TAG) {
        const stop = tagStart + 2 + (bytes[tagStart + 1] as number);
        const keyEnd = tagStart + 4 + (bytes[tagStart + 3] as number);
        const isPlain = stop <= end && stop - tagStart < 0x82 && keyEnd + 2 <= stop && bytes[keyEnd] === VALUE_TAG;
        if (isPlain && keyEnd + 2 + (bytes[keyEnd + 1] as number) === stop) {
          this.#push(KEPT, tagStart + 4, keyEnd, keyEnd + 2, stop, tagStart, stop);
          outer.stop = stop;
          continue;
        }
      }
      if (!outer.next()) return;
      if (outer.field === this.#field) this.#pushAny(outer);
    }
  }

  /** Notes where key and value of the attribute in a field of the message lie. */
  #pushAny({ tagStart, start, stop }: ProtobufReader): void {
    let [keyFrom, keyTo, valueFrom, valueTo] = [stop, stop, stop, stop];
    const inner = this.#inner.reset(this.#bytes, start, stop);
    while (inner.next()) {
      if (inner.field === keyValue.key) {
        keyFrom = inner.start;
        keyTo = inner.stop;
      } else if (inner.field === keyValue.value) {
        valueFrom = inner.start;
        valueTo = inner.stop;
      }
    }
    this.#push(KEPT, keyFrom, keyTo, valueFrom, valueTo, tagStart, stop);
  }

  /** The number of the first attribute of this key, or -1. */
  find(key: Uint8Array): number {
    const size = key.length;
    for (let i = 0; i < this.count; i++) {
      const at = i * COLUMNS;
      const start = this.#positions[at] as number;
      if ((this.#positions[at + 1] as number) - start !== size || this.#states[i] === REMOVED) continue;
      if (equalBytes(this.#keyBytes(i), start, start + size, key, 0, size)) return i;
    }
    return -1;
  }

  has(i: number): boolean {
    return this.#states[i] !== REMOVED;
  }

  keyText(i: number): string {
    const at = i * COLUMNS;
    return textOf(this.#keyBytes(i), this.#positions[at], this.#positions[at + 1]);
  }

  /** Lets a reader look at the value of an attribute; valid until the next change. */
  value(i: number, reader: AnyValueReader): AnyValueReader {
    const at = i * COLUMNS;
    const bytes = this.#states[i] === KEPT ? this.#bytes : this.#scratch.bytes;
    return reader.reset(bytes, this.#positions[at + 2] as number, this.#positions[at + 3] as number);
  }

  /** Where the AnyValue of an attribute lies in the bytes of what `value` reads. */
  valueStart(i: number): number {
    return this.#positions[i * COLUMNS + 2] as number;
  }

  valueEnd(i: number): number {
    return this.#positions[i * COLUMNS + 3] as number;
  }

  remove(i: number): void {
    this.#states[i] = REMOVED;
    this.isChanged = true;
  }

  /** Gives an attribute the value whose AnyValue content is in `content` from `start` to `end`; copied, unless it is the same already. */
  set(i: number, content: Uint8Array, start = 0, end: number = content.length): void {
    const at = i * COLUMNS;
    const state = this.#states[i] as number;
    const before = state === KEPT ? this.#bytes : this.#scratch.bytes;
    if (equalBytes(before, this.#positions[at + 2] as number, this.#positions[at + 3] as number, content, start, end)) return;
    this.#positions[at + 2] = this.#scratch.length;
    this.#scratch.raw(content, start, end);
    this.#positions[at + 3] = this.#scratch.length;
    if (state === KEPT) this.#states[i] = REPLACED;
    this.isChanged = true;
  }

  /** Adds an attribute behind all others. */
  add(key: Uint8Array, content: Uint8Array, start = 0, end: number = content.length): void {
    const keyStart = this.#scratch.length;
    this.#scratch.raw(key);
    const valueStart = this.#scratch.length;
    this.#scratch.raw(content, start, end);
    this.#push(ADDED, keyStart, valueStart, valueStart, this.#scratch.length, 0, 0);
    this.isChanged = true;
  }

  /** Gives the attribute of this key a value, or adds it. */
  put(key: Uint8Array, content: Uint8Array, start = 0, end: number = content.length): void {
    const i = this.find(key);
    if (i < 0) this.add(key, content, start, end);
    else this.set(i, content, start, end);
  }

  /** Gives attribute `to`, or a new one of `key` where it is -1, the value of attribute `from`. */
  copyValue(from: number, to: number, key: Uint8Array): void {
    const at = from * COLUMNS;
    const bytes = this.#states[from] === KEPT ? this.#bytes : this.#scratch.bytes;
    const start = this.#positions[at + 2] as number;
    const end = this.#positions[at + 3] as number;
    // Out of the scratch first: writing to it may move it.
    const content = bytes === this.#bytes ? bytes : Buffer.from(bytes.subarray(start, end));
    const offset = content === bytes ? start : 0;
    if (to < 0) this.add(key, content, offset, offset + end - start);
    else this.set(to, content, offset, offset + end - start);
  }

  /** Writes the content of the message as it is now: other fields and untouched attributes as they were, added attributes last. */
  write(writer: ProtobufWriter): void {
    const bytes = this.#bytes;
    let copied = this.#start;
    for (let i = 0; i < this.#original; i++) {
      const state = this.#states[i] as number;
      if (state === KEPT) continue;
      writer.raw(bytes, copied, this.#positions[i * COLUMNS + 4]);
      if (state === REPLACED) this.#writeAttribute(writer, i);
      copied = this.#positions[i * COLUMNS + 5] as number;
    }
    writer.raw(bytes, copied, this.#end);
    for (let i = this.#original; i < this.count; i++) if (this.#states[i] !== REMOVED) this.#writeAttribute(writer, i);
  }

  #writeAttribute(writer: ProtobufWriter, i: number): void {
    const at = i * COLUMNS;
    const keyStart = this.#positions[at] as number;
    const keyEnd = this.#positions[at + 1] as number;
    const valueStart = this.#positions[at + 2] as number;
    const valueEnd = this.#positions[at + 3] as number;
    const keySize = keyEnd - keyStart;
    const valueSize = valueEnd - valueStart;
    writer.tag(this.#field, WIRE_BYTES);
    writer.varint(2 + varintSize(keySize) + keySize + varintSize(valueSize) + valueSize);
    writer.copy(keyValue.key, this.#keyBytes(i), keyStart, keyEnd);
    writer.copy(keyValue.value, this.#scratch.bytes, valueStart, valueEnd);
  }

  #keyBytes(i: number): Uint8Array {
    return this.#states[i] === ADDED ? this.#scratch.bytes : this.#bytes;
  }

  #push(state: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, tagStart: number, stop: number): void {
    const i = this.count++;
    if (i === this.#states.length) this.#grow();
    const at = i * COLUMNS;
    const positions = this.#positions;
    this.#states[i] = state;
    positions[at] = keyStart;
    positions[at + 1] = keyEnd;
    positions[at + 2] = valueStart;
    positions[at + 3] = valueEnd;
    positions[at + 4] = tagStart;
    positions[at + 5] = stop;
  }

  #grow(): void {
    const states = new Uint8Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const positions = new Int32Array(this.#positions.length * 2);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}
