import type { ClientInfo, Metadata } from "../signals/client-info.ts";
import type { GrpcStatus } from "./grpc-status.ts";

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
  /** Beside the client's own headers. */
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
