import type { MetricDoc } from "../../component/definition.ts";
import type { Counter, Family, MetricScope } from "../../component/metrics.ts";
import type { DeliveryError } from "../delivery-error.ts";
import type { OtlpBatch, Signal } from "./batch.ts";

/** The metrics that `ConnectorMetrics` keeps, for the definition of a component. */
export const connectorMetricDocs: readonly MetricDoc[] = [
  { name: "invar_connector_incoming_items_total", kind: "counter", doc: "Spans that came in." },
  { name: "invar_connector_ignored_items_total", kind: "counter", doc: "Spans of which nothing was made, by reason." },
  {
    name: "invar_connector_outgoing_items_total",
    kind: "counter",
    doc: "Items that were made of spans and that the next components took.",
  },
  { name: "invar_connector_dropped_items_total", kind: "counter", doc: "Items that were made of spans and that nobody took, by reason." },
];

/** The balance of a connector: what it makes of spans is taken or dropped; spans it can make nothing of are counted. */
export class ConnectorMetrics {
  readonly #connector: string;
  readonly #incoming: Counter;
  readonly #ignored: Family<Counter>;
  readonly #outgoing: Family<Counter>;
  readonly #dropped: Family<Counter>;

  /** `kind` is what the incumbent calls the connector: `spanmetrics`. */
  constructor(scope: MetricScope, kind: string, id: string) {
    const [incoming, ignored, outgoing, dropped] = connectorMetricDocs as readonly [MetricDoc, MetricDoc, MetricDoc, MetricDoc];
    const family = ({ name, doc }: MetricDoc, ...labels: string[]) =>
      scope.counter(name, { help: doc, labels: ["connector", "otel_signal", ...labels] });
    this.#connector = `${kind}/${id}`;
    this.#incoming = family(incoming).of(this.#connector, "traces");
    this.#ignored = family(ignored, "reason");
    this.#outgoing = family(outgoing);
    this.#dropped = family(dropped, "reason");
  }

  incoming(spans: number): void {
    this.#incoming.add(spans);
  }

  ignored(spans: number, reason: string): void {
    this.#ignored.of(this.#connector, "traces", reason).add(spans);
  }

  /** A batch was taken by the next components, or not. */
  ended({ signal, items }: OtlpBatch, error: DeliveryError | undefined): void {
    if (error === undefined) this.outgoing(signal, items);
    else this.#dropped.of(this.#connector, signal, error.reason).add(items);
  }

  outgoing(signal: Signal, items: number): void {
    this.#outgoing.of(this.#connector, signal).add(items);
  }
}
