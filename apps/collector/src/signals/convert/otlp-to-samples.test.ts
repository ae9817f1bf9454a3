import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget } from "../../delivery/budget.ts";
import { OtlpBatch } from "../otlp/batch.ts";
import { attributes, encodeRequest, type Plain, type PlainValue } from "../otlp/testing.ts";
import { readLabels } from "../prometheus/label-encoding.ts";
import { readHistogram } from "../prometheus/native-histogram.ts";
import type { SampleBatch } from "../prometheus/sample-batch.ts";
import { SeriesTable } from "../prometheus/series-table.ts";
import { OtlpToSamples, type SampleOptions } from "./otlp-to-samples.ts";

const plain: SampleOptions = {
  includeTargetInfo: false,
  includeScopeInfo: false,
  includeScopeLabels: false,
  addMetricSuffixes: true,
  resourceToTelemetryConversion: false,
  honorMetadata: false,
  convertClassicHistogramsToNhcb: false,
  keepIdentifyingResourceAttributes: false,
  startTimestampZeroIngestion: false,
};

class Bench {
  readonly table = new SeriesTable();
  readonly budget = new Budget(1e9);
  readonly converter: OtlpToSamples;
  constructor(options: Partial<SampleOptions> = {}) {
    this.converter = new OtlpToSamples(this.table, this.budget, { ...plain, ...options });
  }

  convert(metrics: readonly Plain[], resource: Record<string, PlainValue> = {}, scope: Plain = {}, nowMs = 9000): SampleBatch {
    const request = { resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope, metrics }] }] };
    const bytes = encodeRequest("metrics", request);
    const batch = this.converter.convert(new OtlpBatch({ signal: "metrics", chunks: [bytes], items: 1 }), nowMs);
    return batch;
  }

  /** `name{a="b"} value@ms`, with exemplars behind. */
  lines(metrics: readonly Plain[], resource: Record<string, PlainValue> = {}, scope: Plain = {}, nowMs = 9000): string[] {
    const batch = this.convert(metrics, resource, scope, nowMs);
    const lines: string[] = [];
    for (let row = 0; row < batch.count; row++) {
      const value = batch.isStale(row) ? "stale" : String(batch.values[row]);
      lines.push(`${this.name(batch.series[row] as number)} ${value}@${batch.timestamps[row]}`);
    }
    const { exemplars } = batch;
    for (let row = 0; row < (exemplars?.count ?? 0); row++) {
      const start = row === 0 ? 0 : exemplars?.ends[row - 1];
      const { names, values } = readLabels(exemplars?.bytes as Uint8Array, start as number, exemplars?.ends[row] as number);
      const ids = names.map((name, i) => `${name}=${values[i]}`).join(",");
      lines.push(`${this.name(exemplars?.series[row] as number)} # {${ids}} ${exemplars?.values[row]}@${exemplars?.timestamps[row]}`);
    }
    batch.release();
    return lines;
  }

  name(series: number): string {
    const { names, values } = this.table.labelsOf(series);
    const rest = names.flatMap((name, i) => (name === "__name__" ? [] : [`${name}="${values[i]}"`]));
    return `${this.table.valueOf(series, "__name__")}{${rest.join(",")}}`;
  }
}

const at = (ms: number) => String(ms * 1_000_000);
const gauge = (name: string, ...dataPoints: Plain[]): Plain => ({ name, gauge: { dataPoints } });
const sum = (name: string, isMonotonic: boolean, ...dataPoints: Plain[]): Plain => ({
  name,
  sum: { aggregationTemporality: 2, isMonotonic, dataPoints },
});
const number = (value: number, ms: number, own: Record<string, PlainValue> = {}, more: Plain = {}): Plain => ({
  asDouble: value,
  timeUnixNano: at(ms),
  attributes: attributes(own),
  ...more,
});

test("converts gauges and sums; whole numbers too", () => {
  const bench = new Bench();
  assert.deepEqual(
    bench.lines([
      { ...gauge("memory.usage", number(1.5, 1000, { "host.name": "a", n: 1, f: 0.5, b: true })), unit: "By" },
      sum("requests", true, { asInt: "-7", timeUnixNano: at(2000) }),
      sum("queue", false, number(3, 2000)),
    ]),
    ['memory_usage_bytes{b="true",f="0.5",host_name="a",n="1"} 1.5@1000', "requests_total{} -7@2000", "queue{} 3@2000"],
  );
});

test("leaves suffixes out where asked", () => {
  const bench = new Bench({ addMetricSuffixes: false });
  assert.deepEqual(bench.lines([{ ...sum("a.requests", true, number(1, 1)), unit: "s" }]), ["a_requests{} 1@1"]);
});

