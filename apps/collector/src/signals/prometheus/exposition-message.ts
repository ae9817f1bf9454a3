import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES } from "../../bytes/protobuf-reader.ts";
import { isValidUtf8 } from "../../bytes/utf8.ts";
import { type Buckets, readDoubles, readSpan, readZigzags, type Span } from "./native-histogram.ts";
import { demand, doubleOf, insideOf, intOf, sintOf, textOfField, uintOf } from "./typed-fields.ts";

// The messages of the protobuf exposition (io.prometheus.client), decoded one metric at a time.

const METRIC_FIELD = 4;
/** One metric with all its labels, buckets and exemplars. Decoded it takes many times as much, so that there has to be a bound. */
const MAX_METRIC_BYTES = 4 * 1024 * 1024;

export interface MetricFamily {
  name: string;
  help: string;
  /** 0 counter, 1 gauge, 2 summary, 3 untyped, 4 histogram, 5 gauge histogram. */
  type: number;
  unit: string;
  hasMetrics: boolean;
}

export interface ExemplarMessage {
  readonly labels: [name: string, value: string][];
  readonly value: number;
  readonly timestampMs: number | undefined;
}

export interface HistogramParts {
  count: number;
  countFloat: number;
  sum: number;
  buckets: { count: number; countFloat: number; bound: number; exemplar: ExemplarMessage | undefined }[];
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  zeroCountFloat: number;
  negative: SideParts;
  positive: SideParts;
  exemplars: ExemplarMessage[];
}

interface SideParts {
  readonly spans: Span[];
  readonly deltas: number[];
  readonly counts: number[];
}

export interface Metric {
  labels: [name: string, value: string][];
  /** Of counter, gauge or untyped. */
  value: number;
  exemplar: ExemplarMessage | undefined;
  summary: { count: number; sum: number; quantiles: { quantile: number; value: number }[] } | undefined;
  histogram: HistogramParts | undefined;
  /** 0: none. */
  timestampMs: number;
  /** 0: not known. */
  startMs: number;
}

/** Reads the family whose message lies between both positions, without its metrics. */
export function readFamily(bytes: Uint8Array, start: number, end: number): MetricFamily {
  const reader = new ProtobufReader().reset(bytes, start, end);
  const family: MetricFamily = { name: "", help: "", type: 0, unit: "", hasMetrics: false };
  let isHelpValid = true;
  while (reader.next()) {
    if (reader.field === 1) family.name = validText(reader, "invalid metric name");
    else if (reader.field === 2) {
      isHelpValid = isValidUtf8(bytes, reader.start, reader.stop);
      family.help = textOfField(reader);
    } else if (reader.field === 3) family.type = uintOf(reader);
    else if (reader.field === 4) {
      demand(reader, WIRE_BYTES);
      family.hasMetrics = true;
    } else if (reader.field === 5) family.unit = textOfField(reader);
  }
  if (!family.hasMetrics) return family;
  if (family.name === "") throw new MalformedInput("invalid metric name: ");
  if (!isHelpValid) throw new MalformedInput(`invalid help for metric ${JSON.stringify(family.name)}: ${family.help.slice(0, 256)}`);
  return family;
}

/** Moves to the next metric of the family that the reader goes through. */
export function nextMetric(family: ProtobufReader): boolean {
  while (family.next()) if (family.field === METRIC_FIELD) return true;
  return false;
}

/** Reads one metric of a family of this type. */
export function readMetric(bytes: Uint8Array, start: number, end: number, type: number): Metric {
  if (end - start > MAX_METRIC_BYTES)
    throw new MalformedInput(`clientpb: a metric of ${end - start} bytes is longer than ${MAX_METRIC_BYTES}`);
  const metric: Metric = {
    labels: [],
    value: 0,
    exemplar: undefined,
    summary: undefined,
    histogram: undefined,
    timestampMs: 0,
    startMs: 0,
  };
  const reader = new ProtobufReader().reset(bytes, start, end);
  const wanted = valueFields[type] ?? 0;
  while (reader.next()) {
    if (reader.field === 1) metric.labels.push(readLabel(reader));
    else if (reader.field === 6) metric.timestampMs = intOf(reader);
    else if (reader.field === wanted) readValue(metric, reader, type);
  }
  if (type === 2) metric.summary ??= { count: 0, sum: 0, quantiles: [] };
  if (type >= 4) metric.histogram ??= emptyParts();
  return metric;
}

/** The field of a Metric that holds the value, by type. */
const valueFields: readonly number[] = [3, 2, 4, 5, 7, 7];

function readValue(metric: Metric, of: ProtobufReader, type: number): void {
  const reader = insideOf(of);
  if (type === 2) readSummary(metric, reader);
  else if (type >= 4) readHistogramParts(metric, reader);
  else readNumber(metric, reader, type);
}

function readNumber(metric: Metric, reader: ProtobufReader, type: number): void {
  while (reader.next()) {
    if (reader.field === 1) metric.value = doubleOf(reader);
    else if (type === 0 && reader.field === 2) metric.exemplar = readExemplar(reader);
    else if (type === 0 && reader.field === 3) metric.startMs = readTimestamp(reader);
  }
}

