import type { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { STRING } from "../any-value.ts";
import { logField } from "../fields.ts";
import { nanosOf, nanosOfMs, unixNano } from "../unix-nano.ts";
import { type AttributeValue, writeAnyValue, writeAttribute } from "./attributes.ts";

// What goes between `beginItem` and `endItem` of a RequestWriter for logs, in any order.

/** When it happened: whole seconds since the epoch and nanoseconds within the second. */
export function writeLogTime(writer: ProtobufWriter, seconds: number, nanos: number): void {
  nanosOf(seconds, nanos);
  writer.fixed64(logField.time, unixNano.low, unixNano.high);
}

/** When it was seen. */
export function writeObservedTime(writer: ProtobufWriter, ms: number): void {
  nanosOfMs(ms);
  writer.fixed64(logField.observedTime, unixNano.low, unixNano.high);
}

/** Severity by OTLP's numbers (1 … 24; 0: unknown, not written) and as the source names it. */
export function writeSeverity(writer: ProtobufWriter, number: number, text: string): void {
  if (number !== 0) writer.uint(logField.severityNumber, number);
  if (text !== "") writer.string(logField.severityText, text);
}

export function writeLogBody(writer: ProtobufWriter, body: AttributeValue): void {
  const mark = writer.begin(logField.body, typeof body === "string" ? body.length + 3 : 64);
  writeAnyValue(writer, body);
  writer.finish(mark);
}

/** A body that is a text, which lies as UTF-8 in `bytes`. */
export function writeLogBodyBytes(writer: ProtobufWriter, bytes: Uint8Array, start: number, end: number): void {
  const mark = writer.begin(logField.body, end - start + 3);
  writer.copy(STRING, bytes, start, end);
  writer.finish(mark);
}

export function writeLogAttribute(writer: ProtobufWriter, key: string, value: AttributeValue): void {
  writeAttribute(writer, logField.attributes, key, value);
}

/** The trace that the record belongs to: 16 and 8 bytes, or none where they are empty. */
export function writeLogTrace(writer: ProtobufWriter, traceId: Uint8Array, spanId: Uint8Array, flags = 0): void {
  if (flags !== 0) writer.fixed32(logField.flags, flags);
  if (traceId.length > 0) writer.copy(logField.traceId, traceId);
  if (spanId.length > 0) writer.copy(logField.spanId, spanId);
}
