import type { MessageView } from "../../../../../ottl/telemetry/message-view.ts";
import { StatementError } from "../../../../../ottl/value.ts";
import { metricField } from "../../../../../signals/otlp/fields.ts";
import { type Buckets, bucketsOf, counts, double, doubles, integer, readPoint } from "./points.ts";

/** The percentile of a histogram's point, between the bounds of the bucket in which it lies; undefined where the point tells nothing. */
export function percentileOf(point: Uint8Array, kind: number, percentile: number): number | undefined {
  return readPoint(point, kind, (view) =>
    kind === metricField.histogram ? ofHistogram(view, percentile) : ofExponential(view, percentile),
  );
}

function rankOf(count: bigint, percentile: number): bigint {
  return BigInt(Math.ceil(Number(count) * (percentile / 100)));
}

function ofHistogram(view: MessageView, percentile: number): number | undefined {
  const count = integer(view, 4);
  const buckets = counts(view, 6);
  const bounds = doubles(view, 7);
  if (count === 0n || buckets.length === 0) return undefined;
  const rank = rankOf(count, percentile);
  if (buckets.length !== bounds.length + 1)
    throw new StatementError(
      `calculating histogram percentile: malformed data: bucketCounts length (${buckets.length}) != explicitBounds length (${bounds.length}) + 1`,
    );
  const min = view.has(11) ? double(view, 11) : undefined;
  const max = view.has(12) ? double(view, 12) : undefined;
  if (bounds.length === 0) {
    if (min === undefined || max === undefined) return undefined;
    return linear(min, max, Number(rank) / Number(buckets[0]));
  }
  let total = 0n;
  for (const [i, each] of buckets.entries()) {
    const before = total;
    total += each;
    if (total < rank) continue;
    let lower = bounds[i - 1];
    let upper = bounds[i];
    if (i === 0 && upper !== undefined) {
      if (min !== undefined && min < upper) lower = min;
      else if (0 > upper) return upper;
      else lower = 0;
    }
    if (upper === undefined) {
      if (max === undefined || max <= (lower as number)) return lower;
      upper = max;
    }
    return linear(lower as number, upper, Number(rank - before) / Number(each));
  }
  throw unreached("histogram", rank, total);
}

function ofExponential(view: MessageView, percentile: number): number | undefined {
  const count = integer(view, 4);
  const negative = bucketsOf(view, 9);
  const positive = bucketsOf(view, 8);
  const zeroCount = integer(view, 7);
  if (count === 0n || (negative.counts.length === 0 && positive.counts.length === 0 && zeroCount === 0n)) return undefined;
  const rank = rankOf(count, percentile);
  const scale = (view.low(6) >>> 1) ^ -(view.low(6) & 1);
  let total = 0n;
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    const each = negative.counts[i] as bigint;
    const before = total;
    total += each;
    if (total >= rank) return -inBucket(negative, i, scale, 1 - Number(rank - before) / Number(each));
  }
  if (total + zeroCount >= rank) {
    const threshold = double(view, 14);
    const lower = negative.counts.length === 0 && positive.counts.length > 0 ? 0 : -threshold;
    const upper = positive.counts.length === 0 && negative.counts.length > 0 ? 0 : threshold;
    return linear(lower, upper, Number(rank - total) / Number(zeroCount));
  }
  total += zeroCount;
  for (const [i, each] of positive.counts.entries()) {
    const before = total;
    total += each;
    if (total >= rank) return inBucket(positive, i, scale, Number(rank - before) / Number(each));
  }
  throw unreached("exponential histogram", rank, total);
}

function inBucket({ offset }: Buckets, i: number, scale: number, ratio: number): number {
  const lower = bound(offset + i, scale);
  const upper = bound(offset + i + 1, scale);
  if (lower <= 0 || upper <= 0)
    throw new StatementError(
      `logarithmic interpolation: bounds must be positive, got lowerBound=${lower.toFixed(6)}, upperBound=${upper.toFixed(6)}`,
    );
  checkRatio("logarithmic", ratio);
  const from = Math.log2(lower);
  return 2 ** (from + (Math.log2(upper) - from) * ratio);
}

function bound(index: number, scale: number): number {
  return scale <= 0 ? 2 ** (index * 2 ** -scale) : Math.exp(index * Math.LN2 * 2 ** -scale);
}

function linear(lower: number, upper: number, ratio: number): number {
  checkRatio("linear", ratio);
  return lower + ratio * (upper - lower);
}

function checkRatio(kind: string, ratio: number): void {
  if (ratio < 0 || ratio > 1) throw new StatementError(`${kind} interpolation: invalid ratio ${ratio.toFixed(6)}, must be between 0 and 1`);
}

function unreached(what: string, rank: bigint, total: bigint): StatementError {
  return new StatementError(
    `calculating ${what} percentile: malformed data: cumulative count doesn't reach target count corresponding to percentile. targetCount=${rank}, total count=${total}`,
  );
}
