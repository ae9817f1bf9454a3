/** What both sides are given. Requests are OTLP/JSON. */
export interface Cases {
  readonly names: readonly { readonly name: string; readonly unit: string; readonly kind: "gauge" | "counter" | "other" }[];
  readonly labels: readonly string[];
  readonly units: readonly string[];
  readonly logs: readonly unknown[];
  readonly lines: readonly Line[];
  readonly metrics: readonly unknown[];
}

export interface Line {
  readonly labels: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly nanos: number;
  readonly line: string;
  readonly metadata: readonly (readonly [string, string])[];
}

type Json = { readonly [key: string]: unknown };

const kinds = ["gauge", "counter", "other"] as const;
const nameTexts = [
  "system.filesystem.usage",
  "network_transmitted_bytes_total",
  "objects",
  "speed_ratio",
  "2xx",
  "a::b:c",
  "__a__",
  "größe.µ",
  "...",
  "total.requests",
  "per.second",
  "cpu  load",
];
const unitTexts = ["", "1", "By", "s", "m/s", "{packets}", "{objects}/s", "%", " By ", "°F", "km/h", "By/{x}", "/s", "a/b/c", "$2"];

const time = "1700000000123456789";
const str = (stringValue: string): Json => ({ stringValue });
const int = (intValue: number): Json => ({ intValue: String(intValue) });
const list = (...values: Json[]): Json => ({ arrayValue: { values } });
const map = (values: Readonly<Record<string, Json>>): Json => ({ kvlistValue: { values: attributes(values) } });
function attributes(values: Readonly<Record<string, Json>>): Json[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function log(record: Json, resource: Readonly<Record<string, Json>> = {}, scope: Json = {}): Json {
  const logRecords = [{ timeUnixNano: time, ...record }];
  return { resourceLogs: [{ resource: { attributes: attributes(resource) }, scopeLogs: [{ scope, logRecords }] }] };
}

const service = { "service.name": str("shop"), "service.namespace": str("eu"), "service.instance.id": str("i-1"), region: str("r") };
const ids = { traceId: "0102030405060708090a0b0c0d0e0f10", spanId: "0102030405060708" };
const full = {
  ...ids,
  severityNumber: 13,
  severityText: "Warning <1>",
  flags: 1,
  body: str('text "quoted" \\ \n <&> \u2028 ü'),
  attributes: attributes({
    "http.status": int(200),
    ratio: { doubleValue: 0.1 },
    big: { doubleValue: 1e21 },
    small: { doubleValue: 1e-7 },
    ok: { boolValue: true },
    raw: { bytesValue: "AQID/w==" },
    nested: map({ z: int(1), a: list(str("x"), int(2), map({ k: str("v") })) }),
    none: {},
  }),
};
const scope = { name: "lib", version: "1.2", attributes: attributes({ s: int(1) }) };
const withFormat = (format: string, record: Json): Json => ({
  ...record,
  attributes: [...((record.attributes ?? []) as Json[]), { key: "loki.format", value: str(format) }],
});
const hinted = (hints: Readonly<Record<string, Json>>, own: Readonly<Record<string, Json>>, more: Json = {}): Json => ({
  ...more,
  attributes: attributes({ ...hints, ...own }),
});

const logs: Json[] = [
  log({}),
  log({ body: str("") }),
  log(full, service, scope),
  log(withFormat("logfmt", full), service, scope),
  log(withFormat("raw", full), service, scope),
  log(withFormat("xml", {}), service),
  log({ body: str("x") }, { "loki.format": str("raw") }),
  ...['a=1 b="x y" c', "plain text", 'broken "text', "null", "traceID=x", 'k="\\u00e9\\n"'].map((body) =>
    log(withFormat("logfmt", { ...ids, body: str(body) })),
  ),
  log(withFormat("logfmt", { ...ids, severityText: "null", body: map({ traceID: str("x"), "a b": int(1), n: map({ m: str("") }) }) })),
  log(withFormat("logfmt", { body: list(int(1), str("two")) })),
  log(withFormat("logfmt", { body: { doubleValue: 1e6 } })),
  log(withFormat("logfmt", { body: map({ " ": int(1) }) })),
  log(withFormat("raw", { body: map({ b: int(1), a: str("<") }) })),
  log(hinted({ "loki.attribute.labels": str("a.b, c,missing") }, { "a.b": int(1), c: str("x"), d: str("y") })),
  log(hinted({ "loki.attribute.labels": list(str("a"), str("b")) }, { a: { boolValue: true }, b: list(int(1)) })),
  log(
    hinted({ "loki.attribute.labels": str("a.b.c,x.y") }, { a: map({ "b.c": str("deep"), e: int(1) }), x: map({ y: map({ z: int(1) }) }) }),
  ),
  log(hinted({ "loki.resource.labels": str("region") }, { d: str("y") }), service),
  log(hinted({}, { d: str("y") }), { ...service, "loki.resource.labels": str("region,service.name") }),
  log(
    hinted(
      { "loki.attribute.labels": str("job,2 cents,__x.y__,_u") },
      { job: str("own"), "2 cents": int(2), "__x.y__": str("r"), _u: str("u") },
    ),
    service,
  ),
  log(hinted({ "loki.attribute.labels": str("...") }, { "...": str("x") })),
  log(hinted({ "loki.tenant": str("t") }, { t: str("x") })),
  ...[1, 4, 8, 9, 17, 24, 25].map((severityNumber) => log({ severityNumber })),
  log(hinted({ "loki.attribute.labels": str("a") }, { a: str("b"), level: str("own") }, { severityNumber: 9 })),
  log(hinted({ "loki.attribute.labels": list(str("a")) }, { a: str("b") }, { severityNumber: 9 })),
  log(hinted({ "loki.attribute.labels": int(1) }, {}, { severityNumber: 9 })),
  log(withFormat("logfmt", hinted({ "loki.attribute.labels": int(1) }, {}, { severityNumber: 9 }))),
  log(hinted({}, { level: str("own") })),
  log({ attributes: attributes({ x: { doubleValue: "NaN" } }) }),
  log({ timeUnixNano: "0", observedTimeUnixNano: "1700000000000000007" }),
];

const lines: Line[] = [
  { labels: { app: "x", filename: "/var/log/a.log" }, seconds: 1_700_000_000, nanos: 7, line: "a line", metadata: [] },
  {
    labels: { app: "x" },
    seconds: 1,
    nanos: 0,
    line: "",
    metadata: [
      ["trace_id", "1"],
      ["app", "over"],
    ],
  },
];

function metric(name: string, unit: string, data: Json): Json {
  return { name, unit, description: "About it.", ...data };
}
const point = (more: Json, own: Readonly<Record<string, Json>> = {}): Json => ({
  timeUnixNano: time,
  attributes: attributes(own),
  ...more,
});
const cumulative = { aggregationTemporality: 2 };

function metricsOf(metrics: Json[], resource: Readonly<Record<string, Json>> = service): Json {
  return { resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics }] }] };
}

