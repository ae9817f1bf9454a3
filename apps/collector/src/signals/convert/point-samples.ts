import { formatFloat } from "@invar/go-compat";
import { signedOf } from "../../bytes/int64.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { metricField } from "../otlp/fields.ts";
import { msOfNanos } from "../otlp/unix-nano.ts";
import type { MetricKind } from "../otlp/write/metric.ts";
import { emptyHistogram, MAX_HISTOGRAM_BYTES, type NativeHistogram, writeHistogram } from "../prometheus/native-histogram.ts";
import type { Metadata, MetricType, SampleBatchBuilder } from "../prometheus/sample-batch.ts";
import type { Exemplar, ExemplarReader } from "./exemplar-reader.ts";
import { type KnownSamples, NO_PLACE } from "./known-samples.ts";
import { explicitToNative, exponentialToNative } from "./native-from-otlp.ts";
import type { NumberList, PointReader } from "./point-reader.ts";

export interface PointOptions {
  readonly honorMetadata: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly startTimestampZeroIngestion: boolean;
}

/** Makes or finds the series of the current point with this suffix to its name, and perhaps one label more. */
type FindPlace = (suffix: string, extra: readonly [name: string, value: string] | undefined) => number;

/** The series of a histogram or summary, by places; `limits` are the bounds or quantiles. */
interface Group {
  readonly limits: Float64Array;
  readonly parts: Uint32Array;
  sum: number;
  readonly count: number;
  /** The bucket `+Inf`. */
  readonly last: number;
}

const COUNTER_RESET = 1;
const NANOS_IN_MS = 1e6;

/** Adds the samples of data points to a batch. Knows by the number of a point which series it stands for. */
export class PointSamples {
  options: PointOptions;
  /** Of the metric whose points are added. */
  metadata: Metadata | undefined;
  readonly #known: KnownSamples;
  readonly #point: PointReader;
  readonly #exemplars: ExemplarReader;
  readonly #findPlace: FindPlace;
  readonly #native = new ProtobufWriter(1024);
  #cumulative = new Float64Array(32);
  #seenMs = new Float64Array(64);
  #single = new Uint32Array(64);
  readonly #groups: (Group | undefined)[] = [];
  #builder: SampleBatchBuilder | undefined;
  #nanos = 0;
  #ms = 0;

  constructor(known: KnownSamples, point: PointReader, exemplars: ExemplarReader, options: PointOptions, findPlace: FindPlace) {
    this.#known = known;
    this.#point = point;
    this.#exemplars = exemplars;
    this.options = options;
    this.#findPlace = findPlace;
  }

  begin(builder: SampleBatchBuilder): void {
    this.#builder = builder;
  }

  seenMs(key: number): number {
    return key < this.#seenMs.length ? (this.#seenMs[key] as number) : 0;
  }