test("names job and instance after the service, and keeps the rest for target_info", () => {
  const resource = { "service.name": "shop", "service.namespace": "eu", "service.instance.id": "i-1", "k8s.pod.name": "p" };
  const own = 'instance="i-1",job="eu/shop"';
  const metrics = [gauge("g", number(1, 1000))];
  assert.deepEqual(new Bench({ includeTargetInfo: true }).lines(metrics, resource), [
    `target_info{${own},k8s_pod_name="p"} 1@9000`,
    `g{${own}} 1@1000`,
  ]);
  assert.deepEqual(new Bench({ includeTargetInfo: true, keepIdentifyingResourceAttributes: true }).lines(metrics, resource).slice(0, 1), [
    `target_info{${own},k8s_pod_name="p",service_instance_id="i-1",service_name="shop",service_namespace="eu"} 1@9000`,
  ]);
  assert.deepEqual(new Bench({ resourceToTelemetryConversion: true }).lines(metrics, resource), [
    `g{${own},k8s_pod_name="p",service_instance_id="i-1",service_name="shop",service_namespace="eu"} 1@1000`,
  ]);
  assert.deepEqual(new Bench().lines(metrics, { "service.namespace": "eu" }), ["g{} 1@1000"]);
});

test("tells of scopes in an info metric or in labels", () => {
  const scope = { name: "lib", version: "1.2", attributes: attributes({ "a.b": "c" }) };
  const metrics = [gauge("g", number(1, 1000))];
  assert.deepEqual(new Bench({ includeScopeInfo: true }).lines(metrics, { "service.name": "s" }, scope), [
    'otel_scope_info{a_b="c",job="s",otel_scope_name="lib",otel_scope_version="1.2"} 1@9000',
    'g{job="s"} 1@1000',
  ]);
  assert.deepEqual(new Bench({ includeScopeLabels: true }).lines(metrics, {}, scope), [
    'g{otel_scope_name="lib",otel_scope_version="1.2"} 1@1000',
  ]);
});

test("lets the attribute that comes last win where names fall together, and drops those without a value", () => {
  const bench = new Bench({ resourceToTelemetryConversion: true });
  assert.deepEqual(bench.lines([gauge("g", number(1, 1, { "a.b": "x", a_b: "y", job: "own", empty: "" }))], { "service.name": "s" }), [
    'g{a_b="y",job="own",service_name="s"} 1@1',
  ]);
  assert.deepEqual(bench.lines([gauge("h", number(1, 1, { same: "point", "s.t": "point" }))], { same: "resource", s_t: "resource" }), [
    'h{s_t="resource",same="resource"} 1@1',
  ]);
});

test("writes ends of series as staleness markers", () => {
  assert.deepEqual(new Bench().lines([gauge("g", number(1, 1, {}, { flags: 1 }))]), ["g{} stale@1"]);
});

test("leaves out what is older than what went before, by series", () => {
  const bench = new Bench();
  assert.deepEqual(bench.lines([gauge("g", number(1, 1000), number(2, 999), number(3, 1000), number(4, 999, { a: "b" }))]), [
    "g{} 1@1000",
    "g{} 3@1000",
    'g{a="b"} 4@999',
  ]);
  assert.deepEqual([...bench.converter.dropped], [["out_of_order", 1]]);
});

test("leaves out deltas", () => {
  const bench = new Bench();
  const delta = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [number(1, 1), number(1, 1)] };
  assert.deepEqual(bench.lines([{ name: "d", sum: delta }]), []);
  assert.deepEqual(bench.lines([{ name: "h", histogram: { aggregationTemporality: 1, dataPoints: [{}] } }]), []);
  assert.deepEqual([...bench.converter.dropped], [["unsupported_temporality", 1]]);
});

const histogram = (...dataPoints: Plain[]): Plain => ({ name: "h", unit: "s", histogram: { aggregationTemporality: 2, dataPoints } });
const trace = Buffer.alloc(16, 0xab);

test("spreads histograms over their series, with exemplars in the buckets they lie in", () => {
  const point = {
    timeUnixNano: at(5),
    count: "6",
    sum: 4.5,
    bucketCounts: ["1", "2", "3"],
    explicitBounds: [0.5, 1e21],
    attributes: attributes({ a: "b" }),
    exemplars: [
      { timeUnixNano: at(4), asDouble: 7, traceId: trace },
      { timeUnixNano: at(3), asDouble: 0.1, spanId: Buffer.alloc(8, 1) },
    ],
  };
  assert.deepEqual(new Bench().lines([histogram(point)]), [
    'h_seconds_sum{a="b"} 4.5@5',
    'h_seconds_count{a="b"} 6@5',
    'h_seconds_bucket{a="b",le="0.5"} 1@5',
    'h_seconds_bucket{a="b",le="1000000000000000000000"} 3@5',
    'h_seconds_bucket{a="b",le="+Inf"} 6@5',
    'h_seconds_bucket{a="b",le="0.5"} # {span_id=0101010101010101} 0.1@3',
    `h_seconds_bucket{a="b",le="1000000000000000000000"} # {trace_id=${"ab".repeat(16)}} 7@4`,
  ]);
});

