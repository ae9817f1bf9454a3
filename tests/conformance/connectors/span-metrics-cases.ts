import { attributesOf, type Case, traces } from "./case.ts";

const trace = "0102030405060708090a0b0c0d0e0f10";
const span = (name: string, ms: number, more: object = {}) => ({
  traceId: trace,
  spanId: "0102030405060708",
  name,
  kind: 2,
  startTimeUnixNano: "1700000000000000000",
  endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(Math.round(ms * 1e6))),
  ...more,
});

const spans = [
  span("a", 0),
  span("a", 1.5),
  span("a", 2),
  span("a", 2.000001),
  span("a", 700, { status: { code: 2 } }),
  span("a", 20000, { kind: 3, attributes: attributesOf({ "http.method": "GET", "http.status": 200, flag: true }) }),
  span("a", 3, { attributes: attributesOf({ "http.method": "POST", "db.name": "x", "http.status": "200" }) }),
  span("b", -5, { status: { code: 1 }, kind: 0 }),
  span("b", 1, { kind: 5, traceState: "ot=th:8" }),
  span("b", 1, { kind: 1, traceState: "ot=th:c" }),
  span("b", 1, { kind: 4, traceState: "other=1" }),
  span("e", 4, {
    events: [
      { name: "exception", attributes: attributesOf({ "exception.type": "E1", host: "of-event" }) },
      { name: "exception", attributes: attributesOf({ "exception.type": "E2" }) },
      { name: "other" },
    ],
  }),
];
const resource = { "service.name": "shop", host: "h1", "http.method": "of-resource" };
const input = [
  traces(spans, resource, { name: "scope", version: "1.2" }),
  traces([span("a", 1)], { "service.name": "shop", host: "h2" }),
  traces([span("a", 1)], { host: "nameless" }),
  traces([span("a", 9, { traceId: "", spanId: "" })], { "service.name": "", host: "h1" }),
];

interface Settings {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly input?: readonly unknown[];
}

const settings: readonly Settings[] = [
  {
    name: "explicit buckets",
    config: { histogram: { explicit: { buckets: ["2ms", "10ms", "1s"] } } },
    text: 'histogram {\nexplicit {\nbuckets = ["2ms", "10ms", "1s"]\n}\n}',
  },
  {
    name: "exponential buckets in seconds",
    config: { histogram: { unit: "s", exponential: { max_size: 10 } } },
    text: 'histogram {\nunit = "s"\nexponential {\nmax_size = 10\n}\n}',
  },
  { name: "exponential buckets", config: { histogram: { exponential: { max_size: 160 } } }, text: "histogram {\nexponential { }\n}" },
  {
    name: "dimensions, delta",
    config: {
      histogram: { explicit: { buckets: ["1s"] }, dimensions: [{ name: "db.name" }] },
      dimensions: [{ name: "http.method" }, { name: "http.status", default: "none" }, { name: "flag" }],
      calls_dimensions: [{ name: "host" }],
      exclude_dimensions: ["span.kind", "collector.instance.id"],
      aggregation_temporality: "AGGREGATION_TEMPORALITY_DELTA",
      namespace: "",
    },
    text: 'aggregation_temporality = "DELTA"\nnamespace = ""\nexclude_dimensions = ["span.kind"]\nhistogram {\nexplicit {\nbuckets = ["1s"]\n}\ndimension {\nname = "db.name"\n}\n}\ndimension {\nname = "http.method"\n}\ndimension {\nname = "http.status"\ndefault = "none"\n}\ndimension {\nname = "flag"\n}\ncalls_dimension {\nname = "host"\n}',
  },
  {
    name: "globs, scopes",
    config: {
      histogram: { disable: true, explicit: { buckets: ["1s"] } },
      dimensions: [{ glob: "http.*" }, { glob: "h?st" }],
      include_instrumentation_scope: ["scope"],
    },
    text: 'include_instrumentation_scope = ["scope"]\nhistogram {\ndisable = true\nexplicit { }\n}\ndimension {\nglob = "http.*"\n}\ndimension {\nglob = "h?st"\n}',
  },
  {
    name: "events, exemplars",
    config: {
      histogram: { explicit: { buckets: ["1s"] } },
      events: { enabled: true, dimensions: [{ name: "exception.type" }, { name: "host" }] },
      exemplars: { enabled: true, max_per_data_point: 2 },
    },
    text: 'histogram {\nexplicit {\nbuckets = ["1s"]\n}\n}\nevents {\nenabled = true\ndimension {\nname = "exception.type"\n}\ndimension {\nname = "host"\n}\n}\nexemplars {\nenabled = true\nmax_per_data_point = 2\n}',
  },
  {
    name: "a limit of series",
    config: { histogram: { explicit: { buckets: ["1s"] } }, aggregation_cardinality_limit: 2, exemplars: { enabled: true } },
    text: 'aggregation_cardinality_limit = 2\nhistogram {\nexplicit {\nbuckets = ["1s"]\n}\n}\nexemplars {\nenabled = true\n}',
  },
  {
    name: "resources by some attributes",
    config: { histogram: { disable: true, explicit: { buckets: ["1s"] } }, resource_metrics_key_attributes: ["service.name"] },
    text: 'resource_metrics_key_attributes = ["service.name"]\nhistogram {\ndisable = true\nexplicit { }\n}',
  },
  {
    name: "a small cache of resources",
    config: { histogram: { disable: true, explicit: { buckets: ["1s"] } }, resource_metrics_cache_size: 1 },
    text: "resource_metrics_cache_size = 1\nhistogram {\ndisable = true\nexplicit { }\n}",
  },
  {
    name: "expiration",
    config: { histogram: { explicit: { buckets: ["1s"] } }, metrics_expiration: "700ms" },
    text: 'metrics_expiration = "700ms"\nhistogram {\nexplicit {\nbuckets = ["1s"]\n}\n}',
  },
];

export const spanMetricsCases: readonly Case[] = settings.map(({ name, config, text, input: own }) => ({
  name: `spanmetrics: ${name}`,
  component: "spanmetrics",
  kind: "connector",
  config: {
    metrics_flush_interval: "500ms",
    exclude_dimensions: ["collector.instance.id"],
    ...config,
    // Alloy's default, where the connector has seconds only in the future.
    histogram: { unit: "ms", ...(config.histogram as object) },
  },
  text: `metrics_flush_interval = "500ms"\n${text}`,
  signal: "traces",
  input: own ?? input,
  waitMs: 1250,
  ignoresTimes: true,
}));
