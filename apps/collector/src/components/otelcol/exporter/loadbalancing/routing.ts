import { crc32 } from "node:zlib";
import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { AnyValueReader, STRING } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { logField, metricField, pointAttributes, resourceField, scopeField, spanField } from "../../../../signals/otlp/fields.ts";
import { IdentityWriter } from "../../../../signals/otlp/identity.ts";
import { DATA, type ItemCursor, METRIC, RESOURCE, SCOPE } from "../../../../signals/otlp/item-cursor.ts";

export const routingKeys = ["service", "traceID", "resource", "metric", "streamID"] as const;
export type RoutingKey = (typeof routingKeys)[number];

/** The signals that a key routes. */
export const routedSignals: Readonly<Record<RoutingKey, readonly Signal[]>> = {
  traceID: ["traces", "logs"],
  service: ["traces", "logs", "metrics"],
  resource: ["metrics"],
  metric: ["metrics"],
  streamID: ["metrics"],
};

/** Gives the hash of the current item's key, or a negative number where it has none and can't be routed. */
export type HashOf = (cursor: ItemCursor) => number;

/** Hashes keys as the incumbent spells them, so that items go where it sends them. `resource` and `streamID` are spelled in a way of our own. */
export function hashOfKey(key: RoutingKey, signal: Signal, random: () => number): HashOf {
  switch (key) {
    case "traceID":
      return signal === "logs" ? logTraceHash(random) : spanTraceHash();
    case "service":
      return signal === "traces" ? spanServiceHash() : resourceServiceHash(signal);
    case "resource":
      return resourceHash();
    case "metric":
      return metricNameHash();
    case "streamID":
      return streamHash();
  }
}

const noTrace = Buffer.alloc(16);

/** The trace id's bytes. */
function spanTraceHash(): HashOf {
  const fields = new ProtobufReader();
  const last = Buffer.alloc(16);
  let hash = crc32(last);
  return (cursor) => {
    const { bytes } = cursor;
    fields.reset(bytes, cursor.start, cursor.end);
    let id: Uint8Array = noTrace;
    while (fields.next())
      if (fields.field === spanField.traceId) {
        id = bytes.subarray(fields.start, fields.stop);
        break;
      }
    if (id.length !== 16) id = noTrace;
    if (last.equals(id)) return hash;
    last.set(id);
    hash = crc32(last);
    return hash;
  };
}

/** The trace id in hexadecimal; a record without one may go anywhere. */
function logTraceHash(random: () => number): HashOf {
  const fields = new ProtobufReader();
  return ({ bytes, start, end }) => {
    fields.reset(bytes, start, end);
    let id = "";
    while (fields.next())
      if (fields.field === logField.traceId)
        id = Buffer.from(bytes.buffer, bytes.byteOffset + fields.start, fields.stop - fields.start).toString("hex");
    return id === "" || /^0+$/.test(id) ? Math.floor(random() * 2 ** 32) : crc32(id);
  };
}

const serviceName = Buffer.from("service.name");

/** The service's name as the resource tells it; else the scope, else the first span of the trace within the scope. */
function spanServiceHash(): HashOf {
  const attributes = new AttributeCursor();
  const value = new AnyValueReader();
  const fields = new ProtobufReader();
  const byTrace = new Map<string, number>();
  let hash = -1;
  const hashIn = (bytes: Uint8Array, start: number, end: number, field: number): number => {
    if (!attributes.reset(bytes, start, end, field).find(serviceName)) return -1;
    return crc32(`service.name=${value.reset(bytes, attributes.valueStart, attributes.valueEnd).text()}|`);
  };
  return (cursor) => {
    const { bytes } = cursor;
    if (cursor.entered <= SCOPE) {
      byTrace.clear();
      cursor.resource();
      hash = hashIn(bytes, cursor.partStart, cursor.partEnd, resourceField.attributes);
      if (hash < 0) {
        cursor.scope();
        hash = hashIn(bytes, cursor.partStart, cursor.partEnd, scopeField.attributes);
      }
    }
    if (hash >= 0) return hash;
    fields.reset(bytes, cursor.start, cursor.end);
    let trace = "";
    while (fields.next()) if (fields.field === spanField.traceId) trace = Buffer.from(fields.copy()).toString("latin1");
    let known = byTrace.get(trace);
    if (known === undefined) {
      known = hashIn(bytes, cursor.start, cursor.end, spanField.attributes);
      if (known < 0) known = crc32("service.name=|");
      byTrace.set(trace, known);
    }
    return known;
  };
}

/** The service's name; logs without one go together, metrics without one nowhere. */
function resourceServiceHash(signal: Signal): HashOf {
  const attributes = new AttributeCursor();
  const value = new AnyValueReader();
  let hash = -1;
  return (cursor) => {
    if (cursor.entered > RESOURCE) return hash;
    const { bytes } = cursor;
    cursor.resource();
    hash = signal === "metrics" ? -1 : crc32("");
    if (!attributes.reset(bytes, cursor.partStart, cursor.partEnd, resourceField.attributes).find(serviceName)) return hash;
    value.reset(bytes, attributes.valueStart, attributes.valueEnd);
    hash = crc32(value.kind === STRING ? value.string() : "");
    return hash;
  };
}

function resourceHash(): HashOf {
  const identity = new IdentityWriter();
  let hash = 0;
  return (cursor) => {
    if (cursor.entered > RESOURCE) return hash;
    cursor.resource();
    identity.clear();
    identity.attributes(cursor.bytes, cursor.partStart, cursor.partEnd, resourceField.attributes);
    hash = crc32(identity.writer.bytes.subarray(0, identity.writer.length));
    return hash;
  };
}

function metricNameHash(): HashOf {
  let hash = 0;
  return (cursor) => {
    if (cursor.entered > METRIC) return hash;
    cursor.part(METRIC, metricField.name);
    // An absent part is empty, and stands at the end of its parent.
    hash = crc32(cursor.bytes.subarray(cursor.partStart, cursor.partEnd));
    return hash;
  };
}

/** Resource, scope, metric, its kind and the point's attributes. */
function streamHash(): HashOf {
  const identity = new IdentityWriter();
  let prefix = 0;
  return (cursor) => {
    const { bytes } = cursor;
    if (cursor.entered <= DATA) {
      identity.clear();
      const { writer } = identity;
      cursor.resource();
      identity.attributes(bytes, cursor.partStart, cursor.partEnd, resourceField.attributes);
      cursor.scope();
      const { partStart, partEnd } = cursor;
      identity.attributes(bytes, partStart, partEnd, scopeField.attributes);
      const fields = new ProtobufReader().reset(bytes, partStart, partEnd);
      while (fields.next())
        if (fields.field === scopeField.name || fields.field === scopeField.version)
          writer.copy(fields.field, bytes, fields.start, fields.stop);
      for (const field of [metricField.name, metricField.unit]) {
        cursor.part(METRIC, field);
        writer.copy(field, bytes, cursor.partStart, cursor.partEnd);
      }
      writer.byte(cursor.pointKind);
      prefix = writer.length;
    }
    identity.writer.truncate(prefix);
    identity.attributes(bytes, cursor.start, cursor.end, pointAttributes(cursor.pointKind));
    return crc32(identity.writer.bytes.subarray(0, identity.writer.length));
  };
}
