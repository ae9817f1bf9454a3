import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, duration, int, many, map, uint } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { policiesFault, policyBlock } from "./policy-arguments.ts";
import { createTailSampling } from "./processor.ts";
import { tailSamplingMetricDocs } from "./sampler-metrics.ts";

const cacheKeys = ["sampled_cache_size", "non_sampled_cache_size"];

/** Keeps traces by what happened in them. */
export const component = defineComponent({
  name: "otelcol.processor.tail_sampling",
  stability: "generally-available",
  summary:
    "Waits for the spans of a trace and then keeps all of them or none, as policies say. Spans are acknowledged when they come in; what waits when the component stops is decided about with the spans that are there.",
  arguments: {
    decision_wait: defaulted(duration, "How long after a trace's first span it is decided about, in whole seconds.", "30s", {
      check: (ms) => (ms >= 1 ? undefined : "decision_wait must be greater than zero"),
    }),
    decision_wait_after_root_received: defaulted(
      duration,
      "How long after the root span a trace is decided about, if that is earlier; 0: not.",
      "0s",
    ),
    num_traces: defaulted(uint, "How many traces may be in memory.", 50000, {
      check: (count) => (count > 0 ? undefined : "num_traces must be greater than zero"),
    }),
    block_on_overflow: defaulted(bool, "Where there are as many, senders wait; else the trace that came first is lost.", false),
    expected_new_traces_per_sec: defaulted(
      uint,
      "How many new traces come each second; memory grows by itself, so that nothing depends on it.",
      0,
    ),
    sample_on_first_match: defaulted(bool, "Asks no further policies once one keeps the trace.", false),
    drop_pending_traces_on_shutdown: defaulted(bool, "Drops what waits when the component stops.", false),
    maximum_trace_size_bytes: defaulted(uint, "Drops traces that grow larger, at once; 0: none.", 0),
    decision_cache: defaulted(
      map(int),
      "sampled_cache_size and non_sampled_cache_size: of how many traces the decision is remembered once their spans are gone.",
      {},
      {
        check: (sizes) => {
          const stranger = Object.keys(sizes).find((key) => !cacheKeys.includes(key));
          if (stranger !== undefined) return `unknown key ${stranger}: write sampled_cache_size or non_sampled_cache_size`;
          return Object.values(sizes).some((size) => size < 0) ? "sizes of caches must not be negative" : undefined;
        },
      },
    ),
  },
  blocks: {
    policy: many("Says which traces are kept.", policyBlock),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the spans of the traces that are decided about." } },
  metrics: [...tailSamplingMetricDocs, ...processorMetricDocs],
  needs: {},
  check(args, report) {
    if (args.policy.length === 0) report("at least one policy block is needed", "policy");
    const fault = policiesFault(args.policy);
    if (fault !== undefined) report(fault, "policy");
  },
  create(context, args) {
    const processor = createTailSampling(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
