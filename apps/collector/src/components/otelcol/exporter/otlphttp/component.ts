import { Capsule } from "@invar/alloy-syntax";
import { assumed, block, defaulted, optional, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { retryBlock, sendingQueueBlock } from "../../../../delivery/otlp/arguments.ts";
import { queueMetricDocs } from "../../../../delivery/otlp/exporter.ts";
import { httpMetricDocs } from "../../../../signals/otlp/exchange-metrics.ts";
import { exporterMetricDocs } from "../../../../signals/otlp/exporter-metrics.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import { checkOtelcolHttpClient, isHttpUrl, otelcolHttpClient } from "../../../../transport/otelcol/http-client-arguments.ts";
import { createOtlpHttpExporter } from "./exporter.ts";

const signalEndpoint = (signal: string) =>
  optional(string, `The URL to send ${signal} to, in place of the client's with /v1/${signal}.`, {
    check: (url) => (url === "" || isHttpUrl(url) ? undefined : `"${url}" must be an http or https URL`),
  });

/** Sends traces, metrics and logs by OTLP over HTTP. */
export const component = defineComponent({
  name: "otelcol.exporter.otlphttp",
  stability: "generally-available",
  summary: "Sends traces, metrics and logs by OTLP over HTTP, from a queue on disk.",
  arguments: {
    encoding: defaulted(string, 'How messages are written: "proto" or "json".', "proto", {
      check: (encoding) => (encoding === "proto" || encoding === "json" ? undefined : `invalid encoding type ${encoding}`),
    }),
    logs_endpoint: signalEndpoint("logs"),
    metrics_endpoint: signalEndpoint("metrics"),
    traces_endpoint: signalEndpoint("traces"),
  },
  blocks: {
    client: block("Where to send and how.", otelcolHttpClient, { check: checkOtelcolHttpClient }),
    sending_queue: sendingQueueBlock,
    retry_on_failure: retryBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to send." } },
  metrics: [...exporterMetricDocs, ...queueMetricDocs, ...httpMetricDocs("client")],
  needs: { storage: true },
  check(args, report) {
    if (
      [args.client.endpoint, args.traces_endpoint, args.metrics_endpoint, args.logs_endpoint].every(
        (url) => url === undefined || url === "",
      )
    )
      report("at least one endpoint must be specified");
  },
  create(context, args) {
    const exporter = createOtlpHttpExporter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter.consumer) });
    return exporter;
  },
});
