import { assumed, bool, type Decoded, defaulted, duration, list, required } from "../../../../component/arguments.ts";
import { prometheusReceiver } from "../../../../component/capsules.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";

/** What users may write. */
export const schema = {
  arguments: {
    forward_to: required(list(prometheusReceiver), "Where the samples go."),
    include_target_info: defaulted(bool, "Makes a metric `target_info` of each resource.", true),
    include_scope_info: defaulted(bool, "Makes a metric `otel_scope_info` of each scope.", false),
    include_scope_labels: defaulted(
      bool,
      "Adds the labels `otel_scope_name` and `otel_scope_version`. Alloy's reference says that it does so by default; it never does, so that the default here keeps series as they are.",
      false,
    ),
    add_metric_suffixes: defaulted(bool, "Adds unit and type to the names of metrics.", true),
    resource_to_telemetry_conversion: defaulted(bool, "Adds all attributes of the resource to each series.", false),
    keep_identifying_resource_attributes: defaulted(
      bool,
      "Keeps `service.name`, `service.namespace` and `service.instance.id` in `target_info`.",
      false,
    ),
    honor_metadata: defaulted(bool, "Sends type, help and unit of metrics along.", false, experimental()),
    convert_classic_histograms_to_nhcb: defaulted(
      bool,
      "Makes native histograms with custom buckets of those with explicit bounds.",
      false,
      experimental(),
    ),
    start_timestamp_zero_ingestion: defaulted(bool, "Adds a sample of 0 at the moment a counter began.", false, experimental()),
    gc_frequency: defaulted(duration, "How often series that did not come for 5 minutes are forgotten.", "5m", {
      check: (ms) => (ms > 0 ? undefined : "gc_frequency must be greater than 0"),
    }),
  },
  blocks: { debug_metrics: assumed(debugMetricsDoc, debugMetrics) },
} as const;

export type PrometheusExporterArgs = Decoded<typeof schema>;

/** Only switching it on asks for the experimental. */
function experimental() {
  return { stabilityOf: (isOn: boolean) => (isOn ? ("experimental" as const) : undefined) };
}
