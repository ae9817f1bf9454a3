import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, duration } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { createIntervalProcessor } from "./processor.ts";

/** Sends the latest value of each stream, at intervals. */
export const component = defineComponent({
  name: "otelcol.processor.interval",
  stability: "experimental",
  summary:
    "Keeps the latest data point of each gauge, summary and cumulative stream, and sends these at intervals and when it stops; others go on as they come. Points that are kept are acknowledged when they come in.",
  arguments: {
    interval: defaulted(duration, "How often the points are sent.", "60s", {
      check: (ms) => (ms > 0 ? undefined : "interval must be greater than 0"),
    }),
  },
  blocks: {
    passthrough: assumed("Which kinds of metrics go on as they come.", {
      arguments: {
        gauge: defaulted(bool, "Whether gauges do.", false),
        summary: defaulted(bool, "Whether summaries do.", false),
      },
    }),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the metrics whose latest points are sent." } },
  metrics: processorMetricDocs,
  needs: {},
  create(context, args) {
    const processor = createIntervalProcessor(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
