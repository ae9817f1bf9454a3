import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import { ipOfBytes } from "./ip-text.ts";
import type { Endpoint, ZipkinSpan } from "./model.ts";

const kinds: readonly string[] = ["", "CLIENT", "SERVER", "PRODUCER", "CONSUMER"];

/** Reads a ListOfSpans message. Throws `MalformedInput`. */
export function spansOfV2Proto(body: Uint8Array): ZipkinSpan[] {
  const list = new ProtobufReader().reset(body);
  const reader = new ProtobufReader();
  const inner = new ProtobufReader();
  const spans: ZipkinSpan[] = [];
  while (list.next())
    if (list.field === 1 && list.wire === WIRE_BYTES) spans.push(spanOf(reader.reset(body, list.start, list.stop), inner));
  return spans;
}

function spanOf(reader: ProtobufReader, inner: ProtobufReader): ZipkinSpan {
  const span = {
    traceId: new Uint8Array(0) as Uint8Array,
    id: new Uint8Array(0) as Uint8Array,
    parentId: undefined as Uint8Array | undefined,
    name: "",
    kind: "",
    timestamp: 0 as number | undefined,
    duration: 0,
    local: undefined as Endpoint | undefined,
    remote: undefined as Endpoint | undefined,
    annotations: [] as { timestamp: number; value: string }[],
    tags: new Map<string, string>(),
  };
  while (reader.next()) {
    const { field, wire, bytes, start, stop } = reader;
    if (wire === WIRE_BYTES)
      switch (field) {
        case 1:
          span.traceId = reader.copy();
          break;
        case 2:
          span.parentId = reader.copy();
          break;
        case 3:
          span.id = reader.copy();
          break;
        case 5:
          span.name = reader.text();
          break;
        case 8:
          span.local = endpointOf(inner.reset(bytes, start, stop));
          break;
        case 9:
          span.remote = endpointOf(inner.reset(bytes, start, stop));
          break;
        case 10:
          span.annotations.push(annotationOf(inner.reset(bytes, start, stop)));
          break;
        case 11:
          addTag(span.tags, inner.reset(bytes, start, stop));
          break;
        default:
      }
    else if (wire === WIRE_VARINT && field === 4) span.kind = kinds[reader.unsigned()] ?? "";
    else if (wire === WIRE_FIXED64 && field === 6) span.timestamp = micros(reader);
    else if (wire === WIRE_VARINT && field === 7) span.duration = micros(reader);
  }
  if (span.traceId.length !== 16) throw new MalformedInput(`invalid TraceID: has length ${span.traceId.length} yet wanted length 16`);
  if (span.id.length === 0) throw new MalformedInput("expected a non-nil SpanID");
  if (span.id.length !== 8) throw new MalformedInput(`invalid SpanID: has length ${span.id.length} yet wanted length 8`);
  if (span.parentId?.length === 0) span.parentId = undefined;
  if (span.parentId !== undefined && span.parentId.length !== 8)
    throw new MalformedInput(`invalid ParentID: has length ${span.parentId.length} yet wanted length 8`);
  return span;
}

function endpointOf(reader: ProtobufReader): Endpoint {
  let serviceName = "";
  let ipv4: string | undefined;
  let ipv6: string | undefined;
  let port = 0;
  while (reader.next())
    if (reader.wire === WIRE_BYTES) {
      const { bytes, start, stop } = reader;
      if (reader.field === 1) serviceName = reader.text();
      else if (reader.field === 2 && stop > start) ipv4 = ipOfBytes(bytes.subarray(start, stop));
      else if (reader.field === 3 && stop > start) ipv6 = ipOfBytes(bytes.subarray(start, stop));
    } else if (reader.wire === WIRE_VARINT && reader.field === 4) port = reader.low & 0xffff;
  return { serviceName, ipv4, ipv6, port };
}

function annotationOf(reader: ProtobufReader): { timestamp: number; value: string } {
  let timestamp = 0;
  let value = "";
  while (reader.next())
    if (reader.wire === WIRE_FIXED64 && reader.field === 1) timestamp = micros(reader);
    else if (reader.wire === WIRE_BYTES && reader.field === 2) value = reader.text();
  return { timestamp, value };
}

function addTag(tags: Map<string, string>, reader: ProtobufReader): void {
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.wire !== WIRE_BYTES) continue;
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
  }
  tags.set(key, value);
}

function micros(reader: ProtobufReader): number {
  const value = reader.unsigned();
  if (value > Number.MAX_SAFE_INTEGER) throw new MalformedInput(`zipkinv2: ${value} microseconds are no time`);
  return value;
}
