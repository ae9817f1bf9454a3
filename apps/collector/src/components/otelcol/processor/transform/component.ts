import { Capsule } from "@invar/alloy-syntax";
import { assumed, list, many, maybe, optional, required, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { errorModeArgument, groupErrorModeArgument } from "../../../../ottl/error-mode.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { compileGroups, groupsOf, signals, writtenContexts } from "./groups.ts";
import { createTransformProcessor, errorMetricDoc } from "./processor.ts";

const contextStatements = {
  arguments: {
    context: required(string, `What the statements are about: ${writtenContexts.join(", ")}.`, {
      check: (name) =>
        writtenContexts.includes(name.toLowerCase()) ? undefined : `unknown context ${name}: write one of ${writtenContexts.join(", ")}`,
    }),
    conditions: optional(list(string), "Only what meets one of these is changed."),
    statements: required(list(string), "What to do, one after the other."),
    error_mode: groupErrorModeArgument,
  },
} as const;

/** Changes telemetry by statements. */
export const component = defineComponent({
  name: "otelcol.processor.transform",
  stability: "generally-available",
  summary: "Changes traces, metrics and logs by statements in the OpenTelemetry Transformation Language.",
  arguments: { error_mode: errorModeArgument },
  blocks: {
    trace_statements: many("Statements for traces.", contextStatements),
    metric_statements: many("Statements for metrics.", contextStatements),
    log_statements: many("Statements for logs.", contextStatements),
    statements: maybe("Statements whose context is told by their paths; carried out after all others of their signal.", {
      arguments: {
        trace: optional(list(string), "For traces."),
        metric: optional(list(string), "For metrics."),
        log: optional(list(string), "For logs."),
      },
    }),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to change." } },
  metrics: [...processorMetricDocs, errorMetricDoc],
  needs: {},
  check(args, report) {
    for (const signal of signals)
      for (const group of groupsOf(signal, args)) {
        for (const { message, place } of compileGroups(signal, [group], args.error_mode, () => {}).problems) report(message, place);
      }
  },
  create(context, args) {
    const processor = createTransformProcessor(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
