import type { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { metricField } from "../../../../signals/otlp/fields.ts";
import {
  CUMULATIVE,
  DELTA,
  type MetricKind,
  MetricWriter,
  writeExemplar,
  writeExponentialValue,
  writeHistogramValue,
  writeIntValue,
  writePointTimes,
} from "../../../../signals/otlp/write/metric.ts";
import { RequestWriter } from "../../../../signals/otlp/write/request.ts";
import type { Aggregator, ResourceMetrics } from "./aggregator.ts";
import type { Series, SeriesTable } from "./series.ts";

const NO_BUCKETS = { offset: 0, counts: [] } as const;

/** Makes requests of what an aggregator has counted. */
export class Report {
  readonly #aggregator: Aggregator;
  /** Of delta series, when their last point was; the ones that were not needed for long leave first. */
  readonly #lastTimes = new Map<string, number>();

  constructor(aggregator: Aggregator) {
    this.#aggregator = aggregator;
  }

  /** The metrics as they are now, at count 1; undefined where there are none. Afterwards delta series begin anew and old ones are forgotten. */
  make(nowMs: number): OtlpBatch | undefined {
    const { settings, resources, histogramKind } = this.#aggregator;
    const { namespace, histogram } = settings;
    const request = new RequestWriter("metrics", 1 << 16);
    const writer = new MetricWriter(request);
    const named = (name: string) => (namespace === "" ? name : `${namespace}.${name}`);
    for (const [, entry] of resources.entries()) {
      request.beginResource(entry.attributes);
      request.beginScope({ name: "spanmetricsconnector" });
      this.#write(writer, entry, entry.calls, { name: named("calls"), unit: "", kind: metricField.sum }, nowMs);
      if (entry.durations !== undefined)
        this.#write(writer, entry, entry.durations, { name: named("duration"), unit: histogram.unit, kind: histogramKind }, nowMs);
      if (entry.events !== undefined)
        this.#write(writer, entry, entry.events, { name: named("events"), unit: "", kind: metricField.sum }, nowMs);
    }
    this.#settle(nowMs);
    return request.isEmpty ? undefined : request.batch();
  }

  #write(
    metric: MetricWriter,
    { key: resourceKey }: ResourceMetrics,
    table: SeriesTable,
    { name, unit, kind }: { name: string; unit: string; kind: MetricKind },
    nowMs: number,
  ): void {
    if (table.size === 0) return;
    const { isDelta } = this.#aggregator.settings;
    metric.begin({ name, unit, kind, temporality: isDelta ? DELTA : CUMULATIVE, isMonotonic: true });
    const { writer } = metric;
    for (const [key, series] of table.all()) {
      const point = metric.beginPoint(series.attributes.length + 256);
      writer.raw(series.attributes);
      writePointTimes(
        writer,
        isDelta ? this.#startOf(`${name} ${resourceKey.length} ${resourceKey}${key}`, series, nowMs) : series.startMs,
        nowMs,
      );
      this.#writeValue(metric, kind, series);
      for (let i = 0; i < series.exemplars; i++) writeExemplar(writer, kind, { ...series.exemplar(i), timeMs: nowMs, attributes: [] });
      metric.endPoint(point);
    }
    metric.end();
  }

  #writeValue({ writer }: MetricWriter, kind: MetricKind, series: Series): void {
    const { settings } = this.#aggregator;
    if (kind === metricField.sum) {
      // A counter that begins above 0 has no rate until its second point.
      writeIntValue(writer, !settings.isDelta && series.isNew ? 0 : series.count);
      series.isNew = false;
    } else if (series.exponential !== undefined) {
      const { count, sum, min, max, scale, size, zeroCount, offset, counts } = series.exponential;
      writeExponentialValue(writer, {
        count,
        sum,
        ...(count === 0 ? {} : { min, max }),
        // Of zeros alone nothing has a scale.
        scale: size === 0 ? 0 : scale,
        zeroCount,
        zeroThreshold: 0,
        positive: { offset, counts },
        negative: NO_BUCKETS,
      });
    } else {
      const { count, sum, buckets } = series;
      writeHistogramValue(writer, { count, sum, bucketCounts: buckets as Float64Array, bounds: settings.histogram.shape.bounds ?? [] });
    }
  }

  /** Where the interval of a delta point begins: at the point before it. */
  #startOf(key: string, series: Series, nowMs: number): number {
    const last = this.#lastTimes.get(key);
    if (last !== undefined) this.#lastTimes.delete(key);
    else if (this.#lastTimes.size >= this.#aggregator.settings.timestampCacheSize)
      for (const oldest of this.#lastTimes.keys()) {
        this.#lastTimes.delete(oldest);
        break;
      }
    this.#lastTimes.set(key, nowMs);
    return last ?? series.startMs;
  }

  #settle(nowMs: number): void {
    const { settings, resources } = this.#aggregator;
    if (settings.isDelta) {
      resources.clear();
      return;
    }
    resources.forgetEvicted();
    for (const [key, entry] of [...resources.entries()]) {
      for (const table of [entry.calls, entry.durations, entry.events]) {
        if (settings.exemplars) table?.clearExemplars();
        if (settings.seriesExpirationMs > 0) table?.expire(nowMs - settings.seriesExpirationMs);
      }
      if (settings.metricsExpirationMs > 0 && nowMs - entry.lastSeenMs >= settings.metricsExpirationMs) resources.delete(key);
    }
  }
}
