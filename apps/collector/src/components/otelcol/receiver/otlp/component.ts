import { assumed, defaulted, maybe, string } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { grpcMetricDocs, httpMetricDocs } from "../../../../signals/otlp/exchange-metrics.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { receiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { checkOtelcolGrpcServer, otelcolGrpcServer } from "../../../../transport/otelcol/grpc-server-arguments.ts";
import { checkOtelcolHttpServer, otelcolHttpServer } from "../../../../transport/otelcol/http-server-arguments.ts";
import { createReceiver } from "./receiver.ts";

const httpServer = otelcolHttpServer("0.0.0.0:4318");

const urlPath = (name: string, path: string, doc: string) =>
  defaulted(string, doc, path, { check: (text) => (text === "" ? `${name} cannot be empty` : undefined) });

/** Takes in traces, metrics and logs by the OpenTelemetry protocol. */
export const component = defineComponent({
  name: "otelcol.receiver.otlp",
  stability: "generally-available",
  summary:
    "Receives traces, metrics and logs by OTLP over gRPC and HTTP. A request is answered when its data is safe in every destination's queue.",
  blocks: {
    grpc: maybe("The gRPC server; none where the block is absent.", otelcolGrpcServer("0.0.0.0:4317"), { check: checkOtelcolGrpcServer }),
    http: maybe(
      "The HTTP server, for protobuf and JSON; none where the block is absent.",
      {
        arguments: {
          ...httpServer.arguments,
          traces_url_path: urlPath("traces_url_path", "/v1/traces", "The path that takes traces."),
          metrics_url_path: urlPath("metrics_url_path", "/v1/metrics", "The path that takes metrics."),
          logs_url_path: urlPath("logs_url_path", "/v1/logs", "The path that takes logs."),
        },
        blocks: httpServer.blocks,
      },
      { check: checkOtelcolHttpServer },
    ),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: {},
  metrics: [...receiverMetrics(), ...grpcMetricDocs("server"), ...httpMetricDocs("server")],
  needs: { listens: ["grpc.endpoint", "http.endpoint"] },
  create: (context, args) => createReceiver(context, args),
});
