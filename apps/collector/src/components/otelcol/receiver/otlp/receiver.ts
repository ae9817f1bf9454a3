import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { sameSettings } from "../../../../component/same-settings.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { ReceiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import type { GrpcServer } from "../../../../transport/grpc-server.ts";
import type { HttpServer } from "../../../../transport/http-server.ts";
import type { OtelcolGrpcServerArgs } from "../../../../transport/otelcol/grpc-server-arguments.ts";
import { Ingest } from "./ingest.ts";
import { type HttpArgs, type Served, serveGrpc, serveHttp } from "./listeners.ts";

export interface ReceiverArguments {
  readonly grpc: OtelcolGrpcServerArgs | undefined;
  readonly http: HttpArgs | undefined;
  readonly debug_metrics: { readonly disable_high_cardinality_metrics: boolean };
  readonly output: Decoded<typeof outputBlock>;
}

/** How long the old listener may take to answer its last requests when the new one has other settings. */
const HAND_OVER_MS = 5000;
const signals = ["traces", "metrics", "logs"] as const;

export function createReceiver(context: ComponentContext, args: ReceiverArguments): Component<ReceiverArguments> {
  let current = args;
  const output = new Output(args.output, context.debugStream);
  const ingest = new Ingest(output, new ReceiverMetrics(context, "otlp"));
  let http: HttpServer | undefined;
  let grpc: GrpcServer | undefined;

  const open = async (given: ReceiverArguments): Promise<void> => {
    const served: Served = {
      context,
      ingest,
      signals: wanted(given),
      withPeers: !given.debug_metrics.disable_high_cardinality_metrics,
    };
    try {
      if (given.grpc !== undefined) grpc ??= await serveGrpc(given.grpc, served);
      if (given.http !== undefined) http ??= await serveHttp(given.http, served);
    } catch (error) {
      // Half a receiver would look healthy to half of its clients.
      await close(AbortSignal.timeout(HAND_OVER_MS), true, true);
      throw error;
    }
  };
  const close = async (deadline: AbortSignal, closesGrpc: boolean, closesHttp: boolean): Promise<void> => {
    const closing = [closesGrpc ? grpc?.close(deadline) : undefined, closesHttp ? http?.close(deadline) : undefined];
    if (closesGrpc) grpc = undefined;
    if (closesHttp) http = undefined;
    await Promise.all(closing);
  };

  return {
    start: () => open(args),
    async update(next) {
      const before = current;
      const routesChanged =
        !sameSettings(wanted(before), wanted(next)) ||
        before.debug_metrics.disable_high_cardinality_metrics !== next.debug_metrics.disable_high_cardinality_metrics;
      const changesGrpc = grpc === undefined || routesChanged || !sameSettings(before.grpc, next.grpc);
      const changesHttp = http === undefined || routesChanged || !sameSettings(before.http, next.http);
      await close(AbortSignal.timeout(HAND_OVER_MS), changesGrpc, changesHttp);
      try {
        await open(next);
      } catch (error) {
        await open(before);
        throw error;
      }
      current = next;
      output.update(next.output);
    },
    stop: (deadline) => close(deadline, true, true),
    debugInfo: () => ({
      ...(grpc !== undefined && { grpc: { host: grpc.host, port: grpc.port, connections: grpc.connections } }),
      ...(http !== undefined && { http: { host: http.host, port: http.port, connections: http.connections } }),
    }),
  };
}

function wanted({ output }: ReceiverArguments): readonly Signal[] {
  return signals.filter((signal) => output[signal].length > 0);
}
