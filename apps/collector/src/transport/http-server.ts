import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { Span, Tracer } from "../component/tracing.ts";
import type { Budget } from "../delivery/budget.ts";
import type { ClientInfo } from "../signals/client-info.ts";
import { listenError } from "./address.ts";
import type { ServerAuthenticator } from "./authentication.ts";
import { CompressionError } from "./compression/error.ts";
import { decompress, isEncoding } from "./compression.ts";
import { Cors, type CorsSettings } from "./http/cors.ts";
import { createDualServer, type DualServer, type Http2Settings } from "./http/dual-server.ts";
import { readBody } from "./http/request-body.ts";
import { RequestClient } from "./request-client.ts";
import { TlsServer } from "./tls/contexts.ts";
import type { TlsServerSettings } from "./tls/settings.ts";

/** One page of a server. */
export interface HttpRoute {
  readonly methods: readonly string[];
  /** Of a body, packed and unpacked; undefined: the server's. */
  readonly maxBodyBytes?: number;
  /** The values of `Content-Encoding` that are unpacked before `handle`; undefined: the server's. Others are refused, unless `[]`: then bodies come as sent. */
  readonly encodings?: readonly string[];
  /** Asked before the body is read; an answer here ends the request. */
  pressure?(client: ClientInfo): HttpAnswer | undefined;
  /** Answers. It must not throw: what it throws is answered as 500 and logged. */
  handle(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly client: ClientInfo;
  /** The media type in small letters, without parameters; empty where there is none. */
  readonly contentType: string;
  /** The body in pieces as they came, unpacked; the callee's from here on. */
  readonly body: readonly Uint8Array[];
  readonly bodyBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpServerOptions {
  /** Undefined: all addresses of this machine. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
  readonly tls?: TlsServerSettings;
  /** Speak HTTP/2 as well: over TLS where the client wants it, and in the clear with those that begin with it. Undefined: HTTP/1.1 only. */
  readonly http2?: Http2Settings;
  /** By path. Others are answered by `otherwise`, or with 404. */
  readonly routes: Readonly<Record<string, HttpRoute>>;
  readonly otherwise?: HttpRoute;
  readonly auth?: ServerAuthenticator;
  readonly cors?: CorsSettings;
  /** The values of `Content-Encoding` that are unpacked; "" is none. */
  readonly encodings: readonly string[];
  readonly limits: HttpServerLimits;
  /** Bodies count in it while they are read and until `handle` has settled; without room a request is answered with 429. */
  readonly budget?: Budget;
  /** Gives refusals of this server the form of the protocol that it serves. */
  refuse?(refusal: HttpRefusal): HttpAnswer;
  /** Told of each answer, for metrics. */
  observe?(exchange: HttpExchange): void;
  /** Requests are spans of it. */
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface HttpServerLimits {
  readonly maxBodyBytes: number;
  /** Connections at the same time; more wait no longer than it takes to refuse them. 0: no limit. */
  readonly maxConnections: number;
  /** 0: no limit of its own; a client that stands still in the middle of a request is given up in any case. */
  readonly readTimeoutMs: number;
  readonly headerTimeoutMs: number;
  /** For the answer to leave once it has been given. */
  readonly writeTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly keepAlive: boolean;
}

export interface HttpRefusal {
  readonly status: number;
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly path: string;
  readonly contentType: string;
}

export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly peerAddress: string;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly inflightRequests: number;
  /** Stops listening and resolves once the requests under way are answered or `deadline` is aborted. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Listens. Rejects where it can't. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, limits, clock, log } = options;
  const tls = options.tls === undefined ? undefined : new TlsServer(options.tls, clock, log);
  const headerTimeoutMs = limits.headerTimeoutMs || limits.readTimeoutMs || defaultHeaderTimeoutMs;
  const shortestTimeoutMs = limits.readTimeoutMs > 0 ? Math.min(headerTimeoutMs, limits.readTimeoutMs) : headerTimeoutMs;
  const common = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: shortestTimeoutMs,
    requestTimeout: limits.readTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.max(Math.min(shortestTimeoutMs / 2, 10_000), 50),
    requireHostHeader: true,
    joinDuplicateHeaders: true,
  };
  const service = new Service(options);
  const accepts = (socket: Socket) => tls?.refusal(socket as TLSSocket) === undefined;
  const server =
    options.http2 === undefined
      ? singleServer(tls === undefined ? createServer(common) : createSecureServer({ ...common, ...tls.options() }), accepts)
      : createDualServer({ tls: tls?.options(), http1: common, http2: options.http2, firstBytesMs: headerTimeoutMs, accept: accepts });
  const { http1, listener } = server;
  server.onRequest("request", (request, response) => void service.serve(request, response, false));
  // Answered before the body is sent, if the client waits for permission.
  server.onRequest("checkContinue", (request, response) => void service.serve(request, response, true));
  http1.on("clientError", answerGarbage);
  if (limits.maxConnections > 0) listener.maxConnections = limits.maxConnections;
  listener.on("connection", (socket: Socket) => service.connected(socket));
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (error) => reject(listenError(error, host, port)));
    listener.listen({ host, port }, resolve);
  });
  listener.on("error", (error) => log.error("the HTTP server's listener failed", { err: error.message }));
  const unfollow = tls?.follow(listener as unknown as Parameters<TlsServer["follow"]>[0]);
  const bound = listener.address() as AddressInfo;
  return {
    host: bound.address,
    port: bound.port,
    get connections() {
      return service.connections;
    },
    get inflightRequests() {
      return service.inflight;
    },
    async close(deadline) {
      unfollow?.();
      await service.stop(server, deadline);
    },
  };
}

const maxHeaderBytes = 64 * 1024;
const defaultHeaderTimeoutMs = 60_000;
/** For a client that stands still in the middle of its body. */
const bodyIdleMs = 60_000;
/** So much of a refused body is read on, so that the client sees the answer instead of a broken connection. */
const maxDrainedBytes = 256 * 1024;
const drainMs = 1000;

/** The answer to what is not HTTP, or too slow in becoming a request. */
function answerGarbage(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & { destroy(): void; writable: boolean }): void {
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  if (socket.writable && error.code !== "ECONNRESET") socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}

/** A server of HTTP/1.1 alone, to be used as one of both. */
function singleServer(server: Server, accepts: (socket: Socket) => boolean): DualServer {
  server.on("secureConnection", (socket: TLSSocket) => {
    if (!accepts(socket)) socket.destroy();
  });
  return {
    listener: server,
    http1: server,
    onRequest: (event, handle) => void server.on(event, handle),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    closeAllConnections: () => server.closeAllConnections(),
  };
}

class Service {
  connections = 0;
  inflight = 0;
  readonly #options: HttpServerOptions;
  readonly #cors: Cors | undefined;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#cors = options.cors === undefined || options.cors.allowedOrigins.length === 0 ? undefined : new Cors(options.cors);
  }

  connected(socket: Socket): void {
    this.connections++;
    socket.once("close", () => this.connections--);
  }

  async stop(listener: Pick<DualServer, "close" | "closeAllConnections">, deadline: AbortSignal): Promise<void> {
    this.#stopping = true;
    const abort = () => listener.closeAllConnections();
    deadline.addEventListener("abort", abort, { once: true });
    const closed = listener.close();
    if (deadline.aborted) abort();
    await closed;
    deadline.removeEventListener("abort", abort);
  }

  async serve(request: IncomingMessage, response: ServerResponse, mustPermit: boolean): Promise<void> {
    const { observe, clock, tracer } = this.#options;
    const span = tracer?.isOn === true ? serverSpan(request, tracer, this.#options.routes) : undefined;
    const startedAt = clock.monotonic();
    this.inflight++;
    // A client that goes away is no fault of ours and needs no word.
    response.on("error", () => {});
    const call = new Call(request, this.#options);
    const answer = await this.#answer(call, request, response, mustPermit);
    this.inflight--;
    const responseBytes = this.#send(request, response, answer);
    span?.set("http.response.status_code", answer.status);
    span?.end(answer.status >= 500 ? `the answer is ${answer.status}` : undefined);
    observe?.({
      method: request.method ?? "",
      path: call.path,
      status: answer.status,
      seconds: (clock.monotonic() - startedAt) / 1000,
      requestBytes: call.bytes,
      responseBytes,
      peerAddress: request.socket.remoteAddress ?? "",
    });
  }

  async #answer(call: Call, request: IncomingMessage, response: ServerResponse, mustPermit: boolean): Promise<HttpAnswer> {
    const preflight = this.#cors?.preflightHeaders(request.method, request.headers);
    if (preflight !== undefined) return { status: 204, headers: preflight };
    const answer = await call.answer(mustPermit ? () => response.writeContinue() : undefined);
    if (this.#cors === undefined) return answer;
    return { ...answer, headers: { ...this.#cors.answerHeaders(request.headers), ...answer.headers } };
  }

  #send(request: IncomingMessage, response: ServerResponse, { status, headers, body = "" }: HttpAnswer): number {
    if (response.destroyed) return 0;
    const { keepAlive, writeTimeoutMs } = this.#options.limits;
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const unread = !request.complete;
    if (!keepAlive || this.#stopping || unread) response.shouldKeepAlive = false;
    const sent: Record<string, string | number> = { ...headers };
    if (status !== 204) sent["content-length"] = length;
    response.writeHead(status, sent);
    // Without a body the head goes out by itself, in one write: bytes of none would cost a second.
    response.end(request.method === "HEAD" || length === 0 ? "" : body);
    if (unread) this.#drain(request);
    if (writeTimeoutMs > 0 && response.writableLength > 0) {
      const cancel = this.#options.clock.after(writeTimeoutMs, () => request.socket.destroy());
      response.once("close", cancel);
    }
    return length;
  }

  /** Reads on for a moment: a connection that is closed with unread data is reset, and the answer may be lost. */
  #drain(request: IncomingMessage): void {
    let left = maxDrainedBytes;
    const cancel = this.#options.clock.after(drainMs, () => request.socket.destroy());
    request.once("close", cancel);
    request.on("data", (piece: Uint8Array) => {
      left -= piece.length;
      if (left < 0) request.socket.destroy();
    });
    request.on("error", () => {});
    request.resume();
  }
}

function serverSpan(request: IncomingMessage, tracer: Tracer, routes: Readonly<Record<string, HttpRoute>>): Span {
  const { method = "", url = "/", headers, socket } = request;
  const path = url.split("?", 1)[0] ?? "";
  const isRoute = Object.hasOwn(routes, path);
  const { traceparent } = headers;
  const span = tracer.start(isRoute ? `${method} ${path}` : method, "server", typeof traceparent === "string" ? traceparent : undefined);
  span.set("http.request.method", method);
  span.set("url.path", path);
  if (isRoute) span.set("http.route", path);
  span.set("client.address", socket.remoteAddress ?? "");
  return span;
}

/** One request on its way through the server. */
class Call {
  readonly path: string;
  bytes = 0;
  readonly #query: string;
  readonly #request: IncomingMessage;
  readonly #options: HttpServerOptions;
  readonly #contentType: string;

  constructor(request: IncomingMessage, options: HttpServerOptions) {
    this.#request = request;
    this.#options = options;
    const url = request.url ?? "/";
    const question = url.indexOf("?");
    this.path = question < 0 ? url : url.slice(0, question);
    this.#query = question < 0 ? "" : url.slice(question + 1);
    this.#contentType = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  }

  async answer(permit: (() => void) | undefined): Promise<HttpAnswer> {
    const { routes, auth, limits, budget } = this.#options;
    const route = Object.hasOwn(routes, this.path) ? routes[this.path] : this.#options.otherwise;
    const client = new RequestClient(this.#request.socket.remoteAddress ?? "", this.#request.rawHeaders);
    if (auth !== undefined) {
      const outcome = await auth.authenticate(client.metadata);
      if (!outcome.granted) return this.#refuse(401, outcome.message);
      client.attributes = outcome.attributes;
    }
    if (route === undefined) return this.#refuse(404, "404 page not found");
    const method = this.#request.method ?? "";
    if (!route.methods.includes(method)) {
      const refusal = this.#refuse(405, `405 method not allowed, supported: [${route.methods.join(", ")}]`);
      return { ...refusal, headers: { ...refusal.headers, allow: route.methods.join(", ") } };
    }
    const { encodings = this.#options.encodings, maxBodyBytes = limits.maxBodyBytes } = route;
    const encoding = (this.#request.headers["content-encoding"] ?? "").toLowerCase().replace(/^identity$/, "");
    if (encodings.length > 0 && !encodings.includes(encoding)) return this.#refuse(400, `unsupported Content-Encoding: ${encoding}`);
    const pushedBack = route.pressure?.(client);
    if (pushedBack !== undefined) return pushedBack;
    permit?.();
    const read = await readBody(this.#request, { maxBytes: maxBodyBytes, idleMs: bodyIdleMs, budget });
    switch (read.kind) {
      case "too_large":
        return this.#refuse(413, `http: request body too large: more than ${maxBodyBytes} bytes`);
      case "no_memory":
        return this.#refuse(429, "the memory for data in flight is used up, try again later", 1000);
      case "too_slow":
        return this.#refuse(408, "the request's body did not come in time");
      case "gone":
        return this.#refuse(400, "the client closed the connection before its request was complete");
    }
    this.bytes = read.bytes;
    let unpackedBytes = 0;
    try {
      const unpack = encodings.length > 0 && encoding !== "" && isEncoding(encoding) && read.bytes > 0;
      const body = unpack ? [await decompress(encoding, read.pieces, maxBodyBytes)] : read.pieces;
      const bodyBytes = unpack ? (body[0]?.length ?? 0) : read.bytes;
      if (unpack) {
        unpackedBytes = bodyBytes;
        budget?.take(unpackedBytes);
      }
      return await route.handle({ method, path: this.path, query: this.#query, client, contentType: this.#contentType, body, bodyBytes });
    } catch (error) {
      return this.#failed(error);
    } finally {
      read.release();
      if (unpackedBytes > 0) budget?.release(unpackedBytes);
    }
  }

  #failed(error: unknown): HttpAnswer {
    if (error instanceof CompressionError) return this.#refuse(error.kind === "too_large" ? 413 : 400, error.message);
    this.#options.log.error("a request could not be answered", {
      path: this.path,
      err: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return this.#refuse(500, "internal error");
  }

  #refuse(status: number, message: string, retryAfterMs?: number): HttpAnswer {
    const { refuse } = this.#options;
    const refusal = {
      status,
      message,
      path: this.path,
      contentType: this.#contentType,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
    const answer = refuse?.(refusal) ?? { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${message}\n` };
    if (retryAfterMs === undefined) return answer;
    return { ...answer, headers: { "retry-after": String(Math.ceil(retryAfterMs / 1000)), ...answer.headers } };
  }
}
