import { createRequire } from "node:module";
import type { Dispatcher } from "undici";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { Tracer } from "../../component/tracing.ts";
import type { ClientInfo } from "../../signals/client-info.ts";
import type { ClientAuthenticator, OutgoingRequest } from "../authentication.ts";
import { TlsClient } from "../tls/contexts.ts";
import type { TlsClientSettings } from "../tls/settings.ts";
import { CookieJar } from "./cookies.ts";
import { HttpError, httpErrorOf } from "./error.ts";
import { Exchange, type OneRequest } from "./exchange.ts";
import { type Environment, type ProxySettings, proxyRule } from "./proxy.ts";
import { redirected } from "./redirect.ts";
import { traceRequest } from "./request-span.ts";
import type { HttpResponse } from "./response.ts";

export interface HttpClientOptions {
  /** For `https:` URLs; undefined: the system's authorities, verified. */
  readonly tls: TlsClientSettings | undefined;
  readonly proxy?: ProxySettings;
  readonly credentials?: ClientAuthenticator;
  /** Sent with every request, unless the request has its own of that name. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly followRedirects: boolean;
  /** Speak HTTP/2 where the server offers it over TLS. */
  readonly http2: boolean;
  /** How it is noticed that an HTTP/2 server is gone; absent: by requests that fail. */
  readonly http2Ping?: Http2Ping;
  /** Unused connections are closed after so long. */
  readonly idleTimeoutMs: number;
  /** 0: no limit. */
  readonly maxConnectionsPerHost?: number;
  /** So many connections are kept for later, in all and to one host; those of requests beyond are closed. 0: no limit. */
  readonly maxIdleConnections?: number;
  readonly maxIdleConnectionsPerHost?: number;
  /** What a socket reads ahead, and holds before it says that it is full; 0: the platform's. */
  readonly readBufferBytes?: number;
  readonly writeBufferBytes?: number;
  /** False: a new connection for each request. */
  readonly keepAlive?: boolean;
  /** Use the addresses of a name in turn, one a connection, and not always the first. */
  readonly rotateAddresses?: boolean;
  /** Keep cookies that servers set and send them back. */
  readonly cookies?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Requests are spans of it. */
  readonly tracer?: Tracer;
  /** Where proxies are looked up; by default the process's environment. */
  readonly environment?: Environment;
}

export interface HttpClientRequest {
  readonly method: string;
  readonly url: string | URL;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In pieces; read until the promise settles. */
  readonly body?: readonly Uint8Array[];
  /** From the call to the last byte of the answer; 0: no limit. */
  readonly timeoutMs: number;
  /** A longer answer is an error of kind "too_large"; 0: no limit. */
  readonly maxResponseBytes: number;
  readonly signal?: AbortSignal;
  /** Who sent the data, for credentials taken from there. */
  readonly client?: ClientInfo;
  /**
   * Is given each piece of a successful answer's body as it comes, instead of the pieces being kept; nothing more is read until what it returns
   * is settled, and where it throws the request fails with that. Neither limit counts for such a body but the time until it begins.
   */
  readonly receive?: (piece: Uint8Array) => void | Promise<void>;
}

export interface HttpClient {
  /** Rejects with `HttpError`. Every status is an answer, not an error. */
  request(request: HttpClientRequest): Promise<HttpResponse>;
  /** Lets requests under way end, then closes all connections. */
  close(): Promise<void>;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const connections = new Connections(options);
  const cookies = options.cookies === true ? new CookieJar() : undefined;
  const { tracer } = options;
  return {
    async request(original) {
      const traced = tracer?.isOn === true ? traceRequest(original, tracer) : undefined;
      const request = traced?.request ?? original;
      const abort = new AbortController();
      const cancelTimer =
        request.timeoutMs > 0
          ? options.clock.after(request.timeoutMs, () => abort.abort(new HttpError("timeout", `no answer within ${request.timeoutMs} ms`)))
          : () => {};
      const forward = () => abort.abort(new HttpError("aborted", "the request was aborted"));
      if (request.signal?.aborted === true) forward();
      request.signal?.addEventListener("abort", forward, { once: true });
      try {
        const response = await converse(request, options, connections, cookies, abort.signal, cancelTimer);
        traced?.answered(response.status);
        return response;
      } catch (error) {
        const problem = httpErrorOf(error);
        traced?.failed(problem);
        throw problem;
      } finally {
        cancelTimer();
        request.signal?.removeEventListener("abort", forward);
      }
    },
    close: () => connections.close(),
  };
}

/** After `idleMs` the server is asked whether it is there; it has `timeoutMs` to answer. */
export interface Http2Ping {
  readonly idleMs: number;
  readonly timeoutMs: number;
}

const maxRedirects = 10;

