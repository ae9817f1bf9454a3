import { Capsule } from "@invar/alloy-syntax";
import { GoError } from "@invar/go-compat";
import { assumed, many, maybe } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { matchProperties } from "../../../../signals/otlp/matching/arguments.ts";
import { itemMatcher } from "../../../../signals/otlp/matching/item-matcher.ts";
import { matchFault } from "../../../../signals/otlp/matching/validate.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { actionArguments, checkActions } from "./action-arguments.ts";
import { createAttributesProcessor } from "./processor.ts";

/** Changes the attributes of spans, log records and data points. */
export const component = defineComponent({
  name: "otelcol.processor.attributes",
  stability: "generally-available",
  summary: "Inserts, changes, deletes, hashes, extracts and converts attributes of spans, log records and data points. Hashes are SHA-256.",
  blocks: {
    action: many("What to do to the attributes; one after the other.", actionArguments),
    include: maybe("Which items are changed; all where it is absent.", matchProperties),
    exclude: maybe("Which of these items are left as they are.", matchProperties),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to change." } },
  metrics: processorMetricDocs,
  needs: {},
  check(args, report) {
    checkActions(args.action, report);
    for (const place of ["include", "exclude"] as const) {
      const properties = args[place];
      if (properties === undefined) continue;
      for (const signal of ["traces", "metrics", "logs"] as const) {
        // What is written for one signal is wrong for the others, which then must have no output.
        if (args.output[signal].length === 0) continue;
        const fault = matchFault(signal, properties);
        if (fault !== undefined) report(`error getting '${place}' match properties: ${fault}`, place);
        else
          try {
            itemMatcher(signal, properties);
          } catch (error) {
            if (!(error instanceof GoError)) throw error;
            report(`error getting '${place}' match properties: ${error.message}`, place);
          }
      }
    }
  },
  create(context, args) {
    const processor = createAttributesProcessor(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor;
  },
});
