import type { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { ARRAY, BOOL, BYTES, DOUBLE, INT, MAP, STRING } from "../any-value.ts";
import { keyValue } from "../fields.ts";

/** A value whose type says what it becomes: numbers are doubles, bigints integers. */
export type TypedValue = string | boolean | number | bigint | null | Uint8Array | readonly TypedValue[] | ReadonlyMap<string, TypedValue>;

/** Appends each attribute as a KeyValue in this field. */
export function writeTypedAttributes(writer: ProtobufWriter, field: number, attributes: ReadonlyMap<string, TypedValue>): void {
  for (const [key, value] of attributes) {
    const attribute = writer.begin(field, typeof value === "string" ? key.length + value.length + 8 : key.length + 16);
    writer.string(keyValue.key, key);
    const content = writer.begin(keyValue.value, typeof value === "string" ? value.length + 3 : 9);
    writeTypedValue(writer, value);
    writer.finish(content);
    writer.finish(attribute);
  }
}

/** Appends the content of an AnyValue: nothing for null. */
export function writeTypedValue(writer: ProtobufWriter, value: TypedValue): void {
  switch (typeof value) {
    case "string":
      writer.string(STRING, value);
      return;
    case "boolean":
      writer.bool(BOOL, value);
      return;
    case "number":
      writer.double(DOUBLE, value);
      return;
    case "bigint":
      writer.varint64Field(INT, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
      return;
    default:
      if (value !== null) writeNested(writer, value);
  }
}

function writeNested(writer: ProtobufWriter, value: Uint8Array | readonly TypedValue[] | ReadonlyMap<string, TypedValue>): void {
  if (value instanceof Uint8Array) {
    writer.copy(BYTES, value);
    return;
  }
  const isMap = value instanceof Map;
  const mark = writer.begin(isMap ? MAP : ARRAY, 64);
  if (isMap) writeTypedAttributes(writer, 1, value);
  else
    for (const each of value as readonly TypedValue[]) {
      const item = writer.begin(1);
      writeTypedValue(writer, each);
      writer.finish(item);
    }
  writer.finish(mark);
}
