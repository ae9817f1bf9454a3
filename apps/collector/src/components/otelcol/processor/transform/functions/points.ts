import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../../bytes/protobuf-writer.ts";
import { doubleOf, highHalf, integerOf, lowHalf } from "../../../../../ottl/telemetry/any-value.ts";
import { Edits } from "../../../../../ottl/telemetry/edits.ts";
import type { Frame } from "../../../../../ottl/telemetry/frame.ts";
import { MessageView } from "../../../../../ottl/telemetry/message-view.ts";
import { StatementError } from "../../../../../ottl/value.ts";
import { metricData, metricField, pointAttributes } from "../../../../../signals/otlp/fields.ts";

// Statements about a metric that work on its data points do so on copies of them, which then take the place of the metric's data.

export const typeNames: Readonly<Record<number, string>> = {
  0: "Empty",
  [metricField.gauge]: "Gauge",
  [metricField.sum]: "Sum",
  [metricField.histogram]: "Histogram",
  [metricField.exponentialHistogram]: "ExponentialHistogram",
  [metricField.summary]: "Summary",
};

export const CUMULATIVE = 2;
export const DELTA = 1;

export interface MetricData {
  readonly kind: number;
  readonly temporality: number;
  readonly isMonotonic: boolean;
  readonly points: readonly Uint8Array[];
}

/** The data of the metric that the frame stands on. */
export function dataOf({ item, pointKind }: Frame): MetricData {
  const points: Uint8Array[] = [];
  let temporality = 0;
  let isMonotonic = false;
  const start = item.startOf(pointKind);
  const reader = new ProtobufReader().reset(item.bytesOf(pointKind), start, item.endOf(pointKind));
  while (reader.next()) {
    if (reader.field === metricData.points) points.push(reader.copy());
    else if (reader.field === metricData.temporality) temporality = reader.low;
    else if (reader.field === metricData.isMonotonic) isMonotonic = reader.low !== 0;
  }
  return { kind: pointKind, temporality, isMonotonic, points };
}

/** Gives the metric other data, also of another type. */
export function setData(frame: Frame, data: MetricData): void {
  const { item, pointKind } = frame;
  if (data.kind !== pointKind) item.clear(pointKind);
  item.setWhole(data.kind, (writer) => writeData(writer, data));
  frame.pointKind = data.kind;
  frame.changesCount = true;
}

function writeData(writer: ProtobufWriter, { kind, temporality, isMonotonic, points }: MetricData): void {
  const mark = writer.begin(kind, 256);
  for (const point of points) writer.copy(metricData.points, point);
  if (temporality !== 0) writer.uint(metricData.temporality, temporality);
  if (isMonotonic) writer.bool(metricData.isMonotonic, true);
  writer.finish(mark);
}

/** Adds a metric behind those of the scope. */
export function appendMetric(frame: Frame, texts: { name: string; description: string; unit: string }, data: MetricData): void {
  const writer = new ProtobufWriter(512);
  if (texts.name !== "") writer.string(metricField.name, texts.name);
  if (texts.description !== "") writer.string(metricField.description, texts.description);
  if (texts.unit !== "") writer.string(metricField.unit, texts.unit);
  writeData(writer, data);
  frame.appended.push(writer.toBytes());
  frame.changesCount = true;
}

const edits = new Edits();
const view = new MessageView(edits, 0);

/** The point as it is after `change`. */
export function editPoint(point: Uint8Array, kind: number, change: (view: MessageView) => void): Uint8Array {
  edits.reset(point);
  view.reset(point, 0, point.length, pointAttributes(kind));
  change(view);
  view.flush();
  return edits.apply();
}

/** What `read` reads of a point. */
export function readPoint<T>(point: Uint8Array, kind: number, read: (view: MessageView) => T): T {
  edits.reset(point);
  view.reset(point, 0, point.length, pointAttributes(kind));
  return read(view);
}

/** A number point with the attributes and times of another point; `write` writes its value. */
export function numberPoint(source: Uint8Array, kind: number, write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter(source.length + 64);
  const attributesField = pointAttributes(kind);
  const reader = new ProtobufReader().reset(source);
  while (reader.next()) {
    if (reader.field === attributesField) writer.copy(pointAttributes(metricField.gauge), source, reader.start, reader.stop);
    // Times have the same numbers in all kinds of points.
    else if ((reader.field === 2 || reader.field === 3) && reader.wire === WIRE_FIXED64) writer.raw(source, reader.tagStart, reader.stop);
  }
  write(writer);
  return writer.toBytes();
}

