import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressText } from "../address.ts";
import { openTunnel } from "../http/tunnel.ts";
import { Http2Connection, type Http2Listener } from "../http2/connection.ts";
import { errorCodes } from "../http2/protocol.ts";
import type { TlsClient } from "../tls/contexts.ts";
import type { GrpcClientOptions } from "./client-options.ts";

export type Endpoint = { readonly host: string; readonly port: number; readonly proxy?: URL } | { readonly path: string };

export function endpointText(endpoint: Endpoint): string {
  return "path" in endpoint ? endpoint.path : addressText(endpoint.host, endpoint.port);
}

/** What a channel tells its subchannels. */
export interface SubchannelOwner {
  readonly options: GrpcClientOptions;
  readonly tls: TlsClient | undefined;
  /** Whose certificate the server must have. */
  readonly serverName: string;
  /** The state of a subchannel, or the number of its free streams, has changed. */
  changed(): void;
  /** A connection broke or could not be made: the name may lead elsewhere by now. */
  disturbed(): void;
}

const connectTimeoutMs = 20_000;
const firstBackoffMs = 1000;
const backoffFactor = 1.6;
const backoffJitter = 0.2;
const maxBackoffMs = 120_000;
/** The incumbent's libraries ask no more often than this. */
const minKeepaliveMs = 10_000;
const maxHeaderListBytes = 64 * 1024;
const pingsForbidden = "too_many_pings";

/** The connection to one address, made again when it breaks, after waits that grow. */
export class Subchannel implements Http2Listener {
  state: "idle" | "connecting" | "ready" | "failed" = "idle";
  connection: Http2Connection | undefined;
  lastError = "";
  readonly endpoint: Endpoint;
  readonly #owner: SubchannelOwner;
  #failures = 0;
  #isClosed = false;
  #abort: AbortController | undefined;
  #cancelBackoff = () => {};
  #cancelKeepalive = () => {};
  #keepaliveMs: number;
  #pingedAt: number | undefined;

  constructor(endpoint: Endpoint, owner: SubchannelOwner) {
    this.endpoint = endpoint;
    this.#owner = owner;
    this.#keepaliveMs = Math.max(owner.options.keepalive?.timeMs ?? 0, minKeepaliveMs);
  }

  connect(): void {
    if (this.#isClosed || this.state !== "idle") return;
    this.state = "connecting";
    const abort = new AbortController();
    this.#abort = abort;
    const cancel = this.#owner.options.clock.after(connectTimeoutMs, () => abort.abort());
    this.#open(abort.signal)
      .then((socket) => {
        if (this.#isClosed || abort.signal.aborted) {
          socket.destroy();
          throw new Error("it took too long");
        }
        const { clock, writeBufferBytes } = this.#owner.options;
        const limits = { maxConcurrentStreams: 0, maxHeaderListBytes, ...(writeBufferBytes !== undefined && { writeBufferBytes }) };
        // `ready` follows with the server's settings, `closed` where they never come.
        this.connection = new Http2Connection(socket, { role: "client", ...limits, clock }, this);
        abort.signal.addEventListener("abort", () => this.state === "connecting" && this.connection?.close("the server sent no settings"));
        socket.once("close", cancel);
      })
      .catch((error: Error) => {
        cancel();
        this.#failed(error.message);
      });
  }

  /** Lets streams end until `deadline`, then closes. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#cancelBackoff();
    this.#cancelKeepalive();
    this.#abort?.abort();
    const { connection } = this;
    if (connection === undefined || !connection.isOpen) return;
    await new Promise<void>((resolve) => {
      this.#whenDone = () => {
        if (connection.isOpen && connection.streams.size > 0) return;
        connection.close("the client is closing");
        resolve();
      };
      this.#whenDone();
      deadline.addEventListener(
        "abort",
        () => {
          connection.close("the client is closing");
          resolve();
        },
        { once: true },
      );
      if (deadline.aborted) {
        connection.close("the client is closing");
        resolve();
      }
    });
  }

  #whenDone = () => {};

  ready(): void {
    this.state = "ready";
    this.#failures = 0;
    this.#abort = undefined;
    this.#keepAlive();
    this.#owner.changed();
  }

  streamDone(): void {
    this.#whenDone();
    const { connection } = this;
    if (connection?.isGoingAway === true && connection.streams.size === 0) connection.close("the server goes away");
    else this.#owner.changed();
  }

  goingAway(code: number, message: string): void {
    // The server counts pings otherwise than we: ask half as often.
    if (code === errorCodes.ENHANCE_YOUR_CALM && message === pingsForbidden) this.#keepaliveMs *= 2;
    this.lastError = `the server goes away${message === "" ? "" : `: ${message}`}`;
    const { connection } = this;
    // Calls under way end where they are; new ones go over a new connection.
    if (this.state === "ready") this.#again();
    if (connection !== undefined && connection.streams.size === 0) setImmediate(() => connection.close("the server goes away"));
  }

  ponged(): void {
    this.#pingedAt = undefined;
  }

  closed(reason: string): void {
    this.#whenDone();
    if (this.state === "connecting") this.#failed(reason);
    else if (this.state === "ready" && this.connection?.isOpen !== true) {
      this.lastError = reason;
      this.#again();
    }
  }

  /** Leaves a connection that worked for a new one. */
  #again(): void {
    this.#cancelKeepalive();
    this.connection = undefined;
    this.state = "idle";
    this.#owner.disturbed();
    this.connect();
    this.#owner.changed();
  }

