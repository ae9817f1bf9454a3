import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { ARRAY, BOOL, DOUBLE, INT, MAP, STRING } from "../../../../signals/otlp/any-value.ts";
import { keyValue, logField, resourceField } from "../../../../signals/otlp/fields.ts";
import { writeLogTime, writeObservedTime, writeSeverity } from "../../../../signals/otlp/write/log-record.ts";
import { RequestWriter } from "../../../../signals/otlp/write/request.ts";
import type { Entry, EntryMap, EntryValue } from "./entry.ts";

/** Turns entries into one request: those of one resource and scope together, in the order in which they first come. */
export function writeEntries(entries: readonly Entry[]): Uint8Array {
  const groups = new Map<string, Map<string, Entry[]>>();
  const resources = new Map<string, Uint8Array>();
  for (const entry of entries) {
    const resource = encodeResource(entry.resource);
    const key = Buffer.from(resource.buffer, resource.byteOffset, resource.length).toString("latin1");
    if (!resources.has(key)) resources.set(key, resource);
    const scopes = groups.get(key) ?? new Map<string, Entry[]>();
    groups.set(key, scopes);
    const scope = scopes.get(entry.scopeName);
    if (scope === undefined) scopes.set(entry.scopeName, [entry]);
    else scope.push(entry);
  }
  const request = new RequestWriter("logs", 4096);
  for (const [key, scopes] of groups) {
    request.beginResource(resources.get(key) as Uint8Array);
    for (const [name, records] of scopes) {
      request.beginScope({ name });
      for (const entry of records) {
        const item = request.beginItem();
        writeRecord(request.writer, entry);
        request.endItem(item);
      }
    }
  }
  return request.take();
}

const noAttributes = new Uint8Array(0);

function encodeResource(resource: EntryMap): Uint8Array {
  if (resource.size === 0) return noAttributes;
  const writer = new ProtobufWriter(256);
  writeMap(writer, resourceField.attributes, resource);
  return writer.take(0);
}

function writeRecord(writer: ProtobufWriter, entry: Entry): void {
  if (entry.seconds !== undefined) writeLogTime(writer, entry.seconds, entry.nanos);
  writeObservedTime(writer, entry.observedMs);
  writeSeverity(writer, entry.severity, entry.severityText);
  if (entry.body !== null) {
    const body = writer.begin(logField.body, typeof entry.body === "string" ? entry.body.length + 3 : 64);
    writeValue(writer, entry.body);
    writer.finish(body);
  }
  writeMap(writer, logField.attributes, entry.attributes);
  if (entry.traceFlags?.[0] !== undefined) writer.fixed32(logField.flags, entry.traceFlags[0]);
  if (entry.traceId !== undefined) writer.copy(logField.traceId, entry.traceId);
  if (entry.spanId !== undefined) writer.copy(logField.spanId, entry.spanId);
}

function writeMap(writer: ProtobufWriter, field: number, map: EntryMap): void {
  for (const [key, value] of map) {
    const attribute = writer.begin(field, typeof value === "string" ? key.length + value.length + 8 : key.length + 16);
    writer.string(keyValue.key, key);
    const content = writer.begin(keyValue.value, typeof value === "string" ? value.length + 3 : 9);
    writeValue(writer, value);
    writer.finish(content);
    writer.finish(attribute);
  }
}

/** Appends the content of an AnyValue: nothing for null. */
function writeValue(writer: ProtobufWriter, value: EntryValue): void {
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
      if (value === null) return;
  }
  const isMap = value instanceof Map;
  const mark = writer.begin(isMap ? MAP : ARRAY, 64);
  if (isMap) writeMap(writer, 1, value);
  else
    for (const each of value as readonly EntryValue[]) {
      const item = writer.begin(1);
      writeValue(writer, each);
      writer.finish(item);
    }
  writer.finish(mark);
}
