import { highOf, lowOf } from "../../../bytes/int64.ts";
import type { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { ARRAY, BOOL, BYTES, DOUBLE, INT, MAP, STRING } from "../any-value.ts";
import { keyValue } from "../fields.ts";

/** A value as code has it: a whole number within ±2^53 and a bigint become integers, other numbers doubles. */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | Uint8Array
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

/** Appends one KeyValue as field `field` of the message that is being written: `resourceField.attributes`, `spanField.attributes`, … */
export function writeAttribute(writer: ProtobufWriter, field: number, key: string, value: AttributeValue): void {
  const attribute = writer.begin(field, typeof value === "string" ? key.length + value.length + 8 : key.length + 16);
  writer.string(keyValue.key, key);
  const content = writer.begin(keyValue.value, typeof value === "string" ? value.length + 3 : 0);
  writeAnyValue(writer, value);
  writer.finish(content);
  writer.finish(attribute);
}

/** `writeAttribute` for a text, without a look at its type: what most attributes are. */
export function writeTextAttribute(writer: ProtobufWriter, field: number, key: string, value: string): void {
  const attribute = writer.begin(field, key.length + value.length + 8);
  writer.string(keyValue.key, key);
  const content = writer.begin(keyValue.value, value.length + 3);
  writer.string(STRING, value);
  writer.finish(content);
  writer.finish(attribute);
}

/** `writeTextAttribute` for a key and a text that lie encoded elsewhere. */
export function writeTextAttributeBytes(
  writer: ProtobufWriter,
  field: number,
  bytes: Uint8Array,
  { keyStart, keyEnd, valueStart, valueEnd }: AttributeRange,
): void {
  const attribute = writer.begin(field, keyEnd - keyStart + valueEnd - valueStart + 8);
  writer.copy(keyValue.key, bytes, keyStart, keyEnd);
  const content = writer.begin(keyValue.value, valueEnd - valueStart + 3);
  writer.copy(STRING, bytes, valueStart, valueEnd);
  writer.finish(content);
  writer.finish(attribute);
}

export interface AttributeRange {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Appends the attributes of a record, in its order. */
export function writeAttributes(writer: ProtobufWriter, field: number, attributes: Readonly<Record<string, AttributeValue>>): void {
  for (const [key, value] of Object.entries(attributes)) writeAttribute(writer, field, key, value);
}

/** Appends the content of an AnyValue: nothing for null, which OTLP calls empty. */
export function writeAnyValue(writer: ProtobufWriter, value: AttributeValue): void {
  switch (typeof value) {
    case "string":
      writer.string(STRING, value);
      return;
    case "boolean":
      writer.bool(BOOL, value);
      return;
    case "number":
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.varint64Field(INT, lowOf(value), highOf(value));
      else writer.double(DOUBLE, value);
      return;
    case "bigint":
      writer.varint64Field(INT, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
      return;
    default:
      if (value !== null) writeNested(writer, value);
  }
}

function writeNested(writer: ProtobufWriter, value: Uint8Array | readonly AttributeValue[] | { readonly [key: string]: AttributeValue }) {
  if (value instanceof Uint8Array) {
    writer.copy(BYTES, value);
    return;
  }
  if (Array.isArray(value)) {
    const list = writer.begin(ARRAY, 64);
    for (const each of value as readonly AttributeValue[]) {
      const item = writer.begin(1);
      writeAnyValue(writer, each);
      writer.finish(item);
    }
    writer.finish(list);
    return;
  }
  const map = writer.begin(MAP, 64);
  writeAttributes(writer, 1, value as { readonly [key: string]: AttributeValue });
  writer.finish(map);
}
