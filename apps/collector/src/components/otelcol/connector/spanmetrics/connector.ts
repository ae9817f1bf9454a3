import { randomUUID } from "node:crypto";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { OtelConsumer } from "../../../../signals/otlp/batch.ts";
import { ConnectorMetrics } from "../../../../signals/otlp/connector-metrics.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { PeriodicFlush } from "../../../../signals/otlp/periodic-flush.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { Aggregator } from "./aggregator.ts";
import type { DimensionArguments } from "./dimension-arguments.ts";
import { Report } from "./report.ts";
import type { SpanMetricsSettings } from "./settings.ts";

export interface SpanMetricsArguments {
  readonly aggregation_temporality: "CUMULATIVE" | "DELTA";
  readonly exclude_dimensions: readonly string[];
  readonly metric_timestamp_cache_size: number;
  readonly metrics_expiration: number;
  readonly metrics_flush_interval: number;
  readonly namespace: string;
  readonly resource_metrics_cache_size: number;
  readonly resource_metrics_key_attributes: readonly string[];
  readonly series_expiration: number;
  readonly aggregation_cardinality_limit: number;
  readonly include_instrumentation_scope: readonly string[];
  readonly include_collector_instance_id: boolean;
  readonly dimension: readonly DimensionArguments[];
  readonly calls_dimension: readonly DimensionArguments[];
  readonly histogram: {
    readonly disable: boolean;
    readonly unit: "ms" | "s";
    readonly dimension: readonly DimensionArguments[];
    readonly exponential: { readonly max_size: number } | undefined;
    readonly explicit: { readonly buckets: readonly number[] } | undefined;
  };
  readonly events: { readonly enabled: boolean; readonly dimension: readonly DimensionArguments[] };
  readonly exemplars: { readonly enabled: boolean; readonly max_per_data_point: number };
  readonly output: Decoded<typeof outputBlock>;
}

export function createSpanMetrics(
  context: ComponentContext,
  args: SpanMetricsArguments,
  random: () => number = Math.random,
): Component<SpanMetricsArguments> & { readonly consumer: OtelConsumer } {
  const { clock, budget, log } = context;
  const output = new Output(args.output, context.debugStream);
  const flow = new ConnectorMetrics(context.metrics, "spanmetrics", context.id);
  const instanceId = randomUUID();
  const make = (next: SpanMetricsArguments) => {
    const aggregator = new Aggregator(settingsOf(next, instanceId), budget, random);
    return { aggregator, report: new Report(aggregator) };
  };
  let current = make(args);
  /** Of earlier arguments, until what they counted is sent. */
  let retired: (typeof current)[] = [];
  let saidOverflow = false;

  const flush = new PeriodicFlush(
    context,
    output,
    {
      gather() {
        const [old] = retired;
        if (old === undefined) return current.report.make(clock.now());
        retired = retired.slice(1);
        const batch = old.report.make(clock.now());
        old.aggregator.resources.clear();
        return batch ?? current.report.make(clock.now());
      },
      ended: (batch, error) => flow.ended(batch, error),
    },
    args.metrics_flush_interval,
  );

  const consumer = onlySignals(["traces"], {
    async consume(batch) {
      flow.incoming(batch.items);
      const nameless = current.aggregator.add(batch, clock.now());
      if (nameless > 0) flow.ignored(nameless, "no_service_name");
      if (!saidOverflow && current.aggregator.overflowed > 0) {
        saidOverflow = true;
        log.warn("there is no room for more series: further spans are counted in the series with otel.metric.overflow");
      }
    },
    pressure: () => undefined,
  });

  return {
    consumer,
    start: () => flush.start(),
    update(next) {
      output.update(next.output);
      flush.update(next.metrics_flush_interval);
      if (JSON.stringify(settingsOf(next, instanceId)) === JSON.stringify(current.aggregator.settings)) return;
      retired = [...retired, current];
      current = make(next);
      saidOverflow = false;
      flush.flush();
    },
    async stop(deadline) {
      for (let rounds = retired.length + 1; rounds > 0; rounds--) await flush.stop(deadline);
      current.aggregator.resources.clear();
    },
    debugInfo: () => ({
      resources: current.aggregator.resources.size,
      series: [...current.aggregator.resources.entries()].reduce((sum, [, entry]) => sum + entry.calls.size, 0),
    }),
  };
}

function settingsOf(args: SpanMetricsArguments, instanceId: string): SpanMetricsSettings {
  const { histogram, events, exemplars } = args;
  const isExcluded = (name: string) => args.exclude_dimensions.includes(name);
  const unitNs = histogram.unit === "s" ? 1e9 : 1e6;
  return {
    namespace: args.namespace,
    isDelta: args.aggregation_temporality === "DELTA",
    dimensions: args.dimension,
    callsDimensions: args.calls_dimension,
    events: { enabled: events.enabled, dimensions: events.dimension },
    histogram: {
      disable: histogram.disable,
      unit: histogram.unit,
      unitNs,
      shape:
        histogram.exponential === undefined
          ? { bounds: (histogram.explicit?.buckets ?? []).map((ms) => Math.round(ms * 1e6) / unitNs) }
          : { maxSize: histogram.exponential.max_size },
      dimensions: histogram.dimension,
    },
    exemplars: exemplars.enabled,
    maxExemplars: exemplars.max_per_data_point,
    excluded: {
      serviceName: isExcluded("service.name"),
      spanName: isExcluded("span.name"),
      spanKind: isExcluded("span.kind"),
      statusCode: isExcluded("status.code"),
    },
    instanceId: args.include_collector_instance_id && !isExcluded("collector.instance.id") ? instanceId : undefined,
    includedScopes: args.include_instrumentation_scope,
    resourceKeyAttributes: args.resource_metrics_key_attributes,
    resourceCacheSize: args.resource_metrics_cache_size,
    timestampCacheSize: args.metric_timestamp_cache_size,
    cardinalityLimit: args.aggregation_cardinality_limit,
    metricsExpirationMs: args.metrics_expiration,
    seriesExpirationMs: args.series_expiration,
  };
}
