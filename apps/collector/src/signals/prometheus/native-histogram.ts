import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES } from "../../bytes/protobuf-reader.ts";
import type { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { doubleOf, insideOf, sintOf, uintOf } from "./typed-fields.ts";

export const CUSTOM_BUCKETS_SCHEMA = -53;
export const SCHEMA_MIN = -4;
export const SCHEMA_MAX = 8;
/** Some hundred thousand buckets; backends refuse far fewer. */
export const MAX_HISTOGRAM_BYTES = 1024 * 1024;

/** A run of `length` neighbouring buckets, `offset` buckets behind the run before (the first: behind bucket 0). */
export interface Span {
  offset: number;
  length: number;
}

/** The buckets of one side, with the number of observations in each. */
export interface Buckets {
  spans: Span[];
  counts: number[];
}

/** A native histogram, integer or float; all counts are absolute. Counts beyond 2^53 are not exact. */
export interface NativeHistogram {
  isFloat: boolean;
  /** Whether the counter was reset: 0 unknown, 1 yes, 2 no, 3 a gauge, which has no resets. */
  resetHint: number;
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  count: number;
  sum: number;
  positive: Buckets;
  negative: Buckets;
  /** The upper bounds of buckets where the schema says that they are custom. */
  customValues: number[];
}

export function isExponential(schema: number): boolean {
  return schema >= SCHEMA_MIN && schema <= SCHEMA_MAX;
}

/** Appends the histogram as a remote-write Histogram message, without its timestamp. */
export function writeHistogram(writer: ProtobufWriter, histogram: NativeHistogram): void {
  const { isFloat } = histogram;
  if (isFloat) writer.double(2, histogram.count);
  else writer.uint(1, histogram.count);
  writer.double(3, histogram.sum);
  if (histogram.schema !== 0) writer.sint(4, histogram.schema);
  if (histogram.zeroThreshold !== 0) writer.double(5, histogram.zeroThreshold);
  if (isFloat) writer.double(7, histogram.zeroCount);
  else writer.uint(6, histogram.zeroCount);
  writeBuckets(writer, 8, histogram.negative, isFloat);
  writeBuckets(writer, 11, histogram.positive, isFloat);
  if (histogram.resetHint !== 0) writer.uint(14, histogram.resetHint);
  writeDoubles(writer, 16, histogram.customValues);
}

/** Three fields: spans, deltas of integer counts, float counts. */
function writeBuckets(writer: ProtobufWriter, field: number, { spans, counts }: Buckets, isFloat: boolean): void {
  for (const { offset, length } of spans) {
    const mark = writer.begin(field);
    if (offset !== 0) writer.sint(1, offset);
    if (length !== 0) writer.uint(2, length);
    writer.finish(mark);
  }
  if (isFloat) writeDoubles(writer, field + 2, counts);
  else if (counts.length > 0) {
    const mark = writer.begin(field + 1, counts.length);
    let last = 0;
    for (const count of counts) {
      writeZigzag(writer, count - last);
      last = count;
    }
    writer.finish(mark);
  }
}

function writeZigzag(writer: ProtobufWriter, value: number): void {
  writer.varint(value < 0 ? -value * 2 - 1 : value * 2);
}

function writeDoubles(writer: ProtobufWriter, field: number, values: readonly number[]): void {
  if (values.length === 0) return;
  const mark = writer.begin(field, values.length * 8);
  for (const value of values) {
    scratch[0] = value;
    writer.word64(scratchHalves[0] as number, scratchHalves[1] as number);
  }
  writer.finish(mark);
}

const scratch = new Float64Array(1);
const scratchHalves = new Int32Array(scratch.buffer);

/** Reads a remote-write Histogram message. Throws `MalformedInput`. */
export function readHistogram(bytes: Uint8Array, start: number, end: number): NativeHistogram {
  if (end - start > MAX_HISTOGRAM_BYTES)
    throw new MalformedInput(`a native histogram of ${end - start} bytes is longer than ${MAX_HISTOGRAM_BYTES}`);
  const reader = new ProtobufReader().reset(bytes, start, end);
  const histogram = emptyHistogram();
  const deltas: { positive: number[]; negative: number[] } = { positive: [], negative: [] };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        histogram.count = uintOf(reader);
        break;
      case 2:
        histogram.count = doubleOf(reader);
        histogram.isFloat = true;
        break;
      case 3:
        histogram.sum = doubleOf(reader);
        break;
      case 4:
        histogram.schema = sintOf(reader);
        break;
      case 5:
        histogram.zeroThreshold = doubleOf(reader);
        break;
      case 6:
        histogram.zeroCount = uintOf(reader);
        break;
      case 7:
        histogram.zeroCount = doubleOf(reader);
        break;
      case 8:
        histogram.negative.spans.push(readSpan(reader));
        break;
      case 9:
        readZigzags(reader, deltas.negative);
        break;
      case 10:
        readDoubles(reader, histogram.negative.counts);
        break;
      case 11:
        histogram.positive.spans.push(readSpan(reader));
        break;
      case 12:
        readZigzags(reader, deltas.positive);
        break;
      case 13:
        readDoubles(reader, histogram.positive.counts);
        break;
      case 14:
        histogram.resetHint = uintOf(reader);
        break;
      case 16:
        readDoubles(reader, histogram.customValues);
        break;
    }
  }
  if (!histogram.isFloat) {
    histogram.positive.counts = absolute(deltas.positive);
    histogram.negative.counts = absolute(deltas.negative);
  }
  return histogram;
}

