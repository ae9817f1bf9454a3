import type { ComponentContext } from "../../../../component/context.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { grpcMeter, httpMeter } from "../../../../signals/otlp/exchange-metrics.ts";
import { type GrpcServer, startGrpcServer } from "../../../../transport/grpc-server.ts";
import { type HttpServer, startHttpServer } from "../../../../transport/http-server.ts";
import {
  maxGrpcMessageBytes,
  type OtelcolGrpcServerArgs,
  otelcolGrpcServerOptions,
} from "../../../../transport/otelcol/grpc-server-arguments.ts";
import { type OtelcolHttpServerArgs, otelcolHttpServerOptions } from "../../../../transport/otelcol/http-server-arguments.ts";
import { grpcMethod, grpcPaths } from "./grpc.ts";
import { httpRoute, refuseHttp } from "./http.ts";
import type { Ingest } from "./ingest.ts";

export interface HttpArgs extends OtelcolHttpServerArgs {
  readonly traces_url_path: string;
  readonly metrics_url_path: string;
  readonly logs_url_path: string;
}

export interface Served {
  readonly context: ComponentContext;
  readonly ingest: Ingest;
  /** Only these are taken: a client of another signal hears that nobody wants it. */
  readonly signals: readonly Signal[];
  /** Metrics tell the addresses of clients. */
  readonly withPeers: boolean;
}

/** Serves OTLP over HTTP. Rejects where it can't listen. */
export function serveHttp(args: HttpArgs, { context, ingest, signals, withPeers }: Served): Promise<HttpServer> {
  const { clock, log, metrics, budget, peers } = context;
  const paths = { traces: args.traces_url_path, metrics: args.metrics_url_path, logs: args.logs_url_path };
  return startHttpServer({
    ...otelcolHttpServerOptions(args),
    routes: Object.fromEntries(signals.map((signal) => [urlPath(paths[signal]), httpRoute(signal, ingest, args.include_metadata)])),
    refuse: refuseHttp,
    observe: httpMeter(metrics, "server", withPeers),
    tracer: peers.tracer,
    budget,
    clock,
    log,
  });
}

/** Serves OTLP over gRPC. Rejects where it can't listen. */
export function serveGrpc(args: OtelcolGrpcServerArgs, { context, ingest, signals, withPeers }: Served): Promise<GrpcServer> {
  const { clock, log, metrics, budget, peers } = context;
  const maxBytes = maxGrpcMessageBytes(args);
  return startGrpcServer({
    ...otelcolGrpcServerOptions(args),
    methods: Object.fromEntries(signals.map((signal) => [grpcPaths[signal], grpcMethod(signal, ingest, maxBytes, args.include_metadata)])),
    observe: grpcMeter(metrics, "server", withPeers),
    tracer: peers.tracer,
    budget,
    clock,
    log,
  });
}

/** The path of a URL, or a path with or without its slash. */
function urlPath(text: string): string {
  if (URL.canParse(text)) return new URL(text).pathname;
  const path = text.replace(/[?#].*$/s, "");
  return path.startsWith("/") ? path : `/${path}`;
}
