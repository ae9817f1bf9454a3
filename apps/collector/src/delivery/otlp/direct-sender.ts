import type { ComponentContext } from "../../component/context.ts";
import { DeliveryError } from "../../signals/delivery-error.ts";
import type { OtlpBatch } from "../../signals/otlp/batch.ts";
import type { ExporterMetrics } from "../../signals/otlp/exporter-metrics.ts";
import type { SendOutcome } from "../destination.ts";
import { isExhausted, retryDelay } from "../retry.ts";
import { type OtlpExporterOptions, type OtlpRequest, retryLimits } from "./options.ts";
import { partsOf } from "./request-size.ts";

/** Without a queue a request is given up after this, where the user has set no limit: its sender waits for it. */
const DEFAULT_MAX_ELAPSED_MS = 5 * 60_000;
/** How many senders may wait where `wait_for_result` has set no `queue_size`. */
const DEFAULT_WAITING = 1000;

/** Sends without a queue: who hands data in waits until the destination has taken it, and is told when it has not. */
export class DirectSender {
  readonly #context: ComponentContext;
  readonly #metrics: ExporterMetrics;
  readonly #options: OtlpExporterOptions;
  readonly #stopping = new AbortController();
  readonly #underway = new Set<Promise<void>>();
  readonly #turns: (() => void)[] = [];
  #sending = 0;

  constructor(context: ComponentContext, metrics: ExporterMetrics, options: OtlpExporterOptions) {
    this.#context = context;
    this.#metrics = metrics;
    this.#options = options;
  }

  async consume(batch: OtlpBatch): Promise<void> {
    const delivery = this.#inTurn(batch);
    const settled = delivery.catch(() => undefined).finally(() => this.#underway.delete(settled));
    this.#underway.add(settled);
    return delivery;
  }

  pressure(): DeliveryError | undefined {
    return this.#stopping.signal.aborted ? stopping() : this.#isFull() ? full() : undefined;
  }

  async stop(deadline: AbortSignal): Promise<void> {
    if (deadline.aborted) this.#stopping.abort();
    else deadline.addEventListener("abort", () => this.#stopping.abort(), { once: true });
    await Promise.all(this.#underway);
  }

  /** As many requests at a time as there are consumers; without a queue, as many as come. */
  async #inTurn(batch: OtlpBatch): Promise<void> {
    const { queue } = this.#options;
    if (queue.enabled && this.#sending >= queue.num_consumers) {
      if (this.#isFull()) throw full();
      await new Promise<void>((resolve) => this.#turns.push(resolve));
    }
    this.#sending++;
    try {
      for (const { chunks, items } of partsOf(batch, queue.batch)) await this.#deliver(batch, chunks, items);
    } finally {
      this.#sending--;
      this.#turns.shift()?.();
    }
  }

  #isFull(): boolean {
    const { queue } = this.#options;
    return queue.enabled && this.#turns.length >= (queue.queue_size ?? DEFAULT_WAITING);
  }

  async #deliver(batch: OtlpBatch, chunks: readonly Uint8Array[], items: number): Promise<void> {
    const { signal, client } = batch;
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    const request = { signal, payload: chunks, bytes, items, client };
    const limits = retryLimits(this.#options.retry, DEFAULT_MAX_ELAPSED_MS);
    const startedMs = this.#context.clock.monotonic();
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(request);
      if (outcome.kind === "delivered") {
        const rejected = Math.min(items, outcome.rejectedItems ?? 0);
        this.#metrics.sent(signal).add(items - rejected);
        if (rejected > 0) this.#metrics.failed(signal).add(rejected);
        return;
      }
      if (outcome.kind === "refused") {
        this.#metrics.failed(signal).add(items);
        throw new DeliveryError(outcome.message, { retryable: false, reason: outcome.reason });
      }
      const error = new DeliveryError(outcome.message, {
        retryable: true,
        reason: "destination_unavailable",
        ...(outcome.retryAfterMs !== undefined && { retryAfterMs: outcome.retryAfterMs }),
      });
      const waitMs = retryDelay(limits, attempt, outcome.retryAfterMs, Math.random);
      const elapsedMs = this.#context.clock.monotonic() - startedMs + waitMs;
      if (isExhausted(limits, attempt, elapsedMs) || this.#stopping.signal.aborted) {
        this.#metrics.failed(signal).add(items);
        throw error;
      }
      await this.#pause(waitMs);
    }
  }

  async #attempt(request: OtlpRequest): Promise<SendOutcome> {
    const { timeoutMs } = this.#options;
    const abort = new AbortController();
    const stop = () => abort.abort(new Error("the exporter is stopping"));
    this.#stopping.signal.addEventListener("abort", stop);
    const cancel =
      timeoutMs > 0 ? this.#context.clock.after(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`))) : () => {};
    try {
      return await this.#options.send(request, abort.signal);
    } finally {
      cancel();
      this.#stopping.signal.removeEventListener("abort", stop);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stopping;
      const end = () => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.#context.clock.after(ms, end);
      signal.addEventListener("abort", end);
    });
  }
}

function stopping(): DeliveryError {
  return new DeliveryError("the exporter is stopping", { retryable: true, reason: "stopping", retryAfterMs: 1000 });
}

function full(): DeliveryError {
  return new DeliveryError("too many requests wait for the destination", { retryable: true, reason: "queue_full", retryAfterMs: 1000 });
}
