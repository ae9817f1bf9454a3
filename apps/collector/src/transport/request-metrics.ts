import type { MetricDoc } from "../component/definition.ts";
import type { MetricScope } from "../component/metrics.ts";
import type { GrpcExchange } from "./grpc-server.ts";
import { grpcCodeName } from "./grpc-status.ts";
import type { HttpExchange, HttpServer } from "./http-server.ts";

/** What the servers of a receiver in the style of Loki and Prometheus count, in the incumbent's names. */
export interface RequestMetrics {
  observeHttp(exchange: HttpExchange): void;
  observeGrpc(exchange: GrpcExchange): void;
  /** The server whose requests and connections are shown. */
  follow(server: HttpServer | undefined): void;
}

/** What `requestMetrics` counts under these names. */
export function requestMetricDocs(prefix: string): readonly MetricDoc[] {
  return [
    { name: `${prefix}_request_duration_seconds`, kind: "histogram", doc: "How long requests took." },
    { name: `${prefix}_inflight_requests`, kind: "gauge", doc: "Requests under way." },
    { name: `${prefix}_request_message_bytes`, kind: "histogram", doc: "Size of requests." },
    { name: `${prefix}_response_message_bytes`, kind: "histogram", doc: "Size of answers." },
    { name: `${prefix}_tcp_connections`, kind: "gauge", doc: "Connections." },
  ];
}

const MB = 1024 * 1024;
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];
const SIZES = [MB, 2.5 * MB, 5 * MB, 10 * MB, 25 * MB, 50 * MB, 100 * MB, 250 * MB];

/** Metrics whose names begin with `prefix`: `loki_source_api`. */
export function requestMetrics(scope: MetricScope, prefix: string): RequestMetrics {
  const duration = scope.histogram(`${prefix}_request_duration_seconds`, {
    help: "Time (in seconds) spent serving HTTP requests.",
    labels: ["method", "route", "status_code", "ws"],
    buckets: SECONDS,
  });
  const sizes = (name: string, help: string) => scope.histogram(`${prefix}_${name}`, { help, labels: ["method", "route"], buckets: SIZES });
  const received = sizes("request_message_bytes", "Size (in bytes) of messages received in the request.");
  const sent = sizes("response_message_bytes", "Size (in bytes) of messages sent in response.");
  const inflight = scope.gauge(`${prefix}_inflight_requests`, { help: "Current number of inflight requests." }).of();
  const connections = scope.gauge(`${prefix}_tcp_connections`, {
    help: "Current number of accepted TCP connections.",
    labels: ["protocol"],
  });
  let followed: HttpServer | undefined;
  scope.beforeScrape(() => {
    inflight.set(followed?.inflightRequests ?? 0);
    connections.of("http").set(followed?.connections ?? 0);
  });
  const observe = (method: string, route: string, status: string, exchange: Omit<HttpExchange, "method" | "status">) => {
    duration.of(method, route, status, "false").observe(exchange.seconds);
    received.of(method, route).observe(exchange.requestBytes);
    sent.of(method, route).observe(exchange.responseBytes);
  };
  return {
    // Paths that are no route of ours would each make metrics of their own.
    observeHttp: (exchange) =>
      observe(exchange.method, exchange.status === 404 ? "other" : routeName(exchange.path), String(exchange.status), exchange),
    observeGrpc: (exchange) => observe("gRPC", exchange.method, grpcCodeName(exchange.code), { ...exchange, path: "" }),
    follow: (server) => {
      followed = server;
    },
  };
}

function routeName(path: string): string {
  return path.replace(/[^a-zA-Z0-9]+/g, "_").replace(/^_|_$/g, "");
}
