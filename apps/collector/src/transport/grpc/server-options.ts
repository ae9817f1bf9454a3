import type { BufferPool } from "../../bytes/buffer-pool.ts";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { Tracer } from "../../component/tracing.ts";
import type { Budget } from "../../delivery/budget.ts";
import type { ClientInfo } from "../../signals/client-info.ts";
import type { ServerAuthenticator } from "../authentication.ts";
import type { GrpcStatus } from "../grpc-status.ts";
import type { TlsServerSettings } from "../tls/settings.ts";

/** One unary method. */
export interface GrpcMethod {
  /** Of a message, compressed and uncompressed; a larger one is answered with RESOURCE_EXHAUSTED. */
  readonly maxMessageBytes: number;
  /** Asked once the headers have come, before the message is read: a status here answers the call. */
  pressure?(client: ClientInfo): GrpcStatus | undefined;
  /** Where messages are put together; for methods that recycle them. */
  readonly memory?: BufferPool;
  /**
   * Answers one call with the response message or a status. `message` is uncompressed and the callee's from here on; who calls `recycle` says that
   * nothing refers to it any more. It must not throw: what it throws is answered as INTERNAL and logged.
   */
  handle(message: Uint8Array, client: ClientInfo, recycle: () => void): Promise<Uint8Array | GrpcStatus>;
}

export interface GrpcServerOptions {
  /** Undefined: all addresses of this machine. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
  /** A Unix socket, in place of host and port. */
  readonly path?: string;
  readonly tls?: TlsServerSettings;
  /** By path: `/opentelemetry.proto.collector.trace.v1.TraceService/Export`. Others are answered with UNIMPLEMENTED. */
  readonly methods: Readonly<Record<string, GrpcMethod>>;
  readonly auth?: ServerAuthenticator;
  readonly limits: GrpcServerLimits;
  readonly keepalive: GrpcServerKeepalive;
  /** What a connection reads ahead, and how much is gathered before it is written; undefined: as much as is good. */
  readonly readBufferBytes?: number;
  readonly writeBufferBytes?: number;
  /** Messages count in it from the first byte until `handle` has settled; without room a call is answered with RESOURCE_EXHAUSTED and RetryInfo. */
  readonly budget?: Budget;
  /** Told of each call, for metrics. */
  observe?(call: GrpcExchange): void;
  /** Calls are spans of it. */
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface GrpcServerLimits {
  /** Connections at the same time; more are closed at once. 0: no limit. */
  readonly maxConnections: number;
  /** Calls at the same time on one connection. */
  readonly maxConcurrentStreams: number;
  readonly maxHeaderListBytes: number;
  /** Of an answer; a larger one becomes RESOURCE_EXHAUSTED. Undefined: no limit. */
  readonly maxSendBytes?: number;
}

/** All in milliseconds; infinity: never. */
export interface GrpcServerKeepalive {
  readonly maxConnectionIdleMs: number;
  readonly maxConnectionAgeMs: number;
  readonly maxConnectionAgeGraceMs: number;
  /** A client of whom nothing was heard for so long is asked whether it is there … */
  readonly timeMs: number;
  /** … and given up where it does not answer for so long. */
  readonly timeoutMs: number;
  /** Clients that ask more often than this, several times, are cut off. */
  readonly minTimeMs: number;
  readonly permitWithoutStream: boolean;
}

/** The incumbent's. */
export const defaultGrpcKeepalive: GrpcServerKeepalive = {
  maxConnectionIdleMs: Number.POSITIVE_INFINITY,
  maxConnectionAgeMs: Number.POSITIVE_INFINITY,
  maxConnectionAgeGraceMs: Number.POSITIVE_INFINITY,
  timeMs: 2 * 3_600_000,
  timeoutMs: 20_000,
  minTimeMs: 5 * 60_000,
  permitWithoutStream: false,
};

export const defaultGrpcLimits: GrpcServerLimits = { maxConnections: 0, maxConcurrentStreams: 1000, maxHeaderListBytes: 64 * 1024 };

export interface GrpcExchange {
  readonly method: string;
  readonly code: number;
  readonly seconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly peerAddress: string;
}
