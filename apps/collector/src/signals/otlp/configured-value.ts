import { isFunction, isObject, Secret, type Value } from "@invar/alloy-syntax";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { ARRAY, MAP, writeBool, writeDouble, writeInt, writeString } from "./any-value.ts";
import { keyValue } from "./fields.ts";

/**
 * The AnyValue content that a value of the configuration stands for; undefined where it can't be sent as telemetry: a secret, a
 * function, a capsule.
 */
export function configuredValue(value: Value): Uint8Array | undefined {
  const writer = new ProtobufWriter(64);
  return write(writer, value) ? writer.toBytes() : undefined;
}

function write(writer: ProtobufWriter, value: Value): boolean {
  switch (typeof value) {
    case "string":
      writeString(writer, value);
      return true;
    case "boolean":
      writeBool(writer, value);
      return true;
    case "bigint":
      writeInt(writer, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
      return true;
    case "number":
      writeDouble(writer, value);
      return true;
    default:
      return value === null || writeNested(writer, value);
  }
}

function writeNested(writer: ProtobufWriter, value: Exclude<Value, string | boolean | bigint | number | null>): boolean {
  if (value instanceof Secret) return !value.isSecret && write(writer, value.reveal());
  if (isFunction(value)) return false;
  if (Array.isArray(value)) {
    const list = writer.begin(ARRAY, 64);
    for (const each of value as readonly Value[]) {
      const item = writer.begin(1);
      if (!write(writer, each)) return false;
      writer.finish(item);
    }
    writer.finish(list);
    return true;
  }
  if (!isObject(value)) return false;
  const map = writer.begin(MAP, 64);
  for (const [key, each] of Object.entries(value)) {
    const entry = writer.begin(1);
    writer.string(keyValue.key, key);
    const content = writer.begin(keyValue.value);
    if (!write(writer, each)) return false;
    writer.finish(content);
    writer.finish(entry);
  }
  writer.finish(map);
  return true;
}
