import { isDeepStrictEqual } from "node:util";
import { Capsule } from "@invar/alloy-syntax";
import { type Decoded, defaulted, labels, list, map, type Report, required, string } from "../../../component/arguments.ts";
import { prometheusReceiver } from "../../../component/capsules.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import type { Gauge } from "../../../component/metrics.ts";
import type { LabelSet } from "../../../relabel/label-set.ts";
import { MatchedTargets } from "../../../relabel/matched-targets.ts";
import { SeriesRelabel } from "../../../relabel/series-relabel.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { describeSamples } from "../../../signals/prometheus/describe-samples.ts";
import { Forward, forwardMetricDocs } from "../../../signals/prometheus/forward.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import type { SampleConsumer } from "../../../signals/prometheus/sample-consumer.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";

const schema = {
  arguments: {
    forward_to: required(list(prometheusReceiver), "Where the samples go."),
    targets: required(list(labels), "The targets whose labels are copied."),
    target_to_metric_match: defaulted(
      map(string),
      "Labels of targets, and for each the label of metrics that must have the same value. All must match.",
      {},
    ),
    target_match_label: defaulted(string, "A label of targets to match by, where `target_to_metric_match` is not set.", ""),
    metrics_match_label: defaulted(string, "The label of metrics that must match `target_match_label`; the same name where empty.", ""),
    labels_to_copy: defaulted(list(string), "The labels to copy; all where empty.", []),
  },
} as const;

type Args = Decoded<typeof schema>;

const sizeDoc = { name: "alloy_prometheus_target_cache_size", kind: "gauge", doc: "Total size of targets cache" } as const;

/** Adds labels of discovered targets to samples. */
export const component = defineComponent({
  name: "prometheus.enrich",
  stability: "experimental",
  summary: "Copies labels of discovered targets to the metrics that match them.",
  arguments: schema.arguments,
  exports: { receiver: { type: prometheusReceiver, doc: "Takes samples to be enriched." } },
  metrics: [...forwardMetricDocs, sizeDoc],
  needs: {},
  check: checkMatch,
  create(context, args) {
    const enricher = new MetricEnricher(context, args);
    context.export({ receiver: new Capsule<SampleConsumer>("storage.Appendable", enricher) });
    return enricher;
  },
});

function checkMatch(args: Args, report: Report): void {
  if (Object.keys(args.target_to_metric_match).length > 0 || args.target_match_label !== "") return;
  if (args.metrics_match_label !== "") report("target_match_label must be set when using legacy match fields", "metrics_match_label");
  else report("at least one match mechanism must be specified: set target_match_label or target_to_metric_match");
}

class MetricEnricher implements Component<Args>, SampleConsumer {
  readonly #context: ComponentContext;
  readonly #forward: Forward;
  readonly #series: SeriesRelabel;
  readonly #size: Gauge;
  #args: Args;
  #targets: MatchedTargets;
  #isStopped = false;

  constructor(context: ComponentContext, args: Args) {
    this.#context = context;
    this.#args = args;
    this.#targets = targetsOf(args);
    this.#forward = new Forward(args.forward_to, context.metrics, context.clock);
    this.#series = new SeriesRelabel(processSeries, this.#change, context.budget);
    this.#size = context.metrics.gauge(sizeDoc.name, { help: sizeDoc.doc }).of();
    this.#size.set(this.#targets.size);
  }

  start(): void {}

  update(args: Args): void {
    const { forward_to: _before, ...before } = this.#args;
    const { forward_to: receivers, ...after } = args;
    this.#args = args;
    this.#forward.update(receivers);
    // Discovery repeats itself; what is known of series is kept until it says something else.
    if (isDeepStrictEqual(before, after)) return;
    this.#targets = targetsOf(args);
    this.#size.set(this.#targets.size);
    this.#series.reset(this.#change);
  }

  stop(): void {
    this.#isStopped = true;
    this.#series.close();
  }

  async consume(batch: SampleBatch): Promise<void> {
    const refusal = this.#stopped();
    if (refusal !== undefined) throw refusal;
    const enriched = this.#series.apply(batch);
    if (enriched === undefined) return;
    const { debugStream } = this.#context;
    if (debugStream.watched) debugStream.publish("prometheus_metric", enriched.items, () => describeSamples(enriched));
    await this.#forward.consume(enriched).finally(() => enriched.release());
  }

  wantsMetadata(): boolean {
    return this.#forward.wantsMetadata();
  }

  pressure(): DeliveryError | undefined {
    return this.#stopped() ?? this.#forward.pressure();
  }

  readonly #change = (set: LabelSet): boolean => {
    for (const [name, value] of this.#targets.labelsFor((label) => set.get(label)) ?? []) set.set(name, value);
    return true;
  };

  #stopped(): DeliveryError | undefined {
    if (!this.#isStopped) return undefined;
    return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
  }
}

function targetsOf(args: Args): MatchedTargets {
  const { target_to_metric_match: match, target_match_label: label, metrics_match_label: metricLabel } = args;
  const pairs = Object.keys(match).length > 0 ? match : { [label]: metricLabel === "" ? label : metricLabel };
  return new MatchedTargets(args.targets, pairs, args.labels_to_copy);
}
