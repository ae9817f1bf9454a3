import { Capsule } from "@invar/alloy-syntax";
import { quote } from "@invar/go-compat";
import { assumed, bool, defaulted, float, int, oneOf, string, uint } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { SMALLEST_PROBABILITY } from "../../../../signals/otlp/sampling/threshold.ts";
import { modes } from "./decision.ts";
import { createProbabilisticSampler, samplerMetricDocs } from "./processor.ts";

/** Keeps a share of spans and log records. */
export const component = defineComponent({
  name: "otelcol.processor.probabilistic_sampler",
  stability: "generally-available",
  summary:
    "Keeps a percentage of spans and log records, each on its own: those of one trace share their fate. The decision is noted in the tracestate, or in attributes of the record.",
  arguments: {
    sampling_percentage: defaulted(float, "How many percent are kept; from 100 on all of them.", 0),
    hash_seed: defaulted(uint, "Mixed into the hash of mode hash_seed; collectors of one tier need the same.", 0, {
      check: (seed) => (seed <= 0xffffffff ? undefined : "hash_seed must be below 2^32"),
    }),
    mode: defaulted(string, "hash_seed, equalizing or proportional; empty is hash_seed.", "", {
      check: (mode) =>
        mode === "" || modes.some((known) => known === mode)
          ? undefined
          : `unsupported sampler mode ${quote(mode)}: write one of ${modes.join(", ")}`,
    }),
    fail_closed: defaulted(bool, "Drops what can't be decided about, instead of keeping it.", true),
    sampling_precision: defaulted(int, "Hexadecimal digits of the thresholds that are noted, 1 to 14.", 4, {
      check: (digits) => {
        if (digits > 14) return `sampling precision is too great, should be <= 14: ${digits}`;
        return digits < 1 ? `invalid sampling precision: ${digits}` : undefined;
      },
    }),
    attribute_source: defaulted(oneOf("traceID", "record"), "Of log records, what mode hash_seed hashes first.", "traceID"),
    from_attribute: defaulted(
      string,
      "Attribute of log records to hash where there is no trace id, or where attribute_source is record.",
      "",
    ),
    sampling_priority: defaulted(string, "Attribute of log records with a percentage of their own.", ""),
  },
  blocks: {
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the spans and log records of which a share is kept." } },
  metrics: [...samplerMetricDocs, ...processorMetricDocs],
  needs: {},
  check({ sampling_percentage: percentage }, report) {
    const ratio = Math.fround(percentage) / 100;
    if (!Number.isFinite(ratio)) report(`sampling rate is invalid: ${percentage}%`, "sampling_percentage");
    else if (ratio < 0) report(`sampling rate is negative: ${percentage.toFixed(6)}%`, "sampling_percentage");
    else if (ratio > 0 && ratio < SMALLEST_PROBABILITY) report(`sampling rate is too small: ${percentage}%`, "sampling_percentage");
  },
  create(context, args) {
    const processor = createProbabilisticSampler(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
