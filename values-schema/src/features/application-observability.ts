import { Type } from "@sinclair/typebox";
import { choice, duration, flag, integer, list, section, text, texts } from "../words.ts";
import { feature } from "./feature.ts";
import { resourceDetection } from "./resource-detection.ts";

const port = (byDefault: number) => integer("The port that it listens on.", byDefault, { minimum: 1, maximum: 65_535 });
const receiver = (description: string, byDefault: number) =>
  section(description, { enabled: flag("Whether it listens."), port: port(byDefault) });
const debugMetrics = flag("Whether its own metrics tell clients apart, which makes many series.");
const size = (description: string, byDefault: string) => text(description, byDefault);
const errorMode = choice(
  "What a statement that fails means: ignore, the same without a log line, or refuse the data.",
  ["ignore", "silent", "propagate"],
  "ignore",
);
const statements = (what: string) => texts(`Statements in OTTL about ${what}.`);
const conditions = (what: string) => texts(`Conditions in OTTL: ${what} for which one is true are dropped.`);

const grpc = section("OTLP over gRPC.", {
  enabled: flag("Whether it listens."),
  port: port(4317),
  includeMetadata: flag("Hand the request's metadata on."),
  maxReceivedMessageSize: size("The largest message.", "4MiB"),
  maxConcurrentStreams: integer("How many streams a client may have open; 0: no limit.", 0, { minimum: 0 }),
  readBufferSize: size("The size of the buffer to read with.", "512KiB"),
  writeBufferSize: size("The size of the buffer to write with.", "32KiB"),
  keepalive: section("Watching connections.", {
    serverParameters: section("Of the server.", {
      maxConnectionAge: duration("How old a connection may get."),
      maxConnectionAgeGrace: duration("How long an old connection may finish what it does."),
      maxConnectionIdle: duration("How long a connection may be idle."),
      time: duration("After how much silence a client is pinged."),
      timeout: duration("How long it may take to answer."),
    }),
    enforcementPolicy: section("Of clients.", {
      minTime: duration("How often they may ping at most."),
      permitWithoutStream: flag("Whether they may without a stream."),
    }),
  }),
});

const http = section("OTLP over HTTP.", {
  enabled: flag("Whether it listens."),
  port: port(4318),
  includeMetadata: flag("Hand the request's headers on."),
  maxRequestBodySize: size("The largest request.", "20MiB"),
});

const receivers = section("What applications send to.", {
  otlp: section("OpenTelemetry's protocol.", { grpc, http, includeDebugMetrics: debugMetrics }),
  jaeger: section("Jaeger's protocols.", {
    grpc: receiver("gRPC.", 14_250),
    thriftBinary: receiver("Thrift, binary, by UDP.", 6832),
    thriftCompact: receiver("Thrift, compact, by UDP.", 6831),
    thriftHttp: receiver("Thrift over HTTP.", 14_268),
    includeDebugMetrics: debugMetrics,
  }),
  zipkin: section("Zipkin's protocol.", { enabled: flag("Whether it listens."), port: port(9411), includeDebugMetrics: debugMetrics }),
});

/** A label or annotation that becomes an attribute. */
const extraction = section("What is read, and what it becomes.", {
  tag_name: text("The attribute."),
  key: text("The name of the label or annotation."),
  key_regex: text("An RE2 pattern of names."),
  regex: text("An RE2 pattern whose group `value` is taken."),
  from: choice("Of which object.", ["pod", "namespace", "node", ""], ""),
});

const fieldFilter = section("A field or label and what it must be.", {
  key: text("Its name."),
  value: text("Its value."),
  op: choice("How they compare.", ["equals", "not-equals", "exists", "does-not-exist", ""], ""),
});

const k8sattributes = section("Attributes of the pod that data comes from.", {
  passthrough: flag("Only add the pod's address."),
  otelAnnotations: flag("Take attributes from annotations that begin with `resource.opentelemetry.io/`."),
  metadata: texts("Which attributes to add.", [
    "k8s.namespace.name",
    "k8s.pod.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
    "k8s.node.name",
    "k8s.pod.uid",
    "k8s.pod.start_time",
  ]),
  podAssociation: list(
    "How the pod is found; the first that succeeds holds.",
    section("One way.", {
      from: choice("What is looked at.", ["resource_attribute", "connection"], "connection"),
      name: text("The attribute."),
    }),
    [
      { from: "resource_attribute", name: "k8s.pod.ip" },
      { from: "resource_attribute", name: "k8s.pod.uid" },
      { from: "connection", name: "" },
    ],
  ),
  labels: list("Labels that become attributes.", extraction),
  annotations: list("Annotations that become attributes.", extraction),
  filters: section("Which pods are known.", {
    byNode: text("Those of one node."),
    ownNode: flag("Those of the collector's own node."),
    byNamespace: text("Those of one namespace."),
    byLabel: list("Those with these labels.", fieldFilter),
    byField: list("Those with these fields.", fieldFilter),
  }),
});

