import { Capsule } from "@invar/alloy-syntax";
import { prometheusReceiver } from "../../../component/capsules.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import { fanout } from "../../../signals/fanout.ts";
import { ActiveSeries } from "../../../signals/prometheus/active-series.ts";
import { describeSamples } from "../../../signals/prometheus/describe-samples.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { checkRemoteWrite, identitiesOf, type RemoteWriteArgs, remoteWriteSchema } from "./arguments.ts";
import { Endpoint, type EndpointSettings } from "./endpoint.ts";
import { intakeMetrics, remoteWriteMetricDocs } from "./metrics.ts";

/** Sends samples over Prometheus' remote write. */
export const component = defineComponent({
  name: "prometheus.remote_write",
  stability: "generally-available",
  summary: "Sends metrics over Prometheus' remote write.",
  arguments: remoteWriteSchema.arguments,
  blocks: remoteWriteSchema.blocks,
  exports: { receiver: { type: prometheusReceiver, doc: "Takes the samples to be sent." } },
  metrics: remoteWriteMetricDocs,
  needs: { storage: true },
  check: checkRemoteWrite,
  async create(context, args) {
    const writer = new RemoteWriter(context);
    await writer.update(args);
    context.export({ receiver: new Capsule<Consumer<SampleBatch>>("storage.Appendable", writer) });
    return writer;
  },
});

class RemoteWriter implements Component<RemoteWriteArgs>, Consumer<SampleBatch> {
  readonly #context: ComponentContext;
  readonly #metrics;
  readonly #active: ActiveSeries;
  #endpoints: Endpoint[] = [];
  #consumer: Consumer<SampleBatch> = fanout([]);
  readonly #failing = new Map<string, string>();
  #isStopped = false;

  constructor(context: ComponentContext) {
    this.#context = context;
    this.#metrics = intakeMetrics(context.metrics);
    this.#active = new ActiveSeries(context.clock.monotonic());
    context.metrics.beforeScrape(() => this.#expose());
  }

  start(): void {}

  async update(args: RemoteWriteArgs): Promise<void> {
    const endpoints: Endpoint[] = [];
    for (const settings of settingsOf(args)) {
      const known = this.#endpoints.find(({ identity }) => identity === settings.identity);
      await known?.update(settings);
      endpoints.push(known ?? (await Endpoint.open(this.#context, settings, this.#healthOf(settings.identity))));
    }
    const gone = this.#endpoints.filter((endpoint) => !endpoints.includes(endpoint));
    this.#endpoints = endpoints;
    this.#consumer = fanout(endpoints);
    // What they still have stays on disk.
    await Promise.all(gone.map((endpoint) => endpoint.close(AbortSignal.abort())));
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.close(deadline)));
  }

  async consume(batch: SampleBatch): Promise<void> {
    const refusal = this.#stopped();
    if (refusal !== undefined) throw refusal;
    const { debugStream, clock } = this.#context;
    if (debugStream.watched) debugStream.publish("prometheus_metric", batch.items, () => describeSamples(batch));
    this.#active.see(batch.series, batch.count, clock.monotonic());
    await this.#consumer.consume(batch);
    this.#metrics.samples.add(batch.items);
    this.#metrics.exemplars.add(batch.exemplars?.count ?? 0);
    this.#metrics.metadata.add(batch.metadata?.metadata.length ?? 0);
  }

  pressure(): DeliveryError | undefined {
    return this.#stopped() ?? this.#consumer.pressure();
  }

  debugInfo(): unknown {
    return { endpoints: this.#endpoints.map((endpoint) => endpoint.debugInfo()) };
  }

  #stopped(): DeliveryError | undefined {
    if (!this.#isStopped) return undefined;
    return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
  }

  #expose(): void {
    const { activeSeries, createdSeries, removedSeries } = this.#metrics;
    this.#active.refresh(this.#context.clock.monotonic());
    activeSeries.set(this.#active.active);
    createdSeries.add(this.#active.created - createdSeries.value);
    removedSeries.add(this.#active.removed - removedSeries.value);
  }

  /** Unhealthy as long as one endpoint is, which is named. */
  #healthOf(identity: string): (state: "healthy" | "unhealthy", message: string) => void {
    return (state, message) => {
      if (state === "unhealthy") this.#failing.set(identity, message);
      else this.#failing.delete(identity);
      if (this.#failing.size === 0) this.#context.health("healthy", message);
      else this.#context.health("unhealthy", [...this.#failing].map(([name, why]) => `${name}: ${why}`).join("; "));
    };
  }
}

function settingsOf(args: RemoteWriteArgs): EndpointSettings[] {
  const identities = identitiesOf(args.endpoint);
  return args.endpoint.map((endpoint, i) => ({
    identity: identities[i] ?? "",
    args: endpoint,
    externalLabels: args.external_labels,
    maxAgeMs: args.wal.max_keepalive_time,
  }));
}
