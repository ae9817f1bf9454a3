import type { Counter, MetricScope } from "../../../../component/metrics.ts";
import type { GrpcExchange } from "../../../../transport/grpc-server.ts";
import { grpcCodeName } from "../../../../transport/grpc-status.ts";
import type { HttpExchange, HttpServer } from "../../../../transport/http-server.ts";

/** What the servers of the component count, in the incumbent's names. */
export interface ApiMetrics {
  readonly entriesWritten: Counter;
  readonly streamsDropped: Counter;
  observeHttp(exchange: HttpExchange): void;
  observeGrpc(exchange: GrpcExchange): void;
  /** The server whose requests and connections are shown. */
  follow(server: HttpServer | undefined): void;
}

const MB = 1024 * 1024;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];
const SIZES = [MB, 2.5 * MB, 5 * MB, 10 * MB, 25 * MB, 50 * MB, 100 * MB, 250 * MB];

export function apiMetrics(scope: MetricScope): ApiMetrics {
  const duration = scope.histogram("loki_source_api_request_duration_seconds", {
    help: "Time (in seconds) spent serving HTTP requests.",
    labels: ["method", "route", "status_code", "ws"],
    buckets: SECONDS,
  });
  const sizes = (name: string, help: string) => scope.histogram(name, { help, labels: ["method", "route"], buckets: SIZES });
  const received = sizes("loki_source_api_request_message_bytes", "Size (in bytes) of messages received in the request.");
  const sent = sizes("loki_source_api_response_message_bytes", "Size (in bytes) of messages sent in response.");
  const inflight = scope.gauge("loki_source_api_inflight_requests", { help: "Current number of inflight requests." }).of();
  const connections = scope.gauge("loki_source_api_tcp_connections", {
    help: "Current number of accepted TCP connections.",
    labels: ["protocol"],
  });
  let followed: HttpServer | undefined;
  scope.beforeScrape(() => {
    inflight.set(followed?.inflightRequests ?? 0);
    connections.of("http").set(followed?.connections ?? 0);
  });
  const observe = (
    method: string,
    route: string,
    status: string,
    exchange: { seconds: number; requestBytes: number; responseBytes: number },
  ) => {
    duration.of(method, route, status, "false").observe(exchange.seconds);
    received.of(method, route).observe(exchange.requestBytes);
    sent.of(method, route).observe(exchange.responseBytes);
  };
  return {
    entriesWritten: scope.counter("loki_source_api_entries_written", { help: "Total number of entries written." }).of(),
    streamsDropped: scope.counter("loki_source_api_streams_dropped_total", { help: "Streams of requests that relabelling dropped." }).of(),
    // Paths that are no route of ours would each make metrics of their own.
    observeHttp: (exchange) =>
      observe(exchange.method, exchange.status === 404 ? "other" : routeName(exchange.path), String(exchange.status), exchange),
    observeGrpc: (exchange) => observe("gRPC", exchange.method, grpcCodeName(exchange.code), exchange),
    follow: (server) => {
      followed = server;
    },
  };
}

function routeName(path: string): string {
  return path.replace(/[^a-zA-Z0-9]+/g, "_").replace(/^_|_$/g, "");
}