function readSummary(metric: Metric, reader: ProtobufReader): void {
  const summary = { count: 0, sum: 0, quantiles: [] as { quantile: number; value: number }[] };
  while (reader.next()) {
    if (reader.field === 1) summary.count = uintOf(reader);
    else if (reader.field === 2) summary.sum = doubleOf(reader);
    else if (reader.field === 3) summary.quantiles.push(readQuantile(reader));
    else if (reader.field === 4) metric.startMs = readTimestamp(reader);
  }
  metric.summary = summary;
}

function readQuantile(of: ProtobufReader): { quantile: number; value: number } {
  const reader = insideOf(of);
  const read = { quantile: 0, value: 0 };
  while (reader.next()) {
    if (reader.field === 1) read.quantile = doubleOf(reader);
    else if (reader.field === 2) read.value = doubleOf(reader);
  }
  return read;
}

function emptyParts(): HistogramParts {
  return {
    count: 0,
    countFloat: 0,
    sum: 0,
    buckets: [],
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    zeroCountFloat: 0,
    negative: { spans: [], deltas: [], counts: [] },
    positive: { spans: [], deltas: [], counts: [] },
    exemplars: [],
  };
}

function readHistogramParts(metric: Metric, reader: ProtobufReader): void {
  const parts = emptyParts();
  metric.histogram = parts;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        parts.count = uintOf(reader);
        break;
      case 2:
        parts.sum = doubleOf(reader);
        break;
      case 3:
        parts.buckets.push(readBucket(reader));
        break;
      case 4:
        parts.countFloat = doubleOf(reader);
        break;
      case 5:
        parts.schema = sintOf(reader);
        break;
      case 6:
        parts.zeroThreshold = doubleOf(reader);
        break;
      case 7:
        parts.zeroCount = uintOf(reader);
        break;
      case 8:
        parts.zeroCountFloat = doubleOf(reader);
        break;
      case 9:
        parts.negative.spans.push(readSpan(reader));
        break;
      case 10:
        readZigzags(reader, parts.negative.deltas);
        break;
      case 11:
        readDoubles(reader, parts.negative.counts);
        break;
      case 12:
        parts.positive.spans.push(readSpan(reader));
        break;
      case 13:
        readZigzags(reader, parts.positive.deltas);
        break;
      case 14:
        readDoubles(reader, parts.positive.counts);
        break;
      case 15:
        metric.startMs = readTimestamp(reader);
        break;
      case 16:
        parts.exemplars.push(readExemplar(reader));
        break;
    }
  }
}

function readBucket(of: ProtobufReader): HistogramParts["buckets"][number] {
  const reader = insideOf(of);
  const bucket: HistogramParts["buckets"][number] = { count: 0, countFloat: 0, bound: 0, exemplar: undefined };
  while (reader.next()) {
    if (reader.field === 1) bucket.count = uintOf(reader);
    else if (reader.field === 2) bucket.bound = doubleOf(reader);
    else if (reader.field === 3) bucket.exemplar = readExemplar(reader);
    else if (reader.field === 4) bucket.countFloat = doubleOf(reader);
  }
  return bucket;
}

function readExemplar(of: ProtobufReader): ExemplarMessage {
  const reader = insideOf(of);
  const labels: [string, string][] = [];
  let value = 0;
  let timestampMs: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) labels.push(readLabel(reader));
    else if (reader.field === 2) value = doubleOf(reader);
    else if (reader.field === 3) timestampMs = readTimestamp(reader);
  }
  return { labels, value, timestampMs };
}

function readLabel(of: ProtobufReader): [name: string, value: string] {
  const reader = insideOf(of);
  const label: [string, string] = ["", ""];
  while (reader.next()) {
    if (reader.field === 1) label[0] = validText(reader, "invalid label name");
    else if (reader.field === 2) label[1] = validText(reader, "invalid label value");
  }
  if (label[0] === "") throw new MalformedInput("invalid label name: ");
  return label;
}

/** A google.protobuf.Timestamp in milliseconds. */
function readTimestamp(of: ProtobufReader): number {
  const reader = insideOf(of);
  let ms = 0;
  while (reader.next()) {
    if (reader.field === 1) ms += intOf(reader) * 1000;
    else if (reader.field === 2) ms += Math.trunc(intOf(reader) / 1e6);
  }
  return ms;
}

function validText(reader: ProtobufReader, finding: string): string {
  const text = textOfField(reader);
  if (!isValidUtf8(reader.bytes, reader.start, reader.stop)) throw new MalformedInput(`${finding}: ${text.slice(0, 256)}`);
  return text;
}

/** The buckets of a side as counts; how they come depends on whether the histogram is one of floats. */
export function bucketsOf({ spans, deltas, counts }: SideParts, isFloat: boolean, side: string): Buckets {
  const needed = spans.reduce((total, { length }) => total + length, 0);
  const given = isFloat ? counts.length : deltas.length;
  if (needed !== given) throw new MalformedInput(`${side} side: spans require ${needed} buckets, have ${given}`);
  if (isFloat) return { spans, counts };
  let count = 0;
  return {
    spans,
    counts: deltas.map((delta) => {
      count += delta;
      return count;
    }),
  };
}
