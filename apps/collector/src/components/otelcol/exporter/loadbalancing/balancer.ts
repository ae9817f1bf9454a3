import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ComponentContext } from "../../../../component/context.ts";
import type { SendOutcome } from "../../../../delivery/destination.ts";
import type { OtlpRequest } from "../../../../delivery/otlp/options.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { type Part, partition } from "../../../../signals/otlp/partition.ts";
import { Backend, type BackendArguments } from "./backend.ts";
import { HashRing } from "./hash-ring.ts";
import type { BalancerMetrics } from "./metrics.ts";
import { hashOfKey, type RoutingKey } from "./routing.ts";

const DEFAULT_PORT = "4317";
const RETRY_MS = 1000;
const NOWHERE = -1;

/** Sends each item to the backend that the hash of its key names. */
export class Balancer implements OtelConsumer {
  readonly #context: ComponentContext;
  readonly #metrics: BalancerMetrics;
  readonly #backends = new Map<string, Backend>();
  /** Failures by endpoint: one is enough to be unhealthy. */
  readonly #failing = new Map<string, string>();
  #ring = new HashRing([]);
  #key: RoutingKey;
  #args: BackendArguments;
  #isStopping = false;

  constructor(context: ComponentContext, key: RoutingKey, args: BackendArguments, metrics: BalancerMetrics) {
    this.#context = context;
    this.#key = key;
    this.#args = args;
    this.#metrics = metrics;
  }