test("takes new bounds, histograms without a sum and bounds out of order", () => {
  const bench = new Bench();
  const names = (point: Plain) => bench.lines([histogram(point)]).map((line) => line.replace("h_seconds_", ""));
  assert.deepEqual(names({ timeUnixNano: at(1), count: "1", bucketCounts: ["1", "0"], explicitBounds: [1] }), [
    "count{} 1@1",
    'bucket{le="1"} 1@1',
    'bucket{le="+Inf"} 1@1',
  ]);
  assert.deepEqual(names({ timeUnixNano: at(2), count: "5", sum: 1, bucketCounts: ["1", "2", "2"], explicitBounds: [4, 2] }), [
    "sum{} 1@2",
    "count{} 5@2",
    'bucket{le="4"} 3@2',
    'bucket{le="2"} 2@2',
    'bucket{le="+Inf"} 5@2',
  ]);
});

test("ends all series of a histogram that has ended", () => {
  const bench = new Bench();
  const point = { timeUnixNano: at(1), count: "1", sum: 1, bucketCounts: ["1"] };
  bench.lines([histogram(point)]);
  const names = bench
    .lines([histogram({ timeUnixNano: at(2), flags: 1, bucketCounts: ["0"] })])
    .map((line) => line.replace("h_seconds_", ""));
  assert.deepEqual(names, ["sum{} stale@2", "count{} stale@2", 'bucket{le="+Inf"} stale@2']);
});

test("spreads summaries over their series", () => {
  const point = {
    timeUnixNano: at(1),
    count: "2",
    sum: 3,
    quantileValues: [
      { quantile: 0.5, value: 1 },
      { quantile: 1, value: 2 },
    ],
  };
  assert.deepEqual(new Bench().lines([{ name: "s", summary: { dataPoints: [point] } }]), [
    "s_sum{} 3@1",
    "s_count{} 2@1",
    's{quantile="0.5"} 1@1',
    's{quantile="1"} 2@1',
  ]);
});

/** `schema=0 count=3 zero=1 +1:[1 0 2]` */
function native(bench: Bench, metrics: Plain[]): string[] {
  const batch = bench.convert(metrics);
  const { histograms } = batch;
  return Array.from({ length: histograms?.count ?? 0 }, (_, row) => {
    const start = row === 0 ? 0 : (histograms?.ends[row - 1] as number);
    const h = readHistogram(histograms?.bytes as Uint8Array, start, histograms?.ends[row] as number);
    const side = ({ spans, counts }: typeof h.positive) =>
      `${spans.map(({ offset, length }) => `${offset}:${length}`).join(",")}[${counts.join(" ")}]`;
    const custom = h.customValues.length > 0 ? ` le=${h.customValues.join(",")}` : "";
    const name = bench.name(histograms?.series[row] as number);
    return `${name} ${histograms?.timestamps[row]} schema=${h.schema} count=${h.count} sum=${h.sum} zero=${h.zeroCount}/${h.zeroThreshold} +${side(h.positive)} -${side(h.negative)}${custom} hint=${h.resetHint}`;
  });
}

const exponential = (point: Plain): Plain => ({
  name: "e",
  exponentialHistogram: { aggregationTemporality: 2, dataPoints: [{ timeUnixNano: at(7), ...point }] },
});

test("makes native histograms of exponential ones", () => {
  const positive = { offset: -1, bucketCounts: ["1", "0", "2", "0", "0", "0", "3"] };
  assert.deepEqual(native(new Bench(), [exponential({ scale: 3, count: "7", sum: 2, zeroCount: "1", positive })]), [
    "e{} 7 schema=3 count=7 sum=2 zero=1/1e-128 +0:3,3:1[1 0 2 3] -[] hint=0",
  ]);
  const fine = { offset: 3, bucketCounts: ["1", "1", "1", "1"] };
  assert.deepEqual(native(new Bench(), [exponential({ scale: 9, count: "4", negative: fine })]), [
    "e{} 7 schema=8 count=4 sum=0 zero=0/1e-128 +[] -2:3[1 2 1] hint=0",
  ]);
  const bench = new Bench();
  assert.deepEqual(native(bench, [exponential({ scale: -5 })]), []);
  assert.deepEqual([...bench.converter.dropped], [["invalid_histogram", 1]]);
});

