import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { logField, resourceField } from "../../../../signals/otlp/fields.ts";
import { writeLogTime, writeObservedTime, writeSeverity } from "../../../../signals/otlp/write/log-record.ts";
import { RequestWriter } from "../../../../signals/otlp/write/request.ts";
import { writeTypedAttributes, writeTypedValue } from "../../../../signals/otlp/write/typed-value.ts";
import type { Entry, EntryMap } from "./entry.ts";

/** Turns entries into one request: those of one resource and scope together, in the order in which they first come. */
export function writeEntries(entries: readonly Entry[]): Uint8Array {
  const groups = new Map<string, Map<string, Entry[]>>();
  const resources = new Map<string, Uint8Array>();
  let previous: EntryMap | undefined;
  let key = "";
  for (const entry of entries) {
    // Entries of one file follow each other, and tell the same of it.
    if (previous === undefined || !isSame(previous, entry.resource)) {
      const resource = encodeResource(entry.resource);
      key = Buffer.from(resource.buffer, resource.byteOffset, resource.length).toString("latin1");
      if (!resources.has(key)) resources.set(key, resource);
    }
    previous = entry.resource;
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

/** Whether both hold the same texts in the same order; other values are not looked into. */
function isSame(one: EntryMap, other: EntryMap): boolean {
  if (one.size !== other.size) return false;
  const others = other.entries();
  for (const [key, value] of one) {
    const next = others.next();
    if (next.done === true || next.value[0] !== key || next.value[1] !== value) return false;
  }
  return true;
}

const noAttributes = new Uint8Array(0);

function encodeResource(resource: EntryMap): Uint8Array {
  if (resource.size === 0) return noAttributes;
  const writer = new ProtobufWriter(256);
  writeTypedAttributes(writer, resourceField.attributes, resource);
  return writer.take(0);
}

function writeRecord(writer: ProtobufWriter, entry: Entry): void {
  if (entry.seconds !== undefined) writeLogTime(writer, entry.seconds, entry.nanos);
  writeObservedTime(writer, entry.observedMs);
  writeSeverity(writer, entry.severity, entry.severityText);
  if (entry.body !== null) {
    const body = writer.begin(logField.body, typeof entry.body === "string" ? entry.body.length + 3 : 64);
    writeTypedValue(writer, entry.body);
    writer.finish(body);
  }
  writeTypedAttributes(writer, logField.attributes, entry.attributes);
  if (entry.traceFlags?.[0] !== undefined) writer.fixed32(logField.flags, entry.traceFlags[0]);
  if (entry.traceId !== undefined) writer.copy(logField.traceId, entry.traceId);
  if (entry.spanId !== undefined) writer.copy(logField.spanId, entry.spanId);
}
