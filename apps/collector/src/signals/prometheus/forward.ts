import type { Clock } from "../../component/clock.ts";
import type { MetricDoc } from "../../component/definition.ts";
import type { Counter, Histogram, MetricScope } from "../../component/metrics.ts";
import type { Consumer } from "../consumer.ts";
import type { DeliveryError } from "../delivery-error.ts";
import { fanout } from "../fanout.ts";
import type { SampleBatch } from "./sample-batch.ts";
import { type SampleConsumer, wantsMetadata } from "./sample-consumer.ts";

const LATENCY = "prometheus_fanout_latency";
const FORWARDED = "prometheus_forwarded_samples_total";

export const forwardMetricDocs: readonly MetricDoc[] = [
  { name: LATENCY, kind: "histogram", doc: "Write latency for sending to direct and indirect components" },
  { name: FORWARDED, kind: "counter", doc: "Total number of samples sent to downstream components." },
];

/** Sends batches to the receivers of `forward_to`, which change with the arguments, and counts them. */
export class Forward implements SampleConsumer {
  #all: readonly Consumer<SampleBatch>[];
  #receivers: Consumer<SampleBatch>;
  readonly #clock: Clock;
  readonly #latency: Histogram;
  readonly #forwarded: Counter;

  constructor(receivers: readonly Consumer<SampleBatch>[], scope: MetricScope, clock: Clock) {
    this.#all = receivers;
    this.#receivers = fanout(receivers);
    this.#clock = clock;
    this.#latency = scope
      .histogram(LATENCY, {
        help: "Write latency for sending to direct and indirect components",
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      })
      .of();
    this.#forwarded = scope.counter(FORWARDED, { help: "Total number of samples sent to downstream components." }).of();
  }

  update(receivers: readonly Consumer<SampleBatch>[]): void {
    this.#all = receivers;
    this.#receivers = fanout(receivers);
  }

  async consume(batch: SampleBatch): Promise<void> {
    const startedMs = this.#clock.monotonic();
    await this.#receivers.consume(batch);
    this.#latency.observe((this.#clock.monotonic() - startedMs) / 1000);
    this.#forwarded.add(batch.items);
  }

  wantsMetadata(): boolean {
    return this.#all.some(wantsMetadata);
  }

  pressure(): DeliveryError | undefined {
    return this.#receivers.pressure();
  }
}