/** Sends a request and those that redirects ask for. */
async function converse(
  request: HttpClientRequest,
  options: HttpClientOptions,
  connections: Connections,
  cookies: CookieJar | undefined,
  signal: AbortSignal,
  streaming: () => void,
): Promise<HttpResponse> {
  let { method, body = [] } = request;
  let url = new URL(request.url);
  let sameSite = true;
  for (let hop = 0; ; hop++) {
    const headers = new Map<string, string>(Object.entries({ ...options.headers, ...request.headers }));
    const cookie = cookies?.header(url, options.clock.now());
    if (cookie !== undefined) headers.set("cookie", cookie);
    if (sameSite) await withSignal(authenticated(options.credentials, { method, url, headers, body, client: request.client }), signal);
    else for (const name of ["authorization", "cookie", "www-authenticate"]) headers.delete(name);
    const { maxResponseBytes: maxBytes, receive } = request;
    const stream = receive && { receive, begun: streaming };
    const response = await send({ method, url, headers, body, maxBytes, stream }, connections, signal);
    cookies?.take(url, response.headers["set-cookie"] ?? [], options.clock.now());
    const next = options.followRedirects ? redirected(response, method, url) : undefined;
    if (next === undefined) return response;
    if (hop === maxRedirects) throw new HttpError("redirect", `stopped after ${maxRedirects} redirects`);
    // Credentials never go to where another site points.
    sameSite &&= next.sameSite;
    method = next.method;
    url = next.url;
    if (!next.keepsBody) body = [];
  }
}

async function authenticated(credentials: ClientAuthenticator | undefined, request: OutgoingRequest): Promise<void> {
  try {
    await credentials?.authenticate(request);
  } catch (error) {
    throw new HttpError("credentials", `credentials can't be had: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

async function send(sent: OneRequest, connections: Connections, signal: AbortSignal): Promise<HttpResponse> {
  const { stream } = sent;
  let hasBegun = false;
  const begun = () => {
    hasBegun = true;
    stream?.begun();
  };
  const request = stream === undefined ? sent : { ...sent, stream: { receive: stream.receive, begun } };
  const attempt = async () => {
    const isKept = connections.enter(request.url.host);
    try {
      return await new Exchange(request, signal).run(connections.dispatcher(request.url), isKept);
    } finally {
      connections.leave(request.url.host);
    }
  };
  try {
    return await attempt();
  } catch (error) {
    // A kept connection may be closed by the server the moment we use it: what can do no harm is tried once more.
    const harmless = !hasBegun && (request.method === "GET" || request.method === "HEAD");
    if (harmless && httpErrorOf(error).kind === "closed" && !signal.aborted) return await attempt();
    throw error;
  }
}

/** What waits for others ends with the request. */
async function withSignal(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw signal.reason;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const load = createRequire(import.meta.url);

// A third of the program's start, and needed only by the first request.
const loadDispatchers = () => load("./dispatchers.ts") as typeof import("./dispatchers.ts");

/** Connections of one client, by proxy. */
class Connections {
  readonly #options: HttpClientOptions;
  readonly #tls: TlsClient;
  readonly #proxyOf: (url: URL) => URL | undefined;
  #dispatchers = new Map<string, Dispatcher>();
  #generation: number | undefined;
  #underWay = 0;
  readonly #underWayPerHost = new Map<string, number>();

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#tls = new TlsClient(options.tls ?? systemTls, options.clock, options.log);
    this.#proxyOf = proxyRule(options.proxy ?? {}, options.environment ?? process.env);
  }

  /** Counts a request in; false: its connection is not to be kept, because enough others are. */
  enter(host: string): boolean {
    const { keepAlive = true, maxIdleConnections = 0, maxIdleConnectionsPerHost = 0 } = this.#options;
    const toHost = (this.#underWayPerHost.get(host) ?? 0) + 1;
    this.#underWay++;
    this.#underWayPerHost.set(host, toHost);
    const isWithin = (count: number, limit: number) => limit === 0 || count <= limit;
    return keepAlive && isWithin(this.#underWay, maxIdleConnections) && isWithin(toHost, maxIdleConnectionsPerHost);
  }

  leave(host: string): void {
    const toHost = (this.#underWayPerHost.get(host) ?? 1) - 1;
    this.#underWay--;
    if (toHost === 0) this.#underWayPerHost.delete(host);
    else this.#underWayPerHost.set(host, toHost);
  }

  dispatcher(url: URL): Dispatcher {
    const proxy = this.#proxyOf(url);
    // Certificates are looked at only where they count: a destination without TLS needs no file.
    if (url.protocol === "https:" || proxy?.protocol === "https:") this.#renew();
    const isSecure = url.protocol === "https:";
    const key = proxy === undefined ? "" : `${isSecure} ${proxy.href}`;
    let dispatcher = this.#dispatchers.get(key);
    if (dispatcher === undefined) {
      const { direct, through } = loadDispatchers();
      dispatcher = proxy === undefined ? direct(this.#options, this.#tls) : through(this.#options, this.#tls, proxy, isSecure);
      this.#dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  }

  async close(): Promise<void> {
    const all = [...this.#dispatchers.values()];
    this.#dispatchers = new Map();
    await Promise.all(all.map((dispatcher) => dispatcher.close()));
  }

  /** Leaves the connections that were made with certificates which have changed. */
  #renew(): void {
    const generation = this.#tls.generation();
    if (this.#generation !== undefined && generation !== this.#generation) void this.close();
    this.#generation = generation;
  }
}

const systemTls: TlsClientSettings = {
  systemCas: false,
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  verify: true,
  reloadMs: undefined,
};
