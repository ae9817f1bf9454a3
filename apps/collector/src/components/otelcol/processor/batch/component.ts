import { Capsule } from "@invar/alloy-syntax";
import { assumed, defaulted, duration, list, string, uint } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { batchMetricDocs, createBatchProcessor } from "./processor.ts";

/** Puts telemetry together into batches, so that fewer and larger requests are sent. */
export const component = defineComponent({
  name: "otelcol.processor.batch",
  stability: "generally-available",
  summary:
    "Collects traces, metrics and logs into batches. A sender is answered when the batch with its data was taken further on; where `timeout` is above 2s, when the data came in.",
  arguments: {
    timeout: defaulted(duration, "How long data waits for its batch to fill; 0 sends it at once.", "200ms"),
    send_batch_size: defaulted(uint, "Items (spans, data points, log records) at which a batch is sent; 0 sends everything at once.", 2000),
    send_batch_max_size: defaulted(uint, "Items that a batch has at most; larger ones are divided; 0 divides none.", 3000),
    metadata_keys: defaulted(list(string), "Metadata of the client by whose values data is batched apart.", []),
    metadata_cardinality_limit: defaulted(uint, "How many combinations of metadata values there may be; 0: any number.", 1000),
  },
  blocks: {
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to batch." } },
  metrics: [...batchMetricDocs, ...processorMetricDocs],
  needs: {},
  check(args, report) {
    if (args.send_batch_max_size > 0 && args.send_batch_max_size < args.send_batch_size)
      report("send_batch_max_size must be greater or equal to send_batch_size when not 0", "send_batch_max_size");
    const seen = new Set<string>();
    for (const key of args.metadata_keys.map((each) => each.toLowerCase())) {
      if (seen.has(key)) report(`duplicate entry in metadata_keys: "${key}" (case-insensitive)`, "metadata_keys");
      seen.add(key);
    }
    if (args.timeout < 0) report("timeout must be greater or equal to 0", "timeout");
  },
  create(context, args) {
    const processor = createBatchProcessor(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
