/** Addresses and folders of one run, for the configuration. */
export type Places = {
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  readonly sink: string;
  readonly targets: string;
  readonly logs: string;
};

export type Goal = {
  readonly cpuPerMillion?: number;
  readonly peakMiB?: number;
  readonly idleMiB?: number;
  readonly idlePercent?: number;
  /** Senders must have been held up for so long at least. */
  readonly heldSeconds?: number;
};

export type Case = {
  readonly name: string;
  readonly title: string;
  /** The same text runs in the collector and in a peer. */
  readonly config: (places: Places) => string;
  readonly load: Load;
  readonly goal: Goal;
  /** Further flags of the collector, not of a peer. */
  readonly flags?: readonly string[];
  /** The destination refuses everything for this long from the start. */
  readonly outageSeconds?: number;
  readonly limitSeconds: number;
};

/** Fixed work. `items` are what is counted at the destination under `counter`. */
export type Load =
  | {
      readonly kind: "otlp";
      readonly protocol: "http" | "grpc";
      readonly signal: "traces" | "logs";
      readonly items: number;
      readonly batch: number;
      readonly distinct?: boolean;
      readonly connections?: number;
    }
  | { readonly kind: "scrape"; readonly targets: number; readonly series: number; readonly items: number }
  | { readonly kind: "files"; readonly files: number; readonly items: number }
  /** Nothing comes: what it costs to be there. */
  | { readonly kind: "idle"; readonly seconds: number }
  /** More targets than the memory budget holds: how it sheds them. */
  | { readonly kind: "shed"; readonly targets: number; readonly series: number; readonly seconds: number };

const million = 1_000_000;

