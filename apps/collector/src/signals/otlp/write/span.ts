import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { resourceField, spanField } from "../fields.ts";
import { writeTypedAttributes } from "./typed-value.ts";

/** The value of a span's attribute: numbers are doubles, bigints integers. */
export type SpanValue = string | boolean | number | bigint | Uint8Array;

/** Fields of Event and Link, and of Status. */
const eventField = { time: 1, name: 2, attributes: 3, droppedAttributesCount: 4 } as const;
const linkField = { traceId: 1, spanId: 2, traceState: 3, attributes: 4, droppedAttributesCount: 5 } as const;
const statusField = { message: 2, code: 3 } as const;

/** Where in `ids` each id begins. */
export const TRACE_ID = 0;
export const SPAN_ID = 16;
export const PARENT_ID = 24;

/**
 * One span on its way from another format: filled in any order, written between `beginItem` and `endItem` of a RequestWriter, cleared, and filled
 * again. Zeros and empty texts are absent. Events and links are encoded as they come, so that nothing is kept of them but bytes.
 */
export class SpanDraft {
  /** trace id (16 bytes), span id (8), parent's id (8). */
  readonly ids: Buffer = Buffer.alloc(32);
  traceState = "";
  name = "";
  kind = 0;
  flags = 0;
  statusCode = 0;
  statusMessage = "";
  /** Nanoseconds since the epoch, in halves. */
  startLow = 0;
  startHigh = 0;
  endLow = 0;
  endHigh = 0;
  /** In the order in which they are first set. */
  readonly attributes = new Map<string, SpanValue>();
  readonly #events = new ProtobufWriter(512);
  readonly #links = new ProtobufWriter(256);

  clear(): void {
    this.ids.fill(0);
    this.traceState = this.name = this.statusMessage = "";
    this.kind = this.flags = this.statusCode = 0;
    this.startLow = this.startHigh = this.endLow = this.endHigh = 0;
    this.attributes.clear();
    this.#events.clear();
    this.#links.clear();
  }

  /** Sets eight bytes of `ids` to a 64-bit number in halves. */
  putId(at: number, low: number, high: number): void {
    this.ids.writeInt32BE(high, at);
    this.ids.writeInt32BE(low, at + 4);
  }

  addEvent(low: number, high: number, name: string, attributes?: ReadonlyMap<string, SpanValue>, dropped = 0): void {
    const writer = this.#events;
    const event = writer.begin(spanField.events, 32);
    if ((low | high) !== 0) writer.fixed64(eventField.time, low, high);
    if (name !== "") writer.string(eventField.name, name);
    if (attributes !== undefined) writeTypedAttributes(writer, eventField.attributes, attributes);
    if (dropped !== 0) writer.uint(eventField.droppedAttributesCount, dropped);
    writer.finish(event);
  }

  /** `ids` are 24 bytes: the trace id and the span id. */
  addLink(ids: Uint8Array, traceState: string, attributes: ReadonlyMap<string, SpanValue>, dropped = 0): void {
    const writer = this.#links;
    const link = writer.begin(spanField.links, 64);
    writeId(writer, linkField.traceId, ids, 0, 16);
    writeId(writer, linkField.spanId, ids, 16, 24);
    if (traceState !== "") writer.string(linkField.traceState, traceState);
    writeTypedAttributes(writer, linkField.attributes, attributes);
    if (dropped !== 0) writer.uint(linkField.droppedAttributesCount, dropped);
    writer.finish(link);
  }

  /** Writes the content of a Span. */
  writeTo(writer: ProtobufWriter): void {
    const { ids } = this;
    writeId(writer, spanField.traceId, ids, TRACE_ID, SPAN_ID);
    writeId(writer, spanField.spanId, ids, SPAN_ID, PARENT_ID);
    if (this.traceState !== "") writer.string(spanField.traceState, this.traceState);
    writeId(writer, spanField.parentSpanId, ids, PARENT_ID, 32);
    if (this.name !== "") writer.string(spanField.name, this.name);
    if (this.kind !== 0) writer.uint(spanField.kind, this.kind);
    if ((this.startLow | this.startHigh) !== 0) writer.fixed64(spanField.startTime, this.startLow, this.startHigh);
    if ((this.endLow | this.endHigh) !== 0) writer.fixed64(spanField.endTime, this.endLow, this.endHigh);
    writeTypedAttributes(writer, spanField.attributes, this.attributes);
    writer.raw(this.#events.bytes, 0, this.#events.length);
    writer.raw(this.#links.bytes, 0, this.#links.length);
    const status = writer.begin(spanField.status);
    if (this.statusMessage !== "") writer.string(statusField.message, this.statusMessage);
    if (this.statusCode !== 0) writer.int(statusField.code, this.statusCode);
    writer.finish(status);
    if (this.flags !== 0) writer.fixed32(spanField.flags, this.flags);
  }
}

/** The attributes as the content of a Resource: what `beginResource` takes. */
export function resourceAttributes(attributes: ReadonlyMap<string, SpanValue>): Uint8Array {
  const writer = new ProtobufWriter(256);
  writeTypedAttributes(writer, resourceField.attributes, attributes);
  return writer.take(0);
}

/** An id of zeros is none. */
function writeId(writer: ProtobufWriter, field: number, ids: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++)
    if (ids[i] !== 0) {
      writer.copy(field, ids, start, end);
      return;
    }
}
