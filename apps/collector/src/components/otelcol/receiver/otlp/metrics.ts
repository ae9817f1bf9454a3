import type { ComponentContext } from "../../../../component/context.ts";
import type { MetricDoc } from "../../../../component/definition.ts";
import type { Counter } from "../../../../component/metrics.ts";
import { itemNames, type Signal } from "../../../../signals/otlp/batch.ts";

export type Transport = "grpc" | "http";

const signals = ["traces", "metrics", "logs"] as const;

export const receiverMetricDocs: readonly MetricDoc[] = [
  ...signals.flatMap((signal): MetricDoc[] => [
    {
      name: `otelcol_receiver_accepted_${itemNames[signal]}_total`,
      kind: "counter",
      doc: `Items of ${signal} that the next components took.`,
    },
    { name: `otelcol_receiver_refused_${itemNames[signal]}_total`, kind: "counter", doc: `Items of ${signal} that they refused.` },
  ]),
  { name: "invar_receiver_malformed_requests_total", kind: "counter", doc: "Requests that are no OTLP." },
  { name: "invar_receiver_pushed_back_requests_total", kind: "counter", doc: "Requests refused before their body was read." },
];

/** What came in, and what became of it. */
export class ReceiverMetrics {
  readonly #children = new Map<string, Counter>();
  readonly #context: ComponentContext;

  constructor(context: ComponentContext) {
    this.#context = context;
  }

  accepted(signal: Signal, transport: Transport, items: number): void {
    this.#counter(`otelcol_receiver_accepted_${itemNames[signal]}_total`, transport).add(items);
  }

  refused(signal: Signal, transport: Transport, items: number): void {
    this.#counter(`otelcol_receiver_refused_${itemNames[signal]}_total`, transport).add(items);
  }

  malformed(signal: Signal, transport: Transport): void {
    this.#counter("invar_receiver_malformed_requests_total", transport, signal).add(1);
  }

  pushedBack(signal: Signal, transport: Transport): void {
    this.#counter("invar_receiver_pushed_back_requests_total", transport, signal).add(1);
  }

  #counter(name: string, transport: Transport, signal?: Signal): Counter {
    const key = `${name} ${transport} ${signal}`;
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const help = receiverMetricDocs.find((doc) => doc.name === name)?.doc ?? "";
    const { metrics, id } = this.#context;
    const receiver = `otlp/${id}`;
    const made =
      signal === undefined
        ? metrics.counter(name, { help, labels: ["receiver", "transport"] }).of(receiver, transport)
        : metrics.counter(name, { help, labels: ["receiver", "transport", "otel_signal"] }).of(receiver, transport, signal);
    this.#children.set(key, made);
    return made;
  }
}
