import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { textOf } from "../../bytes/utf8.ts";
import { ARRAY, BOOL, BYTES, DOUBLE, EMPTY, INT, MAP, STRING, writeBool, writeDouble, writeString } from "../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../signals/otlp/attribute-cursor.ts";
import { keyValue } from "../../signals/otlp/fields.ts";
import { isList, isMap, StatementError, typeName, type Value, type ValueList, type ValueMap } from "../value.ts";

const halves = new Int32Array(2);
const double = new Float64Array(halves.buffer);
const long = new BigInt64Array(halves.buffer);

/** A 64-bit integer in halves as a value. */
export function integerOf(low: number, high: number): bigint {
  if (high === 0 && low >= 0) return BigInt(low);
  halves[0] = low;
  halves[1] = high;
  return long[0] as bigint;
}

export function doubleOf(low: number, high: number): number {
  halves[0] = low;
  halves[1] = high;
  return double[0] as number;
}

export function lowHalf(value: bigint): number {
  long[0] = value;
  return halves[0] as number;
}

export function highHalf(value: bigint): number {
  long[0] = value;
  return halves[1] as number;
}

const outer = new ProtobufReader();

/** Reads an AnyValue; nested ones whole. */
export function readValue(bytes: Uint8Array, start: number, end: number): Value {
  const reader = outer.reset(bytes, start, end);
  let kind = EMPTY;
  let [from, to, low, high] = [0, 0, 0, 0];
  // The last one counts, as in protobuf.
  while (reader.next()) {
    if (reader.field > BYTES) continue;
    kind = reader.field;
    from = reader.start;
    to = reader.stop;
    low = reader.low;
    high = reader.high;
  }
  switch (kind) {
    case STRING:
      return textOf(bytes, from, to);
    case BOOL:
      return low !== 0;
    case INT:
      return integerOf(low, high);
    case DOUBLE:
      return doubleOf(low, high);
    case ARRAY:
      return readList(bytes, from, to);
    case MAP:
      return readMap(bytes, from, to, 1);
    case BYTES:
      return Uint8Array.prototype.slice.call(bytes, from, to);
    default:
      return null;
  }
}

function readList(bytes: Uint8Array, start: number, end: number): ValueList {
  const items: ValueList = [];
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.next()) if (reader.field === 1) items.push(readValue(bytes, reader.start, reader.stop));
  return items;
}

/** Reads the attributes in field `field` of a message; of a repeated key the first counts. */
export function readMap(bytes: Uint8Array, start: number, end: number, field: number): ValueMap {
  const map: ValueMap = new Map();
  const entries = new AttributeCursor().reset(bytes, start, end, field);
  while (entries.next()) {
    const key = entries.keyText();
    if (!map.has(key)) map.set(key, readValue(bytes, entries.valueStart, entries.valueEnd));
  }
  return map;
}

/** Writes the content of an AnyValue: nothing for nil. Throws `StatementError` for what no attribute can be. */
export function writeValue(writer: ProtobufWriter, value: Value): void {
  if (value === null) return;
  switch (typeof value) {
    case "string":
      writeString(writer, value);
      return;
    case "boolean":
      writeBool(writer, value);
      return;
    case "bigint":
      writer.varint64Field(INT, lowHalf(value), highHalf(value));
      return;
    case "number":
      writeDouble(writer, value);
      return;
    default:
      if (value instanceof Uint8Array) writer.copy(BYTES, value);
      else if (isList(value)) {
        const list = writer.begin(ARRAY, 64);
        for (const each of value) {
          const item = writer.begin(1);
          writeValue(writer, each);
          writer.finish(item);
        }
        writer.finish(list);
      } else if (isMap(value)) {
        const map = writer.begin(MAP, 64);
        for (const [key, each] of value) writeEntry(writer, 1, key, each);
        writer.finish(map);
      } else throw new StatementError(`unsupported type ${typeName(value)} for set operation`);
  }
}

/** Writes one KeyValue. */
export function writeEntry(writer: ProtobufWriter, field: number, key: string, value: Value): void {
  const entry = writer.begin(field);
  writer.string(keyValue.key, key);
  const content = writer.begin(keyValue.value);
  writeValue(writer, value);
  writer.finish(content);
  writer.finish(entry);
}
