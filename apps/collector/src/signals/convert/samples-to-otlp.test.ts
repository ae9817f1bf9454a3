import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { Budget } from "../../delivery/budget.ts";
import { decodeRequest, type Plain, plainAttributes } from "../otlp/testing.ts";
import { walk } from "../otlp/walk.ts";
import { writeLabels } from "../prometheus/label-encoding.ts";
import { CUSTOM_BUCKETS_SCHEMA, emptyHistogram, type NativeHistogram, writeHistogram } from "../prometheus/native-histogram.ts";
import { type Metadata, type MetricType, SampleBatchBuilder, type SampleOrigin } from "../prometheus/sample-batch.ts";
import { SeriesTable } from "../prometheus/series-table.ts";
import { SamplesToOtlp } from "./samples-to-otlp.ts";

/** `name{a="b"} value@ms`; job="j" and instance="host:80" are added where the series has none, unless told not to. */
function labelsOf(text: string): [string, string][] {
  const [, name = "", rest = ""] = /^([^{]*)(?:\{(.*)\})?$/.exec(text) ?? [];
  const pairs = [...rest.matchAll(/([^,={]+)="([^"]*)"/g)].map(([, key, value]) => [key, value] as [string, string]);
  if (!pairs.some(([key]) => key === "job")) pairs.push(["job", "j"]);
  if (!pairs.some(([key]) => key === "instance")) pairs.push(["instance", "host:80"]);
  if (name !== "") pairs.push(["__name__", name]);
  return pairs.filter(([, value]) => value !== "").sort(([a], [b]) => (a < b ? -1 : 1));
}

class Bench {
  readonly table = new SeriesTable();
  readonly budget = new Budget(1e9);
  readonly converter = new SamplesToOtlp(this.table, this.budget, "1.2");
  readonly families = new Map<string, Metadata>();
  discovered: Record<string, string> = { __scheme__: "http" };
  readonly origin: SampleOrigin = {
    discovered: (name) => this.discovered[name] ?? "",
    label: (name) => ({ job: "of-target", instance: "target:1" })[name] ?? "",
    metadata: (family) => this.families.get(family),
  };

  type(family: string, type: MetricType, help = "", unit = ""): this {
    this.families.set(family, { family, type, help, unit });
    return this;
  }

  series(text: string): number {
    const pairs = labelsOf(text);
    const series = this.table.internLabels({ names: pairs.map(([name]) => name), values: pairs.map(([, value]) => value) });
    // As scrapes do.
    if (!this.#retained.has(series)) this.table.retain(series);
    this.#retained.add(series);
    return series;
  }

  release(): void {
    for (const series of this.#retained) this.table.release(series);
    this.#retained.clear();
    this.table.collect();
    this.table.collect();
  }

  readonly #retained = new Set<number>();

  request(lines: readonly string[], more: (builder: SampleBatchBuilder) => void = () => {}, withOrigin = true): Plain | undefined {
    const builder = new SampleBatchBuilder(this.table, 4);
    if (withOrigin) builder.origin = this.origin;
    for (const line of lines) {
      const [, series = "", value = "", ms = "1000"] = /^(.*) (\S+?)(?:@(\d+))?$/.exec(line) ?? [];
      if (value === "stale") builder.addStale(this.series(series), Number(ms));
      else builder.add(this.series(series), Number(ms), Number(value));
    }
    more(builder);
    const samples = builder.build();
    const batch = this.converter.convert(samples);
    samples.release();
    if (batch === undefined) return undefined;
    assert.equal(walk("metrics", batch.chunks[0] as Uint8Array).items, batch.items);
    return JSON.parse(JSON.stringify(decodeRequest("metrics", batch.chunks))) as Plain;
  }

  /** One line a metric: `name kind[type] point; point`. */
  metrics(lines: readonly string[], more?: (builder: SampleBatchBuilder) => void): string[] {
    return resourcesOf(this.request(lines, more)).flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics = [] }) => metrics.map(metricText)),
    );
  }
}

