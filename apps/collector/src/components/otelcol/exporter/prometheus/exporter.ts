import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { Counter, Family } from "../../../../component/metrics.ts";
import { OtlpToSamples, type SampleOptions } from "../../../../signals/convert/otlp-to-samples.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { droppedItems, ExporterMetrics } from "../../../../signals/otlp/exporter-metrics.ts";
import { describeSamples } from "../../../../signals/prometheus/describe-samples.ts";
import { Forward } from "../../../../signals/prometheus/forward.ts";
import { processSeries } from "../../../../signals/prometheus/series-table.ts";
import type { PrometheusExporterArgs } from "./arguments.ts";

/** Converts each batch and hands it on; remembers series between batches. */
export class PrometheusExporter implements Component<PrometheusExporterArgs>, OtelConsumer {
  readonly #context: ComponentContext;
  readonly #forward: Forward;
  readonly #converter: OtlpToSamples;
  readonly #metrics: ExporterMetrics;
  readonly #dropped: Family<Counter>;
  #args: PrometheusExporterArgs;
  #cancelCollection = () => {};
  #isStopped = false;

  constructor(context: ComponentContext, args: PrometheusExporterArgs) {
    this.#context = context;
    this.#args = args;
    this.#forward = new Forward(args.forward_to, context.metrics, context.clock);
    this.#converter = new OtlpToSamples(processSeries, context.budget, optionsOf(args));
    this.#metrics = new ExporterMetrics(context.metrics, "prometheus", context.id);
    this.#dropped = droppedItems(context.metrics);
  }

  start(): void {
    this.#collectLater();
  }

  update(args: PrometheusExporterArgs): void {
    this.#args = args;
    this.#forward.update(args.forward_to);
    // Series and metadata are made anew: new receivers have had none of the latter.
    this.#converter.configure(optionsOf(args));
    this.#collectLater();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelCollection();
    this.#converter.clear();
  }

  async consume(batch: OtlpBatch): Promise<void> {
    const refusal = this.pressure(batch.signal);
    if (refusal !== undefined) throw refusal;
    if (batch.signal !== "metrics") {
      this.#dropped.of(batch.signal, "unsupported_signal").add(batch.items);
      return;
    }
    const samples = this.#converter.convert(batch, this.#context.clock.now());
    // What follows may convert further batches before this one is through.
    const dropped = [...this.#converter.dropped];
    const { debugStream } = this.#context;
    if (debugStream.watched) debugStream.publish("prometheus_metric", samples.items, () => describeSamples(samples));
    let lost = 0;
    try {
      if (samples.items > 0) await this.#forward.consume(samples);
      for (const [reason, points] of dropped) {
        this.#dropped.of("metrics", reason).add(points);
        lost += points;
      }
      this.#metrics.sent("metrics").add(batch.items - lost);
    } finally {
      samples.release();
    }
  }

  pressure(signal?: Signal): DeliveryError | undefined {
    if (this.#isStopped) return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
    return signal === undefined || signal === "metrics" ? this.#forward.pressure() : undefined;
  }

  debugInfo(): unknown {
    return { series: this.#converter.size };
  }

  #collectLater(): void {
    this.#cancelCollection();
    this.#cancelCollection = this.#context.clock.after(this.#args.gc_frequency, () => {
      this.#converter.collect(this.#context.clock.now());
      this.#collectLater();
    });
  }
}

function optionsOf(args: PrometheusExporterArgs): SampleOptions {
  return {
    includeTargetInfo: args.include_target_info,
    includeScopeInfo: args.include_scope_info,
    includeScopeLabels: args.include_scope_labels,
    addMetricSuffixes: args.add_metric_suffixes,
    resourceToTelemetryConversion: args.resource_to_telemetry_conversion,
    honorMetadata: args.honor_metadata,
    convertClassicHistogramsToNhcb: args.convert_classic_histograms_to_nhcb,
    keepIdentifyingResourceAttributes: args.keep_identifying_resource_attributes,
    startTimestampZeroIngestion: args.start_timestamp_zero_ingestion,
  };
}
