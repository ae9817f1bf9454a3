import { type Decoded, defaulted, duration, int, maybe, optional, string, uint } from "../component/arguments.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, type GrpcServerOptions } from "./grpc-server.ts";
import type { HttpServerOptions } from "./http-server.ts";
import { serverTls, serverTlsBlock } from "./tls/server-arguments.ts";

// The `http` and `grpc` blocks of receivers in the style of Loki and Prometheus.

const port = { check: (number: number) => (number >= 0 && number <= 65535 ? undefined : `${number} is no port`) };

const httpSchema = {
  arguments: {
    listen_address: defaulted(string, "The address to listen on; empty means all of this machine.", ""),
    listen_port: defaulted(int, "The port to listen on; 0 means any that is free.", 8080, port),
    conn_limit: defaulted(uint, "The most connections at the same time; 0 means any number.", 0),
    server_read_timeout: defaulted(duration, "How long a request may take to come.", "30s"),
    server_write_timeout: defaulted(duration, "How long an answer may take to leave.", "30s"),
    server_idle_timeout: defaulted(duration, "Connections without requests are closed after so long.", "120s"),
  },
  blocks: { tls: serverTlsBlock },
};

const grpcSchema = {
  arguments: {
    listen_address: defaulted(string, "The address to listen on; empty means all of this machine.", ""),
    listen_port: defaulted(int, "The port to listen on; 0 means any that is free.", 0, port),
    conn_limit: defaulted(uint, "The most connections at the same time; 0 means any number.", 0),
    max_connection_age: optional(duration, "Connections are closed after so long; absent, never."),
    max_connection_age_grace: optional(duration, "How long calls may take to end then; absent, any time."),
    max_connection_idle: optional(duration, "Connections without calls are closed after so long; absent, never."),
    server_max_recv_msg_size: defaulted(uint, "The most bytes of a message that is received.", 4 * 1024 * 1024),
    server_max_send_msg_size: defaulted(
      uint,
      "The most bytes of a message that is sent; answers of receivers are a few bytes.",
      4 * 1024 * 1024,
    ),
    server_max_concurrent_streams: defaulted(uint, "The most calls at the same time on one connection; 0 means any number.", 100),
  },
  blocks: { tls: serverTlsBlock },
};

/** Absent, the server listens by the block's defaults. */
export const httpListenBlock = maybe("The HTTP server that receives requests.", httpSchema);
/** Absent, there is no gRPC server. */
export const grpcListenBlock = maybe("The gRPC server that receives requests.", grpcSchema);

export type HttpListenArgs = Decoded<typeof httpSchema>;
export type GrpcListenArgs = Decoded<typeof grpcSchema>;

const httpDefaults: HttpListenArgs = {
  listen_address: "",
  listen_port: 8080,
  conn_limit: 0,
  server_read_timeout: 30_000,
  server_write_timeout: 30_000,
  server_idle_timeout: 120_000,
  tls: undefined,
};

/** What the block says to `startHttpServer`. */
export function httpListenOptions(
  args: HttpListenArgs | undefined,
  maxBodyBytes: number,
): Pick<HttpServerOptions, "host" | "port" | "tls" | "limits"> {
  const http = args ?? httpDefaults;
  const tls = http.tls === undefined ? undefined : serverTls(http.tls);
  return {
    host: http.listen_address === "" ? undefined : http.listen_address,
    port: http.listen_port,
    ...(tls !== undefined && { tls }),
    limits: {
      maxBodyBytes,
      maxConnections: http.conn_limit,
      readTimeoutMs: http.server_read_timeout,
      headerTimeoutMs: http.server_read_timeout,
      writeTimeoutMs: http.server_write_timeout,
      idleTimeoutMs: http.server_idle_timeout,
      keepAlive: true,
    },
  };
}

/** What the block says to `startGrpcServer`. */
export function grpcListenOptions(grpc: GrpcListenArgs): Pick<GrpcServerOptions, "host" | "port" | "tls" | "limits" | "keepalive"> {
  const tls = grpc.tls === undefined ? undefined : serverTls(grpc.tls);
  return {
    host: grpc.listen_address === "" ? undefined : grpc.listen_address,
    port: grpc.listen_port,
    ...(tls !== undefined && { tls }),
    limits: {
      ...defaultGrpcLimits,
      maxConnections: grpc.conn_limit,
      maxConcurrentStreams:
        grpc.server_max_concurrent_streams === 0 ? defaultGrpcLimits.maxConcurrentStreams : grpc.server_max_concurrent_streams,
      maxSendBytes: grpc.server_max_send_msg_size,
    },
    keepalive: {
      ...defaultGrpcKeepalive,
      maxConnectionAgeMs: grpc.max_connection_age ?? Number.POSITIVE_INFINITY,
      maxConnectionAgeGraceMs: grpc.max_connection_age_grace ?? Number.POSITIVE_INFINITY,
      maxConnectionIdleMs: grpc.max_connection_idle ?? Number.POSITIVE_INFINITY,
    },
  };
}
