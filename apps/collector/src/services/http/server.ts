import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Logger } from "../../component/context.ts";
import type { Tracer } from "../../component/tracing.ts";
import { createDualServer, type DualServer } from "../../transport/http/dual-server.ts";
import type { TlsServer } from "../../transport/tls/contexts.ts";
import { type BasicAuth, isAllowed } from "./basic-auth.ts";
import { decodePath, type Pages, text } from "./pages.ts";

export interface ServerOptions {
  /** `host:port`; an empty host is every interface. */
  readonly listenAddress: string;
  readonly pages: Pages;
  readonly tracer: Tracer;
  readonly log: Logger;
}

type CallHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Bodies are not read by any page but reloads of a few bytes. */
const mostHeaderBytes = 32 * 1024;

/** The process's own HTTP server. TLS and authentication come and go with the `http` block, while the port stays. */
export class ProcessServer {
  readonly #options: ServerOptions;
  #server: DualServer | undefined;
  #tls: TlsServer | undefined;
  #unfollow: () => void = () => {};
  #auth: BasicAuth | undefined;
  #calls: { readonly prefix: string; readonly handle: CallHandler } | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get port(): number {
    return (this.#server?.listener.address() as AddressInfo | null)?.port ?? 0;
  }

  listen(): Promise<void> {
    return this.#listenOn(splitAddress(this.#options.listenAddress).port);
  }

  async #listenOn(port: number): Promise<void> {
    const tls = this.#tls;
    const server = createDualServer({
      tls: tls?.options(),
      http1: { maxHeaderSize: mostHeaderBytes, headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 75_000 },
      http2: { maxConcurrentStreams: 100, idleTimeoutMs: 75_000, maxHeaderBytes: mostHeaderBytes },
      firstBytesMs: 10_000,
      accept: (socket) => tls?.refusal(socket as TLSSocket) === undefined,
    });
    server.onRequest("request", (request, response) => void this.#handle(request, response));
    if (tls !== undefined) this.#unfollow = tls.follow(server.listener as unknown as Parameters<TlsServer["follow"]>[0]);
    const { host } = splitAddress(this.#options.listenAddress);
    await new Promise<void>((resolve, reject) => {
      server.listener.once("error", (error: NodeJS.ErrnoException) =>
        reject(new Error(`can't listen on ${this.#options.listenAddress}: ${error.code ?? error.message}`)),
      );
      server.listener.listen({ port, ...(host === "" ? {} : { host }) }, resolve);
    });
    server.http1.on("clientError", (_error, socket) => socket.destroy());
    this.#server = server;
  }

  /** From now on; connections that are open stay as they are. Where the kind of server changes, the port is closed and opened again. */
  async secure(tls: TlsServer | undefined): Promise<void> {
    const wasSecure = this.#tls !== undefined;
    this.#tls = tls;
    const server = this.#server;
    if (server === undefined || (tls === undefined && !wasSecure)) return;
    const { port } = this;
    await closeAtOnce(server);
    this.#unfollow();
    this.#unfollow = () => {};
    this.#options.log.info("the HTTP server takes new TLS settings", { port, tls: tls !== undefined });
    await this.#listenOn(port);
  }

  protect(auth: BasicAuth | undefined): void {
    this.#auth = auth;
  }

  /** Who answers requests below `prefix` as it likes. Passwords are for people: it sees to it itself whom it answers. */
  answerCalls(prefix: string, handle: CallHandler): void {
    this.#calls = { prefix, handle };
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#unfollow();
    if (server !== undefined) await closeAtOnce(server);
  }

  #trace(request: IncomingMessage, response: ServerResponse, path: string): void {
    const found = this.#options.pages.find(path);
    const method = request.method ?? "GET";
    // Names are few: what of a path is below a route is an attribute.
    const route = found === undefined ? undefined : path.slice(0, path.length - found.below.length);
    const { traceparent } = request.headers;
    const span = this.#options.tracer.start(
      route === undefined ? method : `${method} ${route}`,
      "server",
      typeof traceparent === "string" ? traceparent : undefined,
    );
    span.set("http.request.method", method);
    span.set("url.path", path);
    span.set("url.scheme", this.#tls === undefined ? "http" : "https");
    if (route !== undefined) span.set("http.route", route);
    span.set("client.address", request.socket.remoteAddress ?? "");
    span.set("user_agent.original", request.headers["user-agent"] ?? "");
    response.once("close", () => {
      span.set("http.response.status_code", response.statusCode);
      span.end(response.statusCode >= 500 ? `the answer is ${response.statusCode}` : undefined);
    });
  }

  async #handleCall(request: IncomingMessage, response: ServerResponse, handle: CallHandler): Promise<void> {
    try {
      await handle(request, response);
    } catch (error) {
      // Who called is gone, or sent something that can't be read.
      this.#options.log.debug("a call failed", { path: request.url, err: error instanceof Error ? error.message : String(error) });
      response.destroy();
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const calls = this.#calls;
    if (calls !== undefined && request.url?.startsWith(calls.prefix) === true) return this.#handleCall(request, response, calls.handle);
    request.resume();
    const url = new URL(request.url ?? "/", "http://localhost");
    const path = decodePath(url.pathname);
    if (this.#options.tracer.isOn) this.#trace(request, response, path);
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (this.#auth !== undefined && !isAllowed(this.#auth, path, request.headers.authorization)) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="Restricted"' }).end("Unauthorized\n");
      return;
    }
    const found = this.#options.pages.find(path);
    const method = request.method ?? "GET";
    if (found === undefined) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404 page not found\n");
      return;
    }
    if (!found.route.methods.includes(method) && !(method === "HEAD" && found.route.methods.includes("GET"))) {
      response.writeHead(405, { Allow: found.route.methods.join(", ") }).end();
      return;
    }
    try {
      if (found.route.kind === "stream") {
        const gone = new AbortController();
        response.on("close", () => gone.abort());
        await found.route.handle({ path: found.below, query: url.searchParams, message: request }, response, gone.signal);
        return;
      }
      const answer = await found.route.handle({ method, path: found.below, query: url.searchParams });
      response.writeHead(answer.status, { "Content-Type": answer.contentType, ...answer.headers });
      response.end(method === "HEAD" ? undefined : answer.body);
    } catch (error) {
      this.#options.log.error("a page failed", { path, err: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
      response.end(text(500, "internal error, see the log\n").body);
    }
  }
}

async function closeAtOnce(server: DualServer): Promise<void> {
  const closed = server.close();
  server.closeAllConnections();
  await closed;
}

/** `127.0.0.1:12345`, `[::1]:12345`, `:12345`. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new Error(`${JSON.stringify(address)} is not an address to listen on; write HOST:PORT, for example 127.0.0.1:12345`);
  return { host: match[1] ?? match[2] ?? "", port };
}
