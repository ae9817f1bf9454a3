import { type ClientInfo, Metadata } from "../signals/client-info.ts";
import { parseAddress } from "./address.ts";
import { compress } from "./compression.ts";
import { callSpan, endCallSpan } from "./grpc/call-span.ts";
import { Channel } from "./grpc/channel.ts";
import { ClientCall } from "./grpc/client-call.ts";
import type { GrpcClientOptions } from "./grpc/client-options.ts";
import { acceptedEncodings, grpcEncodings } from "./grpc/encodings.ts";
import { authorityOf, parseTarget, type Target } from "./grpc/target.ts";
import { timeoutText } from "./grpc/timeout.ts";
import { type GrpcStatus, grpcCodes, grpcStatus } from "./grpc-status.ts";
import { Http2Connection } from "./http2/connection.ts";
import { encodeHeaders } from "./http2/hpack-encoder.ts";

export type { GrpcClientKeepalive, GrpcClientOptions } from "./grpc/client-options.ts";

export interface GrpcClient {
  /**
   * Makes one call. `body` is the uncompressed message in pieces, read until the promise settles. Never rejects: a broken connection is
   * UNAVAILABLE, a deadline DEADLINE_EXCEEDED, an abort CANCELLED.
   */
  unary(method: string, body: readonly Uint8Array[], options: UnaryOptions): Promise<GrpcResponse>;
  /** Lets calls under way end until `deadline`, then closes. */
  close(deadline: AbortSignal): Promise<void>;
}

export interface UnaryOptions {
  /** 0: none. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Beside the client's own headers; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who sent the data, for authenticators which take a header from there. */
  readonly client?: ClientInfo;
}

export interface GrpcResponse {
  readonly status: GrpcStatus;
  /** The response message; undefined where the status is not OK. */
  readonly body: Uint8Array | undefined;
  readonly headers: Metadata;
  readonly trailers: Metadata;
}

/** Connects in the background. Throws where the options can't work: an endpoint that is none, credentials without TLS. */
export function grpcClient(options: GrpcClientOptions): GrpcClient {
  return new Client(options);
}

/** How often a call is made again that no server has looked at. */
const maxTransparentRetries = 3;

class Client implements GrpcClient {
  readonly #options: GrpcClientOptions;
  readonly #channel: Channel;
  readonly #authority: string;
  readonly #base: string;
  #isClosed = false;
  /** The last header block of each method, and what it says: from call to call it hardly changes. */
  readonly #blocks = new Map<string, { readonly key: string; readonly block: Buffer }>();

  constructor(options: GrpcClientOptions) {
    const target = parseTarget(options.endpoint);
    if (typeof target === "string") throw new Error(target);
    if (options.compression !== undefined && !Object.hasOwn(grpcEncodings, options.compression))
      throw new Error(`unsupported compression type "${options.compression}": gRPC has ${Object.keys(grpcEncodings).join(", ")}`);
    if (options.auth?.requiresTls === true && options.tls === undefined)
      throw new Error("grpc: the credentials require transport level security: configure tls, or send them over HTTP");
    this.#options = options;
    this.#authority = options.authority || authorityOf(target);
    this.#base = `${options.tls === undefined ? "http" : "https"}://${target.kind === "unix" ? "localhost" : this.#authority}`;
    this.#channel = new Channel(target, serverNameOf(target, options.authority), options, options.environment ?? process.env);
  }

