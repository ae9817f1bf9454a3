import { signedBigIntOf } from "../../bytes/int64.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { nanosOfMicros, unixNano } from "../otlp/unix-nano.ts";
import { RequestWriter } from "../otlp/write/request.ts";
import { PARENT_ID, resourceAttributes, SPAN_ID, SpanDraft, type SpanValue, TRACE_ID } from "../otlp/write/span.ts";
import { BOOL, DOUBLE, I32, I64, LIST, STRING, STRUCT, skip, type ThriftReader } from "../thrift/reader.ts";
import { attributeKey, finishResource, finishSpan } from "./attributes.ts";
import { addLog, References } from "./references.ts";

export interface Converted {
  readonly request: Uint8Array;
  readonly spans: number;
}

const SAMPLED = 1;
const NONE = -1;

/** Types of tags in Thrift. */
const TAG_STRING = 0;
const TAG_DOUBLE = 1;
const TAG_BOOL = 2;
const TAG_LONG = 3;
const TAG_BINARY = 4;

/** Turns batches of Jaeger's Thrift encodings into requests of OTLP. One converter serves many batches. */
export class JaegerThriftConverter {
  readonly #request = new RequestWriter("traces", 1 << 14);
  readonly #span = new SpanDraft();
  readonly #fields = new Map<string, SpanValue>();
  readonly #references = new References();
  #reader!: ThriftReader;

  /** Converts the Batch that begins where the reader stands. Throws `MalformedInput`. */
  convert(reader: ThriftReader): Converted {
    this.#reader = reader;
    try {
      this.#batch();
      const spans = this.#request.items;
      return { request: this.#request.take(), spans };
    } catch (error) {
      this.#request.take();
      throw error;
    }
  }

  #batch(): void {
    const reader = this.#reader;
    let unreadAt = NONE;
    let hasProcess = false;
    let hasSpans = false;
    reader.beginStruct();
    while (reader.nextField())
      if (reader.id === 1 && reader.type === STRUCT) {
        this.#request.beginResource(this.#process());
        hasProcess = true;
      } else if (reader.id === 2 && reader.type === LIST) {
        hasSpans = true;
        if (hasProcess) this.#spans();
        else {
          // The resource goes before its spans: they are read once it is known.
          unreadAt = reader.at;
          skip(reader, LIST);
        }
      } else skip(reader, reader.type);
    if (!hasProcess) throw unset("Process");
    if (!hasSpans) throw unset("Spans");
    if (unreadAt === NONE) return;
    const end = reader.at;
    reader.at = unreadAt;
    this.#spans();
    reader.at = end;
  }

