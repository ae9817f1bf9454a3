import { signedBigIntOf } from "../../bytes/int64.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import { nanosOf, unixNano } from "../otlp/unix-nano.ts";
import { RequestWriter } from "../otlp/write/request.ts";
import { PARENT_ID, resourceAttributes, SPAN_ID, SpanDraft, type SpanValue } from "../otlp/write/span.ts";
import { attributeKey, finishResource, finishSpan, isNoService } from "./attributes.ts";
import { addLog, References } from "./references.ts";
import type { Converted } from "./thrift-to-otlp.ts";

const SAMPLED = 1;
const NANOS = 1_000_000_000;
/** 0001-01-01 and 9999-12-31, as protobuf limits its timestamps. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;
const LONGEST_SECONDS = 315_576_000_000;

interface Group {
  readonly resource: Uint8Array;
  /** Positions of its spans in the request: start, end, start, end, … */
  readonly spans: number[];
}

/** Turns PostSpansRequest messages of Jaeger's gRPC service into requests of OTLP. One converter serves many. */
export class JaegerProtoConverter {
  readonly #request = new RequestWriter("traces", 1 << 14);
  readonly #span = new SpanDraft();
  readonly #fields = new Map<string, SpanValue>();
  readonly #references = new References();
  readonly #levels = Array.from({ length: 5 }, () => new ProtobufReader());
  /** Seconds and nanoseconds read last. */
  #seconds = 0;
  #nanos = 0;

  /** Throws `MalformedInput`. */
  convert(message: Uint8Array): Converted {
    try {
      for (const group of this.#groups(message)) this.#resource(message, group);
      const spans = this.#request.items;
      return { request: this.#request.take(), spans };
    } catch (error) {
      this.#request.take();
      throw error;
    }
  }

  /** The spans by their process: a span's own goes before its batch's. */
  #groups(message: Uint8Array): Iterable<Group> {
    const [request, batch, span] = this.#levels as [ProtobufReader, ProtobufReader, ProtobufReader];
    const groups = new Map<string, Group>();
    const groupOf = (start: number, end: number): Group => {
      const key = Buffer.from(message.buffer, message.byteOffset + start, end - start).toString("latin1");
      const known = groups.get(key);
      if (known !== undefined) return known;
      const made = { resource: this.#process(message, start, end), spans: [] };
      groups.set(key, made);
      return made;
    };
    request.reset(message);
    while (request.next()) {
      if (request.field !== 1 || request.wire !== WIRE_BYTES) continue;
      const { start, stop } = request;
      batch.reset(message, start, stop);
      let processStart = start;
      let processEnd = start;
      while (batch.next())
        if (batch.field === 2 && batch.wire === WIRE_BYTES) {
          processStart = batch.start;
          processEnd = batch.stop;
        }
      const own = groupOf(processStart, processEnd);
      batch.reset(message, start, stop);
      while (batch.next()) {
        if (batch.field !== 1 || batch.wire !== WIRE_BYTES || batch.start === batch.stop) continue;
        let group = own;
        span.reset(message, batch.start, batch.stop);
        while (span.next()) if (span.field === 10 && span.wire === WIRE_BYTES) group = groupOf(span.start, span.stop);
        group.spans.push(batch.start, batch.stop);
      }
    }
    return groups.values();
  }

  #process(message: Uint8Array, start: number, end: number): Uint8Array {
    const reader = this.#level(3).reset(message, start, end);
    const attributes = new Map<string, SpanValue>();
    let service = "";
    while (reader.next()) if (reader.field === 1 && reader.wire === WIRE_BYTES) service = reader.text();
    if (isNoService(service)) return new Uint8Array(0);
    if (service !== "") attributes.set("service.name", service);
    reader.reset(message, start, end);
    while (reader.next()) if (reader.field === 2 && reader.wire === WIRE_BYTES) this.#tag(attributes, message, reader.start, reader.stop);
    finishResource(attributes);
    return resourceAttributes(attributes);
  }

  /** Spans of one scope are written together, in the order in which scopes first occur. */
  #resource(message: Uint8Array, { resource, spans }: Group): void {
    if (spans.length === 0) return;
    const request = this.#request;
    request.beginResource(resource);
    const scopes = new Map<string, { readonly name: string; readonly version: string; readonly spans: number[] }>();
    for (let i = 0; i < spans.length; i += 2) {
      const [name, version] = this.#scope(message, spans[i] as number, spans[i + 1] as number);
      const key = `${name}\0${version}`;
      const scope = scopes.get(key);
      if (scope === undefined) scopes.set(key, { name, version, spans: [spans[i] as number, spans[i + 1] as number] });
      else scope.spans.push(spans[i] as number, spans[i + 1] as number);
    }
    for (const scope of scopes.values()) {
      request.beginScope(scope);
      for (let i = 0; i < scope.spans.length; i += 2)
        this.#writeSpan(message, scope.spans[i] as number, scope.spans[i + 1] as number, scope.name !== "" || scope.version !== "");
    }
  }

