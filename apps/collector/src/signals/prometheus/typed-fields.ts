import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";

// The current field of a reader as one type. A field of another wire type than its number stands for is a fault of who wrote it.

export function doubleOf(reader: ProtobufReader): number {
  demand(reader, WIRE_FIXED64);
  return reader.double();
}

/** A uint32 or uint64. */
export function uintOf(reader: ProtobufReader): number {
  demand(reader, WIRE_VARINT);
  return reader.unsigned();
}

/** An int32 or int64. */
export function intOf(reader: ProtobufReader): number {
  demand(reader, WIRE_VARINT);
  return reader.signed();
}

/** A sint32 or sint64. */
export function sintOf(reader: ProtobufReader): number {
  demand(reader, WIRE_VARINT);
  return reader.zigzag();
}

export function textOfField(reader: ProtobufReader): string {
  demand(reader, WIRE_BYTES);
  return reader.text();
}

/** A reader for the message in the field. */
export function insideOf(reader: ProtobufReader): ProtobufReader {
  demand(reader, WIRE_BYTES);
  return new ProtobufReader().reset(reader.bytes, reader.start, reader.stop);
}

export function demand(reader: ProtobufReader, wire: number): void {
  if (reader.wire !== wire)
    throw new MalformedInput(`protobuf: field ${reader.field} at byte ${reader.tagStart} has wire type ${reader.wire}, not ${wire}`);
}