type Resource = { resource: Plain; scopeMetrics: { scope: Plain; metrics: Plain[]; schemaUrl?: string }[] };

function resourcesOf(request: Plain | undefined): Resource[] {
  return (request?.resourceMetrics ?? []) as Resource[];
}

const kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];

function metricText(metric: Plain): string {
  const kind = kinds.find((each) => metric[each] !== undefined) ?? "";
  const data = metric[kind] as Plain;
  const type = plainAttributes(metric.metadata)["prometheus.type"];
  const head = `${metric.name} ${kind}${data.isMonotonic ? "+" : ""}[${type}]`;
  const about = [metric.description, metric.unit].filter((text) => text !== undefined).join("|");
  return `${head}${about === "" ? "" : ` (${about})`} ${((data.dataPoints ?? []) as Plain[]).map(pointText).join("; ")}`;
}

function pointText({ attributes, timeUnixNano, startTimeUnixNano, exemplars, ...rest }: Plain): string {
  const labels = Object.entries(plainAttributes(attributes)).map(([key, value]) => `${key}=${value}`);
  const start = startTimeUnixNano === undefined ? "" : ` since ${Number(startTimeUnixNano) / 1e6}`;
  const marks = ((exemplars ?? []) as Plain[]).map((each) => ` # ${each.asDouble}@${Number(each.timeUnixNano) / 1e6} ${idsOf(each)}`);
  return `{${labels}} ${JSON.stringify(rest).replaceAll('"', "")}@${Number(timeUnixNano) / 1e6}${start}${marks.join("")}`;
}

function idsOf({ traceId, spanId, filteredAttributes }: Plain): string {
  const hex = (id: unknown) => (id === undefined ? "-" : Buffer.from(id as Uint8Array).toString("hex"));
  return `${hex(traceId)}/${hex(spanId)} ${JSON.stringify(plainAttributes(filteredAttributes))}`;
}

test("converts counters, gauges and what nobody has told the type of", () => {
  const bench = new Bench().type("requests_total", "counter", "All.", "").type("temperature", "gauge", "", "celsius").type("build", "info");
  assert.deepEqual(
    bench.metrics(['requests_total{a="b"} 3@1500', "requests_total 4@1500", "temperature -1.5", "other 7", "build_info 1"]),
    [
      "requests_total sum+[counter] (All.) {a=b} {asDouble:3}@1500; {} {asDouble:4}@1500",
      "temperature gauge[gauge] (Cel) {} {asDouble:-1.5}@1000",
      "other gauge[unknown] {} {asDouble:7}@1000",
      "build sum[info] {} {asDouble:1}@1000",
    ],
  );
});

test("knows the metrics of scrapes without being told", () => {
  assert.deepEqual(new Bench().metrics(["up 1", "scrape_duration_seconds 0.5"]), [
    "up gauge[gauge] (The scraping was successful) {} {asDouble:1}@1000",
    "scrape_duration_seconds gauge[gauge] (Duration of the scrape|s) {} {asDouble:0.5}@1000",
  ]);
});

test("puts the series of histograms and summaries together, in whatever order they come", () => {
  const bench = new Bench().type("h", "histogram").type("s", "summary");
  const lines = [
    'h_bucket{a="1",le="+Inf"} 6',
    'h_bucket{a="1",le="1"} 2',
    'h_bucket{a="1",le="0.5"} 1',
    'h_sum{a="1"} 9.5',
    'h_count{a="1"} 6',
    "h_count 2",
    's{quantile="0.99"} 7',
    's{quantile="0.5"} 5',
    "s_count 3",
    "s_sum 4",
  ];
  assert.deepEqual(bench.metrics(lines), [
    "h histogram[histogram] {a=1} {count:6,sum:9.5,bucketCounts:[1,1,4],explicitBounds:[0.5,1]}@1000; {} {count:2,bucketCounts:[2]}@1000",
    "s summary[summary] {} {count:3,sum:4,quantileValues:[{quantile:0.5,value:5},{quantile:0.99,value:7}]}@1000",
  ]);
  assert.equal(bench.converter.dropped.size, 0);
});