export function emptyHistogram(): NativeHistogram {
  return {
    isFloat: false,
    resetHint: 0,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: { spans: [], counts: [] },
    negative: { spans: [], counts: [] },
    customValues: [],
  };
}

export function absolute(deltas: readonly number[]): number[] {
  let count = 0;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}

export function readSpan(reader: ProtobufReader): Span {
  const inner = insideOf(reader);
  const span: Span = { offset: 0, length: 0 };
  while (inner.next()) {
    if (inner.field === 1) span.offset = sintOf(inner);
    else if (inner.field === 2) span.length = uintOf(inner);
  }
  return span;
}

/** Adds the values of a repeated sint64 field, packed or not. */
export function readZigzags(reader: ProtobufReader, into: number[]): void {
  if (reader.wire !== WIRE_BYTES) {
    into.push(sintOf(reader));
    return;
  }
  const { bytes, stop } = reader;
  for (let at = reader.start; at < stop; ) {
    let value = 0;
    let scale = 1;
    let byte = 0x80;
    for (; byte > 0x7f; scale *= 128) {
      if (at >= stop || scale > 2 ** 63) throw new MalformedInput("protobuf: a packed varint does not end");
      byte = bytes[at++] as number;
      value += (byte & 0x7f) * scale;
    }
    into.push(value % 2 === 0 ? value / 2 : -(value + 1) / 2);
  }
}

/** Adds the values of a repeated double field, packed or not. */
export function readDoubles(reader: ProtobufReader, into: number[]): void {
  if (reader.wire !== WIRE_BYTES) {
    into.push(doubleOf(reader));
    return;
  }
  const length = reader.stop - reader.start;
  if (length % 8 !== 0) throw new MalformedInput(`protobuf: ${length} bytes are no whole number of doubles`);
  const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.start, length);
  for (let at = 0; at < length; at += 8) into.push(view.getFloat64(at, true));
}

/** Leaves out empty buckets, save for gaps of up to `maxEmpty` between others, which are cheaper to keep than another span. */
export function compact(buckets: Buckets, maxEmpty = 0): Buckets {
  const spans: Span[] = [];
  const counts: number[] = [];
  let last = 0;
  forEachBucket(buckets, (index, count) => {
    if (count === 0) return;
    const span = spans.at(-1);
    const gap = index - last - 1;
    if (span === undefined) spans.push({ offset: index, length: 1 });
    else if (gap > maxEmpty) spans.push({ offset: gap, length: 1 });
    else {
      for (let i = 0; i < gap; i++) counts.push(0);
      span.length += gap + 1;
    }
    counts.push(count);
    last = index;
  });
  return { spans, counts };
}

/** The buckets at a coarser schema: neighbours are merged. */
export function coarser(buckets: Buckets, schema: number, targetSchema: number): Buckets {
  const spans: Span[] = [];
  const counts: number[] = [];
  let last = 0;
  forEachBucket(buckets, (index, count) => {
    const target = Math.floor((index - 1) / 2 ** (schema - targetSchema)) + 1;
    const span = spans.at(-1);
    if (span !== undefined && target === last) {
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
      return;
    }
    if (span === undefined) spans.push({ offset: target, length: 1 });
    else if (target === last + 1) span.length++;
    else spans.push({ offset: target - last - 1, length: 1 });
    counts.push(count);
    last = target;
  });
  return { spans, counts };
}