const processors = section("What data passes on its way.", {
  batch: section("Gathers data into larger requests.", {
    size: integer("How many items make a request.", 8192, { minimum: 0 }),
    maxSize: integer("How many items a request has at most; 0: no limit.", 0, { minimum: 0 }),
    timeout: duration("How long items wait at most.", "2s"),
  }),
  interval: section("Sends metrics on at intervals, of each series the newest value.", {
    enabled: flag("Whether it does."),
    interval: duration("How often.", "60s"),
    passthrough: section("What is sent on at once.", { gauge: flag("Gauges."), summary: flag("Summaries.") }),
  }),
  resourceDetection,
  k8sattributes,
  memoryLimiter: section("Refuses data while memory is short.", {
    enabled: flag("Whether it does."),
    checkInterval: duration("How often memory is looked at.", "1s"),
    limit: size("How much of it there is.", "0MiB"),
  }),
  filter: section("Drops data; the conditions stand at each signal.", { errorMode }),
  transform: section("Changes data; the statements stand at each signal.", { errorMode }),
});

const spanMetrics = section("Metrics made of spans.", {
  enabled: flag("Whether they are."),
  dimensions: list(
    "More attributes that become labels.",
    Type.Object({ name: Type.String(), default: Type.Optional(Type.String()) }, { additionalProperties: false }),
  ),
  dimensionsCacheSize: integer("Has nothing left to do: see aggregationCardinalityLimit.", 1000, { minimum: 0 }),
  aggregationCardinalityLimit: integer("How many combinations of labels are kept apart; 0: no limit.", 1000, { minimum: 0 }),
  excludeDimensions: texts("Which of the usual labels are left out."),
  namespace: text("What names of metrics begin with.", "traces.span.metrics"),
  metricsExpiration: duration("After how much silence metrics are forgotten."),
  seriesExpiration: duration("After how much silence a series is forgotten."),
  events: section("Counting events of spans.", { enabled: flag("Whether they are counted.") }),
  exemplars: section("Examples of spans.", {
    enabled: flag("Whether histograms carry them."),
    maxPerDataPoint: integer("How many a series has at most; 0: as the component says.", 0, { minimum: 0 }),
  }),
  histogram: section("Histograms of durations.", {
    enabled: flag("Whether they are made.", true),
    type: choice("Their kind.", ["explicit", "exponential"], "explicit"),
    unit: choice("Their unit.", ["ms", "s"], "s"),
    explicit: section("Of the kind explicit.", {
      buckets: texts("The upper bounds.", "2ms 4ms 6ms 8ms 10ms 50ms 100ms 200ms 400ms 800ms 1s 1400ms 2s 5s 10s 15s".split(" ")),
    }),
    exponential: section("Of the kind exponential.", { maxSize: integer("How many buckets at most.", 160, { minimum: 1 }) }),
  }),
  skipBeyla: flag("Leave out spans of whom instrumentation makes such metrics itself.", true),
  skipInternal: flag("Leave out spans of the kind internal.", true),
  transforms: section("Changes to these metrics.", {
    resource: statements("resources"),
    metric: statements("metrics"),
    datapoint: statements("data points"),
  }),
});

const connectors = section("What is made of data.", {
  grafanaCloudMetrics: section("A metric that names the hosts of traces.", { enabled: flag("Whether it is made.", true) }),
  spanLogs: section("Log lines made of spans.", {
    enabled: flag("Whether they are."),
    spans: flag("A line for each span."),
    spanAttributes: texts("Attributes of spans to tell."),
    roots: flag("A line for each root span."),
    process: flag("A line for each process."),
    processAttributes: texts("Attributes of processes to tell."),
    labels: texts("Keys that become labels."),
    overrides: section("Other names of keys.", {
      logs_instance_tag: text("The kind of line."),
      service_key: text("The service."),
      span_name_key: text("The span's name."),
      status_key: text("Its status."),
      duration_key: text("Its duration."),
      trace_id_key: text("Its trace."),
    }),
  }),
  spanMetrics,
});

export const applicationObservability = feature("What applications send: traces, metrics and logs.", {
  alignServiceNameWithOTelSemConv: flag("Name services in the order of OpenTelemetry's conventions for Kubernetes."),
  overrideUnknownServiceNames: flag("Treat a service name that begins with `unknown_service` as missing."),
  receivers,
  processors,
  connectors,
  metrics: section("Metrics.", {
    enabled: flag("Whether they are taken.", true),
    filters: section("What is dropped.", { metric: conditions("metrics"), datapoint: conditions("data points") }),
    transforms: section("What is changed.", {
      resource: statements("resources"),
      metric: statements("metrics"),
      datapoint: statements("data points"),
    }),
  }),
  logs: section("Logs.", {
    enabled: flag("Whether they are taken.", true),
    filters: section("What is dropped.", { log_record: conditions("log records") }),
    transforms: section("What is changed.", {
      resource: statements("resources"),
      log: statements("log records"),
      labels: texts("The resource attributes that become labels in Loki.", ["cluster", "namespace", "job", "pod"]),
    }),
  }),
  traces: section("Traces.", {
    enabled: flag("Whether they are taken.", true),
    filters: section("What is dropped.", { span: conditions("spans"), spanevent: conditions("events of spans") }),
    transforms: section("What is changed.", {
      resource: statements("resources"),
      span: statements("spans"),
      spanevent: statements("events of spans"),
    }),
    setSpanNameSemanticConvention: text("The version of the conventions by which spans are named. Empty: names stay.", "1.37.0"),
  }),
});
