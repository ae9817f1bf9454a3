import type { ComponentContext } from "../../component/context.ts";
import type { MetricDoc } from "../../component/definition.ts";
import type { Counter } from "../../component/metrics.ts";
import { itemNames, type Signal } from "./batch.ts";

const allSignals = ["traces", "metrics", "logs"] as const;

/** The metrics of a receiver of these signals. */
export function receiverMetrics(signals: readonly Signal[] = allSignals): readonly MetricDoc[] {
  return [
    ...signals.flatMap((signal): MetricDoc[] => [
      {
        name: `otelcol_receiver_accepted_${itemNames[signal]}_total`,
        kind: "counter",
        doc: `Items of ${signal} that the next components took.`,
      },
      { name: `otelcol_receiver_refused_${itemNames[signal]}_total`, kind: "counter", doc: `Items of ${signal} that they refused.` },
    ]),
    { name: "invar_receiver_malformed_requests_total", kind: "counter", doc: "Requests that are not what the protocol demands." },
    { name: "invar_receiver_pushed_back_requests_total", kind: "counter", doc: "Requests refused before their body was read." },
  ];
}

const docs = receiverMetrics();

/** What came in, and what became of it. */
export class ReceiverMetrics {
  readonly #children = new Map<string, Counter>();
  readonly #context: Pick<ComponentContext, "metrics" | "id">;
  readonly #kind: string;

  /** `kind` is what the incumbent calls the receiver: `otlp`. */
  constructor(context: Pick<ComponentContext, "metrics" | "id">, kind: string) {
    this.#context = context;
    this.#kind = kind;
  }

  accepted(signal: Signal, transport: string, items: number): void {
    this.#counter(`otelcol_receiver_accepted_${itemNames[signal]}_total`, transport).add(items);
  }

  refused(signal: Signal, transport: string, items: number): void {
    this.#counter(`otelcol_receiver_refused_${itemNames[signal]}_total`, transport).add(items);
  }

  malformed(signal: Signal, transport: string): void {
    this.#counter("invar_receiver_malformed_requests_total", transport, signal).add(1);
  }

  pushedBack(signal: Signal, transport: string): void {
    this.#counter("invar_receiver_pushed_back_requests_total", transport, signal).add(1);
  }

  #counter(name: string, transport: string, signal?: Signal): Counter {
    const key = `${name} ${transport} ${signal}`;
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const help = docs.find((doc) => doc.name === name)?.doc ?? "";
    const { metrics, id } = this.#context;
    const receiver = `${this.#kind}/${id}`;
    const made =
      signal === undefined
        ? metrics.counter(name, { help, labels: ["receiver", "transport"] }).of(receiver, transport)
        : metrics.counter(name, { help, labels: ["receiver", "transport", "otel_signal"] }).of(receiver, transport, signal);
    this.#children.set(key, made);
    return made;
  }
}
