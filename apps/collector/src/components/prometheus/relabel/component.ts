import { Capsule } from "@invar/alloy-syntax";
import { type Decoded, defaulted, duration, int, list, type Report, required } from "../../../component/arguments.ts";
import { prometheusReceiver, relabelRules } from "../../../component/capsules.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent, type MetricDoc } from "../../../component/definition.ts";
import type { Counter } from "../../../component/metrics.ts";
import { ruleBlock } from "../../../relabel/rule.ts";
import { compileRules, type Rules, sameRules } from "../../../relabel/rules.ts";
import { type RelabelCounts, SeriesRelabel } from "../../../relabel/series-relabel.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { describeSamples } from "../../../signals/prometheus/describe-samples.ts";
import { Forward, forwardMetricDocs } from "../../../signals/prometheus/forward.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";

const schema = {
  arguments: {
    forward_to: required(list(prometheusReceiver), "Where samples go after relabelling."),
    max_cache_size: defaulted(
      int,
      "Above so many results, those that were not used for 10 minutes are forgotten; results in use stay as long as their series.",
      100_000,
    ),
    cache_ttl: defaulted(duration, "Forgets results that were not used for so long, in place of `max_cache_size = 0`.", "0s"),
  },
  blocks: { rule: ruleBlock() },
} as const;

type RelabelArgs = Decoded<typeof schema>;

const minTtlMs = 60_000;
/** A result is forgotten in the turn after so many in which it was not used. */
const ttlTurns = 4;
const sizeTurnMs = 5 * 60_000;

const docs = {
  processed: ["alloy_prometheus_relabel_metrics_processed", "Total number of metrics processed"],
  written: ["alloy_prometheus_relabel_metrics_written", "Total number of metrics written"],
  misses: ["alloy_prometheus_relabel_cache_misses", "Total number of cache misses"],
  hits: ["alloy_prometheus_relabel_cache_hits", "Total number of cache hits"],
  deletes: ["alloy_prometheus_relabel_cache_deletes", "Total number of cache deletes"],
  evictions: [
    "alloy_prometheus_relabel_cache_ttl_evictions",
    "Number of relabel cache entries removed since they were not used; with max_cache_size only while there are more.",
  ],
} as const;
const sizeDoc: MetricDoc = { name: "alloy_prometheus_relabel_cache_size", kind: "gauge", doc: "Total size of relabel cache." };

/** Relabels, drops and keeps series. */
export const component = defineComponent({
  name: "prometheus.relabel",
  stability: "generally-available",
  summary: "Rewrites the labels of metrics, and drops what rules say.",
  arguments: schema.arguments,
  blocks: schema.blocks,
  exports: {
    receiver: { type: prometheusReceiver, doc: "Takes samples to be relabelled." },
    rules: { type: relabelRules, doc: "The rules, for other components to apply." },
  },
  metrics: [...forwardMetricDocs, ...Object.values(docs).map(([name, doc]): MetricDoc => ({ name, kind: "counter", doc })), sizeDoc],
  needs: {},
  check: checkCache,
  create: (context, args) => new Relabeller(context, args),
});

function checkCache({ max_cache_size: size, cache_ttl: ttl }: RelabelArgs, report: Report): void {
  if (size < 0) report(`max_cache_size must be >= 0; got ${size}`, "max_cache_size");
  else if (size > 0 && ttl > 0)
    report(
      "max_cache_size and cache_ttl are mutually exclusive: set max_cache_size = 0 to use cache_ttl, or unset cache_ttl to keep the bounded LRU cache",
      "cache_ttl",
    );
  else if (size === 0 && ttl <= 0) report("one of max_cache_size or cache_ttl must be set", "max_cache_size");
  else if (ttl > 0 && ttl < minTtlMs) report(`cache_ttl must be at least 1m0s when set; got ${ttl / 1000}s`, "cache_ttl");
}

class Relabeller implements Component<RelabelArgs>, Consumer<SampleBatch> {
  readonly #context: ComponentContext;
  readonly #forward: Forward;
  readonly #series: SeriesRelabel;
  readonly #receiver = new Capsule<Consumer<SampleBatch>>("storage.Appendable", this);
  #args: RelabelArgs;
  #rules: Rules;
  readonly #processed: Counter;
  readonly #written: Counter;
  #nextTurnMs: number;
  #isStopped = false;

