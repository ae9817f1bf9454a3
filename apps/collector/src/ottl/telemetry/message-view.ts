import { ProtobufReader, WIRE_BYTES, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { equalBytes, textOf } from "../../bytes/utf8.ts";
import { keyValue } from "../../signals/otlp/fields.ts";
import type { ValueMap } from "../value.ts";
import { readValue, writeEntry } from "./any-value.ts";
import type { Edits } from "./edits.ts";

/** Field numbers of the messages that statements see are smaller. */
const FIELDS = 17;
/** No first byte of a field. */
const NO_TAG = -1;
const KEY_TAG = (keyValue.key << 3) | WIRE_BYTES;
const VALUE_TAG = (keyValue.value << 3) | WIRE_BYTES;
/** One with an empty key and an empty value. */
const SMALLEST_ATTRIBUTE = 6;

// States of an attribute; those that are left out come last.
const KEPT = 0;
const REPLACED = 1;
const ADDED = 2;
const REMOVED = 3;
/** Added and removed again. */
const GONE = 4;

/** Columns of an attribute: its field in the source, its key, its value, its new field in the arena. A start and an end each. */
const COLUMNS = 8;

/**
 * One message of a request while statements read and change it, in place. It is gone through when the first field is asked for; fields and
 * attributes that nobody changes stay ranges of the source, new ones lie in the arena of the edits. `flush` turns what was changed into edits.
 */
export class MessageView {
  readonly #edits: Edits;
  readonly #arena: ProtobufWriter;
  readonly #depth: number;
  readonly #reader = new ProtobufReader();
  readonly #inner = new ProtobufReader();
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The field of the parent in which an absent message will lie, and where it is then inserted; 0: it is there. */
  #absentField = 0;
  #insertAt = 0;
  #attributesField = 0;
  #isIndexed = false;
  isChanged = false;

  // By field number: whether it is there, and where its value lies in the source, or in the arena once it was changed.
  readonly #present = new Uint8Array(FIELDS);
  readonly #changed = new Uint8Array(FIELDS);
  readonly #tagStarts = new Int32Array(FIELDS);
  readonly #stops = new Int32Array(FIELDS);
  readonly #starts = new Int32Array(FIELDS);
  readonly #ends = new Int32Array(FIELDS);
  readonly #lows = new Int32Array(FIELDS);
  readonly #highs = new Int32Array(FIELDS);
  /** Where the whole new field lies in the arena. */
  readonly #newStarts = new Int32Array(FIELDS);
  readonly #newEnds = new Int32Array(FIELDS);

  #attributes = new Int32Array(32 * COLUMNS);
  #states = new Uint8Array(32);
  /** Attributes with a number, removed ones included. */
  attributeCount = 0;

  constructor(edits: Edits, depth: number) {
    this.#edits = edits;
    this.#arena = edits.arena;
    this.#depth = depth;
  }

  /** Begins with the message in `bytes` from `start` to `end`, whose field `attributesField` repeats KeyValue. */
  reset(bytes: Uint8Array, start: number, end: number, attributesField: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#absentField = 0;
    this.#attributesField = attributesField;
    this.#isIndexed = false;
    this.isChanged = false;
  }

  /** Begins with a message that its parent, which begins at `insertAt`, does not have: it is added in field `field` once it is changed. */
  resetAbsent(bytes: Uint8Array, insertAt: number, field: number, attributesField: number): void {
    this.reset(bytes, insertAt, insertAt, attributesField);
    this.#absentField = field;
    this.#insertAt = insertAt;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  has(field: number): boolean {
    this.#index();
    return this.#present[field] === 1;
  }

  /** The value of a varint or fixed field in halves; 0 where it is absent. */
  low(field: number): number {
    this.#index();
    return this.#present[field] === 1 ? (this.#lows[field] as number) : 0;
  }

  high(field: number): number {
    this.#index();
    return this.#present[field] === 1 ? (this.#highs[field] as number) : 0;
  }

  /** Where the value of a bytes, string or message field lies, in `bytesOf(field)`; an empty range where it is absent. */
  startOf(field: number): number {
    this.#index();
    return this.#present[field] === 1 ? (this.#starts[field] as number) : 0;
  }

  endOf(field: number): number {
    this.#index();
    return this.#present[field] === 1 ? (this.#ends[field] as number) : 0;
  }

  bytesOf(field: number): Uint8Array {
    return this.#changed[field] === 1 ? this.#arena.bytes : this.#bytes;
  }

  text(field: number): string {
    const start = this.startOf(field);
    const end = this.endOf(field);
    return start === end ? "" : textOf(this.bytesOf(field), start, end);
  }

  /** Whether a string or bytes field is exactly this; an absent one is empty. */
  isBytes(field: number, expected: Uint8Array): boolean {
    const start = this.startOf(field);
    return equalBytes(this.bytesOf(field), start, this.endOf(field), expected, 0, expected.length);
  }

  setText(field: number, text: string): void {
    const from = this.#arena.length;
    if (text !== "") this.#arena.string(field, text);
    this.#place(field, from);
  }

  setBytes(field: number, value: Uint8Array): void {
    const from = this.#arena.length;
    if (value.length > 0) this.#arena.copy(field, value);
    this.#place(field, from);
  }

  setVarint(field: number, low: number, high: number): void {
    const from = this.#arena.length;
    if (low !== 0 || high !== 0) this.#arena.varint64Field(field, low, high);
    this.#place(field, from);
  }

  /** With `keepsZero` a zero is written: for fields with presence. */
  setFixed64(field: number, low: number, high: number, keepsZero = false): void {
    const from = this.#arena.length;
    if (keepsZero || low !== 0 || high !== 0) this.#arena.fixed64(field, low, high);
    this.#place(field, from);
  }

  setFixed32(field: number, value: number): void {
    const from = this.#arena.length;
    if (value !== 0) this.#arena.fixed32(field, value);
    this.#place(field, from);
  }

  /** Gives a field any content: `write` writes whole fields of this number, one or several. */
  setWhole(field: number, write: (writer: ProtobufWriter) => void): void {
    const from = this.#arena.length;
    write(this.#arena);
    this.#place(field, from);
  }

  clear(field: number): void {
    if (this.has(field)) this.#place(field, this.#arena.length);
  }

  /** Calls `visit` for every value of a repeated field, in `bytesOf(field)`. */
  forEach(field: number, visit: (start: number, stop: number, reader: ProtobufReader) => void): void {
    this.#index();
    if (this.#present[field] !== 1) return;
    const changed = this.#changed[field] === 1;
    const reader = new ProtobufReader().reset(
      changed ? this.#arena.bytes : this.#bytes,
      changed ? this.#newStarts[field] : this.#start,
      changed ? this.#newEnds[field] : this.#end,
    );
    while (reader.next()) if (reader.field === field) visit(reader.start, reader.stop, reader);
  }

  // Attributes are known by their number, which they keep while the message is edited.

  /** The number of the first attribute of this key, or -1. */
  find(key: Uint8Array): number {
    this.#index();
    const size = key.length;
    const columns = this.#attributes;
    for (let i = 0; i < this.attributeCount; i++) {
      const at = i * COLUMNS;
      const start = columns[at + 2] as number;
      if ((columns[at + 3] as number) - start !== size) continue;
      const state = this.#states[i] as number;
      if (state >= REMOVED) continue;
      const bytes = state === ADDED ? this.#arena.bytes : this.#bytes;
      let equal = 0;
      while (equal < size && bytes[start + equal] === key[equal]) equal++;
      if (equal === size) return i;
    }
    return -1;
  }

  hasAttribute(i: number): boolean {
    return (this.#states[i] as number) < REMOVED;
  }

  /** Makes sure that attributes are numbered, and returns how many numbers there are. */
  countAttributes(): number {
    this.#index();
    return this.attributeCount;
  }

  keyText(i: number): string {
    const at = i * COLUMNS;
    const bytes = this.#states[i] === ADDED ? this.#arena.bytes : this.#bytes;
    return textOf(bytes, this.#attributes[at + 2], this.#attributes[at + 3]);
  }

  /** The content of an attribute's AnyValue lies in `valueBytes(i)` between these. */
  valueStart(i: number): number {
    return this.#attributes[i * COLUMNS + 4] as number;
  }

  valueEnd(i: number): number {
    return this.#attributes[i * COLUMNS + 5] as number;
  }

  valueBytes(i: number): Uint8Array {
    return this.#states[i] === KEPT ? this.#bytes : this.#arena.bytes;
  }

  /** All attributes, decoded; of a repeated key the first. */
  readMap(): ValueMap {
    this.#index();
    const map: ValueMap = new Map();
    for (let i = 0; i < this.attributeCount; i++) {
      if (!this.hasAttribute(i)) continue;
      const key = this.keyText(i);
      if (!map.has(key)) map.set(key, readValue(this.valueBytes(i), this.valueStart(i), this.valueEnd(i)));
    }
    return map;
  }

  /** Replaces all attributes. */
  writeMap(map: ValueMap): void {
    this.#index();
    for (let i = 0; i < this.attributeCount; i++) this.removeAttribute(i);
    for (const [key, value] of map) {
      const from = this.#arena.length;
      writeEntry(this.#arena, this.#attributesField, key, value);
      this.#push(ADDED, 0, 0, 0, 0, 0, 0);
      this.#locateNew(this.attributeCount - 1, from);
    }
    this.isChanged = true;
  }

  removeAttribute(i: number): void {
    if (!this.hasAttribute(i)) return;
    this.#states[i] = this.#states[i] === ADDED ? GONE : REMOVED;
    this.isChanged = true;
  }

  /** Gives the attribute of this key the value whose AnyValue content `write` writes, or adds it. */
  putAttribute(key: Uint8Array, write: (writer: ProtobufWriter) => void): void {
    const arena = this.#arena;
    const i = this.find(key);
    const from = arena.length;
    const entry = arena.begin(this.#attributesField);
    arena.copy(keyValue.key, key);
    const content = arena.begin(keyValue.value);
    const valueFrom = arena.length;
    try {
      write(arena);
    } catch (error) {
      arena.truncate(from);
      throw error;
    }
    if (i >= 0 && equalBytes(this.valueBytes(i), this.valueStart(i), this.valueEnd(i), arena.bytes, valueFrom, arena.length)) {
      arena.truncate(from);
      return;
    }
    arena.finish(content);
    arena.finish(entry);
    if (i < 0) this.#push(ADDED, 0, 0, 0, 0, 0, 0);
    else if (this.#states[i] === KEPT) this.#states[i] = REPLACED;
    this.#locateNew(i < 0 ? this.attributeCount - 1 : i, from);
    this.isChanged = true;
  }

  /** Notes that the new field of an attribute lies in the arena from `from` to its end. */
  #locateNew(i: number, from: number): void {
    const arena = this.#arena;
    const at = i * COLUMNS;
    const columns = this.#attributes;
    columns[at + 6] = from;
    columns[at + 7] = arena.length;
    const outer = this.#reader.reset(arena.bytes, from, arena.length);
    outer.next();
    const inner = this.#inner.reset(arena.bytes, outer.start, outer.stop);
    while (inner.next()) {
      if (inner.field === keyValue.value) {
        columns[at + 4] = inner.start;
        columns[at + 5] = inner.stop;
      } else if (this.#states[i] === ADDED) {
        columns[at + 2] = inner.start;
        columns[at + 3] = inner.stop;
      }
    }
  }

  /** The content of the message as it is now, in memory of its own. */
  toBytes(): Uint8Array {
    this.#index();
    const arena = this.#arena;
    const writer = new ProtobufWriter(this.#end - this.#start + 256);
    const reader = this.#reader.reset(this.#bytes, this.#start, this.#end);
    let attribute = 0;
    while (reader.next()) {
      const { field } = reader;
      if (field === this.#attributesField) {
        const at = attribute * COLUMNS;
        const state = this.#states[attribute++];
        if (state === KEPT) writer.raw(this.#bytes, reader.tagStart, reader.stop);
        else if (state === REPLACED) writer.raw(arena.bytes, this.#attributes[at + 6], this.#attributes[at + 7]);
      } else if (field >= FIELDS || this.#changed[field] === 0) writer.raw(this.#bytes, reader.tagStart, reader.stop);
    }
    for (let field = 1; field < FIELDS; field++)
      if (this.#changed[field] === 1) writer.raw(arena.bytes, this.#newStarts[field], this.#newEnds[field]);
    for (let i = attribute; i < this.attributeCount; i++)
      if (this.#states[i] === ADDED) writer.raw(arena.bytes, this.#attributes[i * COLUMNS + 6], this.#attributes[i * COLUMNS + 7]);
    return writer.toBytes();
  }

  /** Adds what was changed to the edits, and forgets it. */
  flush(): void {
    if (!this.isChanged) return;
    this.isChanged = false;
    if (this.#absentField !== 0) {
      this.#flushAbsent();
      return;
    }
    const edits = this.#edits;
    for (let field = 1; field < FIELDS; field++) if (this.#changed[field] === 1) this.#flushField(field);
    for (let i = 0; i < this.attributeCount; i++) {
      const at = i * COLUMNS;
      const columns = this.#attributes;
      switch (this.#states[i]) {
        case REMOVED:
          edits.remove(this.#depth, columns[at] as number, columns[at + 1] as number);
          break;
        case REPLACED:
          edits.add(this.#depth, columns[at] as number, columns[at + 1] as number, columns[at + 6] as number, columns[at + 7] as number);
          break;
        case ADDED:
          edits.add(this.#depth, this.#end, this.#end, columns[at + 6] as number, columns[at + 7] as number);
          break;
        default:
      }
    }
  }

  #flushField(field: number): void {
    const edits = this.#edits;
    const [from, to] = [this.#newStarts[field] as number, this.#newEnds[field] as number];
    const tagStart = this.#tagStarts[field] as number;
    if (tagStart < 0) {
      if (from !== to) edits.add(this.#depth, this.#end, this.#end, from, to);
      return;
    }
    edits.add(this.#depth, tagStart, this.#stops[field] as number, from, to);
    // A repeated field, or one that was written twice: what else there is of it goes.
    const reader = this.#reader.reset(this.#bytes, this.#start, this.#end);
    while (reader.next())
      if (reader.field === field && reader.tagStart !== tagStart) edits.remove(this.#depth, reader.tagStart, reader.stop);
  }

  #flushAbsent(): void {
    const arena = this.#arena;
    const from = arena.length;
    const message = arena.begin(this.#absentField);
    for (let field = 1; field < FIELDS; field++)
      if (this.#changed[field] === 1) arena.raw(arena.bytes, this.#newStarts[field], this.#newEnds[field]);
    for (let i = 0; i < this.attributeCount; i++)
      if (this.#states[i] === ADDED) arena.raw(arena.bytes, this.#attributes[i * COLUMNS + 6], this.#attributes[i * COLUMNS + 7]);
    arena.finish(message);
    this.#edits.add(this.#depth - 1, this.#insertAt, this.#insertAt, from, arena.length);
  }

  #place(field: number, from: number): void {
    const arena = this.#arena;
    this.#index();
    if (this.#isSame(field, from, arena.length)) {
      arena.truncate(from);
      return;
    }
    this.#changed[field] = 1;
    this.#newStarts[field] = from;
    this.#newEnds[field] = arena.length;
    this.#present[field] = from === arena.length ? 0 : 1;
    this.isChanged = true;
    if (from === arena.length) return;
    const reader = this.#reader.reset(arena.bytes, from, arena.length);
    reader.next();
    this.#keep(field, reader);
  }

  /** Whether the field has this content already. */
  #isSame(field: number, from: number, to: number): boolean {
    if (this.#present[field] !== 1) return from === to && this.#changed[field] === 0;
    if (this.#changed[field] === 1) return false;
    return (
      equalBytes(this.#bytes, this.#tagStarts[field] as number, this.#stops[field] as number, this.#arena.bytes, from, to) && from !== to
    );
  }

  #keep(field: number, reader: ProtobufReader): void {
    this.#starts[field] = reader.start;
    this.#ends[field] = reader.stop;
    if (reader.wire === WIRE_VARINT || reader.wire === WIRE_FIXED64 || reader.wire === WIRE_FIXED32) {
      this.#lows[field] = reader.low;
      this.#highs[field] = reader.high;
    }
  }

  #index(): void {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    for (let field = 0; field < FIELDS; field++) {
      this.#present[field] = 0;
      this.#changed[field] = 0;
      this.#tagStarts[field] = -1;
    }
    this.attributeCount = 0;
    const bytes = this.#bytes;
    const end = this.#end;
    const attributesField = this.#attributesField;
    const attributesTag = attributesField === 0 ? NO_TAG : (attributesField << 3) | WIRE_BYTES;
    const reader = this.#reader.reset(bytes, this.#start, end);
    for (;;) {
      // What writers make of nearly all attributes: key, then value, every length of one byte.
      const tagStart = reader.stop;
      if (tagStart + SMALLEST_ATTRIBUTE <= end && bytes[tagStart] === attributesTag && bytes[tagStart + 2] === KEY_TAG) {
        const stop = tagStart + 2 + (bytes[tagStart + 1] as number);
        const keyEnd = tagStart + 4 + (bytes[tagStart + 3] as number);
        if (
          stop <= end &&
          stop - tagStart < 0x82 &&
          keyEnd + 2 <= stop &&
          bytes[keyEnd] === VALUE_TAG &&
          keyEnd + 2 + (bytes[keyEnd + 1] as number) === stop
        ) {
          this.#push(KEPT, tagStart, stop, tagStart + 4, keyEnd, keyEnd + 2, stop);
          reader.stop = stop;
          continue;
        }
      }
      if (!reader.next()) return;
      const { field } = reader;
      if (field === attributesField) this.#pushAny(reader);
      else if (field < FIELDS) {
        this.#present[field] = 1;
        this.#tagStarts[field] = reader.tagStart;
        this.#stops[field] = reader.stop;
        this.#keep(field, reader);
      }
    }
  }

  /** Notes where key and value of the attribute in a field of the source lie. */
  #pushAny({ tagStart, start, stop }: ProtobufReader): void {
    let [keyStart, keyEnd, valueStart, valueEnd] = [stop, stop, stop, stop];
    const inner = this.#inner.reset(this.#bytes, start, stop);
    while (inner.next()) {
      if (inner.wire !== WIRE_BYTES) continue;
      if (inner.field === keyValue.key) {
        keyStart = inner.start;
        keyEnd = inner.stop;
      } else if (inner.field === keyValue.value) {
        valueStart = inner.start;
        valueEnd = inner.stop;
      }
    }
    this.#push(KEPT, tagStart, stop, keyStart, keyEnd, valueStart, valueEnd);
  }

  #push(state: number, tagStart: number, stop: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const i = this.attributeCount++;
    if (i === this.#states.length) this.#grow();
    this.#states[i] = state;
    const columns = this.#attributes;
    const at = i * COLUMNS;
    columns[at] = tagStart;
    columns[at + 1] = stop;
    columns[at + 2] = keyStart;
    columns[at + 3] = keyEnd;
    columns[at + 4] = valueStart;
    columns[at + 5] = valueEnd;
  }

  #grow(): void {
    const size = this.#states.length * 2;
    const states = new Uint8Array(size);
    states.set(this.#states);
    this.#states = states;
    const columns = new Int32Array(size * COLUMNS);
    columns.set(this.#attributes);
    this.#attributes = columns;
  }
}
