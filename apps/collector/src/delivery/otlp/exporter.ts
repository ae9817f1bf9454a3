import { existsSync } from "node:fs";
import type { ComponentContext } from "../../component/context.ts";
import { DeliveryError, deliveryErrorOf } from "../../signals/delivery-error.ts";
import { itemNames, type OtelConsumer, type OtlpBatch, type Signal } from "../../signals/otlp/batch.ts";
import { ExporterMetrics } from "../../signals/otlp/exporter-metrics.ts";
import type { DeliveryRecord, Destination, DestinationOptions } from "../destination.ts";
import { openDestination } from "../open-destination.ts";
import { queueFolder } from "../queue-folder.ts";
import { clientOfGroup, groupOf } from "./client-group.ts";
import { DirectSender } from "./direct-sender.ts";
import { type OtlpExporterOptions, requestLimits, retryLimits } from "./options.ts";
import { partsOf } from "./request-size.ts";

const signals = ["traces", "metrics", "logs"] as const;
/** The bounds of a queue whose size the user has not set. */
const DEFAULT_MAX_BYTES = 1024 ** 3;
const MAX_AGE_MS = 8 * 60 * 60 * 1000;
const FSYNC_MS = 1000;
/** How often a sender who waits for room looks again. */
const ROOM_MS = 50;

/** Queues, senders and metrics of an exporter of OTLP, a destination for each signal. */
export class OtlpExporter {
  readonly consumer: OtelConsumer;
  readonly #context: ComponentContext;
  #options: OtlpExporterOptions;
  readonly #metrics: ExporterMetrics;
  readonly #destinations = new Map<Signal, Promise<Opened>>();
  readonly #unhealthy = new Map<Signal, string>();
  #direct: DirectSender | undefined;
  #rotation = 0;
  #rotationItems = 0;
  #rotationBytes = 0;
  #request: DestinationOptions["request"];
  #isStopping = false;

  /** Where a component has several of these, it tells of their queues itself: `exposes` is false. */
  constructor(context: ComponentContext, options: OtlpExporterOptions, exposes = true) {
    this.#context = context;
    this.#options = options;
    this.#request = requestLimits(options.queue);
    this.#metrics = new ExporterMetrics(context.metrics, options.kind, context.id);
    this.#direct = this.#directSender();
    this.consumer = {
      consume: (batch) => this.#consume(batch),
      pressure: (signal) => this.#pressure(signal),
    };
    if (exposes) this.#exposeQueues();
  }

  /** What waits in the queues of one signal, or is under way. */
  buffered(signal: Signal): { readonly bytes: number; readonly items: number; readonly records: number; readonly inFlight: number } {
    const stats = this.#opened.get(signal)?.stats();
    return {
      bytes: stats?.bufferedBytes ?? 0,
      items: stats?.bufferedItems ?? 0,
      records: stats?.bufferedRecords ?? 0,
      inFlight: stats?.requestsInFlight ?? 0,
    };
  }