export function casesOf(largeConfiguration: string | undefined): readonly Case[] {
  return [
    {
      name: "otlp-http",
      title: "OTLP/HTTP traces, 100 spans a request -> batch -> otlphttp, no compression",
      config: (at) => `${receiver("http", at)}${batch}${otlphttp(at, "none")}`,
      load: { kind: "otlp", protocol: "http", signal: "traces", items: 2 * million, batch: 100 },
      goal: { cpuPerMillion: 3.2, peakMiB: 165 },
      limitSeconds: 120,
    },
    {
      name: "otlp-grpc",
      title: "OTLP/gRPC traces, 100 spans a request -> batch -> otlp, no compression",
      config: (at) =>
        `${receiver("grpc", at)}${batch}
otelcol.exporter.otlp "out" {
  client {
    endpoint    = "${at.sink}"
    compression = "none"
    tls {
      insecure = true
    }
  }
}
`.replace("otelcol.exporter.otlphttp.out", "otelcol.exporter.otlp.out"),
      load: { kind: "otlp", protocol: "grpc", signal: "traces", items: 2 * million, batch: 100 },
      goal: { cpuPerMillion: 3.5 },
      limitSeconds: 120,
    },
    {
      name: "otlp-attributes",
      title: "OTLP/gRPC, 1,000 spans a request, attributes (upsert, delete) -> otlphttp gzip",
      config: (at) => `${receiver("grpc", at).replace("otelcol.processor.batch.b", "otelcol.processor.attributes.a")}
otelcol.processor.attributes "a" {
  action {
    key    = "deployment.environment"
    value  = "bench"
    action = "upsert"
  }
  action {
    key    = "user_agent.original"
    action = "delete"
  }
  output {
    traces = [otelcol.processor.batch.b.input]
  }
}
${batch}${otlphttp(at, "gzip")}`,
      load: { kind: "otlp", protocol: "grpc", signal: "traces", items: 2 * million, batch: 1000 },
      goal: { cpuPerMillion: 4 },
      limitSeconds: 180,
    },
    {
      name: "otlp-ottl",
      title: "OTLP/gRPC, 100 spans a request, attributes + transform (2 statements) + filter -> batch -> otlphttp gzip",
      config: (at) => `${receiver("grpc", at).replace("otelcol.processor.batch.b", "otelcol.processor.attributes.a")}
otelcol.processor.attributes "a" {
  action {
    key    = "deployment.environment"
    value  = "bench"
    action = "upsert"
  }
  output {
    traces = [otelcol.processor.transform.t.input]
  }
}
otelcol.processor.transform "t" {
  trace_statements {
    context    = "span"
    statements = [
      \`set(attributes["bench"], "yes") where attributes["http.request.method"] != nil\`,
      \`delete_key(attributes, "user_agent.original")\`,
    ]
  }
  output {
    traces = [otelcol.processor.filter.f.input]
  }
}
otelcol.processor.filter "f" {
  traces {
    span = [\`attributes["http.route"] == "/healthz" or name == "drop-me"\`]
  }
  output {
    traces = [otelcol.processor.batch.b.input]
  }
}
${batch}${otlphttp(at, "gzip")}`,
      load: { kind: "otlp", protocol: "grpc", signal: "traces", items: 2 * million, batch: 100 },
      goal: { cpuPerMillion: 8, peakMiB: 215 },
      limitSeconds: 180,
    },
    {
      name: "spanmetrics",
      title: "OTLP/gRPC, 100 spans a request -> spanmetrics with 10,000 series, and batch -> otlphttp, no compression",
      config: (
        at,
      ) => `${receiver("grpc", at).replace("[otelcol.processor.batch.b.input]", "[otelcol.processor.batch.b.input, otelcol.connector.spanmetrics.s.input]")}
otelcol.connector.spanmetrics "s" {
  metrics_flush_interval          = "10s"
  resource_metrics_key_attributes = ["service.namespace"]
  aggregation_cardinality_limit   = 10000
  histogram {
    explicit { }
  }
  output {
    metrics = [otelcol.exporter.otlphttp.out.input]
  }
}
${batch}${otlphttp(at, "none")}`,
      // Every span has a name of its own: the first 10,000 make series, the others are counted in one.
      load: { kind: "otlp", protocol: "grpc", signal: "traces", items: 2 * million, batch: 100, distinct: true },
      goal: { cpuPerMillion: 9.5 },
      limitSeconds: 180,
    },
    {
      name: "tail-sampling",
      title: "OTLP/gRPC, 100 traces a request -> tail_sampling with 50,000 traces in flight (3 policies) -> otlphttp, no compression",
      config: (at) => `${receiver("grpc", at).replace("otelcol.processor.batch.b", "otelcol.processor.tail_sampling.t")}
otelcol.processor.tail_sampling "t" {
  decision_wait     = "1s"
  num_traces        = 50000
  block_on_overflow = true
  policy {
    name = "errors"
    type = "status_code"
    status_code {
      status_codes = ["ERROR"]
    }
  }
  policy {
    name = "slow"
    type = "latency"
    latency {
      threshold_ms = 5000
    }
  }
  policy {
    name = "all"
    type = "always_sample"
  }
  output {
    traces = [otelcol.exporter.otlphttp.out.input]
  }
}
${otlphttp(at, "none")}`,
      load: { kind: "otlp", protocol: "grpc", signal: "traces", items: 300_000, batch: 100, distinct: true },
      goal: { peakMiB: 300 },
      limitSeconds: 120,
    },
    {
      name: "otlp-logs",
      title: "OTLP/HTTP logs, 100 records a request -> batch -> otlphttp, no compression",
      config: (at) => `${receiver("http", at, "logs")}${batch.replaceAll("traces", "logs")}${otlphttp(at, "none")}`,
      load: { kind: "otlp", protocol: "http", signal: "logs", items: 2 * million, batch: 100 },
      goal: {},
      limitSeconds: 120,
    },
    {
      name: "scrape-20",
      title: "20 targets of 5,000 series -> relabel (2 rules) -> remote_write",
      config: (at) => scrape(at, 20, "2s"),
      load: { kind: "scrape", targets: 20, series: 5000, items: 2 * million },
      goal: { cpuPerMillion: 4 },
      limitSeconds: 180,
    },
    {
      name: "scrape-200",
      title: "200 targets of 5,000 series (1 M active) -> relabel (2 rules) -> remote_write",
      config: (at) => scrape(at, 200, "15s"),
      load: { kind: "scrape", targets: 200, series: 5000, items: 6 * million },
      goal: { cpuPerMillion: 4.5, peakMiB: 1024 },
      limitSeconds: 300,
    },
    {
      name: "prometheus-otlp-prometheus",
      title: "20 targets of 5,000 series -> OTLP -> samples again -> remote_write",
      config: thereAndBack,
      load: { kind: "scrape", targets: 20, series: 5000, items: 2 * million },
      goal: { cpuPerMillion: 12 },
      limitSeconds: 180,
    },
    {
      name: "cri-logs",
      title: "20 files of CRI lines (200 bytes) -> loki.process (cri, labels, static_labels) -> loki.write",
      config: criLogs,
      load: { kind: "files", files: 20, items: 2 * million },
      goal: { cpuPerMillion: 4.5, peakMiB: 270 },
      limitSeconds: 180,
    },
    {
      name: "filelog",
      title: "20 files of CRI lines (200 bytes) -> filelog with the container operator -> batch -> otlphttp, no compression",
      config: (at) => `otelcol.receiver.filelog "pods" {
  include   = ["${at.logs}/*/*/*.log"]
  start_at   = "beginning"
  include_file_path = true
  operators  = [{ type = "container" }]
  output {
    logs = [otelcol.processor.batch.b.input]
  }
}
${batch.replaceAll("traces", "logs")}${otlphttp(at, "none")}`,
      load: { kind: "files", files: 20, items: million },
      goal: {},
      limitSeconds: 180,
    },
    ...(largeConfiguration === undefined
      ? []
      : [
          {
            name: "idle-large",
            title: "idle with the large configuration, its targets and files absent",
            config: () => largeConfiguration,
            load: { kind: "idle", seconds: 30 },
            goal: { idleMiB: 150, idlePercent: 1 },
            limitSeconds: 90,
          } satisfies Case,
        ]),
    {
      name: "overload-otlp",
      title: "OTLP overload: 32 connections, destination down for 15 s, budget 256 MiB; all acknowledged spans must arrive",
      config: (at) => `${receiver("http", at)}${batch}${otlphttp(at, "none")}`,
      load: { kind: "otlp", protocol: "http", signal: "traces", items: 2 * million, batch: 100, distinct: true, connections: 32 },
      goal: { peakMiB: budgetMiB + processMiB },
      flags: [`--memory.budget=${budgetMiB}MiB`],
      outageSeconds: 15,
      limitSeconds: 240,
    },
    {
      name: "pushback-otlp",
      title: "OTLP overload: 32 connections, destination down for 15 s, a queue of 64 MiB that blocks; senders wait, all must arrive",
      config: (at) => `${receiver("http", at)}${batch}${otlphttp(at, "none", blockingQueue)}`,
      load: { kind: "otlp", protocol: "http", signal: "traces", items: 2 * million, batch: 100, distinct: true, connections: 32 },
      goal: { peakMiB: budgetMiB + processMiB, heldSeconds: 15 },
      flags: [`--memory.budget=${budgetMiB}MiB`],
      outageSeconds: 15,
      limitSeconds: 240,
    },
    {
      name: "overload-logs",
      title: "log overload: 200 files at once, destination down for 15 s, budget 256 MiB; every line must arrive",
      config: criLogs,
      load: { kind: "files", files: 200, items: 2 * million },
      goal: { peakMiB: budgetMiB + processMiB },
      flags: [`--memory.budget=${budgetMiB}MiB`],
      outageSeconds: 15,
      limitSeconds: 240,
    },
    {
      name: "shed-targets",
      title: "200 targets of 5,000 series under a budget of 64 MiB: whole targets shed, counted, unhealthy",
      config: (at) => scrape(at, 200, "15s"),
      load: { kind: "shed", targets: 200, series: 5000, seconds: 60 },
      goal: { peakMiB: 64 + processMiB },
      flags: ["--memory.budget=64MiB"],
      limitSeconds: 120,
    },
  ];
}

