import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, int, list, optional, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { exporterMetricDocs } from "../../../../signals/otlp/exporter-metrics.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import { createDebugExporter } from "./exporter.ts";

/** Prints what comes in. */
export const component = defineComponent({
  name: "otelcol.exporter.debug",
  stability: "experimental",
  summary: "Writes traces, metrics and logs to the log, for people to look at.",
  arguments: {
    verbosity: defaulted(
      string,
      'How much: "basic" counts a batch in one line, "normal" adds a line for each item, "detailed" adds every field.',
      "basic",
      {
        check: (verbosity) =>
          ["basic", "normal", "detailed"].includes(verbosity.toLowerCase())
            ? undefined
            : `invalid verbosity ${JSON.stringify(verbosity)}: write "basic", "normal" or "detailed"`,
      },
    ),
    sampling_initial: defaulted(int, "How many equal messages are written each second before sampling begins.", 2),
    sampling_thereafter: defaulted(int, "Of further equal messages in that second, every so many-th is written; 0 writes none.", 1),
    use_internal_logger: defaulted(bool, "Whether to write to the collector's log.", true),
    output_paths: optional(list(string), "Where else to write: `stdout`, `stderr` or files. `stdout` where absent."),
  },
  blocks: { debug_metrics: assumed(debugMetricsDoc, debugMetrics) },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to print." } },
  metrics: exporterMetricDocs,
  needs: {},
  check(args, report) {
    if (args.output_paths === undefined) return;
    if (args.use_internal_logger) report("output_paths is not supported when use_internal_logger is true", "output_paths");
    else if (args.output_paths.length === 0) report("output_paths must not be empty when use_internal_logger is false", "output_paths");
  },
  create(context, args) {
    const exporter = createDebugExporter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter.consumer) });
    return exporter;
  },
});
