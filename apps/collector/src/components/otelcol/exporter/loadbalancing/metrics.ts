import type { MetricDoc } from "../../../../component/definition.ts";
import type { Counter, Family, Gauge, Histogram, MetricScope } from "../../../../component/metrics.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";

export type ResolverName = "static" | "dns" | "aws" | "k8s";

const BUCKETS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
const docs = {
  otelcol_loadbalancer_num_resolutions_total: ["counter", "Times that backends were looked up, by success."],
  otelcol_loadbalancer_num_backends: ["gauge", "Backends in use."],
  otelcol_loadbalancer_num_backend_updates_total: ["counter", "Times that the backends changed."],
  otelcol_loadbalancer_backend_latency_milliseconds: ["histogram", "How long requests to each backend took."],
  otelcol_loadbalancer_backend_outcome_total: ["counter", "Requests to backends, by success."],
  invar_loadbalancer_moved_items_total: ["counter", "Items that were handed on to other backends, since theirs is gone."],
  invar_loadbalancer_unroutable_items_total: ["counter", "Items that were dropped, since they lack what they are routed by."],
} as const;
const label = { counter: "counter", gauge: "gauge", histogram: "histogram" } as const;

export const balancerMetricDocs: readonly MetricDoc[] = Object.entries(docs).map(([name, [kind, doc]]) => ({
  name,
  kind: label[kind],
  doc,
}));

/** What the balancer did, under the incumbent's names. */
export class BalancerMetrics {
  readonly #resolutions: Family<Counter>;
  readonly #backends: Family<Gauge>;
  readonly #updates: Family<Counter>;
  readonly #latency: Family<Histogram>;
  readonly #outcome: Family<Counter>;
  readonly #moved: Family<Counter>;
  readonly #unroutable: Family<Counter>;

  constructor(scope: MetricScope) {
    const options = (name: keyof typeof docs, labels: readonly string[]) => ({ help: docs[name][1], labels });
    const counter = (name: keyof typeof docs, ...labels: string[]) => scope.counter(name, options(name, labels));
    this.#resolutions = counter("otelcol_loadbalancer_num_resolutions_total", "resolver", "success");
    this.#backends = scope.gauge("otelcol_loadbalancer_num_backends", options("otelcol_loadbalancer_num_backends", ["resolver"]));
    this.#updates = counter("otelcol_loadbalancer_num_backend_updates_total", "resolver");
    const latency = "otelcol_loadbalancer_backend_latency_milliseconds";
    this.#latency = scope.histogram(latency, { ...options(latency, ["endpoint"]), buckets: BUCKETS });
    this.#outcome = counter("otelcol_loadbalancer_backend_outcome_total", "success");
    this.#moved = counter("invar_loadbalancer_moved_items_total", "otel_signal");
    this.#unroutable = counter("invar_loadbalancer_unroutable_items_total", "otel_signal");
  }

  resolved(resolver: ResolverName, success: boolean): void {
    this.#resolutions.of(resolver, String(success)).add(1);
  }

  backends(resolver: ResolverName, count: number): void {
    this.#backends.of(resolver).set(count);
    this.#updates.of(resolver).add(1);
  }

  sent(endpoint: string, success: boolean, ms: number): void {
    this.#latency.of(endpoint).observe(ms);
    this.#outcome.of(String(success)).add(1);
  }

  /** An endpoint that is gone is not told of any longer. */
  forget(endpoint: string): void {
    this.#latency.remove(endpoint);
  }

  moved(signal: Signal, items: number): void {
    this.#moved.of(signal).add(items);
  }

  unroutable(signal: Signal, items: number): void {
    this.#unroutable.of(signal).add(items);
  }
}
