import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { Budget } from "../../delivery/budget.ts";
import { walk } from "../otlp/walk.ts";
import { type Buckets, emptyHistogram, type NativeHistogram, readHistogram, writeHistogram } from "../prometheus/native-histogram.ts";
import { type Metadata, type MetricType, type SampleBatch, SampleBatchBuilder, type SampleOrigin } from "../prometheus/sample-batch.ts";
import { SeriesTable } from "../prometheus/series-table.ts";
import { OtlpToSamples } from "./otlp-to-samples.ts";
import { SamplesToOtlp } from "./samples-to-otlp.ts";

// What goes from Prometheus to OTLP and back comes out as it went in: labels, values, times, ends of series.

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  readonly value: number | "stale";
  readonly timeMs: number;
}

const types = new Map<string, MetricType>([
  ["requests_total", "counter"],
  ["temperature", "gauge"],
  ["latency", "histogram"],
  ["size", "summary"],
  ["native", "histogram"],
]);
const origin: SampleOrigin = {
  discovered: () => "",
  label: () => "",
  metadata: (family): Metadata | undefined => {
    const type = types.get(family);
    return type && { family, type, help: "Help.", unit: "" };
  },
};

const label = fc.constantFrom("a", "b", "code", "path", "zone");
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
const labels = fc.dictionary(label, text, { maxKeys: 4, noNullPrototype: true });
const target = fc.record({ job: text, instance: text });
const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.nat(1_000_000).map((number) => number),
  fc.constant("stale" as const),
);
const timeMs = fc.integer({ min: 1, max: 2_000_000_000_000 });

function simple(name: string): fc.Arbitrary<Sample[]> {
  return fc
    .tuple(labels, target, value, timeMs)
    .map(([own, of, number, time]) => [sample({ ...own, ...of, __name__: name }, number, time)]);
}

function sample(own: Labels, number: number | "stale", time: number): Sample {
  return { labels: own, value: number, timeMs: time };
}

const bounds = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { maxLength: 6 }).map((list) => list.sort((a, b) => a - b));

/** A histogram's series, or their ends. */
const histogram = fc
  .tuple(labels, target, bounds, fc.array(fc.nat(1000), { minLength: 7, maxLength: 7 }), fc.double({ noNaN: true }), timeMs, fc.boolean())
  .map(([own, of, limits, counts, sum, time, isStale]) => {
    let total = 0;
    const base = { ...own, ...of };
    const at = (name: string, more: Labels, number: number) =>
      sample({ ...base, ...more, __name__: name }, isStale ? "stale" : number, time);
    const buckets = limits.map((bound, i) => {
      total += counts[i] ?? 0;
      return at("latency_bucket", { le: String(bound) }, total);
    });
    total += counts[6] ?? 0;
    return [...buckets, at("latency_bucket", { le: "+Inf" }, total), at("latency_sum", {}, sum), at("latency_count", {}, total)];
  });

const quantiles = fc.uniqueArray(fc.constantFrom("0.1", "0.5", "0.9", "0.99", "1"), { maxLength: 4 });
const summary = fc
  .tuple(labels, target, quantiles, fc.double({ noNaN: true }), fc.nat(1000), timeMs)
  .map(([own, of, list, number, count, time]) => {
    const base = { ...own, ...of };
    const at = (name: string, more: Labels, each: number) => sample({ ...base, ...more, __name__: name }, each, time);
    return [...list.map((quantile) => at("size", { quantile }, number)), at("size_sum", {}, number), at("size_count", {}, count)];
  });

function batchOf(table: SeriesTable, samples: readonly Sample[]): SampleBatch {
  const builder = new SampleBatchBuilder(table, samples.length);
  builder.origin = origin;
  for (const each of samples) {
    const series = seriesOf(table, each.labels);
    if (each.value === "stale") builder.addStale(series, each.timeMs);
    else builder.add(series, each.timeMs, each.value);
  }
  return builder.build();
}

function seriesOf(table: SeriesTable, own: Labels): number {
  const names = Object.keys(own).sort();
  return table.internLabels({ names, values: names.map((name) => own[name] ?? "") });
}