  #spans(): void {
    const reader = this.#reader;
    reader.beginList();
    if (reader.size > 0 && reader.elementType !== STRUCT) throw new MalformedInput("thrift: spans of a Batch must be structs");
    for (let left = reader.size; left > 0; left--) this.#readSpan();
  }

  #process(): Uint8Array {
    const reader = this.#reader;
    const attributes = this.#fields;
    attributes.clear();
    let service: string | undefined;
    reader.beginStruct();
    while (reader.nextField())
      if (reader.id === 1 && reader.type === STRING) service = reader.text();
      else if (reader.id === 2 && reader.type === LIST) this.#tags(attributes);
      else skip(reader, reader.type);
    if (service === undefined) throw unset("ServiceName");
    if (service === "") return resourceAttributes(finished(attributes));
    const named = new Map<string, SpanValue>([["service.name", service]]);
    for (const [key, value] of attributes) named.set(key, value);
    return resourceAttributes(finished(named));
  }

  #readSpan(): void {
    const reader = this.#reader;
    const span = this.#span;
    const references = this.#references;
    span.clear();
    references.clear();
    let seen = 0;
    let optional = false;
    let flags = 0;
    let start = 0n;
    let duration = 0n;
    reader.beginStruct();
    while (reader.nextField()) {
      const { id, type } = reader;
      if (type === I64 && (id <= 4 || id === 8 || id === 9)) {
        reader.i64();
        seen |= 1 << id;
        if (id === 1) span.putId(TRACE_ID + 8, reader.low, reader.high);
        else if (id === 2) span.putId(TRACE_ID, reader.low, reader.high);
        else if (id === 3) span.putId(SPAN_ID, reader.low, reader.high);
        else if (id === 4) span.putId(PARENT_ID, reader.low, reader.high);
        else if (id === 8) start = signedBigIntOf(reader.low, reader.high);
        else duration = signedBigIntOf(reader.low, reader.high);
      } else if (id === 5 && type === STRING) {
        span.name = reader.text();
        seen |= 1 << id;
      } else if (id === 7 && type === I32) {
        flags = reader.i32();
        seen |= 1 << id;
      } else if (id === 6 && type === LIST) {
        this.#readReferences();
        optional = true;
      } else if (id === 10 && type === LIST) {
        this.#tags(span.attributes);
        optional = true;
      } else if (id === 11 && type === LIST) {
        this.#logs();
        optional = true;
      } else skip(reader, type);
    }
    for (const [name, id] of requiredOfSpan) if ((seen & (1 << id)) === 0) throw unset(name);
    if (!optional && start === 0n && duration === 0n && flags === 0 && span.name === "" && span.ids.every((byte) => byte === 0)) return;
    this.#finish(start, duration, flags);
  }

  #finish(start: bigint, duration: bigint, flags: number): void {
    const span = this.#span;
    const references = this.#references;
    setMicros(start);
    span.startLow = unixNano.low;
    span.startHigh = unixNano.high;
    setMicros(start + duration);
    span.endLow = unixNano.low;
    span.endHigh = unixNano.high;
    if ((flags & SAMPLED) !== 0) span.flags = SAMPLED;
    const parentId = span.ids.subarray(PARENT_ID);
    if (!references.isEmpty) {
      if (parentId.every((byte) => byte === 0)) parentId.set(references.parent(span.ids) ?? parentId);
      references.addLinks(span, parentId);
    }
    finishSpan(span);
    const item = this.#request.beginItem();
    span.writeTo(this.#request.writer);
    this.#request.endItem(item);
  }

  #readReferences(): void {
    const reader = this.#reader;
    reader.beginList();
    if (reader.size > 0 && reader.elementType !== STRUCT) throw new MalformedInput("thrift: references must be structs");
    for (let left = reader.size; left > 0; left--) {
      const reference = this.#references.add();
      let seen = 0;
      reader.beginStruct();
      while (reader.nextField()) {
        const { id, type } = reader;
        if (id === 1 && type === I32) {
          const kind = reader.i32();
          reference[24] = kind >= 0 && kind < 0xff ? kind : 0xff;
        } else if (type === I64 && id >= 2 && id <= 4) {
          reader.i64();
          const at = id === 2 ? 8 : id === 3 ? 0 : 16;
          reference.writeInt32BE(reader.high, at);
          reference.writeInt32BE(reader.low, at + 4);
        } else {
          skip(reader, type);
          continue;
        }
        seen |= 1 << id;
      }
      for (const [name, id] of requiredOfReference) if ((seen & (1 << id)) === 0) throw unset(name);
    }
  }

  #logs(): void {
    const reader = this.#reader;
    const fields = this.#fields;
    reader.beginList();
    if (reader.size > 0 && reader.elementType !== STRUCT) throw new MalformedInput("thrift: logs must be structs");
    for (let left = reader.size; left > 0; left--) {
      fields.clear();
      let seen = 0;
      let low = 0;
      let high = 0;
      reader.beginStruct();
      while (reader.nextField())
        if (reader.id === 1 && reader.type === I64) {
          reader.i64();
          ({ low, high } = reader);
          seen |= 1;
        } else if (reader.id === 2 && reader.type === LIST) {
          this.#tags(fields);
          seen |= 2;
        } else skip(reader, reader.type);
      if ((seen & 1) === 0) throw unset("Timestamp");
      if ((seen & 2) === 0) throw unset("Fields");
      nanosOfMicros(low, high);
      addLog(this.#span, unixNano.low, unixNano.high, fields);
    }
  }

  #tags(attributes: Map<string, SpanValue>): void {
    const reader = this.#reader;
    reader.beginList();
    if (reader.size > 0 && reader.elementType !== STRUCT) throw new MalformedInput("thrift: tags must be structs");
    for (let left = reader.size; left > 0; left--) this.#tag(attributes);
  }

  #tag(attributes: Map<string, SpanValue>): void {
    const reader = this.#reader;
    let key: string | undefined;
    let kind = NONE;
    let text = "";
    let double = 0;
    let bool = false;
    let long = 0n;
    let binary: Uint8Array = new Uint8Array(0);
    reader.beginStruct();
    while (reader.nextField()) {
      const { id, type } = reader;
      if (id === 1 && type === STRING) key = reader.text();
      else if (id === 2 && type === I32) kind = reader.i32() & 0xff;
      else if (id === 3 && type === STRING) text = reader.text();
      else if (id === 4 && type === DOUBLE) double = reader.double();
      else if (id === 5 && type === BOOL) bool = reader.bool();
      else if (id === 6 && type === I64) {
        reader.i64();
        long = signedBigIntOf(reader.low, reader.high);
      } else if (id === 7 && type === STRING) {
        reader.binary();
        binary = reader.bytes.slice(reader.start, reader.stop);
      } else skip(reader, type);
    }
    if (key === undefined) throw unset("Key");
    if (kind === NONE) throw unset("VType");
    key = attributeKey(key);
    switch (kind) {
      case TAG_STRING:
        attributes.set(key, text);
        return;
      case TAG_DOUBLE:
        attributes.set(key, double);
        return;
      case TAG_BOOL:
        attributes.set(key, bool);
        return;
      case TAG_LONG:
        attributes.set(key, long);
        return;
      case TAG_BINARY:
        attributes.set(key, binary);
        return;
      default:
        attributes.set(key, '<Unknown Jaeger TagType "<UNSET>">');
    }
  }
}

const requiredOfSpan: readonly (readonly [string, number])[] = [
  ["TraceIdLow", 1],
  ["TraceIdHigh", 2],
  ["SpanId", 3],
  ["ParentSpanId", 4],
  ["OperationName", 5],
  ["Flags", 7],
  ["StartTime", 8],
  ["Duration", 9],
];
const requiredOfReference: readonly (readonly [string, number])[] = [
  ["RefType", 1],
  ["TraceIdLow", 2],
  ["TraceIdHigh", 3],
  ["SpanId", 4],
];

function finished(attributes: Map<string, SpanValue>): Map<string, SpanValue> {
  finishResource(attributes);
  return attributes;
}

function setMicros(micros: bigint): void {
  nanosOfMicros(Number(BigInt.asIntN(32, micros)), Number(BigInt.asIntN(32, micros >> 32n)));
}

function unset(field: string): MalformedInput {
  return new MalformedInput(`thrift: Required field ${field} is not set`);
}
