import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { isMetricData, metricData, metricField, resourceLevel, scopeLevel } from "../otlp/fields.ts";
import type { MetricKind } from "../otlp/write/metric.ts";

/** A part of the chunk. */
interface Range {
  start: number;
  end: number;
}

/** What the walk calls as it goes down the levels of a request; the walk's fields tell about the level. */
export interface MetricsVisitor {
  resource(): void;
  scope(): void;
  metric(): void;
}

/** Goes through the metrics of a request, in place, and has what is known of the current one. Points are gone through with `nextPoint`. */
export class MetricsWalk {
  readonly #resources = new ProtobufReader();
  readonly #scopes = new ProtobufReader();
  readonly #metrics = new ProtobufReader();
  readonly #parts = new ProtobufReader();
  readonly #points = new ProtobufReader();
  bytes: Uint8Array = new Uint8Array(0);
  /** The content of the Resource and of the InstrumentationScope; empty where absent. */
  readonly resourceRange: Range = { start: 0, end: 0 };
  readonly scopeRange: Range = { start: 0, end: 0 };
  readonly name: Range = { start: 0, end: 0 };
  readonly description: Range = { start: 0, end: 0 };
  readonly unit: Range = { start: 0, end: 0 };
  kind: MetricKind = metricField.gauge;
  temporality = 0;
  isMonotonic = false;
  points = 0;

  walk(chunk: Uint8Array, visitor: MetricsVisitor): void {
    this.bytes = chunk;
    const resources = this.#resources.reset(chunk);
    while (resources.next()) {
      if (resources.field !== 1) continue;
      this.#find(resources, resourceLevel.resource, this.resourceRange);
      visitor.resource();
      const scopes = this.#scopes.reset(chunk, resources.start, resources.stop);
      while (scopes.next()) {
        if (scopes.field !== resourceLevel.scopes) continue;
        this.#find(scopes, scopeLevel.scope, this.scopeRange);
        visitor.scope();
        const metrics = this.#metrics.reset(chunk, scopes.start, scopes.stop);
        while (metrics.next()) if (metrics.field === scopeLevel.items && this.#enterMetric()) visitor.metric();
      }
    }
  }

  /** Moves to the next data point of the metric, which lies from `pointStart` to `pointEnd`. */
  nextPoint(): boolean {
    while (this.#points.next()) if (this.#points.field === metricData.points) return true;
    return false;
  }

  get pointStart(): number {
    return this.#points.start;
  }

  get pointEnd(): number {
    return this.#points.stop;
  }

  #find(parent: ProtobufReader, field: number, into: Range): void {
    into.start = into.end = parent.stop;
    const parts = this.#parts.reset(this.bytes, parent.start, parent.stop);
    while (parts.next())
      if (parts.field === field) {
        into.start = parts.start;
        into.end = parts.stop;
      }
  }

  /** Reads what is known of a metric beside its points; false where it has no data. */
  #enterMetric(): boolean {
    const { start, stop } = this.#metrics;
    const parts = this.#parts.reset(this.bytes, start, stop);
    this.name.start = this.name.end = this.description.start = this.description.end = this.unit.start = this.unit.end = stop;
    let dataStart = -1;
    let dataEnd = -1;
    while (parts.next()) {
      const range =
        parts.field === metricField.name
          ? this.name
          : parts.field === metricField.description
            ? this.description
            : parts.field === metricField.unit
              ? this.unit
              : undefined;
      if (range !== undefined) {
        range.start = parts.start;
        range.end = parts.stop;
      } else if (isMetricData(parts.field)) {
        this.kind = parts.field as MetricKind;
        dataStart = parts.start;
        dataEnd = parts.stop;
      }
    }
    if (dataStart < 0) return false;
    this.temporality = this.points = 0;
    this.isMonotonic = false;
    // Temporality may stand behind the points.
    const data = this.#parts.reset(this.bytes, dataStart, dataEnd);
    while (data.next()) {
      if (data.field === metricData.points) this.points++;
      else if (data.field === metricData.temporality) this.temporality = data.low;
      else if (data.field === metricData.isMonotonic) this.isMonotonic = data.low !== 0;
    }
    this.#points.reset(this.bytes, dataStart, dataEnd);
    return true;
  }
}
