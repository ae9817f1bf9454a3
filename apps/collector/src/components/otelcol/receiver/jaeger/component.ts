import { assumed, block, bytes, type Decoded, defaulted, maybe, string, uint } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { grpcMetricDocs, httpMetricDocs } from "../../../../signals/otlp/exchange-metrics.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { receiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { parseAddress } from "../../../../transport/address.ts";
import { checkOtelcolGrpcServer, otelcolGrpcServer } from "../../../../transport/otelcol/grpc-server-arguments.ts";
import { checkOtelcolHttpServer, otelcolHttpServer } from "../../../../transport/otelcol/http-server-arguments.ts";
import { packetMetricDocs } from "../../../../transport/packet-metrics.ts";
import { createReceiver } from "./receiver.ts";

const udpServer = (endpoint: string) =>
  ({
    arguments: {
      endpoint: defaulted(string, "`host:port` to listen on.", endpoint, {
        check: (text) => {
          const address = parseAddress(text);
          return typeof address === "string" ? address : undefined;
        },
      }),
      max_packet_size: defaulted(bytes, "Larger packets are dropped and counted.", "65KiB"),
      queue_size: defaulted(uint, "How many packets may wait; further ones are dropped and counted.", 1000),
      socket_buffer_size: defaulted(bytes, "The kernel's buffer for packets; 0 is the system's.", 0),
      workers: defaulted(uint, "How many packets are handed on at the same time.", 10, {
        check: (count) => (count < 1 ? "workers must be at least 1" : undefined),
      }),
    },
  }) as const;

const schema = {
  blocks: {
    protocols: block(
      "The protocols by which traces come; one at least.",
      {
        blocks: {
          grpc: maybe("Protobuf over gRPC.", otelcolGrpcServer("0.0.0.0:14250"), { check: checkOtelcolGrpcServer }),
          thrift_http: maybe("Thrift over HTTP.", otelcolHttpServer("0.0.0.0:14268"), { check: checkOtelcolHttpServer }),
          thrift_binary: maybe("Thrift's binary protocol over UDP.", udpServer("0.0.0.0:6832")),
          thrift_compact: maybe("Thrift's compact protocol over UDP.", udpServer("0.0.0.0:6831")),
        },
      },
      {
        check: ({ grpc, thrift_http, thrift_binary, thrift_compact }, report) => {
          if ((grpc ?? thrift_http ?? thrift_binary ?? thrift_compact) === undefined) report("at least one protocol must be enabled");
        },
      },
    ),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
} as const;

export type Args = Decoded<typeof schema>;

/** Takes in traces in the formats of Jaeger. */
export const component = defineComponent({
  name: "otelcol.receiver.jaeger",
  stability: "generally-available",
  summary: "Receives traces in Jaeger's formats: protobuf over gRPC, and Thrift over HTTP and UDP.",
  ...schema,
  exports: {},
  metrics: [...receiverMetrics(["traces"]), ...packetMetricDocs, ...grpcMetricDocs("server"), ...httpMetricDocs("server")],
  needs: {
    listens: [
      "protocols.grpc.endpoint",
      "protocols.thrift_http.endpoint",
      "protocols.thrift_binary.endpoint",
      "protocols.thrift_compact.endpoint",
    ],
  },
  create: (context, args) => createReceiver(context, args),
});
