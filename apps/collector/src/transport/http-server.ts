import type { ClientInfo } from "../signals/client-info.ts";

/** One page of a server. */
export interface HttpRoute {
  readonly methods: readonly string[];
  /** Of a body, compressed and uncompressed; undefined: the server's. */
  readonly maxBodyBytes?: number;
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
  /** The body, uncompressed, in pieces as they came; the callee's from here on. */
  readonly body: readonly Uint8Array[];
  readonly bodyBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening and resolves once the requests under way are answered or `deadline` is aborted. */
  close(deadline: AbortSignal): Promise<void>;
}
