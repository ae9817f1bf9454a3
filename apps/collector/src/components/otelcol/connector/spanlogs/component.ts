import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, list, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { ConnectorMetrics, connectorMetricDocs } from "../../../../signals/otlp/connector-metrics.ts";
import { Output, outputBlock } from "../../../../signals/otlp/output.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { SpanLogs } from "./span-logs.ts";

const key = (doc: string, name: string) =>
  defaulted(string, doc, name, { check: (text) => (text === "" ? "a key of log lines must not be empty" : undefined) });

/** Makes log lines of spans. */
export const component = defineComponent({
  name: "otelcol.connector.spanlogs",
  stability: "generally-available",
  summary:
    "Makes log lines in logfmt of spans, root spans, processes and span events. A sender is answered when the lines were taken further on.",
  arguments: {
    spans: defaulted(bool, "Whether there is a line for each span.", false),
    roots: defaulted(bool, "Whether there is a line for each span that has no parent.", false),
    processes: defaulted(bool, "Whether there is a line for each trace that a resource has a part in.", false),
    events: defaulted(bool, "Whether there is a line for each event of a span.", false),
    span_attributes: defaulted(list(string), "Attributes of spans that lines hold as well.", []),
    process_attributes: defaulted(list(string), "Attributes of resources that lines hold as well.", []),
    event_attributes: defaulted(list(string), "Attributes of events that lines hold as well.", []),
    labels: defaulted(list(string), "Keys of the line that become attributes of the log record.", []),
  },
  blocks: {
    overrides: assumed("How keys are named.", {
      arguments: {
        logs_instance_tag: key("The attribute that tells what a line is about.", "traces"),
        service_key: key("The key of the service's name.", "svc"),
        span_name_key: key("The key of the span's name.", "span"),
        status_key: key("The key of the span's status.", "status"),
        duration_key: key("The key of the span's duration.", "dur"),
        trace_id_key: key("The key of the trace's id.", "tid"),
      },
    }),
    output: outputBlock,
  },
  exports: { input: { type: otelConsumer, doc: "Takes the spans that lines are made of." } },
  metrics: connectorMetricDocs,
  needs: {},
  create(context, args) {
    const output = new Output(args.output, context.debugStream);
    const flow = new ConnectorMetrics(context.metrics, "spanlogs", context.id);
    let lines = new SpanLogs(args);
    const consumer = onlySignals(["traces"], {
      async consume(batch) {
        flow.incoming(batch.items);
        const made = lines.make(batch);
        if (made === undefined) return;
        try {
          await output.consume(made);
          flow.ended(made, undefined);
        } catch (thrown) {
          const error = deliveryErrorOf(thrown);
          // Who may send again has lost nothing.
          if (!error.retryable) flow.ended(made, error);
          throw error;
        } finally {
          made.release();
        }
      },
      pressure: () => output.pressure("logs"),
    });
    context.export({ input: new Capsule("otelcol.Consumer", consumer) });
    return {
      start() {},
      update(next) {
        lines = new SpanLogs(next);
        output.update(next.output);
      },
      stop() {},
    };
  },
});
