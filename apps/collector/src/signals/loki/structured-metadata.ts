import { byteLength, bytesFromText, textFromBytes } from "@invar/go-compat";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { varintSize, writeVarint } from "../../bytes/varint.ts";

// Structured metadata of one entry of a push request, field 3 once a pair:
//
//   1a <length> 0a <length> name 12 <length> value
//
// Either of name and value is left out where it is empty.

export type MetadataPairs = readonly (readonly [string, string])[];

/** The bytes that `encodeMetadata` will write. */
export function metadataSize(pairs: MetadataPairs): number {
  let size = 0;
  for (const [name, value] of pairs) {
    const inner = stringSize(byteLength(name)) + stringSize(byteLength(value));
    size += 1 + varintSize(inner) + inner;
  }
  return size;
}

/** Writes the pairs at `at`, where the caller has made room, and gives the position behind them. */
export function encodeMetadata(pairs: MetadataPairs, into: Uint8Array, at: number): number {
  for (const [name, value] of pairs) {
    const nameBytes = bytesFromText(name);
    const valueBytes = bytesFromText(value);
    into[at++] = 0x1a;
    at = writeVarint(into, at, stringSize(nameBytes.length) + stringSize(valueBytes.length));
    at = writeString(into, at, 0x0a, nameBytes);
    at = writeString(into, at, 0x12, valueBytes);
  }
  return at;
}

/** The pairs that are encoded between `start` and `end`. */
export function decodeMetadata(bytes: Uint8Array, start: number, end: number): [string, string][] {
  const pairs: [string, string][] = [];
  const fields = new ProtobufReader().reset(bytes, start, end);
  const pair = new ProtobufReader();
  while (fields.next()) {
    let name = "";
    let value = "";
    pair.reset(bytes, fields.start, fields.stop);
    while (pair.next()) {
      const text = textFromBytes(bytes.subarray(pair.start, pair.stop));
      if (pair.field === 1) name = text;
      else if (pair.field === 2) value = text;
    }
    pairs.push([name, value]);
  }
  return pairs;
}

function stringSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length;
}

function writeString(into: Uint8Array, at: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return at;
  into[at++] = tag;
  at = writeVarint(into, at, bytes.length);
  into.set(bytes, at);
  return at + bytes.length;
}
