import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { Budget } from "../delivery/budget.ts";
import type { ClientInfo } from "../signals/client-info.ts";
import type { ServerAuthenticator } from "./authentication.ts";
import type { GrpcStatus } from "./grpc-status.ts";

/** One unary method. */
export interface GrpcMethod {
  /** Of a message, compressed and uncompressed; a larger one is answered with RESOURCE_EXHAUSTED. */
  readonly maxMessageBytes: number;
  /** Asked once the headers have come, before the message is read: a status here answers the call. */
  pressure?(client: ClientInfo): GrpcStatus | undefined;
  /**
   * Answers one call with the response message or a status. `message` is uncompressed and the callee's from here on. It must not throw: what it
   * throws is answered as INTERNAL and logged.
   */
  handle(message: Uint8Array, client: ClientInfo): Promise<Uint8Array | GrpcStatus>;
}

export interface GrpcServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** By path: `/opentelemetry.proto.collector.trace.v1.TraceService/Export`. Others are answered with UNIMPLEMENTED. */
  readonly methods: Readonly<Record<string, GrpcMethod>>;
  readonly auth?: ServerAuthenticator;
  readonly limits: GrpcServerLimits;
  /** Messages count in it from the first byte until `handle` has settled; without room a call is answered with RESOURCE_EXHAUSTED and RetryInfo. */
  readonly budget?: Budget;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface GrpcServerLimits {
  /** Connections at the same time; more are closed at once. 0: no limit. */
  readonly maxConnections: number;
  readonly maxConcurrentStreams: number;
  readonly maxHeaderListBytes: number;
}

export interface GrpcServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening, tells clients to go elsewhere (GOAWAY), and resolves once the calls under way are answered or `deadline` is aborted. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Listens. Rejects where it can't. */
export type StartGrpcServer = (options: GrpcServerOptions) => Promise<GrpcServer>;