  constructor(context: ComponentContext, args: RelabelArgs) {
    this.#context = context;
    this.#args = args;
    this.#rules = compileRules(args.rule);
    this.#forward = new Forward(args.forward_to, context.metrics, context.clock);
    this.#series = new SeriesRelabel(processSeries, this.#change(), context.budget);
    const counter = ([name, help]: readonly [string, string]) => context.metrics.counter(name, { help }).of();
    this.#processed = counter(docs.processed);
    this.#written = counter(docs.written);
    this.#nextTurnMs = context.clock.monotonic() + this.#turnMs();
    const counters = (["misses", "hits", "deletes", "evictions"] as const satisfies (keyof RelabelCounts)[]).map(
      (what) => [what, counter(docs[what])] as const,
    );
    const size = context.metrics.gauge(sizeDoc.name, { help: sizeDoc.doc }).of();
    context.metrics.beforeScrape(() => {
      for (const [what, metric] of counters) metric.add(this.#series.counts[what] - metric.value);
      size.set(this.#series.size);
    });
    this.#export();
  }

  start(): void {}

  update(args: RelabelArgs): void {
    const hasNewRules = !sameRules(this.#args.rule, args.rule);
    this.#args = args;
    this.#forward.update(args.forward_to);
    if (!hasNewRules) return;
    this.#rules = compileRules(args.rule);
    this.#series.reset(this.#change());
    this.#export();
  }

  stop(): void {
    this.#isStopped = true;
    this.#series.close();
  }

  async consume(batch: SampleBatch): Promise<void> {
    const refusal = this.#stopped();
    if (refusal !== undefined) throw refusal;
    this.#maybeTurn();
    const relabelled = this.#series.apply(batch);
    const { debugStream } = this.#context;
    if (debugStream.watched)
      debugStream.publish("prometheus_metric", relabelled?.items ?? 0, () =>
        describeChange(batch, (series) => this.#series.resultOf(series)),
      );
    try {
      if (relabelled !== undefined) await this.#forward.consume(relabelled);
      this.#processed.add(batch.items);
      this.#written.add(relabelled?.items ?? 0);
    } finally {
      relabelled?.release();
    }
  }

  wantsMetadata(): boolean {
    return this.#forward.wantsMetadata();
  }

  pressure(): DeliveryError | undefined {
    return this.#stopped() ?? this.#forward.pressure();
  }

  debugInfo(): unknown {
    return { cache_size: this.#series.size, ...this.#series.counts };
  }

  #change() {
    const rules = this.#rules;
    return (labels: Parameters<Rules["apply"]>[0]) => rules.apply(labels, "legacy");
  }

  #export(): void {
    this.#context.export({ receiver: this.#receiver, rules: new Capsule<Rules>("relabel.Rules", this.#rules) });
  }

  #turnMs(): number {
    return this.#args.cache_ttl > 0 ? this.#args.cache_ttl / ttlTurns : sizeTurnMs;
  }

  #maybeTurn(): void {
    const now = this.#context.clock.monotonic();
    if (now < this.#nextTurnMs) return;
    this.#nextTurnMs = now + this.#turnMs();
    const { cache_ttl: ttl, max_cache_size: size } = this.#args;
    if (ttl > 0) this.#series.nextTurn(ttlTurns);
    else this.#series.nextTurn(this.#series.size > size ? 2 : Number.POSITIVE_INFINITY);
  }

  #stopped(): DeliveryError | undefined {
    if (!this.#isStopped) return undefined;
    return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
  }
}

/** `{a="1"} => {b="2"}` for the first samples. */
function describeChange(batch: SampleBatch, resultOf: (series: number) => number): string {
  const shown = Math.min(batch.count, 20);
  if (shown === 0) return describeSamples(batch);
  return Array.from({ length: shown }, (_, row) => {
    const series = batch.series[row] ?? 0;
    const result = resultOf(series);
    return `${batch.table.textOf(series)} => ${result === 0 ? "{}" : batch.table.textOf(result)}`;
  }).join("\n");
}
