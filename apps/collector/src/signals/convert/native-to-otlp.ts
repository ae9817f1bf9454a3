import type { ExponentialBuckets, ExponentialValue, HistogramValue } from "../otlp/write/metric.ts";
import type { Buckets, NativeHistogram } from "../prometheus/native-histogram.ts";

/** Beyond so many buckets, empty ones between others included, a histogram has been made to hurt. */
const MAX_BUCKETS = 65_536;

/** The value of an exponential histogram's point; undefined where it has too many buckets. */
export function exponentialOfNative(histogram: NativeHistogram): ExponentialValue | undefined {
  const { schema, count, sum, zeroThreshold, zeroCount } = histogram;
  const positive = denseBuckets(histogram.positive);
  const negative = denseBuckets(histogram.negative);
  if (positive === tooMany || negative === tooMany) return undefined;
  return { count: whole(count), sum, scale: schema, zeroThreshold, zeroCount: whole(zeroCount), positive, negative };
}

/** The value of a histogram's point with explicit bounds; undefined where there are none. */
export function explicitOfNative({ count, sum, positive, customValues }: NativeHistogram): HistogramValue | undefined {
  if (customValues.length === 0) return undefined;
  const bucketCounts = new Array<number>(customValues.length + 1).fill(0);
  let index = 0;
  let at = 0;
  for (const { offset, length } of positive.spans) {
    index += offset;
    for (let i = 0; i < length && index < bucketCounts.length && at < positive.counts.length; i++) {
      if (index >= 0) bucketCounts[index] = whole(positive.counts[at] ?? 0);
      at++;
      index++;
    }
  }
  return { count: whole(count), sum, bucketCounts, bounds: customValues };
}

/** Counts are whole numbers in OTLP, and not negative. */
export function whole(count: number): number {
  return count > 0 ? Math.min(Math.trunc(count), Number.MAX_SAFE_INTEGER) : 0;
}

const tooMany: ExponentialBuckets = { offset: 0, counts: [] };

/** Prometheus's index is that of the bucket's upper bound, OTLP's of the lower. */
function denseBuckets({ spans, counts }: Buckets): ExponentialBuckets | undefined {
  const [first] = spans;
  if (first === undefined) return undefined;
  const dense: number[] = [];
  let at = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    const gap = i === 0 ? 0 : Math.max(offset, 0);
    if (dense.length + gap + length > MAX_BUCKETS) return tooMany;
    for (let empty = 0; empty < gap; empty++) dense.push(0);
    for (let bucket = 0; bucket < length && at < counts.length; bucket++) dense.push(whole(counts[at++] ?? 0));
  }
  return { offset: first.offset - 1, counts: dense };
}
