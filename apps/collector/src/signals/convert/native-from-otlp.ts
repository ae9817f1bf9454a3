import {
  type Buckets,
  CUSTOM_BUCKETS_SCHEMA,
  emptyHistogram,
  type NativeHistogram,
  SCHEMA_MAX,
  SCHEMA_MIN,
  type Span,
} from "../prometheus/native-histogram.ts";
import type { BucketSide, PointReader } from "./point-reader.ts";

/** OTLP leaves the width of the zero bucket open; this is what takes its place. */
const ZERO_THRESHOLD = 1e-128;
/** Gaps of so many empty buckets are cheaper to fill than to begin another span. */
const FILLED_GAP = 2;

/** The native histogram of an exponential one, or why there is none. */
export function exponentialToNative(point: PointReader): NativeHistogram | string {
  const { scale } = point;
  if (scale < SCHEMA_MIN) return `cannot convert exponential to native histogram. Scale must be >= ${SCHEMA_MIN}, was ${scale}`;
  const scaleDown = Math.max(scale - SCHEMA_MAX, 0);
  return {
    ...emptyHistogram(),
    schema: scale - scaleDown,
    zeroThreshold: ZERO_THRESHOLD,
    zeroCount: point.zeroCount,
    count: point.count,
    sum: point.hasSum ? point.sum : 0,
    positive: exponentialLayout(point.positive, scaleDown),
    negative: exponentialLayout(point.negative, scaleDown),
  };
}

/** The native histogram with custom buckets of one with explicit bounds, or why there is none. */
export function explicitToNative(point: PointReader): NativeHistogram | string {
  const { bounds, bucketCounts } = point;
  if (bounds.length + 1 !== bucketCounts.length)
    return `bucket counts length (${bucketCounts.length}) must be explicit bounds length (${bounds.length}) + 1`;
  let first = 0;
  while (first < bucketCounts.length && bucketCounts.at(first) === 0) first++;
  return {
    ...emptyHistogram(),
    schema: CUSTOM_BUCKETS_SCHEMA,
    count: point.count,
    sum: point.hasSum ? point.sum : 0,
    positive: layout(
      bucketCounts.length - first,
      first,
      (i) => first + i,
      (i) => bucketCounts.at(first + i),
    ),
    customValues: Array.from(bounds.values.subarray(0, bounds.length)),
  };
}

/** OTLP's index 0 is the bucket above 1, Prometheus's the one up to 1. */
function exponentialLayout({ offset, counts }: BucketSide, scaleDown: number): Buckets {
  // JavaScript shifts by the lowest five bits only.
  const shift = Math.min(scaleDown, 31);
  const indexOf = (i: number) => ((offset + i) >> shift) + 1;
  return layout(counts.length, indexOf(0), indexOf, (i) => counts.at(i));
}

/** Sparse buckets of dense ones: those that fall on one index are added up, and longer runs of empty ones left out. */
function layout(length: number, first: number, indexOf: (i: number) => number, countOf: (i: number) => number): Buckets {
  const spans: Span[] = [];
  const counts: number[] = [];
  if (length === 0) return { spans, counts };
  let span: Span = { offset: first, length: 0 };
  spans.push(span);
  const append = (count: number, gap: number) => {
    if (gap > FILLED_GAP) {
      span = { offset: gap, length: 0 };
      spans.push(span);
    } else
      for (let i = 0; i < gap; i++) {
        span.length++;
        counts.push(0);
      }
    span.length++;
    counts.push(count);
  };
  let index = first;
  let count = 0;
  for (let i = 0; i < length; i++) {
    const next = indexOf(i);
    if (next === index) count += countOf(i);
    else if (count === 0) count = countOf(i);
    else {
      append(count, next - index - 1);
      count = countOf(i);
      index = next;
    }
  }
  append(count, indexOf(length - 1) - index);
  return { spans, counts };
}
