import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import type { ClientInfo } from "../../../../signals/client-info.ts";
import { Metadata } from "../../../../signals/client-info.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { OtelConsumer, Signal } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { Batcher, LONGEST_WAIT_MS } from "./batcher.ts";

export interface BatchArguments {
  readonly timeout: number;
  readonly send_batch_size: number;
  readonly send_batch_max_size: number;
  readonly metadata_keys: readonly string[];
  readonly metadata_cardinality_limit: number;
  readonly output: Decoded<typeof outputBlock>;
}

export const batchMetricDocs: readonly MetricDoc[] = [
  { name: "otelcol_processor_batch_batch_send_size", kind: "histogram", doc: "Items in each batch that was sent." },
  { name: "otelcol_processor_batch_batch_send_size_bytes", kind: "histogram", doc: "Bytes of each batch that was sent." },
  { name: "otelcol_processor_batch_batch_size_trigger_send_total", kind: "counter", doc: "Batches sent because they were full." },
  { name: "otelcol_processor_batch_timeout_trigger_send_total", kind: "counter", doc: "Batches sent because they had waited long enough." },
  { name: "otelcol_processor_batch_metadata_cardinality", kind: "gauge", doc: "Combinations of metadata values seen so far." },
];

const sizeBuckets = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 20000, 30000, 50000, 100000,
];
const byteBuckets = Array.from({ length: 18 }, (_, i) => 128 * 2 ** i);

export function createBatchProcessor(
  context: ComponentContext,
  args: BatchArguments,
): Component<BatchArguments> & { readonly consumer: OtelConsumer } {
  let current = args;
  const output = new Output(args.output, context.debugStream);
  const metrics = batchMetrics(context);
  const flow = new ProcessorMetrics(context.metrics, "batch", context.id);
  /** By signal and metadata values; a combination is known for as long as the component lives. */
  const batchers = new Map<string, Batcher>();
  const combinations = new Set<string>();
  /** Of combinations that no longer exist, until they are empty. */
  const draining = new Set<Batcher>();

  const batcherOf = (signal: Signal, client: ClientInfo | undefined): Batcher => {
    if (current.metadata_keys.length === 0) {
      const only = batchers.get(signal);
      if (only !== undefined) return only;
    }
    const values = current.metadata_keys.map((key) => client?.metadata.all(key) ?? []);
    const combination = JSON.stringify(values);
    const key = current.metadata_keys.length === 0 ? signal : `${signal} ${combination}`;
    const known = batchers.get(key);
    if (known !== undefined) return known;
    const limit = current.metadata_cardinality_limit;
    if (!combinations.has(combination) && limit > 0 && combinations.size >= limit)
      throw new DeliveryError("too many batcher metadata-value combinations", { retryable: false, reason: "metadata_cardinality" });
    combinations.add(combination);
    metrics.cardinality.set(current.metadata_keys.length === 0 ? 1 : combinations.size);
    const made = new Batcher(
      {
        clock: context.clock,
        budget: context.budget,
        output,
        limits: () => ({ timeoutMs: current.timeout, size: current.send_batch_size, maxSize: current.send_batch_max_size }),
        sent(trigger, items, bytes) {
          metrics.triggers[trigger].add(1);
          metrics.size.observe(items);
          metrics.bytes.observe(bytes);
        },
        left(items, outcome, error) {
          flow.buffered(signal, -items);
          if (outcome === "taken") flow.outgoing(signal, items);
          else if (outcome === "refused") flow.refused(signal, items, error?.reason ?? "");
          else {
            flow.dropped(signal, items, error?.reason ?? "");
            context.log.error("data was refused for good after it had been acknowledged", { signal, items, err: error });
          }
        },
      },
      signal,
      clientOf(current.metadata_keys, client),
    );
    batchers.set(key, made);
    return made;
  };

  const consumer: OtelConsumer = {
    async consume(batch) {
      const { signal, items } = batch;
      flow.incoming(signal, items);
      let batcher: Batcher;
      try {
        batcher = batcherOf(signal, batch.client);
      } catch (thrown) {
        const error = deliveryErrorOf(thrown);
        flow.refused(signal, items, error.reason);
        throw error;
      }
      flow.buffered(signal, items);
      await batcher.add(batch);
    },
    pressure(signal) {
      const refusal = output.pressure(signal);
      if (refusal !== undefined || current.timeout <= LONGEST_WAIT_MS) return refusal;
      for (const batcher of batchers.values()) if (batcher.stuck !== undefined) return batcher.stuck;
      return undefined;
    },
  };

  return {
    consumer,
    start() {},
    update(next) {
      const isRegrouped = next.metadata_keys.join("\n") !== current.metadata_keys.join("\n");
      // What waits goes by the old limits and to the old outputs.
      for (const batcher of batchers.values()) batcher.flush();
      current = next;
      output.update(next.output);
      if (isRegrouped) {
        for (const batcher of batchers.values()) {
          draining.add(batcher);
          void batcher.drained().then(() => draining.delete(batcher));
        }
        batchers.clear();
        combinations.clear();
      }
    },
    async stop(deadline) {
      await Promise.all([...batchers.values(), ...draining].map((batcher) => batcher.stop(deadline)));
    },
    debugInfo: () => ({ combinations: combinations.size, waiting: [...batchers.values()].reduce((sum, { items }) => sum + items, 0) }),
  };
}

/** What further components may know of the senders of a batch: what they have in common. */
function clientOf(keys: readonly string[], client: ClientInfo | undefined): ClientInfo | undefined {
  if (keys.length === 0) return undefined;
  return { metadata: client?.metadata.only(keys) ?? Metadata.none, address: "" };
}

function batchMetrics({ metrics, id }: ComponentContext) {
  const processor = `batch/${id}`;
  const labels = ["processor"];
  const help = (name: string) => batchMetricDocs.find((doc) => doc.name === name)?.doc ?? "";
  const counter = (name: string) => metrics.counter(name, { help: help(name), labels }).of(processor);
  const histogram = (name: string, buckets: readonly number[]) =>
    metrics.histogram(name, { help: help(name), labels, buckets }).of(processor);
  return {
    size: histogram("otelcol_processor_batch_batch_send_size", sizeBuckets),
    bytes: histogram("otelcol_processor_batch_batch_send_size_bytes", byteBuckets),
    triggers: {
      size: counter("otelcol_processor_batch_batch_size_trigger_send_total"),
      timeout: counter("otelcol_processor_batch_timeout_trigger_send_total"),
    },
    cardinality: metrics
      .gauge("otelcol_processor_batch_metadata_cardinality", { help: help("otelcol_processor_batch_metadata_cardinality"), labels })
      .of(processor),
  };
}
