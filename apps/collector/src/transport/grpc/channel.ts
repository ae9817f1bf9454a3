import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type GrpcStatus, grpcStatus } from "../grpc-status.ts";
import { type Environment, proxyRule } from "../http/proxy.ts";
import type { Http2Connection } from "../http2/connection.ts";
import { TlsClient } from "../tls/contexts.ts";
import type { GrpcClientOptions } from "./client-options.ts";
import { type Endpoint, endpointText, Subchannel, type SubchannelOwner } from "./subchannel.ts";
import type { Target } from "./target.ts";

const minResolveIntervalMs = 10_000;
const resolveRetryMs = 5_000;

interface Waiter {
  readonly failsFast: boolean;
  settle(outcome: Http2Connection | GrpcStatus): void;
}

/** All connections to a target, by one of two policies. */
export class Channel implements SubchannelOwner {
  readonly options: GrpcClientOptions;
  readonly tls: TlsClient | undefined;
  readonly serverName: string;
  readonly #target: Target;
  readonly #proxyOf: (url: URL) => URL | undefined;
  #subchannels: Subchannel[] = [];
  #leaving = new Set<Promise<void>>();
  #turn = 0;
  #waiters: Waiter[] = [];
  #resolveError = "";
  #isResolving = false;
  #resolvedAt = Number.NEGATIVE_INFINITY;
  #cancelResolve = () => {};
  #isClosed = false;

  constructor(target: Target, serverName: string, options: GrpcClientOptions, environment: Environment) {
    this.options = options;
    this.serverName = serverName;
    this.#target = target;
    this.tls = options.tls === undefined ? undefined : new TlsClient(options.tls, options.clock, options.log);
    this.#proxyOf = proxyRule({ fromEnvironment: true }, environment);
    void this.#resolve();
  }

  /** A connection that takes one more stream; a status where there is none. Settles at the latest when `signal` is aborted. */
  pick(signal: AbortSignal): Promise<Http2Connection | GrpcStatus> {
    const now = this.#readyConnection();
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        failsFast: !this.options.waitForReady,
        settle: (outcome) => {
          signal.removeEventListener("abort", onAbort);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          resolve(outcome);
        },
      };
      const onAbort = () => waiter.settle(grpcStatus("UNAVAILABLE", this.#whyNot()));
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.changed();
    });
  }

  changed(): void {
    while (this.#waiters.length > 0) {
      const [waiter] = this.#waiters;
      const connection = this.#readyConnection();
      if (waiter === undefined || connection === undefined) break;
      waiter.settle(connection);
      // The waiter opens its stream in a later turn: no more than one is let through for each change.
      if (connection.streams.size + 1 >= connection.maxRemoteStreams) break;
    }
    if (!this.#hasFailed()) return;
    for (const waiter of this.#waiters) if (waiter.failsFast) waiter.settle(grpcStatus("UNAVAILABLE", this.#whyNot()));
  }

  disturbed(): void {
    if (this.#isClosed) return;
    if (this.options.balancer === "pick_first") this.#connectNext();
    if (this.#target.kind !== "name") return;
    const { clock } = this.options;
    const wait = this.#resolvedAt + minResolveIntervalMs - clock.monotonic();
    this.#cancelResolve();
    this.#cancelResolve = clock.after(Math.max(wait, 0), () => void this.#resolve());
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#cancelResolve();
    for (const waiter of this.#waiters) waiter.settle(grpcStatus("CANCELLED", "the client is closing"));
    await Promise.all([...this.#subchannels.map((subchannel) => subchannel.close(deadline)), ...this.#leaving]);
  }

  #readyConnection(): Http2Connection | undefined {
    const count = this.#subchannels.length;
    for (let i = 0; i < count; i++) {
      const subchannel = this.#subchannels[(this.#turn + i) % count];
      if (subchannel?.state !== "ready" || subchannel.connection?.takesStreams !== true) continue;
      this.#turn = (this.#turn + i + 1) % count;
      return subchannel.connection;
    }
    return undefined;
  }

  #hasFailed(): boolean {
    if (this.#isClosed) return true;
    if (this.#subchannels.length === 0) return this.#resolveError !== "" && !this.#isResolving;
    return this.#subchannels.every(({ state }) => state === "failed" || (state === "idle" && this.options.balancer === "pick_first"));
  }

  #whyNot(): string {
    if (this.#subchannels.length === 0) return this.#resolveError === "" ? "no connection was made in time" : this.#resolveError;
    const errors = this.#subchannels.map(
      (subchannel) => `${endpointText(subchannel.endpoint)}: ${subchannel.lastError || "not connected yet"}`,
    );
    return `connection error: ${[...new Set(errors)].join("; ")}`;
  }

  async #resolve(): Promise<void> {
    if (this.#isResolving || this.#isClosed) return;
    this.#isResolving = true;
    const { clock } = this.options;
    this.#resolvedAt = clock.monotonic();
    try {
      const endpoints = await this.#endpoints();
      this.#resolveError = "";
      this.#isResolving = false;
      if (!this.#isClosed) this.#use(endpoints);
    } catch (error) {
      this.#isResolving = false;
      this.#resolveError = `name resolver error: ${error instanceof Error ? error.message : String(error)}`;
      this.#cancelResolve();
      if (!this.#isClosed) this.#cancelResolve = clock.after(resolveRetryMs, () => void this.#resolve());
    }
    this.changed();
  }

  async #endpoints(): Promise<Endpoint[]> {
    const target = this.#target;
    switch (target.kind) {
      case "unix":
        return [{ path: target.path }];
      case "addresses":
        return [...target.addresses];
      case "name": {
        const { host, port } = target;
        const proxy = this.#proxyOf(new URL(`https://${isIP(host) === 6 ? `[${host}]` : host}:${port}`));
        // A proxy resolves names itself.
        if (proxy !== undefined) return [{ host, port, proxy }];
        if (isIP(host) !== 0) return [{ host, port }];
        const found = await lookup(host, { all: true });
        return found.map(({ address }) => ({ host: address, port }));
      }
      default:
        return target satisfies never;
    }
  }

  /** Keeps the connections to addresses that stay, and lets the others end. */
  #use(endpoints: readonly Endpoint[]): void {
    const known = new Map(this.#subchannels.map((subchannel) => [endpointText(subchannel.endpoint), subchannel]));
    const texts = new Set(endpoints.map(endpointText));
    this.#subchannels = [...texts].map((text) => {
      const endpoint = endpoints.find((one) => endpointText(one) === text);
      if (endpoint === undefined) throw new Error("an address was lost on its way to its connection");
      return known.get(text) ?? new Subchannel(endpoint, this);
    });
    for (const [text, subchannel] of known) {
      if (texts.has(text)) continue;
      const ending = subchannel.close(AbortSignal.timeout(leaveMs)).finally(() => this.#leaving.delete(ending));
      this.#leaving.add(ending);
    }
    if (this.options.balancer === "pick_first") this.#connectNext();
    else for (const subchannel of this.#subchannels) subchannel.connect();
  }

  /** With one connection at a time: tries the next address that has not failed lately. */
  #connectNext(): void {
    if (this.#subchannels.some(({ state }) => state === "ready" || state === "connecting")) return;
    this.#subchannels.find(({ state }) => state === "idle")?.connect();
  }
}

const leaveMs = 30_000;
