import type { Socket } from "node:net";
import { grpcStatus } from "../grpc-status.ts";
import { Http2Connection, type Http2Listener } from "../http2/connection.ts";
import type { HeaderBlock } from "../http2/hpack-decoder.ts";
import { errorCodes } from "../http2/protocol.ts";
import type { Http2Stream, StreamReceiver } from "../http2/stream.ts";
import { type CallSurroundings, ServerCall } from "./server-call.ts";
import type { GrpcServerOptions } from "./server-options.ts";

/** A client must have introduced itself by then. */
const handshakeMs = 20_000;
/** A client that stands still in the middle of a message is given up. */
const messageIdleMs = 60_000;
/** More pings than the policy allows are forgiven so many times. */
const maxPingStrikes = 2;
/** Without calls under way, clients that may not ping then may at least do so every two hours. */
const idlePingMs = 2 * 3_600_000;

/** One client's connection, with gRPC's rules on how long it may live and how often it may ping. */
export class ServerConnection implements Http2Listener, CallSurroundings {
  readonly options: GrpcServerOptions;
  readonly connection: Http2Connection;
  readonly address: string;
  readonly #onClosed: () => void;
  readonly #calls = new Set<ServerCall>();
  readonly #openedAt: number;
  readonly #maxAgeMs: number;
  #idleSince: number;
  #isReady = false;
  #drainingSince: number | undefined;
  #isStopping = false;
  #lastPingAt = Number.NEGATIVE_INFINITY;
  #pingStrikes = 0;
  #pingForgiven = true;
  #keepaliveSentAt: number | undefined;

  constructor(socket: Socket, options: GrpcServerOptions, onClosed: () => void) {
    this.options = options;
    this.#onClosed = onClosed;
    this.address = socket.remoteAddress ?? "";
    this.#openedAt = options.clock.monotonic();
    this.#idleSince = this.#openedAt;
    // A tenth more or less, so that clients that came together don't all come again together.
    this.#maxAgeMs = options.keepalive.maxConnectionAgeMs * (0.9 + 0.2 * Math.random());
    const { maxConcurrentStreams, maxHeaderListBytes } = options.limits;
    const { clock, writeBufferBytes } = options;
    const limits = { maxConcurrentStreams, maxHeaderListBytes, ...(writeBufferBytes !== undefined && { writeBufferBytes }) };
    this.connection = new Http2Connection(socket, { role: "server", ...limits, clock }, this);
  }

  opened(stream: Http2Stream, block: HeaderBlock, isEnded: boolean): StreamReceiver {
    const call = new ServerCall(this, stream, block);
    // Streams that were reset while their calls are handled don't count for the connection, but they do here.
    const areTooMany = this.#calls.size >= 2 * this.options.limits.maxConcurrentStreams;
    this.#calls.add(call);
    if (areTooMany) call.refuse(grpcStatus("RESOURCE_EXHAUSTED", "too many calls of this connection are still being handled", 1000));
    else call.begin(block.isTooLong, isEnded);
    return call;
  }

  ready(): void {
    this.#isReady = true;
  }

  pinged(): void {
    const now = this.options.clock.monotonic();
    const { minTimeMs, permitWithoutStream } = this.options.keepalive;
    const isIdle = this.connection.streams.size === 0 && !permitWithoutStream;
    const isEarly = now - this.#lastPingAt < (isIdle ? idlePingMs : minTimeMs);
    this.#lastPingAt = now;
    if (this.#pingForgiven) {
      this.#pingForgiven = false;
      this.#pingStrikes = 0;
      return;
    }
    if (!isEarly || ++this.#pingStrikes <= maxPingStrikes) return;
    this.connection.goAway(errorCodes.ENHANCE_YOUR_CALM, "too_many_pings");
    this.connection.close("the client pings too often");
  }

  ponged(): void {
    this.#keepaliveSentAt = undefined;
  }

  closed(): void {
    this.#onClosed();
  }

  callDone(call: ServerCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#idleSince = this.options.clock.monotonic();
    this.#closeIfDrained();
  }

  streamDone(): void {
    this.#closeIfDrained();
  }

  sent(): void {
    this.#pingForgiven = true;
  }

  /** Takes no more calls; closes once those under way are answered. */
  drain(message: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#drainingSince = this.options.clock.monotonic();
    this.connection.goAway(errorCodes.NO_ERROR, message);
    this.#closeIfDrained();
  }

  #closeIfDrained(): void {
    if (this.#isStopping && this.#calls.size === 0 && this.connection.streams.size === 0) this.connection.close("the server has stopped");
  }

  cutOff(): void {
    this.connection.close("the server has stopped");
    this.connection.socket.destroy();
  }

  /** Called about once a second. */
  tick(now: number): void {
    if (!this.#isReady) {
      if (now - this.#openedAt > handshakeMs) this.cutOff();
      return;
    }
    for (const call of this.#calls)
      if (call.isOverdue(now)) call.expire();
      else if (now - call.progressAt > messageIdleMs && call.isWaiting) call.giveUp();
    const { maxConnectionIdleMs, maxConnectionAgeGraceMs, timeMs, timeoutMs } = this.options.keepalive;
    if (this.#isStopping) {
      if (now - (this.#drainingSince ?? now) >= maxConnectionAgeGraceMs) this.cutOff();
    } else if (now - this.#openedAt >= this.#maxAgeMs) {
      this.drain("max_age");
    } else if (this.#calls.size === 0 && now - this.#idleSince >= maxConnectionIdleMs) {
      this.drain("max_idle");
    }
    if (this.#keepaliveSentAt !== undefined) {
      if (this.connection.lastReadAt > this.#keepaliveSentAt) this.#keepaliveSentAt = undefined;
      else if (now - this.#keepaliveSentAt >= timeoutMs) this.cutOff();
    } else if (now - this.connection.lastReadAt >= timeMs) {
      this.#keepaliveSentAt = now;
      this.connection.ping();
    }
  }
}
