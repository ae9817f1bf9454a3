import { Capsule } from "@invar/alloy-syntax";
import { assumed, bytes, defaulted, duration, required, uint } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { createMemoryLimiter, limiterMetricDocs } from "./limiter.ts";

const MIB = 1024 * 1024;

/** Refuses telemetry while the process takes too much memory. */
export const component = defineComponent({
  name: "otelcol.processor.memory_limiter",
  stability: "generally-available",
  summary:
    "Refuses telemetry, so that its senders try again later, while heap and buffers together are above the limit less the spike limit. The collector's own budget refuses before that where the container has a limit.",
  arguments: {
    check_interval: required(duration, "How often the use of memory is looked at.", {
      check: (ms) => (ms > 0 ? undefined : "check_interval must be greater than zero"),
    }),
    limit: defaulted(bytes, "Memory above which garbage is collected at every check; refusing begins a spike limit below.", 0),
    spike_limit: defaulted(bytes, "By how much memory may grow between two checks; a fifth of `limit` where it is 0.", 0),
    limit_percentage: defaulted(uint, "As `limit`, in percent of the container's limit or else of the machine's memory.", 0),
    spike_limit_percentage: defaulted(uint, "As `spike_limit`, in percent of that memory.", 0),
  },
  blocks: {
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to pass on while there is memory." } },
  metrics: [...limiterMetricDocs, ...processorMetricDocs],
  needs: {},
  check(args, report) {
    if (args.limit > 0 && args.limit_percentage > 0)
      report("either limit or limit_percentage must be set, but not both", "limit_percentage");
    else if (args.limit > 0) {
      if (args.limit < MIB) report("limit must be at least 1MiB", "limit");
      else if (args.spike_limit >= args.limit) report("spike_limit must be less than limit", "spike_limit");
      else if (args.spike_limit > 0 && args.spike_limit < MIB) report("spike_limit must be at least 1MiB", "spike_limit");
    } else if (args.limit_percentage > 0) {
      const isPercentage = (value: number) => value > 0 && value <= 100;
      if (!isPercentage(args.limit_percentage) || !isPercentage(args.spike_limit_percentage))
        report("limit_percentage and spike_limit_percentage must be greater than 0 and and less or equal than 100", "limit_percentage");
      else if (args.spike_limit_percentage >= args.limit_percentage)
        report("spike_limit_percentage must be less than limit_percentage", "spike_limit_percentage");
    } else report("either limit or limit_percentage must be set to greater than zero");
  },
  create(context, args) {
    const limiter = createMemoryLimiter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", limiter.consumer) });
    return limiter;
  },
});