const histogramPoint = {
  count: "6",
  sum: 9.5,
  bucketCounts: ["1", "2", "3"],
  explicitBounds: [0.5, 100],
};
const buckets = (offset: number, ...counts: number[]): Json => ({ offset, bucketCounts: counts.map(String) });

const metrics: Json[] = [
  metricsOf([
    metric("memory.usage", "By", {
      gauge: { dataPoints: [point({ asDouble: 1.5 }, { "host.name": str("a"), "2x": int(1) }), point({ asInt: "-7" })] },
    }),
    metric("requests", "1", { sum: { ...cumulative, isMonotonic: true, dataPoints: [point({ asInt: "5" }, { code: int(200) })] } }),
    metric("queue.length", "{items}", { sum: { ...cumulative, isMonotonic: false, dataPoints: [point({ asInt: "3" })] } }),
    metric("cpu.utilization", "1", { gauge: { dataPoints: [point({ asDouble: 0.25 })] } }),
  ]),
  metricsOf([metric("gone", "", { gauge: { dataPoints: [point({ asDouble: 1, flags: 1 })] } })]),
  metricsOf([metric("latency", "s", { histogram: { ...cumulative, dataPoints: [point(histogramPoint, { path: str("/") })] } })]),
  metricsOf([metric("latency", "ms", { histogram: { ...cumulative, dataPoints: [point({ count: "2", bucketCounts: ["2"] })] } })]),
  metricsOf([
    metric("rpc", "s", {
      summary: {
        dataPoints: [
          point({
            count: "2",
            sum: 3,
            quantileValues: [
              { quantile: 0.5, value: 1 },
              { quantile: 0.99, value: 2 },
            ],
          }),
        ],
      },
    }),
  ]),
  ...[
    { scale: 3, count: "7", sum: 2, zeroCount: "1", positive: buckets(-1, 1, 0, 2, 0, 0, 0, 3) },
    { scale: 10, count: "8", sum: 2, positive: buckets(5, 1, 1, 1, 1, 0, 2, 1, 1) },
    { scale: -4, count: "3", sum: -1, negative: buckets(0, 1, 2) },
    { scale: 0, count: "3", sum: 0, positive: buckets(2, 0, 0, 0, 0, 3), negative: buckets(-7, 0, 0, 0, 0, 0) },
    { scale: 9, count: "5", sum: 1, positive: buckets(-3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4) },
    { scale: -5, count: "1", sum: 1, positive: buckets(0, 1) },
  ].map((value) => metricsOf([metric("size", "", { exponentialHistogram: { ...cumulative, dataPoints: [point(value)] } })])),
  metricsOf([metric("delta", "", { sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point({ asInt: "5" })] } })]),
];

export const cases: Cases = {
  names: nameTexts.flatMap((name) => unitTexts.flatMap((unit) => kinds.map((kind) => ({ name, unit, kind })))),
  labels: ["", "host.name", "2 cents", "__name", "_name", ".x", "größe", "日本", "a😀b", "name (of the host)", "___"],
  units: ["", "seconds", "bytes", "ratio", "meters_per_second", "requests_per_parsec", "bytes_per_", "widgets", "percent", "hertz"],
  logs,
  lines,
  metrics,
};