test("drops and counts histograms without a count, and buckets without a bound", () => {
  const bench = new Bench().type("h", "histogram");
  assert.deepEqual(bench.metrics(['h_bucket{le="1"} 2', "h_sum 1", "h_bucket 3", 'h_bucket{le="x"} 3']), []);
  assert.deepEqual(
    [...bench.converter.dropped],
    [
      ["no_bucket_bound", 2],
      ["no_count", 2],
    ],
  );
});

test("tells ends of series by a flag", () => {
  const bench = new Bench().type("c_total", "counter").type("h", "histogram").type("s", "summary").type("n", "histogram");
  const lines = [
    "c_total stale",
    'h_bucket{le="1"} stale',
    "h_count stale",
    "h_sum stale",
    's{quantile="1"} stale',
    "s_count stale",
    "n stale",
  ];
  assert.deepEqual(bench.metrics(lines), [
    "c_total sum+[counter] {} {flags:1}@1000",
    "h histogram[histogram] {} {bucketCounts:[0,0],explicitBounds:[1],flags:1}@1000",
    "s summary[summary] {} {quantileValues:[{quantile:1,value:0}],flags:1}@1000",
    "n exponentialHistogram[histogram] {} {flags:1}@1000",
  ]);
});

test("describes the target as the resource, with what discovery and target_info tell", () => {
  const bench = new Bench();
  bench.discovered = {
    __scheme__: "https",
    __meta_kubernetes_pod_name: "p",
    __meta_kubernetes_pod_controller_kind: "DaemonSet",
    __meta_kubernetes_pod_controller_name: "d",
  };
  const [resource] = resourcesOf(bench.request(["g 1", 'target_info{version="3",k8s_x="y"} 1']));
  assert.deepEqual(plainAttributes(resource?.resource.attributes), {
    "service.name": "j",
    "net.host.name": "host",
    "server.address": "host",
    "service.instance.id": "host:80",
    "net.host.port": "80",
    "http.scheme": "https",
    "server.port": "80",
    "url.scheme": "https",
    "k8s.pod.name": "p",
    "k8s.daemonset.name": "d",
    version: "3",
    k8s_x: "y",
  });
  assert.equal(resource?.scopeMetrics[0]?.metrics.length, 1);
});

test("parts samples by target and scope, and takes scopes' attributes from otel_scope_info", () => {
  const scope = 'otel_scope_name="lib",otel_scope_version="7"';
  const request = new Bench().request([`a{${scope}} 1`, 'b{job="k"} 2', `otel_scope_info{${scope},x="y"} 1`, "c 3"]);
  const found = resourcesOf(request).map(({ resource, scopeMetrics }) => {
    const name = plainAttributes(resource.attributes)["service.name"];
    return `${name}: ${scopeMetrics.map((each) => `${each.scope.name} ${each.scope.version} ${JSON.stringify(plainAttributes(each.scope.attributes))} ${each.metrics.map((metric) => metric.name)}`).join(" | ")}`;
  });
  assert.deepEqual(found, ['j: lib 7 {"x":"y"} a | otelcol/prometheusreceiver 1.2 {} c', "k: otelcol/prometheusreceiver 1.2 {} b"]);
});

for (const [instance, expected] of [
  ["localhost:9090", ",9090"],
  ["127.0.0.1:80", ",80"],
  ["0.0.0.0:80", ",80"],
  ["[::1]:80", ",80"],
  ["[2001:db8::1]:80", "2001:db8::1,80"],
  ["10.0.0.1:80", "10.0.0.1,80"],
  ["name-only", "name-only,"],
  ["a:b:c", "a:b:c,"],
] as const)
  test(`takes host and port from the instance ${instance}`, () => {
    const [resource] = resourcesOf(new Bench().request([`g{instance="${instance}"} 1`]));
    const attributes = plainAttributes(resource?.resource.attributes);
    assert.equal(`${attributes["server.address"] ?? ""},${attributes["server.port"]}`, expected);
  });

