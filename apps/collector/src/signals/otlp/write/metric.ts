import { highOf, lowOf } from "../../../bytes/int64.ts";
import type { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { metricData, metricField } from "../fields.ts";
import { nanosOfMs, unixNano } from "../unix-nano.ts";
import { type AttributeValue, writeAttribute, writeAttributes } from "./attributes.ts";
import type { RequestWriter } from "./request.ts";

export const DELTA = 1;
export const CUMULATIVE = 2;

/** Flag of a data point: the series has ended. */
export const NO_RECORDED_VALUE = 1;

/** Which of Metric's data there is: `metricField.gauge` and so on. */
export type MetricKind = 5 | 7 | 9 | 10 | 11;

export interface MetricHead {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly kind: MetricKind;
  /** `CUMULATIVE` where nothing is said; gauges and summaries have none. */
  readonly temporality?: typeof DELTA | typeof CUMULATIVE;
  /** Of sums. */
  readonly isMonotonic?: boolean;
  readonly metadata?: Readonly<Record<string, AttributeValue>>;
}

/** Writes metrics into a request: `begin`, points between `beginPoint` and `endPoint`, `end`. One at a time. */
export class MetricWriter {
  readonly #request: RequestWriter;
  readonly writer: ProtobufWriter;
  #metric = 0;
  #data = 0;
  #points = 0;

  constructor(request: RequestWriter) {
    this.#request = request;
    this.writer = request.writer;
  }

  begin({ name, description = "", unit = "", kind, temporality = CUMULATIVE, isMonotonic = false, metadata }: MetricHead): void {
    const { writer } = this;
    this.#points = 0;
    this.#metric = this.#request.beginMetric(1 << 12);
    writer.string(metricField.name, name);
    if (description !== "") writer.string(metricField.description, description);
    if (unit !== "") writer.string(metricField.unit, unit);
    if (metadata !== undefined) writeAttributes(writer, metricField.metadata, metadata);
    this.#data = writer.begin(kind, 1 << 12);
    if (kind !== metricField.gauge && kind !== metricField.summary) writer.uint(metricData.temporality, temporality);
    if (kind === metricField.sum && isMonotonic) writer.bool(metricData.isMonotonic, true);
  }

  /** Points of the metric that is being written. */
  get points(): number {
    return this.#points;
  }

  beginPoint(estimate = 128): number {
    this.#points++;
    this.#request.items++;
    return this.writer.begin(metricData.points, estimate);
  }

  endPoint(mark: number): void {
    this.writer.finish(mark);
  }

  end(): void {
    this.writer.finish(this.#data);
    this.writer.finish(this.#metric);
  }
}

// Field numbers of points. Start and time are 2 and 3 in all of them, the attributes' are told by `pointAttributes`.
const numberPoint = { double: 4, exemplars: 5, int: 6, flags: 8 } as const;
const histogramPoint = { count: 4, sum: 5, bucketCounts: 6, bounds: 7, exemplars: 8, flags: 10, min: 11, max: 12 } as const;
const exponentialPoint = {
  count: 4,
  sum: 5,
  scale: 6,
  zeroCount: 7,
  positive: 8,
  negative: 9,
  flags: 10,
  exemplars: 11,
  min: 12,
  max: 13,
  zeroThreshold: 14,
} as const;
const summaryPoint = { count: 4, sum: 5, quantiles: 6, flags: 8 } as const;
const exemplarField = { time: 2, double: 3, spanId: 4, traceId: 5, filteredAttributes: 7 } as const;

/** The field of a point's exemplars by the kind of metric; 0 where it has none. */
export function pointExemplars(kind: MetricKind): number {
  switch (kind) {
    case metricField.summary:
      return 0;
    case metricField.histogram:
      return histogramPoint.exemplars;
    case metricField.exponentialHistogram:
      return exponentialPoint.exemplars;
    default:
      return numberPoint.exemplars;
  }
}

/** Start (0: not known) and time of any data point, in milliseconds. */
export function writePointTimes(writer: ProtobufWriter, startMs: number, timeMs: number): void {
  if (startMs !== 0) {
    nanosOfMs(startMs);
    writer.fixed64(2, unixNano.low, unixNano.high);
  }
  nanosOfMs(timeMs);
  writer.fixed64(3, unixNano.low, unixNano.high);
}

/** Flags of any data point: 0 (not written) or `NO_RECORDED_VALUE`. */
export function writePointFlags(writer: ProtobufWriter, kind: MetricKind, flags: number): void {
  if (flags === 0) return;
  writer.uint(
    kind === metricField.histogram || kind === metricField.exponentialHistogram ? histogramPoint.flags : numberPoint.flags,
    flags,
  );
}

/** The value of a gauge's or sum's point. */
export function writeDoubleValue(writer: ProtobufWriter, value: number): void {
  writer.double(numberPoint.double, value);
}

/** `writeDoubleValue` for a whole number within ±2^53. */
export function writeIntValue(writer: ProtobufWriter, value: number): void {
  writer.fixed64(numberPoint.int, lowOf(value), highOf(value));
}

export interface HistogramValue {
  readonly count: number;
  /** Undefined where it is not known. */
  readonly sum: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** One more than bounds, or none. */
  readonly bucketCounts: ArrayLike<number>;
  readonly bounds: ArrayLike<number>;
}

/** The values of a histogram's point; counts are whole numbers up to 2^53. */
export function writeHistogramValue(writer: ProtobufWriter, { count, sum, min, max, bucketCounts, bounds }: HistogramValue): void {
  writeFixed(writer, histogramPoint.count, count);
  if (sum !== undefined) writer.double(histogramPoint.sum, sum);
  if (bucketCounts.length > 0) {
    const mark = writer.begin(histogramPoint.bucketCounts, bucketCounts.length * 8);
    for (let i = 0; i < bucketCounts.length; i++) writer.word64(lowOf(bucketCounts[i] as number), highOf(bucketCounts[i] as number));
    writer.finish(mark);
  }
  if (bounds.length > 0) {
    const mark = writer.begin(histogramPoint.bounds, bounds.length * 8);
    for (let i = 0; i < bounds.length; i++) {
      double[0] = bounds[i] as number;
      writer.word64(halves[0] as number, halves[1] as number);
    }
    writer.finish(mark);
  }
  if (min !== undefined) writer.double(histogramPoint.min, min);
  if (max !== undefined) writer.double(histogramPoint.max, max);
}

export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: ArrayLike<number>;
}

export interface ExponentialValue {
  readonly count: number;
  readonly sum: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets | undefined;
  readonly negative: ExponentialBuckets | undefined;
}

/** The values of an exponential histogram's point; counts are whole numbers up to 2^53. */
export function writeExponentialValue(writer: ProtobufWriter, value: ExponentialValue): void {
  writeFixed(writer, exponentialPoint.count, value.count);
  if (value.sum !== undefined) writer.double(exponentialPoint.sum, value.sum);
  if (value.scale !== 0) writer.sint(exponentialPoint.scale, value.scale);
  writeFixed(writer, exponentialPoint.zeroCount, value.zeroCount);
  if (value.positive !== undefined) writeExponentialBuckets(writer, exponentialPoint.positive, value.positive);
  if (value.negative !== undefined) writeExponentialBuckets(writer, exponentialPoint.negative, value.negative);
  if (value.min !== undefined) writer.double(exponentialPoint.min, value.min);
  if (value.max !== undefined) writer.double(exponentialPoint.max, value.max);
  if (value.zeroThreshold !== 0) writer.double(exponentialPoint.zeroThreshold, value.zeroThreshold);
}

function writeExponentialBuckets(writer: ProtobufWriter, field: number, { offset, counts }: ExponentialBuckets): void {
  const buckets = writer.begin(field, counts.length + 8);
  if (offset !== 0) writer.sint(1, offset);
  if (counts.length > 0) {
    const packed = writer.begin(2, counts.length);
    for (let i = 0; i < counts.length; i++) writer.varint(counts[i] as number);
    writer.finish(packed);
  }
  writer.finish(buckets);
}

/** Count and sum of a summary's point; quantiles follow. */
export function writeSummaryValue(writer: ProtobufWriter, count: number, sum: number): void {
  writeFixed(writer, summaryPoint.count, count);
  writer.double(summaryPoint.sum, sum);
}

export function writeQuantile(writer: ProtobufWriter, quantile: number, value: number): void {
  const mark = writer.begin(summaryPoint.quantiles, 18);
  writer.double(1, quantile);
  writer.double(2, value);
  writer.finish(mark);
}

export interface ExemplarValue {
  readonly timeMs: number;
  readonly value: number;
  /** 16 and 8 bytes, or empty. */
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly attributes: readonly (readonly [key: string, value: AttributeValue])[];
}

/** An exemplar of a point; `kind` is that of its metric. */
export function writeExemplar(writer: ProtobufWriter, kind: MetricKind, exemplar: ExemplarValue): void {
  const field = pointExemplars(kind);
  if (field === 0) return;
  const mark = writer.begin(field, 48);
  nanosOfMs(exemplar.timeMs);
  writer.fixed64(exemplarField.time, unixNano.low, unixNano.high);
  writer.double(exemplarField.double, exemplar.value);
  if (exemplar.spanId.length > 0) writer.copy(exemplarField.spanId, exemplar.spanId);
  if (exemplar.traceId.length > 0) writer.copy(exemplarField.traceId, exemplar.traceId);
  for (const [key, value] of exemplar.attributes) writeAttribute(writer, exemplarField.filteredAttributes, key, value);
  writer.finish(mark);
}

function writeFixed(writer: ProtobufWriter, field: number, value: number): void {
  if (value !== 0) writer.fixed64(field, lowOf(value), highOf(value));
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
