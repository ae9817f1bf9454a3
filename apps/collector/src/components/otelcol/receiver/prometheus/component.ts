import { Capsule } from "@invar/alloy-syntax";
import { assumed, type Decoded } from "../../../../component/arguments.ts";
import { prometheusReceiver } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent, type MetricDoc } from "../../../../component/definition.ts";
import type { Counter, Family } from "../../../../component/metrics.ts";
import { SamplesToOtlp } from "../../../../signals/convert/samples-to-otlp.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { debugMetrics, debugMetricsDoc, Output, outputBlock } from "../../../../signals/otlp/output.ts";
import type { SampleBatch } from "../../../../signals/prometheus/sample-batch.ts";
import type { SampleConsumer } from "../../../../signals/prometheus/sample-consumer.ts";
import { processSeries } from "../../../../signals/prometheus/series-table.ts";

const schema = { blocks: { output: outputBlock, debug_metrics: assumed(debugMetricsDoc, debugMetrics) } } as const;

type Args = Decoded<typeof schema>;

const docs = {
  accepted: ["otelcol_receiver_accepted_metric_points_total", "Data points that the next components took."],
  refused: ["otelcol_receiver_refused_metric_points_total", "Data points that were handed back to their sender."],
  samples: ["invar_receiver_prometheus_samples_total", "Samples that came in."],
  dropped: ["invar_receiver_prometheus_samples_dropped_total", "Samples that could not be converted, by reason."],
} as const;

/** Turns samples into metrics in OTLP. */
export const component = defineComponent({
  name: "otelcol.receiver.prometheus",
  stability: "generally-available",
  summary: "Converts Prometheus's metrics to OpenTelemetry's and hands them on.",
  blocks: schema.blocks,
  exports: { receiver: { type: prometheusReceiver, doc: "Takes samples." } },
  metrics: Object.values(docs).map(([name, doc]): MetricDoc => ({ name, kind: "counter", doc })),
  needs: {},
  create(context, args) {
    const receiver = new PrometheusReceiver(context, args);
    context.export({ receiver: new Capsule<SampleConsumer>("storage.Appendable", receiver) });
    return receiver;
  },
});

class PrometheusReceiver implements Component<Args>, SampleConsumer {
  readonly #context: ComponentContext;
  readonly #output: Output;
  readonly #converter: SamplesToOtlp;
  readonly #accepted: Counter;
  readonly #refused: Counter;
  readonly #samples: Counter;
  readonly #dropped: Family<Counter>;
  #isStopped = false;

  constructor(context: ComponentContext, args: Args) {
    this.#context = context;
    this.#output = new Output(args.output, context.debugStream);
    this.#converter = new SamplesToOtlp(processSeries, context.budget, context.peers.userAgent.split("/")[1] ?? "");
    const counter = ([name, help]: readonly [string, string], ...labels: string[]) => context.metrics.counter(name, { help, labels });
    this.#accepted = counter(docs.accepted, "receiver", "transport").of(`prometheus/${context.id}`, "http");
    this.#refused = counter(docs.refused, "receiver", "transport").of(`prometheus/${context.id}`, "http");
    this.#samples = counter(docs.samples).of();
    this.#dropped = counter(docs.dropped, "reason");
  }

  start(): void {}

  update(args: Args): void {
    this.#output.update(args.output);
  }

  stop(): void {
    this.#isStopped = true;
    this.#converter.close();
  }

  /** Without their types counters are gauges. */
  wantsMetadata(): boolean {
    return true;
  }

  async consume(samples: SampleBatch): Promise<void> {
    const refusal = this.pressure();
    if (refusal !== undefined) throw refusal;
    const batch = this.#converter.convert(samples);
    const dropped = [...this.#converter.dropped];
    try {
      if (batch !== undefined) await this.#output.consume(batch);
    } catch (thrown) {
      this.#refused.add(batch?.items ?? 0);
      throw deliveryErrorOf(thrown);
    } finally {
      batch?.release();
    }
    // What is refused comes again.
    this.#samples.add(samples.items);
    this.#accepted.add(batch?.items ?? 0);
    for (const [reason, count] of dropped) this.#dropped.of(reason).add(count);
  }

  pressure(): DeliveryError | undefined {
    if (this.#isStopped) return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
    return this.#output.pressure("metrics");
  }

  debugInfo(): unknown {
    return { metrics: this.#converter.families };
  }
}
