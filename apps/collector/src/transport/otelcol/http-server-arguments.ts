import {
  assumed,
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  list,
  optional,
  type Report,
  string,
  uint,
} from "../../component/arguments.ts";
import { authHandler } from "../../component/capsules.ts";
import { parseAddress } from "../address.ts";
import type { ServerAuthenticator } from "../authentication.ts";
import { isEncoding } from "../compression.ts";
import type { HttpServerOptions } from "../http-server.ts";
import { otelcolTlsServer, otelcolTlsServerBlock } from "../tls/otelcol-arguments.ts";
import { checkServerAuth, serverAuth } from "./auth.ts";

const MIB = 1024 * 1024;
const DEFAULT_MAX_BODY_BYTES = 20 * MIB;

/** The inside of an `http` block of OpenTelemetry receivers, which listens on `endpoint` unless told otherwise. */
export function otelcolHttpServer(endpoint: string) {
  return {
    arguments: {
      endpoint: defaulted(string, "`host:port` to listen on.", endpoint, { check: addressFault }),
      auth: optional(authHandler, "Checks the credentials of requests."),
      compression_algorithms: defaulted(
        list(string),
        "How bodies may be compressed; an empty text is: not at all.",
        ["", "gzip", "zstd", "zlib", "snappy", "deflate", "lz4"],
        {
          check: (names) => {
            const unknown = names.find((name) => name !== "" && !isEncoding(name));
            return unknown === undefined ? undefined : `unsupported compression type "${unknown}"`;
          },
        },
      ),
      idle_timeout: defaulted(duration, "Connections without requests are closed after so long; 0 keeps them.", "1m"),
      include_metadata: defaulted(bool, "Whether further components see the headers of requests.", false),
      keep_alives_enabled: defaulted(bool, "Whether a connection serves more than one request.", true),
      max_request_body_size: defaulted(bytes, "How large bodies may be, compressed and uncompressed; 20MiB where it is 0.", 0),
      read_header_timeout: defaulted(duration, "How long the headers of a request may take to come.", "1m"),
      read_timeout: defaulted(duration, "How long a whole request may take to come; 0 is any time.", "0s"),
      write_timeout: defaulted(duration, "How long an answer may take to leave; 0 is any time.", "30s"),
    },
    blocks: {
      cors: assumed("Which pages of other origins may send requests.", {
        arguments: {
          allowed_origins: defaulted(list(string), 'Origins; `*` in one stands for any text, "*" alone for all.', []),
          allowed_headers: defaulted(list(string), 'Headers beyond the simple ones; "*" for all.', []),
          exposed_headers: defaulted(list(string), "Headers of answers that pages may read.", []),
          max_age: defaulted(uint, "For how many seconds browsers may remember this; 0 leaves it to them.", 0),
        },
      }),
      tls: otelcolTlsServerBlock,
    },
  } as const;
}

export type OtelcolHttpServerArgs = Decoded<ReturnType<typeof otelcolHttpServer>>;

/** What must hold between the arguments. */
export function checkOtelcolHttpServer(args: OtelcolHttpServerArgs, report: Report): void {
  checkServerAuth(args.auth, report);
}

type ListenOptions = Pick<HttpServerOptions, "host" | "port" | "encodings" | "limits"> & {
  readonly tls?: NonNullable<HttpServerOptions["tls"]>;
  readonly http2?: NonNullable<HttpServerOptions["http2"]>;
  readonly cors?: NonNullable<HttpServerOptions["cors"]>;
  readonly auth?: ServerAuthenticator;
};

/** What the block says to `startHttpServer`. */
export function otelcolHttpServerOptions(args: OtelcolHttpServerArgs): ListenOptions {
  const address = parseAddress(args.endpoint);
  if (typeof address === "string") throw new Error(address);
  const { cors } = args;
  const auth = serverAuth(args.auth);
  return {
    ...address,
    encodings: args.compression_algorithms,
    // As the incumbent: HTTP/2 where the client asks for it over TLS.
    ...(args.tls !== undefined && {
      tls: otelcolTlsServer(args.tls),
      http2: { maxConcurrentStreams: 250, idleTimeoutMs: args.idle_timeout, maxHeaderBytes: 64 * 1024 },
    }),
    ...(auth !== undefined && { auth }),
    ...(cors.allowed_origins.length > 0 && {
      cors: {
        allowedOrigins: cors.allowed_origins,
        allowedHeaders: cors.allowed_headers,
        exposedHeaders: cors.exposed_headers,
        maxAgeSeconds: cors.max_age,
      },
    }),
    limits: {
      maxBodyBytes: args.max_request_body_size > 0 ? args.max_request_body_size : DEFAULT_MAX_BODY_BYTES,
      maxConnections: 0,
      readTimeoutMs: args.read_timeout,
      headerTimeoutMs: args.read_header_timeout,
      writeTimeoutMs: args.write_timeout,
      idleTimeoutMs: args.idle_timeout,
      keepAlive: args.keep_alives_enabled,
    },
  };
}

function addressFault(endpoint: string): string | undefined {
  const address = parseAddress(endpoint);
  return typeof address === "string" ? address : undefined;
}