test("makes native histograms with custom buckets of explicit ones where asked", () => {
  const bench = new Bench({ convertClassicHistogramsToNhcb: true });
  const point = { timeUnixNano: at(1), count: "5", sum: 4.5, bucketCounts: ["0", "2", "0", "3"], explicitBounds: [1, 2, 4] };
  assert.deepEqual(native(bench, [histogram(point)]), [
    "h_seconds{} 1 schema=-53 count=5 sum=4.5 zero=0/0 +1:3[2 0 3] -[] le=1,2,4 hint=0",
  ]);
  assert.deepEqual(native(bench, [histogram({ ...point, explicitBounds: [1] })]), []);
  assert.deepEqual([...bench.converter.dropped], [["invalid_histogram", 1]]);
});

test("adds a zero where a counter began, once, where asked", () => {
  const bench = new Bench({ startTimestampZeroIngestion: true });
  const counter = (startMs: number, ms: number, value: number) =>
    bench.lines([sum("c", true, number(value, ms, {}, { startTimeUnixNano: at(startMs) }))]);
  assert.deepEqual(counter(500, 1000, 3), ["c_total{} 0@500", "c_total{} 3@1000"]);
  assert.deepEqual(counter(500, 2000, 4), ["c_total{} 4@2000"]);
  assert.deepEqual(counter(2500, 3000, 1), ["c_total{} 0@2500", "c_total{} 1@3000"]);
  assert.deepEqual(counter(4000, 4000, 1), ["c_total{} 1@4000"]);
  assert.deepEqual(counter(3500, 5000, 2), ["c_total{} 2@5000"]);
  assert.deepEqual(native(bench, [exponential({ startTimeUnixNano: at(2), count: "1", scale: 2, zeroCount: "1" })]), [
    "e{} 2 schema=2 count=0 sum=0 zero=0/1e-128 +[] -[] hint=1",
    "e{} 7 schema=2 count=1 sum=0 zero=1/1e-128 +[] -[] hint=0",
  ]);
});

test("sends metadata once a series, and again when they change, where asked", () => {
  const bench = new Bench({ honorMetadata: true, includeTargetInfo: true });
  const metadata = (description: string) => {
    const batch = bench.convert([{ ...sum("c", true, number(1, 1)), description, unit: "s" }]);
    return (batch.metadata?.metadata ?? []).map(({ family, type, help, unit }) => `${family} ${type} ${help} ${unit}`);
  };
  assert.deepEqual(metadata("Counts."), ["target_info gauge Target metadata ", "c_seconds_total counter Counts. s"]);
  assert.deepEqual(metadata("Counts."), []);
  assert.deepEqual(metadata("Counts more."), ["c_seconds_total counter Counts more. s"]);
});

test("finds a series whose attributes are spread over the point", () => {
  const bench = new Bench();
  const attribute = (key: string) => Buffer.concat([Buffer.from([0x3a, 7, 0x0a, 1]), Buffer.from(key), Buffer.from([0x12, 2, 0x10, 1])]);
  const point = Buffer.concat([attribute("a"), Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]), attribute("b"), attribute("c")]);
  const message = (field: number, content: Buffer) => Buffer.concat([Buffer.from([field * 8 + 2, content.length]), content]);
  const metric = Buffer.concat([message(1, Buffer.from("g")), message(5, message(1, point))]);
  const chunk = message(1, message(2, message(2, metric)));
  const batch = bench.converter.convert(new OtlpBatch({ signal: "metrics", chunks: [chunk], items: 1 }), 1);
  assert.equal(bench.name(batch.series[0] as number), 'g{a="true",b="true",c="true"}');
  assert.equal(batch.values[0], 1);
});

test("forgets what did not come for five minutes, and gives its memory back", () => {
  const bench = new Bench({ includeTargetInfo: true, includeScopeInfo: true });
  const metrics = [gauge("g", number(1, 1000)), histogram({ bucketCounts: ["1", "2"], explicitBounds: [1], sum: 1 })];
  bench.lines(metrics, { "service.name": "old" }, {}, 0);
  bench.lines(metrics, { "service.name": "new" }, {}, 200_000);
  const [size, used] = [bench.converter.size, bench.budget.usedBytes];
  bench.converter.collect(400_000);
  assert.equal(bench.converter.size, size / 2);
  assert.ok(bench.budget.usedBytes < used);
  assert.deepEqual(bench.lines([gauge("g", number(2, 500))], { "service.name": "new" }, {}, 400_000).slice(2), []);
  assert.deepEqual(bench.lines([gauge("g", number(2, 500))], { "service.name": "old" }, {}, 400_001).slice(2), ['g{job="old"} 2@500']);
  bench.converter.clear();
  assert.deepEqual([bench.converter.size, bench.budget.usedBytes], [0, 0]);
  bench.table.collect();
  bench.table.collect();
  assert.equal(bench.table.size, 0);
});