test("takes job and instance from the target where the series has none, and refuses samples that have neither", () => {
  const bench = new Bench();
  const text = 'g{job="",instance=""} 1';
  for (const _ of [1, 2]) {
    const [resource] = resourcesOf(bench.request([text, text.replace("g", "h")]));
    assert.equal(plainAttributes(resource?.resource.attributes)["service.name"], "of-target");
  }
  assert.equal(bench.request([text], undefined, false), undefined);
  assert.deepEqual([...bench.converter.dropped], [["no_job_or_instance", 1]]);
});

test("takes starts from created series and from samples that know them", () => {
  const bench = new Bench().type("h", "histogram").type("c_total", "counter");
  assert.deepEqual(bench.metrics(["h_count 1", "h_created 0.5"]), ["h histogram[histogram] {} {count:1,bucketCounts:[1]}@1000 since 500"]);
  const started = bench.metrics([], (builder) => {
    builder.add(bench.series("c_total"), 700, 0);
    builder.startedAt(700);
    builder.add(bench.series("c_total"), 1000, 5);
    builder.startedAt(700);
  });
  assert.deepEqual(started, ["c_total sum+[counter] {} {asDouble:5}@1000 since 700"]);
});

test("keeps samples of one series at several times apart", () => {
  const bench = new Bench().type("h", "histogram");
  assert.deepEqual(bench.metrics(["g 1@1", "g 2@2", "h_count 1@1", "h_count 2@2", "h_sum 10@1", "h_sum 20@2"]), [
    "g gauge[unknown] {} {asDouble:1}@1; {} {asDouble:2}@2",
    "h histogram[histogram] {} {count:1,sum:10,bucketCounts:[1]}@1; {} {count:2,sum:20,bucketCounts:[2]}@2",
  ]);
});

const native =
  (bench: Bench, histogram: Partial<NativeHistogram>, series = "n") =>
  (builder: SampleBatchBuilder) => {
    const writer = new ProtobufWriter();
    writeHistogram(writer, { ...emptyHistogram(), ...histogram });
    builder.addHistogram(bench.series(series), 1000, writer.bytes, 0, writer.length);
  };

test("makes exponential histograms of native ones", () => {
  const bench = new Bench().type("n", "histogram");
  const histogram: Partial<NativeHistogram> = {
    schema: 3,
    count: 9,
    sum: 2.5,
    zeroCount: 1,
    zeroThreshold: 0.25,
    positive: {
      spans: [
        { offset: 0, length: 2 },
        { offset: 2, length: 1 },
      ],
      counts: [1, 4, 2],
    },
    negative: { spans: [{ offset: -3, length: 1 }], counts: [1] },
  };
  const value =
    "count:9,sum:2.5,scale:3,zeroCount:1,positive:{offset:-1,bucketCounts:[1,4,0,0,2]},negative:{offset:-4,bucketCounts:[1]},zeroThreshold:0.25";
  assert.deepEqual(bench.metrics([], native(bench, histogram)), [`n exponentialHistogram[histogram] {} {${value}}@1000`]);
  const far = {
    positive: {
      spans: [
        { offset: 0, length: 1 },
        { offset: 2 ** 30, length: 1 },
      ],
      counts: [1, 1],
    },
  };
  assert.deepEqual(bench.metrics([], native(bench, { ...histogram, ...far })), []);
  assert.deepEqual([...bench.converter.dropped], [["too_many_buckets", 1]]);
});