  /** Opens the queues in which data waits from before. The others are opened when their signal comes. */
  async start(): Promise<void> {
    if (this.#direct !== undefined) return;
    await Promise.all(signals.filter((signal) => this.#hasFolder(signal)).map((signal) => this.#destination(signal)));
  }

  async update(options: OtlpExporterOptions): Promise<void> {
    const old = this.#options;
    this.#options = options;
    this.#request = requestLimits(options.queue);
    this.#direct = this.#directSender();
    for (const [signal, opening] of [...this.#destinations]) {
      const opened = await opening;
      const next = this.#destinationOptions(signal, options);
      const isSame = opened.options.endpoint === next.endpoint && opened.options.storagePath === next.storagePath;
      if (isSame && this.#direct === undefined) {
        await opened.destination.update(next);
        this.#destinations.set(signal, Promise.resolve({ destination: opened.destination, options: next }));
      } else {
        // The queue stays on disk, for when the endpoint returns; what is in memory has this long to go out.
        this.#destinations.delete(signal);
        this.#opened.delete(signal);
        await opened.destination.close(AbortSignal.timeout(Math.max(old.timeoutMs, 1000)));
      }
    }
    await this.start();
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#destinations.values()].map(async (opening) => (await opening).destination.close(deadline)));
    await this.#direct?.stop(deadline);
  }

  debugInfo(): unknown {
    return {
      queue: [...this.#opened].map(([signal, destination]) => ({
        signal,
        endpoint: this.#options.endpoint(signal),
        ...destination.stats(),
      })),
    };
  }

  async #consume(batch: OtlpBatch): Promise<void> {
    if (this.#direct !== undefined) return this.#direct.consume(batch);
    let missing = batch.items;
    try {
      const { destination } = await this.#destination(batch.signal);
      const group = groupOf(batch.client, this.#options.senderKeys());
      for (const { chunks, items } of partsOf(batch, this.#options.queue.batch)) {
        const receipt = batch.receipt !== undefined && { receipt: batch.receipt };
        await this.#append(destination, { payload: chunks, items, shard: this.#shard(items, chunks), group, ...receipt });
        missing -= items;
      }
    } catch (thrown) {
      this.#metrics.refused(batch.signal).add(missing);
      throw deliveryErrorOf(thrown);
    }
  }

  async #append(destination: Destination, record: DeliveryRecord): Promise<void> {
    const waits = blocks(this.#options.queue);
    for (;;) {
      try {
        return await destination.append(record);
      } catch (thrown) {
        const error = deliveryErrorOf(thrown);
        if (!waits || error.reason !== "queue_full" || !error.retryable || this.#isStopping) throw error;
        await new Promise<void>((resolve) => void this.#context.clock.after(ROOM_MS, resolve));
      }
    }
  }

  /**
   * Items have no order among each other, so that any sender will do. Records go to one after the other until a request's worth has gone to it: those that
   * come while it is busy share its next request, and the others are there as soon as one can't keep up.
   */
  #shard(items: number, chunks: readonly Uint8Array[]): number {
    const { maxItems, maxBytes } = this.#request;
    const shard = this.#rotation;
    this.#rotationItems += items;
    for (const chunk of chunks) this.#rotationBytes += chunk.length;
    if ((maxItems > 0 && this.#rotationItems >= maxItems) || (maxBytes > 0 && this.#rotationBytes >= maxBytes)) {
      this.#rotation = (this.#rotation + 1) % Math.max(1, this.#options.queue.num_consumers);
      this.#rotationItems = 0;
      this.#rotationBytes = 0;
    }
    return shard;
  }

  #pressure(signal: Signal | undefined): DeliveryError | undefined {
    if (this.#isStopping) return new DeliveryError("the exporter is stopping", { retryable: true, reason: "stopping", retryAfterMs: 1000 });
    if (this.#direct !== undefined) return this.#direct.pressure();
    if (blocks(this.#options.queue)) return undefined;
    if (signal !== undefined) return this.#opened.get(signal)?.pressure();
    let refusal: DeliveryError | undefined;
    for (const each of signals) {
      refusal = this.#opened.get(each)?.pressure();
      if (refusal === undefined) return undefined;
    }
    return refusal;
  }

  /** Destinations that are open already, for questions that can't wait. */
  readonly #opened = new Map<Signal, Destination>();

  #destination(signal: Signal): Promise<Opened> {
    const known = this.#destinations.get(signal);
    if (known !== undefined) return known;
    const opening = this.#open(signal);
    this.#destinations.set(signal, opening);
    opening.catch(() => this.#destinations.delete(signal));
    return opening;
  }

  async #open(signal: Signal): Promise<Opened> {
    const { clock, log, metrics, budget } = this.#context;
    const options = this.#destinationOptions(signal, this.#options);
    const health = (state: "healthy" | "unhealthy", message: string) => this.#report(signal, state, message);
    const destination = await openDestination({ clock, log, metrics, budget, random: Math.random, health }, options);
    this.#opened.set(signal, destination);
    return { destination, options };
  }

  #destinationOptions(signal: Signal, options: OtlpExporterOptions): DestinationOptions {
    const { queue, timeoutMs } = options;
    const size = queue.queue_size;
    return {
      component: this.#context.globalId,
      endpoint: `${signal} ${options.endpoint(signal)}`,
      storagePath: queue.storage?.directory ?? this.#context.dataPath,
      limits: {
        maxBytes: size !== undefined && queue.sizer === "bytes" ? size : DEFAULT_MAX_BYTES,
        maxAgeMs: MAX_AGE_MS,
        ...(size !== undefined && queue.sizer === "items" && { maxItems: size }),
        ...(size !== undefined && queue.sizer === "requests" && { maxRecords: size }),
      },
      // While this destination is full others go on, and what is newest is worth most; a sender that is to wait must be told.
      whenFull: blocks(queue) ? "refuse" : "drop-oldest",
      request: requestLimits(queue),
      retry: retryLimits(options.retry, 0),
      shards: queue.num_consumers,
      fsyncIntervalMs: queue.storage?.fsync === true ? 0 : FSYNC_MS,
      ...(timeoutMs > 0 && { timeoutMs }),
      send: async ({ payload, bytes, items, group }, abort) => {
        const request = { signal, payload, bytes, items, client: clientOfGroup(group) };
        const outcome = await this.#options.send(request, abort);
        if (outcome.kind === "delivered" && outcome.moved !== true)
          this.#metrics.sent(signal).add(items - Math.min(items, outcome.rejectedItems ?? 0));
        return outcome;
      },
      onDropped: (reason, items, message) => {
        this.#metrics.failed(signal).add(items);
        this.#context.log.error("Exporting failed. Dropping data.", { signal, reason, dropped_items: items, error: message });
      },
    };
  }

  #directSender(): DirectSender | undefined {
    const { queue } = this.#options;
    if (queue.enabled && !queue.wait_for_result) return undefined;
    return new DirectSender(this.#context, this.#metrics, this.#options);
  }

  #hasFolder(signal: Signal): boolean {
    const { storagePath, component, endpoint } = this.#destinationOptions(signal, this.#options);
    return storagePath !== undefined && existsSync(queueFolder(storagePath, { component, endpoint }));
  }

  /** One destination that fails is enough to be unhealthy. */
  #report(signal: Signal, state: "healthy" | "unhealthy", message: string): void {
    if (state === "unhealthy") this.#unhealthy.set(signal, message);
    else this.#unhealthy.delete(signal);
    const messages = [...this.#unhealthy].map(([each, text]) => `${itemNames[each]}: ${text}`);
    this.#context.health(messages.length > 0 ? "unhealthy" : "healthy", messages.length > 0 ? messages.join("; ") : message);
  }

  #exposeQueues(): void {
    const { metrics, id } = this.#context;
    const labels = ["exporter", "data_type"];
    const size = metrics.gauge("otelcol_exporter_queue_size", { help: queueMetricDocs[0]?.doc ?? "", labels });
    const capacity = metrics.gauge("otelcol_exporter_queue_capacity", { help: queueMetricDocs[1]?.doc ?? "", labels });
    metrics.beforeScrape(() => {
      for (const [signal, destination] of this.#opened) {
        const { queue } = this.#options;
        const stats = destination.stats();
        const unit = queue.queue_size === undefined ? "bytes" : queue.sizer;
        const used = { bytes: stats.bufferedBytes, items: stats.bufferedItems, requests: stats.bufferedRecords }[unit];
        const exporter = `${this.#options.kind}/${id}`;
        size.of(exporter, signal).set(used);
        capacity.of(exporter, signal).set(queue.queue_size ?? DEFAULT_MAX_BYTES);
      }
    });
  }
}

function blocks({ block_on_overflow: blocksOnOverflow, blocking }: OtlpExporterOptions["queue"]): boolean {
  return blocksOnOverflow || blocking === true;
}

interface Opened {
  readonly destination: Destination;
  readonly options: DestinationOptions;
}

export const queueMetricDocs = [
  { name: "otelcol_exporter_queue_size", kind: "gauge", doc: "What the queue holds, in the unit of its capacity." },
  {
    name: "otelcol_exporter_queue_capacity",
    kind: "gauge",
    doc: "What the queue can hold: in the unit of `sizer`, or in bytes where `queue_size` is not set.",
  },
] as const;