  #failed(reason: string): void {
    if (this.#isClosed || this.state !== "connecting") return;
    this.state = "failed";
    this.connection = undefined;
    this.lastError = reason;
    const { clock, random = Math.random } = this.#owner.options;
    const base = Math.min(firstBackoffMs * backoffFactor ** this.#failures++, maxBackoffMs);
    this.#cancelBackoff = clock.after(base * (1 + backoffJitter * (2 * random() - 1)), () => {
      this.state = "idle";
      this.connect();
    });
    this.#owner.disturbed();
    this.#owner.changed();
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    const { endpoint } = this;
    const { tls, serverName, options } = this.#owner;
    const tunnel =
      "proxy" in endpoint && endpoint.proxy !== undefined
        ? await openTunnel(endpoint.proxy, endpoint.host, endpoint.port, options.userAgent, signal)
        : undefined;
    const place = "path" in endpoint ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
    const address = { ...place, ...(options.readBufferBytes !== undefined && { readableHighWaterMark: options.readBufferBytes }) };
    if (tls === undefined) {
      const socket = tunnel ?? connect(address);
      if (tunnel === undefined) await opened(socket, "connect", signal);
      return socket;
    }
    const servername = isIP(serverName) === 0 ? { servername: serverName } : {};
    const socket = connectTls({
      ...address,
      ...servername,
      ...tls.options(),
      ALPNProtocols: ["h2"],
      ...(tunnel !== undefined && { socket: tunnel }),
    });
    await opened(socket, "secureConnect", signal);
    if (socket.alpnProtocol !== "h2") {
      socket.destroy();
      throw new Error("the server does not offer HTTP/2 over TLS (ALPN)");
    }
    return socket;
  }

  #keepAlive(): void {
    const { keepalive, clock } = this.#owner.options;
    if (keepalive === undefined || keepalive.timeMs <= 0) return;
    const { connection } = this;
    if (connection === undefined) return;
    const look = () => {
      if (!connection.isOpen) return;
      const silentMs = clock.monotonic() - connection.lastReadAt;
      if (this.#pingedAt !== undefined && connection.lastReadAt < this.#pingedAt) {
        connection.close("keepalive ping failed to receive ACK within timeout");
        connection.socket.destroy();
        return;
      }
      this.#pingedAt = undefined;
      const mayPing = keepalive.withoutStream || connection.streams.size > 0;
      if (silentMs < this.#keepaliveMs || !mayPing) {
        this.#cancelKeepalive = clock.after(mayPing ? this.#keepaliveMs - silentMs : this.#keepaliveMs, look);
        return;
      }
      this.#pingedAt = clock.monotonic();
      connection.ping();
      this.#cancelKeepalive = clock.after(keepalive.timeoutMs > 0 ? keepalive.timeoutMs : defaultKeepaliveTimeoutMs, look);
    };
    this.#cancelKeepalive = clock.after(this.#keepaliveMs, look);
  }
}

const defaultKeepaliveTimeoutMs = 20_000;

function opened(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      socket.off(event, onOpen).off("error", onError).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
      how();
    };
    const onOpen = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new Error("the connection was closed")));
    const onAbort = () => {
      socket.on("error", () => {}).destroy();
      settle(() => reject(new Error("it took too long")));
    };
    socket.on(event, onOpen).on("error", onError).on("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