test("drops and counts native histograms that are none", () => {
  const bench = new Bench();
  const found = bench.metrics(["g 1"], (builder) => builder.addHistogram(bench.series("n"), 1, Buffer.from([0xff]), 0, 1));
  assert.deepEqual(found, ["g gauge[unknown] {} {asDouble:1}@1000"]);
  assert.deepEqual([...bench.converter.dropped], [["invalid_histogram", 1]]);
});

test("makes histograms with bounds of native ones with custom buckets", () => {
  const bench = new Bench();
  const histogram: Partial<NativeHistogram> = {
    schema: CUSTOM_BUCKETS_SCHEMA,
    isFloat: true,
    count: 7.5,
    sum: 3,
    positive: { spans: [{ offset: 1, length: 2 }], counts: [3.5, 4] },
    customValues: [1, 2],
  };
  assert.deepEqual(bench.metrics([], native(bench, histogram)), [
    "n histogram[histogram] {} {count:7,sum:3,bucketCounts:[0,3,4],explicitBounds:[1,2]}@1000",
  ]);
});

test("keeps exemplars with their points; ids that are none stay attributes", () => {
  const bench = new Bench().type("h", "histogram");
  const labels = (names: string[], values: string[]) => {
    const writer = new ProtobufWriter();
    writeLabels(writer, { names, values });
    return writer.toBytes();
  };
  const found = bench.metrics(['h_bucket{le="1"} 1', "h_count 1"], (builder) => {
    const series = bench.series('h_bucket{le="1"}');
    builder.addExemplar(series, 900, 0.5, labels(["Trace_ID", "k", "span_id"], ["abcd", "v", `${"00".repeat(7)}ff11`]));
    builder.addExemplar(series, 901, 0.6, labels(["trace_id"], ["no hex"]));
    builder.addExemplar(bench.series("gone"), 1, 1, labels(["a"], ["b"]));
  });
  assert.deepEqual(found, [
    `h histogram[histogram] {} {count:1,bucketCounts:[1,0],explicitBounds:[1]}@1000 # 0.5@900 ${"0".repeat(28)}abcd/00000000000000ff {"k":"v"} # 0.6@901 -/- {"trace_id":"no hex"}`,
  ]);
});

test("follows metadata that come later or change", () => {
  const bench = new Bench();
  assert.deepEqual(bench.metrics(["c_total 1"]), ["c_total gauge[unknown] {} {asDouble:1}@1000"]);
  bench.type("c_total", "counter", "Help.");
  assert.deepEqual(bench.metrics(["c_total 1"]), ["c_total sum+[counter] (Help.) {} {asDouble:1}@1000"]);
  bench.type("c_total", "counter", "More help.");
  assert.deepEqual(bench.metrics(["c_total 1"]), ["c_total sum+[counter] (More help.) {} {asDouble:1}@1000"]);
  bench.families.clear();
  assert.deepEqual(bench.metrics(["c_total 1"]), ["c_total sum+[counter] (More help.) {} {asDouble:1}@1000"]);
});

test("takes metadata that come with samples", () => {
  const bench = new Bench();
  const found = bench.metrics(["pushed_total 1"], (builder) =>
    builder.addMetadata(bench.series("pushed_total"), { family: "pushed_total", type: "counter", help: "P.", unit: "" }),
  );
  assert.deepEqual(found, ["pushed_total sum+[counter] (P.) {} {asDouble:1}@1000"]);
});

test("forgets metrics with their series", () => {
  const bench = new Bench().type("h", "histogram");
  bench.metrics(["h_count 1", "g 1"]);
  assert.equal(bench.converter.families, 2);
  bench.release();
  assert.equal(bench.table.size, 0);
  assert.equal(bench.converter.families, 0);
  assert.deepEqual(bench.metrics(["g 2"]), ["g gauge[unknown] {} {asDouble:2}@1000"]);
  assert.ok(bench.budget.usedBytes > 0);
  bench.converter.close();
  assert.equal(bench.budget.usedBytes, 0);
});
