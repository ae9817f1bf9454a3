import { signedBigIntOf, signedOf } from "../../bytes/int64.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { BinaryReader } from "../thrift/binary-reader.ts";
import { I16, I32, I64, LIST, STRING, STRUCT, skip } from "../thrift/reader.ts";
import { ipOfBytes } from "./ip-text.ts";
import type { OldAnnotation, OldBinaryAnnotation, OldEndpoint, OldSpan } from "./model.ts";

/** Types of binary annotations. */
const BOOL = 0;
const BYTES = 1;
const INT16 = 2;
const INT32 = 3;
const INT64 = 4;
const DOUBLE = 5;
const TEXT = 6;

/** Reads a list of spans of version 1 in Thrift's binary protocol. Throws `MalformedInput`. */
export function spansOfV1Thrift(body: Uint8Array): OldSpan[] {
  const reader = new BinaryReader().reset(body);
  return structs(reader, () => spanOf(reader));
}

function structs<T>(reader: BinaryReader, read: () => T): T[] {
  reader.beginList();
  if (reader.size > 0 && reader.elementType !== STRUCT) throw new MalformedInput("thrift: the elements of a list must be structs");
  const found: T[] = [];
  for (let left = reader.size; left > 0; left--) found.push(read());
  return found;
}

function spanOf(reader: BinaryReader): OldSpan {
  const ids = Buffer.alloc(32);
  let hasParent = false;
  let name = "";
  let timestamp: number | undefined;
  let duration = 0;
  let annotations: OldAnnotation[] = [];
  let binaryAnnotations: OldBinaryAnnotation[] = [];
  const places: Readonly<Record<number, number>> = { 1: 8, 12: 0, 4: 16, 5: 24 };
  reader.beginStruct();
  while (reader.nextField()) {
    const { id, type } = reader;
    const place = places[id];
    if (place !== undefined && type === I64) {
      reader.i64();
      ids.writeInt32BE(reader.high, place);
      ids.writeInt32BE(reader.low, place + 4);
      if (id === 5) hasParent = true;
    } else if (id === 3 && type === STRING) name = reader.text();
    else if (id === 6 && type === LIST) annotations = structs(reader, () => annotationOf(reader));
    else if (id === 8 && type === LIST) binaryAnnotations = structs(reader, () => binaryAnnotationOf(reader));
    else if (id === 10 && type === I64) timestamp = wholeOf(reader);
    else if (id === 11 && type === I64) duration = wholeOf(reader);
    else skip(reader, type);
  }
  return {
    traceId: ids.subarray(0, 16),
    id: ids.subarray(16, 24),
    parentId: hasParent ? ids.subarray(24, 32) : undefined,
    name,
    timestamp: timestamp ?? 0,
    duration,
    annotations,
    binaryAnnotations,
  };
}

function annotationOf(reader: BinaryReader): OldAnnotation {
  let timestamp = 0;
  let value = "";
  let endpoint: OldEndpoint | undefined;
  reader.beginStruct();
  while (reader.nextField()) {
    const { id, type } = reader;
    if (id === 1 && type === I64) timestamp = wholeOf(reader);
    else if (id === 2 && type === STRING) value = reader.text();
    else if (id === 3 && type === STRUCT) endpoint = endpointOf(reader);
    else skip(reader, type);
  }
  return { timestamp, value, endpoint };
}

function binaryAnnotationOf(reader: BinaryReader): OldBinaryAnnotation {
  let key = "";
  let kind = BOOL;
  let content: Uint8Array = new Uint8Array(0);
  let serviceName: string | undefined;
  reader.beginStruct();
  while (reader.nextField()) {
    const { id, type } = reader;
    if (id === 1 && type === STRING) key = reader.text();
    else if (id === 2 && type === STRING) {
      reader.binary();
      content = reader.bytes.subarray(reader.start, reader.stop);
    } else if (id === 3 && type === I32) kind = reader.i32();
    else if (id === 4 && type === STRUCT) serviceName = endpointOf(reader).serviceName;
    else skip(reader, type);
  }
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  return { key, value: contentOf(kind, bytes), text: bytes.toString("utf8"), serviceName };
}

function contentOf(kind: number, bytes: Buffer): string | boolean | number | bigint {
  const isShort = (size: number) => bytes.length < size;
  switch (kind) {
    case BOOL:
      return bytes.length === 1 && bytes[0] === 1;
    case BYTES:
      return bytes.toString("base64");
    case INT16:
      return isShort(2) ? tooShort : BigInt(bytes.readUInt16BE());
    case INT32:
      return isShort(4) ? tooShort : BigInt(bytes.readUInt32BE());
    case INT64:
      return isShort(8) ? tooShort : bytes.readBigInt64BE();
    case DOUBLE:
      return isShort(8) ? tooShort : bytes.readDoubleBE();
    case TEXT:
      return bytes.toString("utf8");
    default:
      return `<unknown zipkin v1 binary annotation type (${kind})>`;
  }
}

const tooShort = "<not enough bytes representing the number>";

function endpointOf(reader: BinaryReader): OldEndpoint {
  const endpoint = { serviceName: "", ipv4: "", ipv6: "", port: 0 };
  reader.beginStruct();
  while (reader.nextField()) {
    const { id, type } = reader;
    if (id === 1 && type === I32) {
      const address = reader.i32();
      if (address !== 0) endpoint.ipv4 = [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff].join(".");
    } else if (id === 2 && type === I16) endpoint.port = reader.i16();
    else if (id === 3 && type === STRING) endpoint.serviceName = reader.text();
    else if (id === 4 && type === STRING) {
      reader.binary();
      if (reader.stop > reader.start) endpoint.ipv6 = ipOfBytes(reader.bytes.subarray(reader.start, reader.stop));
    } else skip(reader, type);
  }
  return endpoint;
}

function wholeOf(reader: BinaryReader): number {
  reader.i64();
  const value = signedOf(reader.low, reader.high);
  if (!Number.isSafeInteger(value))
    throw new MalformedInput(`zipkinv1: ${signedBigIntOf(reader.low, reader.high)} microseconds are no time`);
  return value;
}
