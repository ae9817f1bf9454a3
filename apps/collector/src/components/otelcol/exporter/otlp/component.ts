import { Capsule } from "@invar/alloy-syntax";
import { assumed, block, defaulted, duration } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { retryBlock, sendingQueueBlock } from "../../../../delivery/otlp/arguments.ts";
import { queueMetricDocs } from "../../../../delivery/otlp/exporter.ts";
import { grpcMetricDocs } from "../../../../signals/otlp/exchange-metrics.ts";
import { exporterMetricDocs } from "../../../../signals/otlp/exporter-metrics.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import { checkOtelcolGrpcClient, otelcolGrpcClient } from "../../../../transport/otelcol/grpc-client-arguments.ts";
import { createOtlpExporter } from "./exporter.ts";

/** Sends traces, metrics and logs by OTLP over gRPC. */
export const component = defineComponent({
  name: "otelcol.exporter.otlp",
  stability: "generally-available",
  summary: "Sends traces, metrics and logs by OTLP over gRPC, from a queue on disk.",
  arguments: {
    timeout: defaulted(duration, "How long a call may take; 0 is any time.", "5s"),
  },
  blocks: {
    client: block("Where to send and how.", otelcolGrpcClient, { check: checkOtelcolGrpcClient }),
    sending_queue: sendingQueueBlock,
    retry_on_failure: retryBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to send." } },
  metrics: [...exporterMetricDocs, ...queueMetricDocs, ...grpcMetricDocs("client")],
  needs: { storage: true },
  create(context, args) {
    const exporter = createOtlpExporter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter.consumer) });
    return exporter;
  },
});
