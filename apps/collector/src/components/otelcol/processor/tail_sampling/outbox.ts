import type { ComponentContext } from "../../../../component/context.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { insist } from "../../../../signals/otlp/insist.ts";
import type { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";

/** Spans at which a batch goes out, and bytes. */
const BATCH_SPANS = 2000;
const BATCH_BYTES = 1024 * 1024;
/** Above this, no more is decided until some of it was taken. */
const FULL_BYTES = 32 * 1024 * 1024;

/** Traces that are kept, on their way to the next components: in their order, one batch at a time, until each was taken. */
export class Outbox {
  readonly #context: ComponentContext;
  readonly #output: OtelConsumer;
  readonly #flow: ProcessorMetrics;
  readonly #deadline = new AbortController();
  #chunks: Uint8Array[] = [];
  #spans = 0;
  #size = 0;
  #queue: OtlpBatch[] = [];
  #queuedBytes = 0;
  #sending: Promise<void> | undefined;

  constructor(context: ComponentContext, output: OtelConsumer, flow: ProcessorMetrics) {
    this.#context = context;
    this.#output = output;
    this.#flow = flow;
  }

  get isFull(): boolean {
    return this.#queuedBytes > FULL_BYTES;
  }

  /** Takes a chunk of its own memory. */
  add(chunk: Uint8Array, spans: number): void {
    this.#chunks.push(chunk);
    this.#spans += spans;
    this.#size += chunk.length;
    if (this.#spans >= BATCH_SPANS || this.#size >= BATCH_BYTES) this.flush();
  }

  /** Sends what was added. */
  flush(): void {
    if (this.#chunks.length === 0) return;
    const batch = new OtlpBatch({ signal: "traces", chunks: this.#chunks, items: this.#spans });
    this.#chunks = [];
    this.#spans = this.#size = 0;
    this.#queue.push(batch.retain(this.#context.budget));
    this.#queuedBytes += batch.bytes;
    this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    const { clock, log } = this.#context;
    for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
      const error = await insist(batch, { output: this.#output, clock, deadline: this.#deadline.signal });
      this.#flow.buffered("traces", -batch.items);
      if (error === undefined) this.#flow.outgoing("traces", batch.items);
      else {
        this.#flow.dropped("traces", batch.items, error.reason);
        log.error("sampled spans are lost: nobody took them", { spans: batch.items, err: error });
      }
      this.#queuedBytes -= batch.bytes;
      batch.release();
      batch.release();
    }
    // At once: what is added from here on finds nobody sending.
    this.#sending = undefined;
  }

  /** Resolves when everything was taken, or is lost at the deadline. */
  async stop(deadline: AbortSignal): Promise<void> {
    if (deadline.aborted) this.#deadline.abort();
    else deadline.addEventListener("abort", () => this.#deadline.abort(), { once: true });
    this.flush();
    await this.#sending;
  }
}