  /** Adds the point that the reader holds; returns why it was left out. */
  add(key: number, kind: MetricKind, type: MetricType, nowMs: number): string | undefined {
    const point = this.#point;
    if (key >= this.#single.length) this.#grow(key);
    this.#seenMs[key] = nowMs;
    this.#nanos = signedOf(point.timeLow, point.timeHigh);
    this.#ms = msOfNanos(point.timeLow, point.timeHigh);
    switch (kind) {
      case metricField.histogram:
        return this.options.convertClassicHistogramsToNhcb ? this.#addNative(key, explicitToNative(point)) : this.#addHistogram(key);
      case metricField.exponentialHistogram:
        return this.#addNative(key, exponentialToNative(point));
      case metricField.summary:
        return this.#addSummary(key);
      default:
        return this.#addNumber(key, type === "counter");
    }
  }

  /** Adds an info metric, once a batch. */
  addInfo(place: number, nowMs: number, metadata: Metadata): void {
    const known = this.#known;
    if (known.lastNanos[place] === nowMs * NANOS_IN_MS) return;
    known.lastNanos[place] = nowMs * NANOS_IN_MS;
    this.#builder?.add(known.series[place] as number, nowMs, 1);
    this.metadata = metadata;
    this.#describe(place);
  }

  forget(key: number): void {
    if (key >= this.#single.length) return;
    if (this.#single[key] !== NO_PLACE) this.#known.release(this.#single[key] as number);
    this.#single[key] = NO_PLACE;
    this.#forgetGroup(key);
  }

  #addNumber(key: number, isCounter: boolean): string | undefined {
    const place = this.#singlePlace(key);
    if (place === NO_PLACE) return "invalid_labels";
    if (isCounter) this.#addZero(place);
    const { valueLow, valueHigh } = this.#point;
    if (!this.#write(place, valueLow, valueHigh)) return "out_of_order";
    if (isCounter && this.#point.hasExemplars) for (const exemplar of this.#exemplars.list) this.#addExemplar(place, exemplar);
    return undefined;
  }

  #addHistogram(key: number): string | undefined {
    const { bounds, bucketCounts, hasSum, sum, count, hasExemplars } = this.#point;
    const buckets = Math.min(bounds.length, bucketCounts.length);
    const group = this.#groups[key] ?? this.#newGroup(key, bounds, buckets, "_bucket", "le");
    const current = hasLimits(group, bounds, buckets) ? group : this.#newGroup(key, bounds, buckets, "_bucket", "le");
    if (current.count === NO_PLACE) return "invalid_labels";
    // The end of a histogram comes without its sum; where there was one, it has ended, too.
    if (hasSum || (this.#point.isStale && current.sum !== NO_PLACE)) {
      if (current.sum === NO_PLACE) current.sum = this.#findPlace("_sum", undefined);
      this.#addPart(current.sum, sum);
    }
    if (!this.#addPart(current.count, count)) return "out_of_order";
    this.#cumulate(bounds, bucketCounts, buckets);
    const exemplars = hasExemplars ? this.#exemplars.list.toSorted((a, b) => a.order - b.order) : [];
    let exemplar = 0;
    for (let i = 0; i < buckets; i++) {
      const place = current.parts[i] as number;
      this.#addPart(place, this.#cumulative[i] as number);
      for (; exemplar < exemplars.length && (exemplars[exemplar]?.order ?? 0) < bounds.at(i); exemplar++)
        this.#addExemplar(place, exemplars[exemplar] as Exemplar);
    }
    this.#addPart(current.last, count);
    for (; exemplar < exemplars.length; exemplar++) this.#addExemplar(current.last, exemplars[exemplar] as Exemplar);
    return undefined;
  }

  #addSummary(key: number): string | undefined {
    const { quantiles, quantileValues, sum, count } = this.#point;
    const group = this.#groups[key] ?? this.#newGroup(key, quantiles, quantiles.length, "", "quantile");
    const current = hasLimits(group, quantiles, quantiles.length)
      ? group
      : this.#newGroup(key, quantiles, quantiles.length, "", "quantile");
    if (current.count === NO_PLACE) return "invalid_labels";
    if (current.sum === NO_PLACE) current.sum = this.#findPlace("_sum", undefined);
    this.#addPart(current.sum, sum);
    if (!this.#addPart(current.count, count)) return "out_of_order";
    // A quantile has no start.
    for (let i = 0; i < quantiles.length; i++) this.#writeNumber(current.parts[i] as number, quantileValues.at(i));
    return undefined;
  }

  #addNative(key: number, histogram: NativeHistogram | string): string | undefined {
    const place = this.#singlePlace(key);
    if (place === NO_PLACE) return "invalid_labels";
    const known = this.#known;
    if (this.#nanos < (known.lastNanos[place] as number)) return "out_of_order";
    const previousMs = Math.floor((known.lastNanos[place] as number) / NANOS_IN_MS);
    known.lastNanos[place] = this.#nanos;
    if (typeof histogram === "string") return "invalid_histogram";
    const builder = this.#builder as SampleBatchBuilder;
    const series = known.series[place] as number;
    if (this.#isZeroDue(place, previousMs)) {
      const { schema, zeroThreshold, customValues } = histogram;
      this.#encode({ ...emptyHistogram(), resetHint: COUNTER_RESET, schema, zeroThreshold, customValues });
      builder.addHistogram(series, known.lastZeroMs[place] as number, this.#native.bytes, 0, this.#native.length);
    }
    if (this.#point.isStale) builder.addStale(series, this.#ms);
    else {
      this.#encode(histogram);
      if (this.#native.length > MAX_HISTOGRAM_BYTES) return "histogram_too_large";
      builder.addHistogram(series, this.#ms, this.#native.bytes, 0, this.#native.length);
    }
    this.#describe(place);
    if (this.#point.hasExemplars) for (const exemplar of this.#exemplars.list) this.#addExemplar(place, exemplar);
    return undefined;
  }

  #encode(histogram: NativeHistogram): void {
    this.#native.clear();
    writeHistogram(this.#native, histogram);
  }

  /** One of the cumulative series of a histogram or summary. */
  #addPart(place: number, value: number): boolean {
    if (place === NO_PLACE) return true;
    this.#addZero(place);
    return this.#writeNumber(place, value);
  }

  #writeNumber(place: number, value: number): boolean {
    double[0] = value;
    return place === NO_PLACE || this.#write(place, halves[0] as number, halves[1] as number);
  }

  /** Adds the sample, unless the series has one that is later. */
  #write(place: number, low: number, high: number): boolean {
    const known = this.#known;
    if (this.#nanos < (known.lastNanos[place] as number)) return false;
    known.lastNanos[place] = this.#nanos;
    const builder = this.#builder as SampleBatchBuilder;
    if (this.#point.isStale) builder.addStale(known.series[place] as number, this.#ms);
    else builder.addBits(known.series[place] as number, this.#ms, low, high);
    this.#describe(place);
    return true;
  }

  /** A zero where the series began, once a beginning, where that lies between its samples. */
  #addZero(place: number): void {
    const previousMs = Math.floor((this.#known.lastNanos[place] as number) / NANOS_IN_MS);
    if (this.#isZeroDue(place, previousMs))
      this.#builder?.add(this.#known.series[place] as number, this.#known.lastZeroMs[place] as number, 0);
  }

  #isZeroDue(place: number, previousMs: number): boolean {
    const point = this.#point;
    if (!this.options.startTimestampZeroIngestion || !point.hasStart) return false;
    const startMs = msOfNanos(point.startLow, point.startHigh);
    if (startMs <= (this.#known.lastZeroMs[place] as number) || startMs >= this.#ms || startMs <= previousMs) return false;
    this.#known.lastZeroMs[place] = startMs;
    return true;
  }

  #addExemplar(place: number, { timeLow, timeHigh, value, labels }: Exemplar): void {
    const known = this.#known;
    const nanos = signedOf(timeLow, timeHigh);
    if (place === NO_PLACE || nanos < (known.lastExemplarNanos[place] as number)) return;
    known.lastExemplarNanos[place] = nanos;
    this.#builder?.addExemplar(known.series[place] as number, msOfNanos(timeLow, timeHigh), value, labels);
  }

  #describe(place: number): void {
    const { metadata } = this;
    if (!this.options.honorMetadata || metadata === undefined || this.#known.metadata[place] === metadata) return;
    this.#known.metadata[place] = metadata;
    this.#builder?.addMetadata(this.#known.series[place] as number, metadata);
  }

  #singlePlace(key: number): number {
    const known = this.#single[key] as number;
    if (known !== NO_PLACE) return known;
    const place = this.#findPlace("", undefined);
    this.#single[key] = place;
    return place;
  }

  #newGroup(key: number, limits: NumberList, length: number, suffix: string, label: string): Group {
    this.#forgetGroup(key);
    const parts = new Uint32Array(length);
    for (let i = 0; i < length; i++) parts[i] = this.#findPlace(suffix, [label, formatFloat(limits.at(i), "f", -1)]);
    const group: Group = {
      limits: limits.values.slice(0, length),
      parts,
      sum: NO_PLACE,
      count: this.#findPlace("_count", undefined),
      last: suffix === "_bucket" ? this.#findPlace(suffix, [label, "+Inf"]) : NO_PLACE,
    };
    this.#groups[key] = group;
    return group;
  }

  #forgetGroup(key: number): void {
    const group = this.#groups[key];
    if (group === undefined) return;
    for (const place of [...group.parts, group.sum, group.count, group.last]) if (place !== NO_PLACE) this.#known.release(place);
    this.#groups[key] = undefined;
  }

  /** Fills `#cumulative`: how many observations lie up to each bound, in the order in which the bounds were given. */
  #cumulate(bounds: NumberList, counts: NumberList, length: number): void {
    if (length > this.#cumulative.length) this.#cumulative = new Float64Array(length * 2);
    let total = 0;
    let isSorted = true;
    for (let i = 0; i < length; i++) {
      if (i > 0 && !(bounds.at(i) > bounds.at(i - 1))) isSorted = false;
      total += counts.at(i);
      this.#cumulative[i] = total;
    }
    if (!isSorted) this.#cumulateUnsorted(bounds, counts, length);
  }

  /** Bounds out of order are against the protocol; the outcome is what the incumbent makes of them. */
  #cumulateUnsorted(bounds: NumberList, counts: NumberList, length: number): void {
    const byBound = new Map<number, number>();
    for (let i = 0; i < length; i++) if (!Number.isNaN(bounds.at(i))) byBound.set(bounds.at(i), counts.at(i));
    let total = 0;
    for (const bound of Array.from(bounds.values.subarray(0, length)).sort((a, b) => a - b)) {
      total += byBound.get(bound) ?? 0;
      if (!Number.isNaN(bound)) byBound.set(bound, total);
    }
    for (let i = 0; i < length; i++) this.#cumulative[i] = byBound.get(bounds.at(i)) ?? counts.at(i);
  }

  #grow(key: number): void {
    const capacity = Math.max(this.#single.length * 2, key + 1);
    const seenMs = new Float64Array(capacity);
    seenMs.set(this.#seenMs);
    this.#seenMs = seenMs;
    const single = new Uint32Array(capacity);
    single.set(this.#single);
    this.#single = single;
  }
}

function hasLimits({ limits }: Group, list: NumberList, length: number): boolean {
  if (limits.length !== length) return false;
  for (let i = 0; i < length; i++) if (limits[i] !== list.at(i)) return false;
  return true;
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
