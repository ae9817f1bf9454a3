import { Capsule } from "@invar/alloy-syntax";
import { assumed, block, bool, defaulted, duration, int, list, many, maybe, oneOf, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { connectorMetricDocs } from "../../../../signals/otlp/connector-metrics.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { createSpanMetrics } from "./connector.ts";
import { dimensionArguments, dimensionsFault } from "./dimension-arguments.ts";

const defaultBuckets = [
  "2ms",
  "4ms",
  "6ms",
  "8ms",
  "10ms",
  "50ms",
  "100ms",
  "200ms",
  "400ms",
  "800ms",
  "1s",
  "1400ms",
  "2s",
  "5s",
  "10s",
  "15s",
];
const notNegative = (name: string) => ({
  check: (value: number) => (value >= 0 ? undefined : `invalid ${name}: ${value}, the value should be positive`),
});

/** Makes metrics of spans. */
export const component = defineComponent({
  name: "otelcol.connector.spanmetrics",
  stability: "generally-available",
  summary:
    "Counts spans and their durations by service, name, kind, status and further dimensions. Spans are acknowledged when they come in; what was counted is sent at intervals, and when the component stops.",
  arguments: {
    aggregation_temporality: defaulted(
      oneOf("CUMULATIVE", "DELTA"),
      "Whether counts go on after they were sent, or begin anew.",
      "CUMULATIVE",
    ),
    dimensions_cache_size: defaulted(int, "Without effect.", 0, {
      deprecated: "use aggregation_cardinality_limit in place of dimensions_cache_size",
    }),
    exclude_dimensions: defaulted(list(string), "Default dimensions to leave out.", []),
    metric_timestamp_cache_size: defaulted(int, "Of how many delta series it is remembered when their last point was.", 1000),
    metrics_expiration: defaulted(
      duration,
      "Forgets resources that sent nothing for so long; 0: none.",
      "0s",
      notNegative("metrics_expiration"),
    ),
    metrics_flush_interval: defaulted(duration, "How often metrics are sent.", "60s", {
      check: (ms) => (ms > 0 ? undefined : "metrics_flush_interval must be greater than 0"),
    }),
    namespace: defaulted(string, "What the metrics' names begin with; a dot follows.", "traces.span.metrics"),
    resource_metrics_cache_size: defaulted(int, "How many resources are kept; those that sent nothing for longest leave first.", 1000, {
      check: (size) => (size > 0 ? undefined : "must provide a positive size"),
    }),
    resource_metrics_key_attributes: defaulted(list(string), "Attributes that tell resources apart; all of them where none is named.", []),
    series_expiration: defaulted(
      duration,
      "Forgets series that were not seen for so long; 0: none.",
      "0s",
      notNegative("series_expiration"),
    ),
    aggregation_cardinality_limit: defaulted(
      int,
      "How many series a metric of a resource may have; further spans go into one with otel.metric.overflow. 0: as many as there is memory for.",
      0,
      notNegative("aggregation_cardinality_limit"),
    ),
    include_instrumentation_scope: defaulted(list(string), "Names of scopes whose name and version become dimensions.", []),
    include_collector_instance_id: defaulted(bool, "Adds a dimension that tells collectors apart.", false),
  },
  blocks: {
    histogram: block(
      "How durations are counted.",
      {
        arguments: {
          disable: defaulted(bool, "Counts no durations.", false),
          unit: defaulted(oneOf("ms", "s"), "The unit of durations.", "ms"),
        },
        blocks: {
          dimension: many("Dimensions of durations alone.", dimensionArguments),
          exponential: maybe("Buckets that grow with the values.", {
            arguments: {
              max_size: defaulted(int, "How many buckets there may be.", 160, {
                check: (size) => (size > 0 ? undefined : "max_size must be greater than 0"),
              }),
            },
          }),
          explicit: maybe("Fixed buckets.", {
            arguments: { buckets: defaulted(list(duration), "The upper ends of the buckets.", defaultBuckets) },
          }),
        },
      },
      {
        check({ exponential, explicit }, report) {
          if (exponential !== undefined && explicit !== undefined)
            report("only one of exponential or explicit histogram configuration can be specified");
          if (exponential === undefined && explicit === undefined)
            report("either exponential or explicit histogram configuration must be specified");
        },
      },
    ),
    dimension: many("Dimensions of all metrics.", dimensionArguments),
    calls_dimension: many("Dimensions of calls alone.", dimensionArguments),
    events: assumed("A metric of span events.", {
      arguments: { enabled: defaulted(bool, "Counts events.", false) },
      blocks: { dimension: many("Dimensions of events alone, also looked for in the event's attributes.", dimensionArguments) },
    }),
    exemplars: assumed("Spans that stand for others.", {
      arguments: {
        enabled: defaulted(bool, "Adds exemplars to points.", false),
        max_per_data_point: defaulted(int, "How many exemplars a point may have.", 5),
      },
    }),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the spans that are counted." } },
  metrics: connectorMetricDocs,
  needs: {},
  check(args, report) {
    const check = (what: string, fault: string | undefined, at: string) => {
      if (fault !== undefined) report(`failed validating ${what}: ${fault}`, at);
    };
    check("dimensions", dimensionsFault(args.dimension), "dimension");
    check("calls dimensions", dimensionsFault(args.calls_dimension), "calls_dimension");
    check("histogram dimensions", dimensionsFault(args.histogram.dimension), "histogram");
    if (args.events.enabled)
      check(
        "event dimensions",
        args.events.dimension.length === 0 ? "no dimensions configured for events" : dimensionsFault(args.events.dimension),
        "events",
      );
    if (args.aggregation_temporality === "DELTA" && args.metric_timestamp_cache_size <= 0)
      report(
        `invalid delta timestamp cache size: ${args.metric_timestamp_cache_size}, the maximum number of the items in the cache should be positive`,
        "metric_timestamp_cache_size",
      );
    if (args.exemplars.enabled && args.exemplars.max_per_data_point < 0)
      report(`invalid max_per_data_point: ${args.exemplars.max_per_data_point}, the value should be positive`, "exemplars");
  },
  create(context, args) {
    const connector = createSpanMetrics(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", connector.consumer) });
    return connector;
  },
});
