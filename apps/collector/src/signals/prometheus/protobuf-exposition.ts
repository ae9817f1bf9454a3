import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { ClassicHistogram } from "./classic-histogram.ts";
import type { Entry, ExemplarEntry, ExpositionParser, HistogramMessage } from "./exposition.ts";
import {
  bucketsOf,
  type ExemplarMessage,
  type HistogramParts,
  type Metric,
  type MetricFamily,
  nextMetric,
  readFamily,
  readMetric,
} from "./exposition-message.ts";
import { openMetricsFloat } from "./go-float.ts";
import { compact, emptyHistogram, type NativeHistogram, writeHistogram } from "./native-histogram.ts";
import type { MetricType } from "./sample-batch.ts";

export interface ProtobufOptions {
  readonly typeAndUnitLabels: boolean;
  /** Otherwise native histograms are taken as classic ones. */
  readonly scrapesNativeHistograms: boolean;
  /** Also the classic histogram beside a native one, or beside the one that it is turned into. */
  readonly scrapesClassicHistograms: boolean;
  readonly convertsToNhcb: boolean;
}

const types: readonly MetricType[] = ["counter", "gauge", "summary", "unknown", "histogram", "gaugehistogram"];

/** One series of a metric. */
interface Item {
  readonly suffix: "" | "_count" | "_sum" | "_bucket";
  /** `le` or `quantile`. */
  readonly label: readonly [name: string, value: string] | undefined;
  readonly value: number;
  readonly histogram: NativeHistogram | undefined;
  readonly exemplars: readonly ExemplarMessage[];
}

/** The delimited protobuf format: the only one with native histograms. */
export class ProtobufExpositionParser implements ExpositionParser {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #options: ProtobufOptions;
  #at = 0;
  #family: MetricFamily | undefined;
  #pending: Entry[] = [];
  readonly #metrics = new ProtobufReader();
  #metric: Metric | undefined;
  #items: Item[] = [];
  #nextItem = 0;
  #item: Item | undefined;
  #nextExemplar = 0;
  readonly #key = new ProtobufWriter(1024);
  readonly #histogram = new ProtobufWriter(1024);

  readonly asExpected = false;
  keyBytes: Uint8Array = this.#key.bytes;
  readonly keyStart = 0;
  keyEnd = 0;
  value = 0;
  hasTimestamp = false;
  timestamp = 0;
  exemplar: ExemplarEntry = { labels: [], value: 0, hasTimestamp: false, timestamp: 0 };

  constructor(bytes: Uint8Array, end: number, options: ProtobufOptions) {
    this.#bytes = bytes;
    this.#end = end;
    this.#options = options;
  }

  /** Keys are built here, not found in the page: there is nothing to compare with. */
  expect(): void {}

