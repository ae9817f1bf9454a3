import { bool, type Decoded, defaulted, duration, int, maybe, optional, string, uint } from "../component/arguments.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, type GrpcServerOptions } from "./grpc-server.ts";
import type { Http2Settings } from "./http/dual-server.ts";
import type { HttpServerOptions } from "./http-server.ts";
import { serverTls, serverTlsBlock } from "./tls/server-arguments.ts";

// The `http` and `grpc` blocks of receivers in the style of Loki and Prometheus.

const port = { check: (number: number) => (number >= 0 && number <= 65535 ? undefined : `${number} is no port`) };

const http2Block = maybe(
  "HTTP/2 beside HTTP/1.1, on the same port: with TLS where the client asks for it, without where the client begins with it.",
  {
    arguments: {
      enabled: defaulted(bool, "Whether HTTP/2 is spoken.", false),
      max_handlers: defaulted(int, "How many requests of all connections are handled at once.", 0, {
        withoutEffect: "the incumbent does not limit them either; conn_limit and max_concurrent_streams do",
      }),
      max_concurrent_streams: defaulted(uint, "The most requests at the same time on one connection.", 100),
      max_decoder_header_table_size: defaulted(uint, "The size of the table for headers that clients send.", 4096),
      max_encoder_header_table_size: defaulted(uint, "The size of the table for headers of answers.", 4096, {
        withoutEffect: "answers of receivers have two or three headers",
      }),
      max_read_frame_size: defaulted(uint, "The largest frame that clients may send, from 16384; 0 is 16384.", 0, {
        check: (size) =>
          size === 0 || (size >= 16384 && size < 2 ** 24) ? undefined : "max_read_frame_size must be 0 or from 16384 to 16777215",
      }),
      permit_prohibited_ciphers: defaulted(bool, "Whether suites are taken that HTTP/2 forbids.", false, {
        withoutEffect: "the suites are those of the tls block",
      }),
      idle_timeout: defaulted(duration, "Connections without requests are closed after so long; 0 means server_idle_timeout.", "0s"),
      read_idle_timeout: defaulted(
        duration,
        "A client of whom nothing was heard for so long is asked whether it is there; 0 asks none.",
        "0s",
      ),
      ping_timeout: defaulted(duration, "How long it may take to answer that.", "15s"),
      write_byte_timeout: defaulted(duration, "How long a client may take to read.", "0s", {
        withoutEffect: "server_write_timeout says how long an answer may take to leave",
      }),
      max_upload_buffer_per_connection: defaulted(
        uint,
        "What a client may send ahead of what is read, on a connection; 0 is the platform's.",
        0,
      ),
      max_upload_buffer_per_stream: defaulted(uint, "The same for one request.", 0, {
        check: (size) => (size < 2 ** 31 ? undefined : "max_upload_buffer_per_stream must be less than 2147483648"),
      }),
    },
  },
);

const httpSchema = {
  arguments: {
    listen_address: defaulted(string, "The address to listen on; empty means all of this machine.", ""),
    listen_port: defaulted(int, "The port to listen on; 0 means any that is free.", 8080, port),
    conn_limit: defaulted(uint, "The most connections at the same time; 0 means any number.", 0),
    server_read_timeout: defaulted(duration, "How long a request may take to come.", "30s"),
    server_write_timeout: defaulted(duration, "How long an answer may take to leave.", "30s"),
    server_idle_timeout: defaulted(duration, "Connections without requests are closed after so long.", "120s"),
  },
  blocks: { tls: serverTlsBlock, http2: http2Block },
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
  http2: undefined,
};

/** What the block says to `startHttpServer`. */
export function httpListenOptions(
  args: HttpListenArgs | undefined,
  maxBodyBytes: number,
): Pick<HttpServerOptions, "host" | "port" | "tls" | "http2" | "limits"> {
  const http = args ?? httpDefaults;
  const tls = http.tls === undefined ? undefined : serverTls(http.tls);
  return {
    host: http.listen_address === "" ? undefined : http.listen_address,
    port: http.listen_port,
    ...(tls !== undefined && { tls }),
    ...(http.http2?.enabled === true && { http2: http2Settings(http.http2, http.server_idle_timeout) }),
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

function http2Settings(args: Decoded<typeof http2Block>, idleMs: number): Http2Settings {
  return {
    maxConcurrentStreams: args.max_concurrent_streams,
    maxFrameBytes: args.max_read_frame_size,
    streamWindowBytes: args.max_upload_buffer_per_stream,
    connectionWindowBytes: args.max_upload_buffer_per_connection,
    headerTableBytes: args.max_decoder_header_table_size,
    idleTimeoutMs: args.idle_timeout > 0 ? args.idle_timeout : idleMs,
    pingAfterMs: args.read_idle_timeout,
    pingTimeoutMs: args.ping_timeout,
    maxHeaderBytes: 64 * 1024,
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
