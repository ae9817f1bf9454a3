import type { MetricDoc } from "../../component/definition.ts";
import type { Counter, Family, MetricScope } from "../../component/metrics.ts";
import { itemNames, type Signal } from "./batch.ts";
import { oncePerSignal } from "./processor-metrics.ts";

const signals = ["traces", "metrics", "logs"] as const;
const docs = {
  sent: "that the destination took.",
  send_failed: "in requests that failed for good, or were given up.",
  enqueue_failed: "that the queue turned away.",
} as const;

export const exporterMetricDocs: readonly MetricDoc[] = signals.flatMap((signal) =>
  Object.entries(docs).map(
    ([kind, doc]): MetricDoc => ({ name: metricName(kind, signal), kind: "counter", doc: `Items of ${signal} ${doc}` }),
  ),
);

export const droppedItemsDoc: MetricDoc = {
  name: "invar_exporter_dropped_items_total",
  kind: "counter",
  doc: "Items that an exporter took and could not write or convert, by signal and reason.",
};

/** Counts what an exporter took and lost. */
export function droppedItems(scope: MetricScope): Family<Counter> {
  return scope.counter(droppedItemsDoc.name, { help: droppedItemsDoc.doc, labels: ["otel_signal", "reason"] });
}

function metricName(kind: string, signal: Signal): string {
  return `otelcol_exporter_${kind}_${itemNames[signal]}_total`;
}

/** What an exporter did with the items, under the incumbent's names. */
export class ExporterMetrics {
  readonly sent: (signal: Signal) => Counter;
  readonly failed: (signal: Signal) => Counter;
  readonly refused: (signal: Signal) => Counter;

  /** `kind` is what the incumbent calls the exporter: `otlphttp`. */
  constructor(scope: MetricScope, kind: string, id: string) {
    const counter = (name: keyof typeof docs) =>
      oncePerSignal((signal) =>
        scope.counter(metricName(name, signal), { help: `Items of ${signal} ${docs[name]}`, labels: ["exporter"] }).of(`${kind}/${id}`),
      );
    this.sent = counter("sent");
    this.failed = counter("send_failed");
    this.refused = counter("enqueue_failed");
  }
}
