import type { ComponentContext } from "../../../component/context.ts";
import type { Counter, Gauge } from "../../../component/metrics.ts";
import { type Rules, relabel } from "../../../relabel/rules.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import type { DeliveryError } from "../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { internRecord, type StreamLabels } from "../../../signals/loki/stream-labels.ts";
import { withStreams } from "../../../signals/loki/with-streams.ts";

export interface RelabelSettings {
  readonly rules: Rules;
  readonly maxCacheSize: number;
  readonly next: Consumer<LogBatch>;
}

/** Applies rules to the streams of batches; lines are touched only where a stream is dropped. */
export class StreamRelabeller implements Consumer<LogBatch> {
  readonly #context: ComponentContext;
  readonly #metrics: { processed: Counter; written: Counter; misses: Counter; hits: Counter; size: Gauge };
  #settings: RelabelSettings;
  /** Results in the order of their last use; null: dropped. */
  #cache = new Map<StreamLabels, StreamLabels | null>();

  constructor(context: ComponentContext, settings: RelabelSettings) {
    const { metrics } = context;
    this.#context = context;
    this.#settings = settings;
    this.#metrics = {
      processed: metrics.counter("loki_relabel_entries_processed", { help: "Total number of log entries processed" }).of(),
      written: metrics.counter("loki_relabel_entries_written", { help: "Total number of log entries forwarded" }).of(),
      misses: metrics.counter("loki_relabel_cache_misses", { help: "Total number of cache misses" }).of(),
      hits: metrics.counter("loki_relabel_cache_hits", { help: "Total number of cache hits" }).of(),
      size: metrics.gauge("loki_relabel_cache_size", { help: "Total size of relabel cache" }).of(),
    };
  }

  update(settings: RelabelSettings): void {
    if (settings.rules !== this.#settings.rules || settings.maxCacheSize !== this.#settings.maxCacheSize) this.#cache = new Map();
    this.#settings = settings;
    this.#metrics.size.set(this.#cache.size);
  }

  pressure(): DeliveryError | undefined {
    return this.#settings.next.pressure();
  }

  async consume(batch: LogBatch): Promise<void> {
    const relabelled = batch.streams.map((labels) => this.#relabelled(labels));
    this.#metrics.size.set(this.#cache.size);
    const result = withStreams(batch, relabelled);
    this.#publish(batch, relabelled);
    if (result === undefined) {
      this.#metrics.processed.add(batch.rows);
      return;
    }
    try {
      await this.#settings.next.consume(result);
    } finally {
      result.release();
    }
    // Counted once, when somebody took the lines: the sender tries again where nobody does.
    this.#metrics.processed.add(batch.rows);
    this.#metrics.written.add(result.rows);
  }

  #relabelled(labels: StreamLabels): StreamLabels | null {
    const known = this.#cache.get(labels);
    if (known !== undefined) {
      this.#metrics.hits.add(1);
      this.#cache.delete(labels);
      this.#cache.set(labels, known);
      return known;
    }
    this.#metrics.misses.add(1);
    const record = relabel(labels.record(), this.#settings.rules);
    const result = record === undefined || Object.keys(record).length === 0 ? null : internRecord(record);
    this.#cache.set(labels, result);
    if (this.#cache.size > this.#settings.maxCacheSize)
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    return result;
  }

  #publish(batch: LogBatch, relabelled: readonly (StreamLabels | null)[]): void {
    const { debugStream } = this.#context;
    if (!debugStream.watched) return;
    batch.streams.forEach((labels, place) => {
      const to = relabelled[place];
      debugStream.publish("loki_log", 1, () => `stream: ${labels.text} => ${to?.text ?? "<dropped>"}`);
    });
  }
}
