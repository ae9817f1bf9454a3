import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { grpcMeter, httpMeter } from "../../../../signals/otlp/exchange-metrics.ts";
import { Intake } from "../../../../signals/otlp/intake.ts";
import { Output } from "../../../../signals/otlp/output.ts";
import { ReceiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { BinaryReader } from "../../../../signals/thrift/binary-reader.ts";
import { CompactReader } from "../../../../signals/thrift/compact-reader.ts";
import { startGrpcServer } from "../../../../transport/grpc-server.ts";
import { startHttpServer } from "../../../../transport/http-server.ts";
import { ListenerSet, type Listening, type WantedListener } from "../../../../transport/listener-set.ts";
import { maxGrpcMessageBytes, otelcolGrpcServerOptions } from "../../../../transport/otelcol/grpc-server-arguments.ts";
import { otelcolHttpServerOptions } from "../../../../transport/otelcol/http-server-arguments.ts";
import { listenForPackets } from "../../../../transport/packet-listener.ts";
import { packetLosses } from "../../../../transport/packet-metrics.ts";
import { Agent } from "./agent.ts";
import type { Args } from "./component.ts";
import { POST_SPANS, postSpans } from "./post-spans.ts";
import { thriftRoute } from "./thrift-route.ts";

interface Listener extends Listening {
  readonly host: string;
  readonly port: number;
}

const names = ["grpc", "thrift_http", "thrift_binary", "thrift_compact"] as const;

export function createReceiver(context: ComponentContext, args: Args): Component<Args> {
  const { clock, log, metrics, budget, peers } = context;
  const output = new Output(args.output, context.debugStream);
  const intake = new Intake("traces", output, new ReceiverMetrics(context, "jaeger"));
  const listeners = new ListenerSet<Listener>();

  const wanted = ({ protocols, debug_metrics }: Args): Record<string, WantedListener<Listener>> => {
    const withPeers = !debug_metrics.disable_high_cardinality_metrics;
    const { grpc, thrift_http: http, thrift_binary: binary, thrift_compact: compact } = protocols;
    const serving = { tracer: peers.tracer, budget, clock, log };
    return {
      ...(grpc !== undefined && {
        grpc: {
          settings: { grpc, withPeers },
          open: () =>
            startGrpcServer({
              ...otelcolGrpcServerOptions(grpc),
              methods: { [POST_SPANS]: postSpans(intake, maxGrpcMessageBytes(grpc), grpc.include_metadata) },
              observe: grpcMeter(metrics, "server", withPeers),
              ...serving,
            }),
        },
      }),
      ...(http !== undefined && {
        thrift_http: {
          settings: { http, withPeers },
          open: () =>
            startHttpServer({
              ...otelcolHttpServerOptions(http),
              routes: { "/api/traces": thriftRoute(intake, http.include_metadata) },
              observe: httpMeter(metrics, "server", withPeers),
              ...serving,
            }),
        },
      }),
      ...(binary !== undefined && { thrift_binary: { settings: binary, open: () => listen(binary, "udp_thrift_binary") } }),
      ...(compact !== undefined && { thrift_compact: { settings: compact, open: () => listen(compact, "udp_thrift_compact") } }),
    };
  };
  const listen = (udp: NonNullable<Args["protocols"]["thrift_binary"]>, transport: string) => {
    const reader = transport === "udp_thrift_binary" ? new BinaryReader() : new CompactReader();
    const agent = new Agent({ intake, reader, transport, clock });
    return listenForPackets({
      endpoint: udp.endpoint,
      socketBufferBytes: udp.socket_buffer_size,
      maxPacketBytes: udp.max_packet_size,
      maxWaiting: udp.queue_size,
      workers: udp.workers,
      take: (packet, stopping) => agent.take(packet, stopping),
      lost: packetLosses(metrics, transport),
      budget,
      log,
    });
  };

  return {
    start: () => listeners.change(wanted(args)),
    async update(next) {
      await listeners.change(wanted(next));
      output.update(next.output);
    },
    stop: (deadline) => listeners.close(deadline),
    debugInfo: () =>
      Object.fromEntries(
        names.flatMap((name) => {
          const listener = listeners.get(name);
          return listener === undefined ? [] : [[name, { host: listener.host, port: listener.port }]];
        }),
      ),
  };
}
