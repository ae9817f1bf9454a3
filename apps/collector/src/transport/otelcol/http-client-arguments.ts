import {
  assumed,
  bool,
  bytes,
  type Decoded,
  defaulted,
  duration,
  map,
  optional,
  type Report,
  required,
  string,
  uint,
} from "../../component/arguments.ts";
import { authHandler } from "../../component/capsules.ts";
import type { ComponentContext } from "../../component/context.ts";
import { createHttpClient, type HttpClient } from "../http/client.ts";
import { proxyUrl } from "../http/proxy.ts";
import { otelcolTlsClient, otelcolTlsClientBlock } from "../tls/otelcol-arguments.ts";
import { checkClientAuth, clientAuth } from "./auth.ts";
import { checkCompression, compressionArgument, compressionParamsBlock } from "./compression-arguments.ts";

/** The inside of a `client` block of OpenTelemetry exporters that send by HTTP. */
export const otelcolHttpClient = {
  arguments: {
    endpoint: required(string, "The URL to send to."),
    auth: optional(authHandler, "Adds credentials to requests."),
    compression: compressionArgument,
    disable_keep_alives: defaulted(bool, "Whether each request has a connection of its own.", false),
    force_attempt_http2: defaulted(bool, "Whether to speak HTTP/2 where the server offers it over TLS.", true),
    headers: defaulted(map(string), "Sent with every request.", {}),
    http2_ping_timeout: defaulted(duration, "How long the server may take to answer that; 15s where it is 0.", "15s"),
    http2_read_idle_timeout: defaulted(duration, "How often to ask over HTTP/2 whether the server is there; 0 is never.", "0s"),
    idle_conn_timeout: defaulted(duration, "Connections without requests are closed after so long.", "90s"),
    max_conns_per_host: defaulted(uint, "Connections at the same time; 0 is any number.", 0),
    max_idle_conns: defaulted(uint, "So many connections are kept for later requests; 0 is any number.", 100),
    max_idle_conns_per_host: defaulted(uint, "The same to one host; 0 is any number.", 0),
    proxy_url: optional(string, "The HTTP proxy to send through; the one in the environment where absent.", {
      check: (url) => (url === "" || proxyUrl(url) !== undefined ? undefined : `"${url}" is no URL of a proxy`),
    }),
    read_buffer_size: defaulted(bytes, "How much a connection reads ahead; 0 is the platform's.", 0),
    timeout: defaulted(duration, "How long a request may take; 0 is any time.", "30s"),
    write_buffer_size: defaulted(bytes, "How much a connection holds that is to be sent; 0 is the platform's.", 512 * 1024),
  },
  blocks: {
    compression_params: compressionParamsBlock,
    cookies: assumed("Whether cookies that servers set are sent back to them.", {
      arguments: { enabled: defaulted(bool, "Whether they are.", false) },
    }),
    tls: otelcolTlsClientBlock,
  },
} as const;

export type OtelcolHttpClientArgs = Decoded<typeof otelcolHttpClient>;

/** What must hold between the arguments. */
export function checkOtelcolHttpClient(args: OtelcolHttpClientArgs, report: Report): void {
  checkClientAuth(args.auth, report);
  checkCompression(args.compression, args.compression_params, report);
  if (args.endpoint !== "" && !isHttpUrl(args.endpoint)) report(`endpoint "${args.endpoint}" must be an http or https URL`, "endpoint");
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/./i.test(text) && URL.canParse(text);
}

/** The client that the block describes. Closed by who made it. */
export function otelcolHttpClientOf(args: OtelcolHttpClientArgs, context: Pick<ComponentContext, "clock" | "log" | "peers">): HttpClient {
  const proxy = args.proxy_url === undefined ? undefined : proxyUrl(args.proxy_url);
  const credentials = clientAuth(args.auth);
  return createHttpClient({
    tls: otelcolTlsClient(args.tls),
    proxy: proxy === undefined ? { fromEnvironment: true } : { url: proxy },
    ...(credentials !== undefined && { credentials }),
    headers: { "user-agent": context.peers.userAgent, ...lowerCase(args.headers) },
    followRedirects: true,
    http2: args.force_attempt_http2,
    ...(args.http2_read_idle_timeout > 0 && {
      http2Ping: { idleMs: args.http2_read_idle_timeout, timeoutMs: args.http2_ping_timeout || 15_000 },
    }),
    idleTimeoutMs: args.idle_conn_timeout,
    maxConnectionsPerHost: args.max_conns_per_host,
    maxIdleConnections: args.max_idle_conns,
    maxIdleConnectionsPerHost: args.max_idle_conns_per_host,
    readBufferBytes: args.read_buffer_size,
    writeBufferBytes: args.write_buffer_size,
    keepAlive: !args.disable_keep_alives,
    cookies: args.cookies.enabled,
    tracer: context.peers.tracer,
    clock: context.clock,
    log: context.log,
  });
}

/** Header names as requests carry them. */
export function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