export function double(point: MessageView, field: number): number {
  return doubleOf(point.low(field), point.high(field));
}

export function integer(point: MessageView, field: number): bigint {
  return integerOf(point.low(field), point.high(field));
}

export function setInteger(point: MessageView, field: number, value: bigint, keepsZero = false): void {
  point.setFixed64(field, lowHalf(value), highHalf(value), keepsZero);
}

const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);

export function setDouble(point: MessageView, field: number, value: number, keepsZero = true): void {
  bits[0] = value;
  point.setFixed64(field, halves[0] as number, halves[1] as number, keepsZero);
}

/** A repeated number, packed or not. */
export function doubles(point: MessageView, field: number): number[] {
  const values: number[] = [];
  eachNumber(point, field, WIRE_FIXED64, (low, high) => values.push(doubleOf(low, high)));
  return values;
}

export function counts(point: MessageView, field: number, wire = WIRE_FIXED64): bigint[] {
  const values: bigint[] = [];
  eachNumber(point, field, wire, (low, high) => values.push(BigInt.asUintN(64, integerOf(low, high))));
  return values;
}

function eachNumber(point: MessageView, field: number, wire: number, visit: (low: number, high: number) => void): void {
  const inside = new ProtobufReader();
  point.forEach(field, (start, stop, reader) => {
    if (reader.wire !== WIRE_BYTES) {
      visit(reader.low, reader.high);
      return;
    }
    inside.reset(reader.bytes, start, stop);
    while (inside.nextPacked(wire)) visit(inside.low, inside.high);
  });
}

export function setDoubles(point: MessageView, field: number, values: readonly number[]): void {
  point.setWhole(field, (writer) => {
    if (values.length === 0) return;
    const mark = writer.begin(field, values.length * 8);
    for (const value of values) {
      bits[0] = value;
      writer.word64(halves[0] as number, halves[1] as number);
    }
    writer.finish(mark);
  });
}

export function setCounts(point: MessageView, field: number, values: readonly bigint[]): void {
  point.setWhole(field, (writer) => writeCounts(writer, field, values, WIRE_FIXED64));
}

export function writeCounts(writer: ProtobufWriter, field: number, values: readonly bigint[], wire: number): void {
  if (values.length === 0) return;
  const mark = writer.begin(field, values.length * 8);
  for (const value of values) {
    if (wire === WIRE_VARINT) writer.varint64(lowHalf(value), highHalf(value));
    else writer.word64(lowHalf(value), highHalf(value));
  }
  writer.finish(mark);
}

/** `delta` or `cumulative` as the number of OTLP. */
export function temporalityOf(name: string): number {
  if (name === "delta") return DELTA;
  if (name === "cumulative") return CUMULATIVE;
  throw new StatementError(`unknown aggregation temporality: ${name}`);
}

export interface Buckets {
  readonly offset: number;
  readonly counts: readonly bigint[];
}

/** The positive or negative buckets of an exponential histogram's point. */
export function bucketsOf(point: MessageView, field: number): Buckets {
  const start = point.startOf(field);
  const reader = new ProtobufReader().reset(point.bytesOf(field), start, point.endOf(field));
  let offset = 0;
  const found: bigint[] = [];
  const inside = new ProtobufReader();
  while (reader.next()) {
    if (reader.field === 1) offset = (reader.low >>> 1) ^ -(reader.low & 1);
    else if (reader.field === 2 && reader.wire === WIRE_BYTES) {
      inside.reset(reader.bytes, reader.start, reader.stop);
      while (inside.nextPacked(WIRE_VARINT)) found.push(BigInt.asUintN(64, integerOf(inside.low, inside.high)));
    } else if (reader.field === 2) found.push(BigInt.asUintN(64, integerOf(reader.low, reader.high)));
  }
  return { offset, counts: found };
}

export function setBuckets(point: MessageView, field: number, { offset, counts: values }: Buckets): void {
  point.setWhole(field, (writer) => {
    const mark = writer.begin(field, values.length * 2);
    if (offset !== 0) writer.sint(1, offset);
    writeCounts(writer, 2, values, WIRE_VARINT);
    writer.finish(mark);
  });
}