  async consume(batch: OtlpBatch): Promise<void> {
    const parts = this.#parts(batch);
    const [only] = parts;
    if (only === undefined) return;
    // Asked of all before any of them has a part: what one refuses is sent to all of them again.
    const refusal = parts.map(({ backend }) => backend.consumer.pressure(batch.signal)).find((each) => each !== undefined);
    if (refusal !== undefined) throw refusal;
    if (parts.length === 1) return this.#hand(batch, only);
    const outcomes = await Promise.allSettled(parts.map((part) => this.#hand(batch, part)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw deliveryErrorOf(failed.reason);
  }

  /** Data goes to any of the backends: one that takes data is enough to begin. */
  pressure(signal?: Signal): DeliveryError | undefined {
    if (this.#ring.endpoints.length === 0) return noBackend();
    let refusal: DeliveryError | undefined;
    for (const endpoint of this.#ring.endpoints) {
      refusal = this.#backends.get(withPort(endpoint))?.consumer.pressure(signal);
      if (refusal === undefined) return undefined;
    }
    return refusal;
  }

  /** Takes new endpoints: missing backends are made, and what waits for those that are gone is moved. */
  async change(endpoints: readonly string[]): Promise<void> {
    const wanted = new Set(endpoints.map(withPort));
    const left = this.#remembered();
    for (const endpoint of wanted) {
      const known = this.#backends.get(endpoint);
      if (known === undefined) await this.#open(endpoint);
      else known.stay();
    }
    this.#ring = new HashRing(endpoints);
    if (endpoints.length > 0) for (const endpoint of left) if (!this.#backends.has(endpoint)) await this.#open(endpoint);
    this.#remember();
    if (endpoints.length === 0) return;
    for (const backend of this.#backends.values()) if (!wanted.has(backend.endpoint) && !backend.isLeaving) void this.#leave(backend);
  }

  async update(key: RoutingKey, args: BackendArguments): Promise<void> {
    this.#key = key;
    this.#args = args;
    for (const backend of this.#backends.values()) await backend.update(args);
  }

  async stop(deadline: AbortSignal): Promise<void> {
    const backends = [...this.#backends.values()];
    // Those that are gone first: what they still hold needs the others.
    const half = AbortSignal.any([deadline, AbortSignal.timeout(1000)]);
    await Promise.all(backends.filter((backend) => backend.isLeaving).map((backend) => backend.stop(half)));
    this.#isStopping = true;
    await Promise.all(backends.filter((backend) => !backend.isLeaving).map((backend) => backend.stop(deadline)));
  }

  buffered(signal: Signal): { bytes: number; items: number; records: number } {
    const sum = { bytes: 0, items: 0, records: 0 };
    for (const backend of this.#backends.values()) {
      const { bytes, items, records } = backend.buffered(signal);
      sum.bytes += bytes;
      sum.items += items;
      sum.records += records;
    }
    return sum;
  }

  debugInfo(): unknown {
    return [...this.#backends.values()].map((backend) => backend.debugInfo());
  }

  /** The batch by backends: itself where all of it goes to one. */
  #parts(batch: OtlpBatch): readonly Share[] {
    const ring = this.#ring;
    const { endpoints } = ring;
    if (endpoints.length === 0) throw noBackend();
    const hashOf = hashOfKey(this.#key, batch.signal, Math.random);
    let unroutable = 0;
    const parts = partition(batch.signal, batch.chunks, endpoints.length, (cursor) => {
      const hash = hashOf(cursor);
      if (hash >= 0) return ring.ownerOf(hash);
      unroutable++;
      return NOWHERE;
    });
    if (unroutable > 0) {
      this.#metrics.unroutable(batch.signal, unroutable);
      if (unroutable === batch.items)
        throw new DeliveryError("unable to get service name from resource metric", { retryable: false, reason: "unroutable" });
    }
    const shares: Share[] = [];
    for (const [i, part] of parts.entries()) {
      const backend = this.#backends.get(withPort(endpoints[i] as string));
      if (part !== undefined && backend !== undefined) shares.push({ backend, part: part.items === batch.items ? undefined : part });
    }
    return shares;
  }

  async #hand(batch: OtlpBatch, { backend, part }: Share): Promise<void> {
    if (part === undefined) return backend.consumer.consume(batch);
    const own = batch.with([part.chunk], part.items);
    try {
      await backend.consumer.consume(own);
    } finally {
      own.release();
    }
  }

  async #open(endpoint: string): Promise<void> {
    const backend = new Backend(this.#contextOf(endpoint), endpoint, this.#args, this.#metrics);
    this.#backends.set(endpoint, backend);
    await backend.start();
  }

  async #leave(backend: Backend): Promise<void> {
    const isEmpty = await backend.leave((request) => this.#move(request));
    if (!isEmpty || this.#backends.get(backend.endpoint) !== backend) return;
    this.#backends.delete(backend.endpoint);
    this.#failing.delete(backend.endpoint);
    this.#metrics.forget(backend.endpoint);
    this.#remember();
    await backend.stop(AbortSignal.timeout(RETRY_MS));
  }

  /** Routes a request anew. It is delivered, as far as its old queue goes, once other queues have it. */
  async #move({ signal, payload, items, client }: OtlpRequest): Promise<SendOutcome> {
    if (this.#isStopping) return { kind: "retry", message: "the exporter is stopping" };
    // The payload is the queue's, and not valid for as long as others may keep it.
    const batch = new OtlpBatch({ signal, chunks: [Buffer.concat(payload)], items, client });
    try {
      await this.consume(batch);
      this.#metrics.moved(signal, items);
      return { kind: "delivered", moved: true };
    } finally {
      batch.release();
    }
  }

  #contextOf(endpoint: string): ComponentContext {
    return {
      ...this.#context,
      health: (state, message) => {
        if (state === "unhealthy") this.#failing.set(endpoint, message);
        else this.#failing.delete(endpoint);
        const messages = [...this.#failing].map(([each, text]) => `${each}: ${text}`);
        this.#context.health(messages.length > 0 ? "unhealthy" : "healthy", messages.length > 0 ? messages.join("; ") : message);
      },
    };
  }

  // The endpoints that may have a queue on disk are written down, so that what waited for one which is gone after a restart is found.

  #remember(): void {
    const { dataPath, log } = this.#context;
    if (dataPath === undefined) return;
    try {
      mkdirSync(dataPath, { recursive: true });
      const file = join(dataPath, "backends.json");
      writeFileSync(`${file}.new`, `${JSON.stringify([...this.#backends.keys()])}\n`);
      renameSync(`${file}.new`, file);
    } catch (error) {
      log.warn("the list of backends can't be written", { err: error instanceof Error ? error.message : String(error) });
    }
  }

  #remembered(): readonly string[] {
    if (this.#context.dataPath === undefined) return [];
    try {
      const kept: unknown = JSON.parse(readFileSync(join(this.#context.dataPath, "backends.json"), "utf8"));
      return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
    } catch {
      // There was none, or it is torn: queues of endpoints that are gone are left to the watch for orphans.
      return [];
    }
  }
}

interface Share {
  readonly backend: Backend;
  /** Undefined: the whole batch. */
  readonly part: Part | undefined;
}

function withPort(endpoint: string): string {
  return endpoint.includes(":") ? endpoint : `${endpoint}:${DEFAULT_PORT}`;
}

function noBackend(): DeliveryError {
  return new DeliveryError('couldn\'t find the exporter for the endpoint ""', {
    retryable: true,
    reason: "no_backend",
    retryAfterMs: RETRY_MS,
  });
}