/** Merges neighbouring buckets of an exponential histogram until it has this schema. */
export function reduceResolution(histogram: NativeHistogram, schema: number): void {
  histogram.positive = coarser(histogram.positive, histogram.schema, schema);
  histogram.negative = coarser(histogram.negative, histogram.schema, schema);
  histogram.schema = schema;
}

function forEachBucket({ spans, counts }: Buckets, visit: (index: number, count: number) => void): void {
  let index = 0;
  let at = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length && at < counts.length; i++) visit(index++, counts[at++] ?? 0);
  }
}

/** What is wrong with a histogram; backends refuse those that do not add up. */
export function histogramFinding(histogram: NativeHistogram): string | undefined {
  const { schema, positive, negative, isFloat } = histogram;
  if (schema === CUSTOM_BUCKETS_SCHEMA) {
    const finding = customBoundsFinding(histogram);
    if (finding !== undefined) return `custom buckets: ${finding}`;
    if (histogram.zeroCount !== 0) return "custom buckets: must have zero count of 0";
    if (histogram.zeroThreshold !== 0) return "custom buckets: must have zero threshold of 0";
    if (negative.spans.length > 0) return "custom buckets: must not have negative spans";
    if (negative.counts.length > 0) return "custom buckets: must not have negative buckets";
  } else if (isExponential(schema)) {
    for (const [side, buckets] of [["positive", positive] as const, ["negative", negative] as const]) {
      const finding = spansFinding(buckets);
      if (finding !== undefined) return `${side} side: ${finding}`;
    }
    if (histogram.customValues.length > 0) return "histogram with exponential schema must not have custom bounds";
  } else
    return `histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got ${schema}`;
  for (const [side, buckets] of [["negative", negative] as const, ["positive", positive] as const]) {
    const at = buckets.counts.findIndex((count) => count < 0);
    if (at >= 0)
      return `${side} side: bucket number ${at + 1} has observation count of ${buckets.counts[at]}: histogram has a bucket whose observation count is negative`;
  }
  return isFloat ? floatCountFinding(histogram) : integerCountFinding(histogram);
}

function floatCountFinding({ count, zeroCount }: NativeHistogram): string | undefined {
  if (zeroCount < 0) return `zero bucket has observation count of ${zeroCount}: histogram has a bucket whose observation count is negative`;
  return count < 0 ? `observation count is  ${count}: histogram's observation count is negative` : undefined;
}

function integerCountFinding({ positive, negative, zeroCount, count, sum }: NativeHistogram): string | undefined {
  const found = [...positive.counts, ...negative.counts].reduce((total, each) => total + each, zeroCount);
  const prefix = `${found} observations found in buckets, but the Count field is ${count}`;
  if (Number.isNaN(sum))
    return found > count
      ? `${prefix}: histogram's observation count should be at least the number of observations found in the buckets`
      : undefined;
  return found === count
    ? undefined
    : `${prefix}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)`;
}

function spansFinding({ spans, counts }: Buckets): string | undefined {
  const at = spans.findIndex(({ offset }, i) => i > 0 && offset < 0);
  if (at > 0) return `span number ${at + 1} with offset ${spans[at]?.offset}: histogram has a span whose offset is negative`;
  const needed = spans.reduce((total, { length }) => total + length, 0);
  return needed === counts.length
    ? undefined
    : `spans need ${needed} buckets, have ${counts.length} buckets: histogram spans specify different number of buckets than provided`;
}

function customBoundsFinding({ customValues: bounds, positive }: NativeHistogram): string | undefined {
  for (const [i, bound] of bounds.entries()) {
    if (Number.isNaN(bound)) return "histogram custom bounds must not be NaN";
    if (i > 0 && bound <= (bounds[i - 1] ?? 0))
      return `previous bound is ${bounds[i - 1]} and current is ${bound}: histogram custom bounds must be in strictly increasing order`;
  }
  if (bounds.at(-1) === Number.POSITIVE_INFINITY)
    return "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite";
  if ((positive.spans[0]?.offset ?? 0) < 0)
    return `span number 1 with offset ${positive.spans[0]?.offset}: histogram has a span whose offset is negative`;
  const finding = spansFinding(positive);
  if (finding !== undefined) return finding;
  const covered = positive.spans.reduce((total, { offset, length }) => total + offset + length, 0);
  return bounds.length + 1 < covered
    ? `only ${bounds.length} custom bounds defined which is insufficient to cover total span length of ${covered}: histogram custom bounds are too few`
    : undefined;
}
