import { signedText, unsignedText } from "../../bytes/int64.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import type { Field, MessageType } from "./schema.ts";

/**
 * The OTLP/JSON text of one message, given in chunks whose concatenation it is: ids in hexadecimal, 64-bit integers as strings, enums as numbers,
 * zero values left out, as the protocol's specification says. Fields that the schema does not know are left out.
 */
export function jsonFromProtobuf(type: MessageType, chunks: readonly Uint8Array[]): string {
  const members = new ObjectText(type);
  for (const chunk of chunks) members.add(chunk, 0, chunk.length);
  return members.toString();
}

/** One object while its fields are collected: in protobuf they come in any order and repeated ones apart from each other. */
class ObjectText {
  readonly #fields: readonly (Field | undefined)[];
  readonly #texts: (string | undefined)[] = [];

  constructor(type: MessageType) {
    this.#fields = fieldsByNumber(type);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const reader = new ProtobufReader().reset(bytes, start, end);
    while (reader.next()) {
      const field = this.#fields[reader.field];
      if (field === undefined) continue;
      const texts = this.#texts;
      if (!field.repeated) texts[field.number] = valueText(field, reader);
      else {
        const before = texts[field.number];
        const text = isPacked(field, reader) ? packedText(field, reader) : valueText(field, reader);
        if (text !== "") texts[field.number] = before === undefined ? text : `${before},${text}`;
      }
    }
  }

  toString(): string {
    let text = "";
    for (let number = 0; number < this.#texts.length; number++) {
      const value = this.#texts[number];
      const field = this.#fields[number];
      if (value === undefined || field === undefined) continue;
      if (!field.repeated && !field.present && isZero(value)) continue;
      text += `${text === "" ? "" : ","}"${field.name}":${field.repeated ? `[${value}]` : value}`;
    }
    return `{${text}}`;
  }
}

function isZero(value: string): boolean {
  return value === "0" || value === '"0"' || value === '""' || value === "false";
}

function isPacked(field: Field, reader: ProtobufReader): boolean {
  return reader.wire === WIRE_BYTES && field.kind !== "message" && field.kind !== "string" && field.kind !== "bytes";
}

function packedText(field: Field, reader: ProtobufReader): string {
  const isWord = field.kind === "fixed64" || field.kind === "sfixed64" || field.kind === "double";
  const values = new ProtobufReader().reset(reader.bytes, reader.start, reader.stop);
  const texts: string[] = [];
  while (values.nextPacked(isWord ? WIRE_FIXED64 : WIRE_VARINT)) texts.push(valueText(field, values));
  return texts.join(",");
}

function valueText(field: Field, reader: ProtobufReader): string {
  switch (field.kind) {
    case "message": {
      const inner = new ObjectText(field.message as MessageType);
      inner.add(reader.bytes, reader.start, reader.stop);
      return inner.toString();
    }
    case "string":
      return JSON.stringify(reader.text());
    case "bytes":
      return `"${asBuffer(reader).toString("base64")}"`;
    case "traceId":
    case "spanId":
      return `"${asBuffer(reader).toString("hex")}"`;
    case "bool":
      return (reader.low | reader.high) === 0 ? "false" : "true";
    case "double":
      return doubleText(reader.double());
    case "enum":
    case "int32":
      return String(reader.low);
    case "uint32":
    case "fixed32":
      return String(reader.low >>> 0);
    case "sint32":
      return String(reader.zigzag());
    case "int64":
    case "sfixed64":
      return `"${signedText(reader.low, reader.high)}"`;
    case "uint64":
    case "fixed64":
      return `"${unsignedText(reader.low, reader.high)}"`;
    default:
      return field.kind satisfies never;
  }
}

/** JSON has no numbers for these three; a negative zero would lose its sign in `String`. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function asBuffer(reader: ProtobufReader): Buffer {
  return Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + reader.start, reader.stop - reader.start);
}

const byNumber = new Map<MessageType, readonly (Field | undefined)[]>();

function fieldsByNumber(type: MessageType): readonly (Field | undefined)[] {
  const known = byNumber.get(type);
  if (known !== undefined) return known;
  const fields: (Field | undefined)[] = [];
  for (const field of type.fields) fields[field.number] = field;
  byNumber.set(type, fields);
  return fields;
}