  #scope(message: Uint8Array, start: number, end: number): readonly [string, string] {
    const span = this.#level(2).reset(message, start, end);
    const fields = this.#fields;
    let name: string | undefined;
    let version: string | undefined;
    while (span.next()) {
      if (span.field !== 8 || span.wire !== WIRE_BYTES) continue;
      fields.clear();
      this.#tag(fields, message, span.start, span.stop);
      name ??= textOf(fields.get("otel.scope.name"));
      version ??= textOf(fields.get("otel.scope.version"));
    }
    return name === undefined ? ["", ""] : [name, version ?? ""];
  }

  #writeSpan(message: Uint8Array, start: number, end: number, hasScope: boolean): void {
    const span = this.#span;
    const references = this.#references;
    const reader = this.#level(2);
    span.clear();
    references.clear();
    let seconds = 0;
    let nanos = 0;
    let hasStart = false;
    let lastingSeconds = 0;
    let lastingNanos = 0;
    reader.reset(message, start, end);
    while (reader.next()) {
      if (reader.wire === WIRE_VARINT) {
        if (reader.field === 5 && (reader.low & SAMPLED) !== 0) span.flags = SAMPLED;
        continue;
      }
      if (reader.wire !== WIRE_BYTES) continue;
      switch (reader.field) {
        case 1:
          putId(span.ids, 0, message, reader.start, reader.stop, 16);
          break;
        case 2:
          putId(span.ids, SPAN_ID, message, reader.start, reader.stop, 8);
          break;
        case 3:
          span.name = reader.text();
          break;
        case 4:
          this.#reference(message, reader.start, reader.stop);
          break;
        case 6:
          this.#moment(message, reader.start, reader.stop);
          if (this.#seconds < FIRST_SECOND || this.#seconds > LAST_SECOND || this.#nanos < 0 || this.#nanos >= NANOS)
            throw new MalformedInput(`jaeger: start_time of ${this.#seconds}s ${this.#nanos}ns is no timestamp`);
          seconds = this.#seconds;
          nanos = this.#nanos;
          hasStart = true;
          break;
        case 7:
          this.#moment(message, reader.start, reader.stop);
          if (Math.abs(this.#seconds) > LONGEST_SECONDS || Math.abs(this.#nanos) >= NANOS)
            throw new MalformedInput(`jaeger: duration of ${this.#seconds}s ${this.#nanos}ns is out of range`);
          lastingSeconds = this.#seconds;
          lastingNanos = this.#nanos;
          break;
        case 8:
          this.#tag(span.attributes, message, reader.start, reader.stop);
          break;
        case 9:
          this.#log(message, reader.start, reader.stop);
          break;
        default:
      }
    }
    if (hasScope) {
      span.attributes.delete("otel.scope.name");
      span.attributes.delete("otel.scope.version");
    }
    // A span without a start begins in no year that OTLP can tell: both times stay absent.
    if (hasStart) {
      nanosOf(seconds, nanos);
      span.startLow = unixNano.low;
      span.startHigh = unixNano.high;
      const sum = nanos + lastingNanos;
      const carry = Math.floor(sum / NANOS);
      nanosOf(seconds + lastingSeconds + carry, sum - carry * NANOS);
      span.endLow = unixNano.low;
      span.endHigh = unixNano.high;
    }
    const parentId = span.ids.subarray(PARENT_ID);
    parentId.set(references.parent(span.ids) ?? parentId);
    references.addLinks(span, parentId);
    finishSpan(span);
    const state = span.attributes.get("w3c.tracestate");
    if (state !== undefined) {
      span.attributes.delete("w3c.tracestate");
      span.traceState = textOf(state) ?? "";
    }
    const item = this.#request.beginItem();
    span.writeTo(this.#request.writer);
    this.#request.endItem(item);
  }

  #reference(message: Uint8Array, start: number, end: number): void {
    const reference = this.#references.add();
    const reader = this.#level(3).reset(message, start, end);
    while (reader.next())
      if (reader.wire === WIRE_BYTES && reader.field === 1) putId(reference, 0, message, reader.start, reader.stop, 16);
      else if (reader.wire === WIRE_BYTES && reader.field === 2) putId(reference, 16, message, reader.start, reader.stop, 8);
      else if (reader.wire === WIRE_VARINT && reader.field === 3) reference[24] = reader.unsigned() < 0xff ? reader.low : 0xff;
  }

  #log(message: Uint8Array, start: number, end: number): void {
    const reader = this.#level(3).reset(message, start, end);
    const fields = this.#fields;
    fields.clear();
    let seconds = 0;
    let nanos = 0;
    while (reader.next()) {
      if (reader.wire !== WIRE_BYTES) continue;
      if (reader.field === 1) {
        this.#moment(message, reader.start, reader.stop);
        seconds = this.#seconds;
        nanos = this.#nanos;
      } else if (reader.field === 2) this.#tag(fields, message, reader.start, reader.stop);
    }
    nanosOf(seconds, nanos);
    addLog(this.#span, unixNano.low, unixNano.high, fields);
  }

  /** Timestamp and Duration have the same fields. */
  #moment(message: Uint8Array, start: number, end: number): void {
    const reader = this.#level(4).reset(message, start, end);
    this.#seconds = 0;
    this.#nanos = 0;
    while (reader.next()) {
      if (reader.wire !== WIRE_VARINT) continue;
      if (reader.field === 1) this.#seconds = reader.signed();
      else if (reader.field === 2) this.#nanos = reader.low;
    }
  }

  #tag(attributes: Map<string, SpanValue>, message: Uint8Array, start: number, end: number): void {
    const reader = this.#level(4).reset(message, start, end);
    let key = "";
    let kind = 0;
    let text = "";
    let bool = false;
    let long = 0n;
    let double = 0;
    let binary: Uint8Array = new Uint8Array(0);
    while (reader.next()) {
      const { field, wire } = reader;
      if (wire === WIRE_BYTES) {
        if (field === 1) key = reader.text();
        else if (field === 3) text = reader.text();
        else if (field === 7) binary = reader.copy();
      } else if (wire === WIRE_VARINT) {
        if (field === 2) kind = reader.low;
        else if (field === 4) bool = (reader.low | reader.high) !== 0;
        else if (field === 5) long = signedBigIntOf(reader.low, reader.high);
      } else if (wire === WIRE_FIXED64 && field === 6) double = reader.double();
    }
    key = attributeKey(key);
    switch (kind) {
      case 0:
        attributes.set(key, text);
        return;
      case 1:
        attributes.set(key, bool);
        return;
      case 2:
        attributes.set(key, long);
        return;
      case 3:
        attributes.set(key, double);
        return;
      case 4:
        attributes.set(key, binary);
        return;
      default:
        attributes.set(key, `<Unknown Jaeger TagType "${kind}">`);
    }
  }

  #level(index: number): ProtobufReader {
    return this.#levels[index] as ProtobufReader;
  }
}

/** Trace ids may be short. */
function putId(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number, size: number): void {
  const given = end - start;
  if (given !== size && given !== 8) throw new MalformedInput(`jaeger: an id of ${given} bytes, expected ${size}`);
  for (let i = 0; i < given; i++) target[at + size - given + i] = source[start + i] as number;
}

function textOf(value: SpanValue | undefined): string | undefined {
  return value === undefined || typeof value === "string" ? value : "";
}