const budgetMiB = 256;
// What the program itself takes before any data is in flight.
const processMiB = 120;

function receiver(protocol: "http" | "grpc", at: Places, signal = "traces"): string {
  return `otelcol.receiver.otlp "in" {
  ${protocol} {
    endpoint = "${protocol === "http" ? at.otlpHttp : at.otlpGrpc}"
  }
  output {
    ${signal} = [otelcol.processor.batch.b.input]
  }
}
`;
}

const batch = `
otelcol.processor.batch "b" {
  output {
    traces = [otelcol.exporter.otlphttp.out.input]
  }
}
`;

function otlphttp(at: Places, compression: string, queue = ""): string {
  return `
otelcol.exporter.otlphttp "out" {
  client {
    endpoint    = "http://${at.sink}"
    compression = "${compression}"
  }
${queue}}
`;
}

const blockingQueue = `  sending_queue {
    sizer             = "bytes"
    queue_size        = ${64 * 1024 * 1024}
    block_on_overflow = true
  }
`;

function scrape(at: Places, targets: number, interval: string): string {
  const list = Array.from(
    { length: targets },
    (_, n) => `    { "__address__" = "${at.targets}", "__metrics_path__" = "/t/${n}/metrics", "instance" = "target-${n}" },`,
  );
  return `prometheus.scrape "targets" {
  targets = [
${list.join("\n")}
  ]
  scrape_interval = "${interval}"
  scrape_timeout  = "${interval}"
  forward_to      = [prometheus.relabel.rules.receiver]
}

prometheus.relabel "rules" {
  rule {
    target_label = "cluster"
    replacement  = "bench"
  }
  rule {
    source_labels = ["code"]
    regex         = "([0-9]).."
    target_label  = "class"
    replacement   = "\${1}xx"
  }
  forward_to = [prometheus.remote_write.out.receiver]
}

prometheus.remote_write "out" {
  endpoint {
    url = "http://${at.sink}/api/v1/write"
  }
}
`;
}

function thereAndBack(at: Places): string {
  const scraped = scrape(at, 20, "2s").replace("prometheus.relabel.rules.receiver", "otelcol.receiver.prometheus.there.receiver");
  const [first = "", second = ""] = scraped.split(/prometheus\.relabel "rules" \{[\s\S]*?\n\}\n/);
  return `${first}otelcol.receiver.prometheus "there" {
  output {
    metrics = [otelcol.exporter.prometheus.back.input]
  }
}

otelcol.exporter.prometheus "back" {
  forward_to = [prometheus.remote_write.out.receiver]
}
${second}`;
}

function criLogs(at: Places): string {
  return `local.file_match "pods" {
  path_targets = [{ "__path__" = "${at.logs}/*/*/*.log", "job" = "pods" }]
  sync_period  = "1s"
}

loki.source.file "pods" {
  targets    = local.file_match.pods.targets
  forward_to = [loki.process.cri.receiver]
}

loki.process "cri" {
  stage.cri { }
  stage.labels {
    values = { "stream" = "" }
  }
  stage.static_labels {
    values = { "cluster" = "bench" }
  }
  forward_to = [loki.write.out.receiver]
}

loki.write "out" {
  endpoint {
    url = "http://${at.sink}/loki/api/v1/push"
  }
}
`;
}
