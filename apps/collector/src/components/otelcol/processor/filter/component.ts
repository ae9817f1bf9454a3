import { Capsule } from "@invar/alloy-syntax";
import { assumed, list, many, maybe, optional, required, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { errorModeArgument } from "../../../../ottl/error-mode.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { compileFilters, exclusionFault, signals } from "./conditions.ts";
import { createFilterProcessor, filterMetricDocs } from "./processor.ts";

const contextConditions = {
  arguments: {
    conditions: required(list(string), "What meets one of these is dropped."),
    context: optional(string, "What the conditions are about; told by their paths where it is absent."),
  },
} as const;

/** Drops telemetry that meets conditions. */
export const component = defineComponent({
  name: "otelcol.processor.filter",
  stability: "generally-available",
  summary:
    "Drops spans, span events, metrics, data points and log records that meet conditions in the OpenTelemetry Transformation Language.",
  arguments: { error_mode: errorModeArgument },
  blocks: {
    traces: maybe("Conditions for traces, by context. The block trace_conditions takes its place.", {
      arguments: {
        span: optional(list(string), "Spans that meet one of these are dropped."),
        spanevent: optional(list(string), "Events that meet one of these are dropped from their span."),
      },
    }),
    metrics: maybe("Conditions for metrics, by context. The block metric_conditions takes its place.", {
      arguments: {
        metric: optional(list(string), "Metrics that meet one of these are dropped."),
        datapoint: optional(list(string), "Data points that meet one of these are dropped; a metric without any goes, too."),
      },
    }),
    logs: maybe("Conditions for logs. The block log_conditions takes its place.", {
      arguments: { log_record: optional(list(string), "Log records that meet one of these are dropped.") },
    }),
    trace_conditions: many("Conditions for traces.", contextConditions),
    metric_conditions: many("Conditions for metrics.", contextConditions),
    log_conditions: many("Conditions for logs.", contextConditions),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to filter." } },
  metrics: [...processorMetricDocs, ...filterMetricDocs],
  needs: {},
  check(args, report) {
    for (const signal of signals) {
      const fault = exclusionFault(signal, args);
      if (fault !== undefined) report(fault.message, fault.place);
      for (const { message, place } of compileFilters(signal, args, () => {}).problems) report(message, place);
    }
  },
  create(context, args) {
    const processor = createFilterProcessor(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
