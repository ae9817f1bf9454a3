import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { Tracer } from "../../component/tracing.ts";
import type { ClientAuthenticator } from "../authentication.ts";
import type { Environment } from "../http/proxy.ts";
import type { TlsClientSettings } from "../tls/settings.ts";

export interface GrpcClientOptions {
  /** As users write it: `host:port`, perhaps with a scheme. */
  readonly endpoint: string;
  /** Undefined: without TLS. */
  readonly tls: TlsClientSettings | undefined;
  /** How messages are packed, by gRPC's name: `gzip`, `zstd`, `snappy`; undefined: not. */
  readonly compression?: string;
  readonly compressionLevel?: number;
  /** What `:authority` says, and whose certificate the server must have, where it is not the endpoint. */
  readonly authority?: string;
  /** One connection to the first address that answers, or one to each in turn. */
  readonly balancer: "pick_first" | "round_robin";
  /** True: calls wait for a connection until their time is over; false: they fail while none can be made. */
  readonly waitForReady: boolean;
  /** Sent with each call, unless the call has its own of that name. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly userAgent: string;
  readonly auth?: ClientAuthenticator;
  readonly keepalive?: GrpcClientKeepalive;
  /** What a connection reads ahead, and how much is gathered before it is written; undefined: as much as is good. */
  readonly readBufferBytes?: number;
  readonly writeBufferBytes?: number;
  /** Of a response, packed and unpacked. */
  readonly maxResponseBytes: number;
  /** Calls are spans of it. */
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Numbers from 0 to 1, for waits that differ. */
  readonly random?: () => number;
  /** Where the proxy is looked up; by default the process's environment. */
  readonly environment?: Environment;
}

export interface GrpcClientKeepalive {
  /** A server of whom nothing was heard for so long is asked whether it is there … */
  readonly timeMs: number;
  /** … and given up where it does not answer for so long. */
  readonly timeoutMs: number;
  /** Also while no call is under way. */
  readonly withoutStream: boolean;
}
