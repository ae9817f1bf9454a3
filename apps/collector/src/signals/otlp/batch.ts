import type { Budget } from "../../delivery/budget.ts";
import type { ClientInfo } from "../client-info.ts";
import type { Consumer } from "../consumer.ts";
import type { DeliveryError } from "../delivery-error.ts";
import type { Receipt } from "../receipt.ts";

export type Signal = "traces" | "metrics" | "logs";

/** What one item of a signal is called where metrics count it: `accepted_spans`. */
export const itemNames = { traces: "spans", metrics: "metric_points", logs: "log_records" } as const;

/** What `otelcol.*` components export as `input`. */
export interface OtelConsumer extends Consumer<OtlpBatch> {
  /** Of one signal, or of whatever comes where none is named. */
  pressure(signal?: Signal): DeliveryError | undefined;
}

export interface OtlpContent {
  readonly signal: Signal;
  readonly chunks: readonly Uint8Array[];
  /** Spans, data points or log records in all chunks together. */
  readonly items: number;
  readonly client?: ClientInfo | undefined;
  readonly receipt?: Receipt | undefined;
  /** Batches whose memory this one shares; they are held for as long as it is. */
  readonly from?: readonly OtlpBatch[];
  /** Called when nobody holds the batch any more: its memory is free for something else. */
  readonly recycle?: (() => void) | undefined;
}

/**
 * Telemetry as the bytes in which it came. Each chunk is a whole serialized export request that `walk` has accepted, and so is their
 * concatenation. Nobody changes a chunk: a component that changes data makes a new batch, which may share memory with the old one. Who makes a
 * batch releases it; who keeps one beyond the `consume` that brought it retains it, since its memory is used again.
 */
export class OtlpBatch {
  readonly signal: Signal;
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  /** Of all chunks together. */
  readonly bytes: number;
  /** Who sent it, where the receiver was told to pass that on. */
  readonly client: ClientInfo | undefined;
  readonly receipt: Receipt | undefined;
  readonly #from: readonly OtlpBatch[];
  readonly #recycle: (() => void) | undefined;
  #holders = 1;
  #charged: Budget | undefined;

  constructor({ signal, chunks, items, client, receipt, from = [], recycle }: OtlpContent) {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    this.signal = signal;
    this.chunks = chunks;
    this.items = items;
    this.bytes = bytes;
    this.client = client;
    this.receipt = receipt;
    this.#from = from;
    this.#recycle = recycle;
    for (const batch of from) batch.#hold();
  }

  /** A batch of the same origin with other content, which may share memory with this one; `recycle` as in `OtlpContent`. */
  with(chunks: readonly Uint8Array[], items: number, recycle?: () => void): OtlpBatch {
    return new OtlpBatch({ signal: this.signal, chunks, items, client: this.client, receipt: this.receipt, from: [this], recycle });
  }

  /** 1: nobody but its maker holds it. */
  get holders(): number {
    return this.#holders;
  }

  /**
   * Called by who keeps the batch beyond the `consume` that brought it. Its memory is charged to the budget from the first such call on; before
   * that it counts where it came from, in the request that is being answered.
   */
  retain(budget: Budget): this {
    this.#hold();
    if (this.#charged === undefined) {
      this.#charged = budget;
      budget.take(this.bytes);
    }
    return this;
  }

  release(): void {
    if (this.#holders === 0) throw new Error("a batch was released more often than it was held");
    if (--this.#holders > 0) return;
    this.#charged?.release(this.bytes);
    this.#charged = undefined;
    for (const batch of this.#from) batch.release();
    this.#recycle?.();
  }

  #hold(): void {
    if (this.#holders === 0) throw new Error("a batch was retained after its last holder had released it");
    this.#holders++;
  }
}
