import type { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { ExponentialHistogram } from "../../../../signals/otlp/exponential-histogram.ts";
import { metricField, pointAttributes } from "../../../../signals/otlp/fields.ts";
import { writeAttribute } from "../../../../signals/otlp/write/attributes.ts";
import {
  type MetricKind,
  MetricWriter,
  writeExponentialValue,
  writeHistogramValue,
  writeIntValue,
  writePointTimes,
} from "../../../../signals/otlp/write/metric.ts";
import { RequestWriter } from "../../../../signals/otlp/write/request.ts";
import type { Edge } from "./edge-store.ts";

/** Series that were not updated for so long are forgotten. */
const STALE_MS = 15 * 60 * 1000;

class Durations {
  sum = 0;
  count = 0;
  readonly buckets: Float64Array | undefined;
  readonly exponential: ExponentialHistogram | undefined;

  constructor({ bounds, maxSize }: GraphShape) {
    this.buckets = maxSize > 0 ? undefined : new Float64Array(bounds.length + 1);
    this.exponential = maxSize > 0 ? new ExponentialHistogram(maxSize) : undefined;
  }

  observe(value: number, bounds: readonly number[]): void {
    if (this.exponential !== undefined) {
      this.exponential.observe(value);
      return;
    }
    const buckets = this.buckets as Float64Array;
    let i = 0;
    while (i < bounds.length && (bounds[i] as number) < value) i++;
    buckets[i] = (buckets[i] as number) + 1;
    this.sum += value;
    this.count++;
  }
}

interface Series {
  attributes: readonly (readonly [string, string | boolean])[];
  updatedMs: number;
  requests: number;
  failed: number;
  readonly server: Durations;
  readonly client: Durations;
}

export interface GraphShape {
  /** Upper ends of buckets, in seconds. */
  readonly bounds: readonly number[];
  /** Above 0: so many exponential buckets in place of `bounds`. */
  readonly maxSize: number;
}

/** Counts requests between services. */
export class GraphMetrics {
  readonly shape: GraphShape;
  readonly #startMs: number;
  readonly #series = new Map<string, Series>();

  constructor(shape: GraphShape, startMs: number) {
    this.shape = shape;
    this.#startMs = startMs;
  }

  get size(): number {
    return this.#series.size;
  }

  /** Whether the edge would begin a series. */
  isNew(edge: Edge): boolean {
    return !this.#series.has(keyOf(edge));
  }

  add(edge: Edge, withVirtualNode: boolean, nowMs: number): void {
    const key = keyOf(edge);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = {
        attributes: [],
        updatedMs: 0,
        requests: 0,
        failed: 0,
        server: new Durations(this.shape),
        client: new Durations(this.shape),
      };
      this.#series.set(key, series);
    }
    series.attributes = [
      ["client", edge.client],
      ["server", edge.server],
      ["connection_type", edge.connectionType],
      ["failed", edge.isFailed],
      ...edge.dimensions,
      ...(withVirtualNode ? [["virtual_node", edge.virtualNode] as const] : []),
    ];
    series.updatedMs = nowMs;
    series.requests++;
    if (edge.isFailed) series.failed++;
    series.server.observe(edge.serverSeconds, this.shape.bounds);
    series.client.observe(edge.clientSeconds, this.shape.bounds);
  }

  /** Forgets series that were not updated for long; returns how many. */
  clean(nowMs: number): number {
    let forgotten = 0;
    for (const [key, series] of this.#series) {
      if (series.updatedMs + STALE_MS >= nowMs) continue;
      this.#series.delete(key);
      forgotten++;
    }
    return forgotten;
  }

  /** The metrics as they are now, at count 1; undefined where there are none. */
  report(nowMs: number): OtlpBatch | undefined {
    if (this.#series.size === 0) return undefined;
    const request = new RequestWriter("metrics", 1 << 14);
    request.beginScope({ name: "traces_service_graph" });
    const metric = new MetricWriter(request);
    const durations: MetricKind = this.shape.maxSize > 0 ? metricField.exponentialHistogram : metricField.histogram;
    this.#write(metric, { name: "request_total", kind: metricField.sum }, nowMs, ({ requests }) => requests);
    this.#write(metric, { name: "request_failed_total", kind: metricField.sum }, nowMs, ({ failed }) => (failed > 0 ? failed : undefined));
    this.#write(metric, { name: "request_server", kind: durations }, nowMs, ({ server }) => server);
    this.#write(metric, { name: "request_client", kind: durations }, nowMs, ({ client }) => client);
    return request.batch();
  }

  /** A metric with a point of every series for which `value` gives one. */
  #write(
    metric: MetricWriter,
    { name, kind }: { readonly name: string; readonly kind: MetricKind },
    nowMs: number,
    value: (series: Series) => number | Durations | undefined,
  ): void {
    const { writer } = metric;
    let isBegun = false;
    for (const series of this.#series.values()) {
      const current = value(series);
      if (current === undefined) continue;
      if (!isBegun)
        metric.begin({ name: `traces_service_graph_${name}`, unit: kind === metricField.sum ? "" : "s", kind, isMonotonic: true });
      isBegun = true;
      const point = metric.beginPoint(256);
      for (const [key, each] of series.attributes) writeAttribute(writer, pointAttributes(kind), key, each);
      writePointTimes(writer, this.#startMs, nowMs);
      if (typeof current === "number") writeIntValue(writer, current);
      else if (current.exponential !== undefined) {
        const { count, sum, min, max, scale, size, zeroCount, offset, counts } = current.exponential;
        const positive = { offset, counts };
        writeExponentialValue(writer, {
          count,
          sum,
          min,
          max,
          zeroCount,
          zeroThreshold: 0,
          positive,
          negative: { offset: 0, counts: [] },
          // Of zeros alone nothing has a scale.
          scale: size === 0 ? 0 : scale,
        });
      } else {
        const { count, sum, buckets = [] } = current;
        writeHistogramValue(writer, { count, sum, bucketCounts: buckets, bounds: this.shape.bounds });
      }
      metric.endPoint(point);
    }
    if (isBegun) metric.end();
  }
}

function keyOf({ client, server, connectionType, isFailed, dimensions }: Edge): string {
  return JSON.stringify([client, server, connectionType, isFailed, [...dimensions].sort(([a], [b]) => (a < b ? -1 : 1))]);
}
