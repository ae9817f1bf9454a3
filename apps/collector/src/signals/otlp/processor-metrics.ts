import type { MetricDoc } from "../../component/definition.ts";
import type { Counter, Family, Gauge, MetricScope } from "../../component/metrics.ts";
import type { Signal } from "./batch.ts";

/** The metrics that `ProcessorMetrics` keeps, for the definition of a component. */
export const processorMetricDocs: readonly MetricDoc[] = [
  { name: "otelcol_processor_incoming_items_total", kind: "counter", doc: "Spans, data points or log records that came in." },
  { name: "otelcol_processor_outgoing_items_total", kind: "counter", doc: "Items that the next components took." },
  { name: "invar_processor_refused_items_total", kind: "counter", doc: "Items that were handed back to their sender, by reason." },
  { name: "invar_processor_dropped_items_total", kind: "counter", doc: "Items that are lost or were filtered out, by reason." },
  { name: "invar_processor_buffered_items", kind: "gauge", doc: "Items that the component holds now." },
];

/** The balance of one processor: incoming = outgoing + refused + dropped + buffered. */
export class ProcessorMetrics {
  readonly #refused: Family<Counter>;
  readonly #dropped: Family<Counter>;
  readonly #processor: string;
  readonly #incoming: (signal: Signal) => Counter;
  readonly #outgoing: (signal: Signal) => Counter;
  readonly #buffered: (signal: Signal) => Gauge;

  /** `kind` is what the incumbent calls the processor: `batch`. */
  constructor(scope: MetricScope, kind: string, id: string) {
    const [incoming, outgoing, refused, dropped, buffered] = processorMetricDocs.map(({ doc }) => doc);
    const labels = ["processor", "otel_signal"];
    this.#processor = `${kind}/${id}`;
    const ofSignal = <Child>(family: Family<Child>) => oncePerSignal((signal) => family.of(this.#processor, signal));
    this.#incoming = ofSignal(scope.counter("otelcol_processor_incoming_items_total", { help: incoming ?? "", labels }));
    this.#outgoing = ofSignal(scope.counter("otelcol_processor_outgoing_items_total", { help: outgoing ?? "", labels }));
    this.#buffered = ofSignal(scope.gauge("invar_processor_buffered_items", { help: buffered ?? "", labels }));
    this.#refused = scope.counter("invar_processor_refused_items_total", { help: refused ?? "", labels: [...labels, "reason"] });
    this.#dropped = scope.counter("invar_processor_dropped_items_total", { help: dropped ?? "", labels: [...labels, "reason"] });
  }

  incoming(signal: Signal, items: number): void {
    this.#incoming(signal).add(items);
  }

  outgoing(signal: Signal, items: number): void {
    this.#outgoing(signal).add(items);
  }

  refused(signal: Signal, items: number, reason: string): void {
    this.#refused.of(this.#processor, signal, reason).add(items);
  }

  dropped(signal: Signal, items: number, reason: string): void {
    this.#dropped.of(this.#processor, signal, reason).add(items);
  }

  /** By how much the number of held items changed. */
  buffered(signal: Signal, change: number): void {
    this.#buffered(signal).add(change);
  }
}

/** Makes what belongs to a signal when it is first asked for: a signal that never comes has no series. */
export function oncePerSignal<T>(make: (signal: Signal) => T): (signal: Signal) => T {
  const made = new Map<Signal, T>();
  return (signal) => {
    const known = made.get(signal);
    if (known !== undefined) return known;
    const fresh = make(signal);
    made.set(signal, fresh);
    return fresh;
  };
}