  async unary(method: string, body: readonly Uint8Array[], call: UnaryOptions): Promise<GrpcResponse> {
    const { tracer } = this.#options;
    if (tracer?.isOn !== true) return this.#unary(method, body, call);
    const span = callSpan(tracer, "client", method);
    span.set("server.address", this.#authority);
    const headers = tracer.sendsTraceparent ? { ...call.headers, traceparent: span.traceparent } : call.headers;
    const response = await this.#unary(method, body, headers === undefined ? call : { ...call, headers });
    endCallSpan(span, response.status.code, response.status.code !== grpcCodes.OK);
    return response;
  }

  async #unary(method: string, body: readonly Uint8Array[], call: UnaryOptions): Promise<GrpcResponse> {
    const abort = new AbortController();
    const cancelTimer =
      call.timeoutMs > 0
        ? this.#options.clock.after(call.timeoutMs, () =>
            abort.abort(grpcStatus("DEADLINE_EXCEEDED", `no answer within ${call.timeoutMs} ms`)),
          )
        : () => {};
    const onAbort = () => abort.abort(grpcStatus("CANCELLED", "the call was aborted"));
    if (call.signal?.aborted === true) onAbort();
    call.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#call(method, body, call, abort.signal);
    } finally {
      cancelTimer();
      call.signal?.removeEventListener("abort", onAbort);
    }
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.#isClosed = true;
    await this.#channel.close(deadline);
  }

  async #call(method: string, body: readonly Uint8Array[], call: UnaryOptions, signal: AbortSignal): Promise<GrpcResponse> {
    const deadlineAt = this.#options.clock.monotonic() + call.timeoutMs;
    const message = await this.#message(body);
    const headers = new Map(Object.entries({ ...this.#options.headers, ...call.headers }));
    const refusal = await this.#authenticate(method, headers, message, call.client, signal);
    if (refusal !== undefined) return failed(refusal);
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) return failed(signal.reason);
      if (this.#isClosed) return failed(grpcStatus("CANCELLED", "the client is closing"));
      const picked = await this.#channel.pick(signal);
      if (signal.aborted) return failed(picked instanceof Http2Connection ? signal.reason : withReason(signal.reason, picked));
      if (!(picked instanceof Http2Connection)) return failed(picked);
      // Between the choice and now another call may have taken the last stream.
      if (!picked.takesStreams) continue;
      const timeoutMs = call.timeoutMs > 0 ? Math.max(deadlineAt - this.#options.clock.monotonic(), 1) : 0;
      const block = this.#block(method, headers, timeoutMs);
      const outcome = await new ClientCall(picked, this.#options.maxResponseBytes).run(block, message, signal);
      if (!outcome.isUnprocessed || attempt === maxTransparentRetries) return outcome;
    }
  }

  async #message(body: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const { compression, compressionLevel } = this.#options;
    const encoding = compression === undefined ? undefined : grpcEncodings[compression];
    const packed = encoding === undefined || encoding === "lz4" ? body : [await compress(encoding, body, compressionLevel)];
    const prefix = Buffer.allocUnsafe(5);
    prefix[0] = packed === body ? 0 : 1;
    prefix.writeUInt32BE(
      packed.reduce((sum, piece) => sum + piece.length, 0),
      1,
    );
    return [prefix, ...packed];
  }

  async #authenticate(
    method: string,
    headers: Map<string, string>,
    body: readonly Uint8Array[],
    client: ClientInfo | undefined,
    signal: AbortSignal,
  ): Promise<GrpcStatus | undefined> {
    const { auth } = this.#options;
    if (auth === undefined) return undefined;
    try {
      const work = auth.authenticate({
        method: "POST",
        url: new URL(method, this.#base),
        headers,
        body,
        ...(client !== undefined && { client }),
      });
      if (work !== undefined) await Promise.race([work, aborted(signal)]);
      return undefined;
    } catch (error) {
      if (signal.aborted) return signal.reason;
      return grpcStatus("UNAVAILABLE", `credentials can't be had: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #block(method: string, headers: ReadonlyMap<string, string>, timeoutMs: number): Buffer {
    let key = "";
    for (const [name, value] of headers) key += `${name}\0${value}\0`;
    let known = this.#blocks.get(method);
    if (known?.key !== key) {
      known = { key, block: encodeHeaders(this.#pairs(method, headers)) };
      this.#blocks.set(method, known);
    }
    return timeoutMs === 0 ? known.block : Buffer.concat([known.block, encodeHeaders(["grpc-timeout", timeoutText(timeoutMs)])]);
  }

  #pairs(method: string, headers: ReadonlyMap<string, string>): string[] {
    const { tls, userAgent, compression } = this.#options;
    const pairs = [":method", "POST", ":scheme", tls === undefined ? "http" : "https", ":path", method, ":authority", this.#authority];
    pairs.push("content-type", "application/grpc", "user-agent", headers.get("user-agent") ?? userAgent, "te", "trailers");
    if (compression !== undefined) pairs.push("grpc-encoding", compression);
    pairs.push("grpc-accept-encoding", acceptedEncodings);
    for (const [name, value] of headers) {
      if (protocolHeaders.has(name) || name.startsWith(":")) continue;
      pairs.push(name, name.endsWith("-bin") ? Buffer.from(value).toString("base64").replace(/=+$/, "") : value);
    }
    return pairs;
  }
}

/** What the protocol itself says, and what must not occur in HTTP/2. */
const protocolHeaders: ReadonlySet<string> = new Set([
  "content-type",
  "user-agent",
  "te",
  "grpc-encoding",
  "grpc-accept-encoding",
  "grpc-timeout",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
]);

function serverNameOf(target: Target, authority: string | undefined): string {
  const named = authority === undefined || authority === "" ? authorityOf(target) : authority;
  const address = parseAddress(named);
  return typeof address === "string" ? named : (address.host ?? named);
}

function failed(status: GrpcStatus): GrpcResponse {
  return { status, body: undefined, headers: Metadata.none, trailers: Metadata.none };
}

/** A deadline that passed while no connection could be made says why none could. */
function withReason(status: GrpcStatus, why: GrpcStatus): GrpcStatus {
  return { ...status, message: `${status.message}: ${why.message}` };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