  next(): Entry {
    for (;;) {
      const pending = this.#pending.shift();
      if (pending !== undefined) return pending;
      const item = this.#items[this.#nextItem];
      if (item !== undefined) {
        this.#nextItem++;
        return this.#show(item);
      }
      if (this.#readNextMetric()) continue;
      if (this.#at >= this.#end) return "end";
      this.#readNextFamily();
    }
  }

  #readNextFamily(): void {
    const start = this.#readLength();
    const family = readFamily(this.#bytes, start, this.#at);
    this.#family = undefined;
    if (!family.hasMetrics) return;
    if (types[family.type] === undefined)
      throw new MalformedInput(`unknown metric type for metric ${JSON.stringify(family.name)}: ${family.type}`);
    this.#family = family;
    this.#metrics.reset(this.#bytes, start, this.#at);
    this.#pending = family.unit === "" ? ["help", "type"] : ["help", "unit", "type"];
  }

  /** Reads a message's length and moves behind the message; returns where it begins. */
  #readLength(): number {
    let length = 0;
    let at = this.#at;
    for (let shift = 0; ; shift += 7) {
      if (at >= this.#end || shift > 28) throw new MalformedInput("clientpb: invalid varint encountered");
      const byte = this.#bytes[at++] as number;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const total = at - this.#at + length;
    if (at + length > this.#end)
      throw new MalformedInput(
        `clientpb: insufficient length of buffer, expected at least ${total} bytes, got ${this.#end - this.#at} bytes`,
      );
    this.#at = at + length;
    return at;
  }

  #readNextMetric(): boolean {
    const family = this.#family;
    if (family === undefined || !nextMetric(this.#metrics)) return false;
    this.#metric = readMetric(this.#bytes, this.#metrics.start, this.#metrics.stop, family.type);
    this.#items = this.#itemsOf(this.#metric, family);
    this.#nextItem = 0;
    return true;
  }

  #itemsOf(metric: Metric, family: MetricFamily): Item[] {
    const { summary, histogram } = metric;
    if (summary !== undefined) {
      const { count, sum, quantiles } = summary;
      return [
        plainItem("_count", count),
        plainItem("_sum", sum),
        ...quantiles.map(({ quantile, value }): Item => ({ ...plainItem("", value), label: ["quantile", openMetricsFloat(quantile)] })),
      ];
    }
    if (histogram === undefined)
      return [{ ...plainItem("", metric.value), exemplars: metric.exemplar === undefined ? [] : [metric.exemplar] }];
    return this.#histogramItems(histogram, family);
  }

  #histogramItems(parts: HistogramParts, family: MetricFamily): Item[] {
    const { scrapesNativeHistograms, scrapesClassicHistograms, convertsToNhcb } = this.#options;
    const resetHint = family.type === 5 ? 3 : 0;
    if (scrapesNativeHistograms && isNative(parts)) {
      const native = histogramItem(nativeOf(parts, resetHint, family.name), parts);
      return scrapesClassicHistograms && parts.buckets.length > 0 ? [native, ...classicItems(parts)] : [native];
    }
    if (!convertsToNhcb) return classicItems(parts);
    const converted = histogramItem({ ...convertedOf(parts), resetHint }, parts);
    return scrapesClassicHistograms ? [...classicItems(parts), converted] : [converted];
  }

  #show(item: Item): Entry {
    const metric = this.#metric as Metric;
    this.#item = item;
    this.#nextExemplar = 0;
    this.value = item.value;
    this.hasTimestamp = metric.timestampMs !== 0;
    this.timestamp = metric.timestampMs;
    this.#writeKey(metric, item);
    return item.histogram === undefined ? "series" : "histogram";
  }

  /** The name, and each label as its bytes; fields of one writer, so that no two keys are alike. */
  #writeKey(metric: Metric, item: Item): void {
    const key = this.#key;
    key.clear();
    key.string(1, (this.#family?.name ?? "") + item.suffix);
    for (const [name, value] of metric.labels) {
      key.string(2, name);
      key.string(3, value);
    }
    if (item.label !== undefined) key.string(4, item.label[1]);
    this.keyBytes = key.bytes;
    this.keyEnd = key.length;
  }

  get type(): MetricType {
    return types[this.#family?.type ?? 3] ?? "unknown";
  }

  labels(): [name: string, value: string][] {
    const item = this.#item as Item;
    const own: [string, string][] = [["__name__", this.family() + item.suffix]];
    if (this.#options.typeAndUnitLabels) {
      if (this.type !== "unknown") own.push(["__type__", this.type]);
      if (this.unit() !== "") own.push(["__unit__", this.unit()]);
    }
    const given = (this.#metric as Metric).labels.filter(
      ([name]) => !this.#options.typeAndUnitLabels || !own.some(([label]) => label === name),
    );
    return [...own, ...given, ...(item.label === undefined ? [] : [[item.label[0], item.label[1]] as [string, string]])];
  }

  histogram(): HistogramMessage {
    const histogram = this.#item?.histogram;
    if (histogram === undefined) throw new Error("the current entry is no histogram");
    this.#histogram.clear();
    writeHistogram(this.#histogram, histogram);
    return { bytes: this.#histogram.bytes, start: 0, end: this.#histogram.length };
  }

  nextExemplar(): boolean {
    const exemplar = this.#item?.exemplars[this.#nextExemplar++];
    if (exemplar === undefined) return false;
    const { labels, value, timestampMs } = exemplar;
    this.exemplar = { labels, value, hasTimestamp: timestampMs !== undefined, timestamp: timestampMs ?? 0 };
    return true;
  }

  startTimestamp(): number {
    return this.#metric?.startMs ?? 0;
  }

  family(): string {
    return this.#family?.name ?? "";
  }

  help(): string {
    return this.#family?.help ?? "";
  }

  unit(): string {
    return this.#family?.unit ?? "";
  }
}

function plainItem(suffix: Item["suffix"], value: number): Item {
  return { suffix, label: undefined, value, histogram: undefined, exemplars: [] };
}

function histogramItem(histogram: NativeHistogram, parts: HistogramParts): Item {
  const given = parts.exemplars.length > 0 ? parts.exemplars : parts.buckets.map(({ exemplar }) => exemplar);
  const exemplars = given.filter((exemplar) => exemplar?.timestampMs !== undefined) as ExemplarMessage[];
  return { suffix: "", label: undefined, value: 0, histogram, exemplars: exemplars.toSorted(byTimeAndValue) };
}

function byTimeAndValue(a: ExemplarMessage, b: ExemplarMessage): number {
  return (a.timestampMs ?? 0) - (b.timestampMs ?? 0) || a.value - b.value;
}

function classicItems(parts: HistogramParts): Item[] {
  const items = [plainItem("_count", countOf(parts)), plainItem("_sum", parts.sum)];
  for (const { bound, count, countFloat, exemplar } of parts.buckets) {
    items.push({
      ...plainItem("_bucket", countFloat || count),
      label: ["le", openMetricsFloat(bound)],
      exemplars: exemplar === undefined ? [] : [exemplar],
    });
    // What stands behind the last possible bound is not looked at.
    if (bound === Number.POSITIVE_INFINITY) return items;
  }
  return [...items, { ...plainItem("_bucket", countOf(parts)), label: ["le", "+Inf"] }];
}

function countOf({ count, countFloat }: HistogramParts): number {
  return countFloat || count;
}

/** A histogram without spans, zero threshold and zero count is a classic one; native ones without observations have an empty span. */
function isNative({ positive, negative, zeroThreshold, zeroCount }: HistogramParts): boolean {
  return positive.spans.length > 0 || negative.spans.length > 0 || zeroThreshold > 0 || zeroCount > 0;
}

function nativeOf(parts: HistogramParts, resetHint: number, name: string): NativeHistogram {
  const isFloat = parts.countFloat > 0 || parts.zeroCountFloat > 0;
  try {
    return {
      ...emptyHistogram(),
      isFloat,
      resetHint,
      schema: parts.schema,
      zeroThreshold: parts.zeroThreshold,
      zeroCount: isFloat ? parts.zeroCountFloat : parts.zeroCount,
      count: isFloat ? parts.countFloat : parts.count,
      sum: parts.sum,
      positive: compact(bucketsOf(parts.positive, isFloat, "positive")),
      negative: compact(bucketsOf(parts.negative, isFloat, "negative")),
    };
  } catch (error) {
    if (error instanceof MalformedInput) throw new MalformedInput(`histogram ${JSON.stringify(name)}: ${error.message}`);
    throw error;
  }
}

function convertedOf(parts: HistogramParts): NativeHistogram {
  const classic = new ClassicHistogram();
  classic.setCount(countOf(parts));
  classic.setSum(parts.sum);
  for (const { bound, count, countFloat } of parts.buckets) classic.setBucket(bound, countFloat || count);
  const converted = classic.convert();
  if (typeof converted === "string") throw new MalformedInput(converted);
  return converted;
}