/** There and back; `undefined` where OTLP has nothing of it. */
function roundTrip(table: SeriesTable, batch: SampleBatch): SampleBatch | undefined {
  const there = new SamplesToOtlp(table, new Budget(1e9), "1");
  const metrics = there.convert(batch);
  there.close();
  if (metrics === undefined) return undefined;
  assert.equal(walk("metrics", metrics.chunks[0] as Uint8Array).items, metrics.items);
  assert.equal(there.dropped.size, 0);
  const back = new OtlpToSamples(table, new Budget(1e9), {
    includeTargetInfo: false,
    includeScopeInfo: false,
    includeScopeLabels: false,
    addMetricSuffixes: false,
    resourceToTelemetryConversion: false,
    honorMetadata: false,
    convertClassicHistogramsToNhcb: false,
    keepIdentifyingResourceAttributes: false,
    startTimestampZeroIngestion: false,
  });
  const samples = back.convert(metrics, 0);
  assert.equal(back.dropped.size, 0);
  metrics.release();
  return samples;
}

function textsOf(batch: SampleBatch | undefined): string[] {
  const texts = Array.from({ length: batch?.count ?? 0 }, (_, row) => {
    const number = batch?.isStale(row) ? "stale" : Object.is(batch?.values[row], -0) ? "-0" : String(batch?.values[row]);
    return `${batch?.table.textOf(batch.series[row] as number)} ${number}@${batch?.timestamps[row]}`;
  });
  return texts.sort();
}

test("brings samples of every type back as they were", () => {
  const some = fc.array(fc.oneof(simple("requests_total"), simple("temperature"), simple("unheard_of"), histogram, summary), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(some, (groups) => {
      const table = new SeriesTable();
      // One sample a series and time: what comes twice is one point.
      const seen = new Set<string>();
      const samples = groups
        .filter((group) => {
          const keys = group.map(({ labels: own }) => JSON.stringify(Object.entries({ ...own, le: "", quantile: "" }).sort()));
          const isNew = keys.every((key) => !seen.has(key));
          for (const key of keys) seen.add(key);
          return isNew;
        })
        .flat();
      const batch = batchOf(table, samples);
      // OTLP's end of a histogram has no sum.
      const expected = textsOf(batch).filter((each) => !(each.includes("latency_sum") && each.includes(" stale@")));
      assert.deepEqual(textsOf(roundTrip(table, batch)), expected);
    }),
    { numRuns: 200 },
  );
});

const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 });
/** Buckets without empty ones at either end, as clients make them. */
const side = fc.tuple(fc.integer({ min: -50, max: 50 }), counts).map(([offset, list]): Buckets => {
  const full = list.map((count, i) => (i === 0 || i === list.length - 1 ? count + 1 : count));
  return { spans: [{ offset, length: full.length }], counts: full };
});

test("brings native histograms back with the same observations in the same buckets", () => {
  const native = fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    sum: fc.double({ noNaN: true }),
    zeroCount: fc.nat(9),
    positive: side,
    negative: side,
  });
  fc.assert(
    fc.property(native, (parts) => {
      const table = new SeriesTable();
      const total = [...parts.positive.counts, ...parts.negative.counts].reduce((sum, count) => sum + count, parts.zeroCount);
      const histogram: NativeHistogram = { ...emptyHistogram(), ...parts, count: total };
      const writer = new ProtobufWriter();
      writeHistogram(writer, histogram);
      const builder = new SampleBatchBuilder(table, 1);
      builder.origin = origin;
      builder.addHistogram(seriesOf(table, { __name__: "native", job: "j", instance: "i" }), 5, writer.bytes, 0, writer.length);
      const { histograms } = roundTrip(table, builder.build()) ?? {};
      assert.equal(histograms?.count, 1);
      const back = readHistogram(histograms?.bytes as Uint8Array, 0, histograms?.ends[0] as number);
      assert.deepEqual(
        { ...back, positive: dense(back.positive), negative: dense(back.negative), zeroThreshold: 0 },
        { ...histogram, positive: dense(histogram.positive), negative: dense(histogram.negative) },
      );
    }),
    { numRuns: 200 },
  );
});

/** Observations by index. */
function dense({ spans, counts: list }: Buckets): [index: number, count: number][] {
  const found: [number, number][] = [];
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) {
      const count = list[at++] ?? 0;
      if (count > 0) found.push([index, count]);
      index++;
    }
  }
  return found;
}
