import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { AnyValueReader, STRING } from "../../../../signals/otlp/any-value.ts";
import { AttributeCursor } from "../../../../signals/otlp/attribute-cursor.ts";
import type { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { metricField, pointAttributes, resourceField, scopeField, spanField } from "../../../../signals/otlp/fields.ts";
import { IdentityWriter } from "../../../../signals/otlp/identity.ts";
import { ItemCursor, RESOURCE, SCOPE } from "../../../../signals/otlp/item-cursor.ts";
import { AdjustedCount } from "../../../../signals/otlp/sampling/adjusted-count.ts";
import type { MetricKind } from "../../../../signals/otlp/write/metric.ts";
import { Dimensions } from "./dimensions.ts";
import { ResourceCache } from "./resource-cache.ts";
import { type Series, type SeriesMemory, SeriesTable, type Shape } from "./series.ts";
import { SeriesAttributes, type SpanFacts } from "./series-attributes.ts";
import type { SpanMetricsSettings } from "./settings.ts";

/** The metrics of one resource. */
export interface ResourceMetrics {
  readonly key: string;
  /** The attributes of a Resource, as in its content. */
  readonly attributes: Uint8Array;
  lastSeenMs: number;
  readonly calls: SeriesTable;
  readonly durations: SeriesTable | undefined;
  readonly events: SeriesTable | undefined;
}

const serviceNameKey = Buffer.from("service.name");
/** In Status. */
const statusCode = 3;
const calls: Shape = {};

/** Counts spans and their durations by resource and dimensions. */
export class Aggregator {
  readonly settings: SpanMetricsSettings;
  readonly resources: ResourceCache<ResourceMetrics>;
  readonly #memory: SeriesMemory;
  readonly #shape: Shape;
  readonly #histogramKind: MetricKind;
  readonly #dimensions: Dimensions;
  readonly #callsDimensions: Dimensions;
  readonly #durationDimensions: Dimensions;
  readonly #eventDimensions: Dimensions;
  readonly #every: readonly Dimensions[];
  readonly #keyAttributes: readonly Uint8Array[];
  readonly #scopes: ReadonlySet<string>;
  readonly #attributes: SeriesAttributes;
  readonly #adjusted: AdjustedCount;
  readonly #cursor = new ItemCursor("traces");
  readonly #fields = new ProtobufReader();
  readonly #parts = new ProtobufReader();
  readonly #attributeCursor = new AttributeCursor();
  readonly #value = new AnyValueReader();
  readonly #identity = new IdentityWriter();
  readonly #key = new ProtobufWriter(512);
  readonly #span: SpanFacts = {
    bytes: new Uint8Array(0),
    serviceStart: 0,
    serviceEnd: 0,
    nameStart: 0,
    nameEnd: 0,
    kind: 0,
    status: 0,
    traceId: -1,
    spanId: -1,
    durationNs: 0,
    stateStart: 0,
    stateEnd: 0,
    scopeName: "",
    scopeVersion: "",
  };
  /** Spans that went into the overflow series for want of memory. */
  overflowed = 0;

  constructor(settings: SpanMetricsSettings, memory: SeriesMemory, random: () => number) {
    this.settings = settings;
    this.#memory = memory;
    this.#shape = settings.histogram.shape;
    this.#histogramKind = this.#shape.maxSize === undefined ? metricField.histogram : metricField.exponentialHistogram;
    this.#dimensions = new Dimensions(settings.dimensions);
    this.#callsDimensions = new Dimensions(settings.callsDimensions);
    this.#durationDimensions = new Dimensions(settings.histogram.dimensions);
    this.#eventDimensions = new Dimensions(settings.events.dimensions);
    this.#every = [this.#dimensions, this.#callsDimensions, this.#durationDimensions, this.#eventDimensions].filter(
      (list) => !list.isEmpty,
    );
    this.#keyAttributes = settings.resourceKeyAttributes.map((name) => Buffer.from(name));
    this.#scopes = new Set(settings.includedScopes);
    this.#attributes = new SeriesAttributes(settings);
    this.#adjusted = new AdjustedCount(random);
    this.resources = new ResourceCache(settings.resourceCacheSize, (entry) => {
      entry.calls.clear();
      entry.durations?.clear();
      entry.events?.clear();
    });
  }

  get histogramKind(): MetricKind {
    return this.#histogramKind;
  }

  /** Counts the spans of a batch; returns how many belong to no service. */
  add(batch: OtlpBatch, nowMs: number): number {
    this.#adjusted.begin();
    let nameless = 0;
    for (const chunk of batch.chunks) nameless += this.#chunk(chunk, nowMs);
    return nameless;
  }

  #chunk(chunk: Uint8Array, nowMs: number): number {
    const cursor = this.#cursor.reset(chunk);
    const span = this.#span;
    const { exemplars, histogram } = this.settings;
    let nameless = 0;
    let metrics: ResourceMetrics | undefined;
    span.bytes = chunk;
    while (cursor.next()) {
      if (cursor.entered <= RESOURCE) metrics = this.#resource(chunk, cursor, nowMs);
      if (metrics === undefined) {
        nameless++;
        continue;
      }
      if (cursor.entered <= SCOPE && this.#scopes.size > 0) this.#readScope(chunk, cursor);
      const { start, end } = cursor;
      this.#readSpan(chunk, start, end);
      const every = this.#every;
      for (let i = 0; i < every.length; i++) (every[i] as Dimensions).span(chunk, start, end);
      const times = this.#adjusted.of(chunk, span.stateStart, span.stateEnd);
      const duration = span.durationNs / histogram.unitNs;
      const callsKey = this.#keyOf(this.#callsDimensions);
      const call = this.#series(metrics.calls, callsKey, 7, this.#callsDimensions, nowMs);
      call.count += times;
      const limit = exemplars && span.traceId >= 0 ? this.settings.maxExemplars : 0;
      if (limit > 0 && !this.#wentOver) call.addExemplar(chunk, span.traceId, span.spanId, duration, limit);
      if (metrics.durations !== undefined) {
        const isSame = this.#callsDimensions.isEmpty && this.#durationDimensions.isEmpty;
        const key = isSame ? callsKey : this.#keyOf(this.#durationDimensions);
        const series = this.#series(metrics.durations, key, pointAttributes(this.#histogramKind), this.#durationDimensions, nowMs);
        if (limit > 0 && !this.#wentOver) series.addExemplar(chunk, span.traceId, span.spanId, duration, limit);
        this.#observe(series, duration, times);
      }
      if (metrics.events !== undefined) this.#countEvents(metrics.events, chunk, start, end, { times, duration, limit, nowMs });
    }
    return nameless;
  }

  #observe(series: Series, value: number, times: number): void {
    if (series.exponential !== undefined) {
      series.exponential.observe(value, times);
      return;
    }
    series.sum += value * times;
    series.count += times;
    const buckets = series.buckets as Float64Array;
    const bounds = this.#shape.bounds as readonly number[];
    let i = 0;
    while (i < bounds.length && (bounds[i] as number) < value) i++;
    buckets[i] = (buckets[i] as number) + times;
  }

  #countEvents(
    table: SeriesTable,
    chunk: Uint8Array,
    start: number,
    end: number,
    { times, duration, limit, nowMs }: { times: number; duration: number; limit: number; nowMs: number },
  ): void {
    const fields = this.#fields.reset(chunk, start, end);
    while (fields.next()) {
      if (fields.field !== spanField.events) continue;
      this.#dimensions.event(chunk, fields.start, fields.stop);
      this.#eventDimensions.event(chunk, fields.start, fields.stop);
      const series = this.#series(table, this.#keyOf(this.#eventDimensions), 7, this.#eventDimensions, nowMs);
      if (limit > 0 && !this.#wentOver) series.addExemplar(chunk, this.#span.traceId, this.#span.spanId, duration, limit);
      series.count += times;
    }
  }

  /** The last series that was looked for had no room of its own. */
  #wentOver = false;

  #series(table: SeriesTable, key: string, field: number, optional: Dimensions, nowMs: number): Series {
    this.#wentOver = false;
    let series = table.get(key);
    if (series === undefined) {
      if (!table.isFull)
        series = table.add(key, this.#attributes.encode(this.#span, field, this.#dimensions, optional, this.#scopes), nowMs);
      if (series === undefined) {
        this.#wentOver = true;
        this.overflowed++;
        series = table.overflow(nowMs);
      }
    }
    series.lastSeenMs = nowMs;
    return series;
  }

  /** What tells a series from others of the same resource. */
  #keyOf(optional: Dimensions): string {
    const key = this.#key;
    const span = this.#span;
    const { excluded } = this.settings;
    key.clear();
    if (!excluded.serviceName) run(key, span.bytes, span.serviceStart, span.serviceEnd);
    if (!excluded.spanName) run(key, span.bytes, span.nameStart, span.nameEnd);
    if (!excluded.spanKind) key.byte(Math.min(span.kind, 6));
    if (!excluded.statusCode) key.byte(Math.min(span.status, 3));
    this.#dimensions.writeKey(key);
    optional.writeKey(key);
    return key.bytes.toString("latin1", 0, key.length);
  }

  /** The metrics of the current resource; undefined where it has no service. */
  #resource(chunk: Uint8Array, cursor: ItemCursor, nowMs: number): ResourceMetrics | undefined {
    cursor.resource();
    const { partStart, partEnd } = cursor;
    const attributes = this.#attributeCursor.reset(chunk, partStart, partEnd, resourceField.attributes);
    if (!attributes.find(serviceNameKey)) return undefined;
    const service = this.#value.reset(chunk, attributes.valueStart, attributes.valueEnd);
    const isText = service.kind === STRING;
    this.#span.serviceStart = isText ? service.start : 0;
    this.#span.serviceEnd = isText ? service.end : 0;
    for (const dimensions of this.#every) dimensions.resource(chunk, partStart, partEnd);
    const key = this.#resourceKey(chunk, partStart, partEnd);
    let metrics = this.resources.get(key);
    if (metrics === undefined) {
      const { cardinalityLimit, histogram, events } = this.settings;
      const table = (shape: Shape, kind: number) =>
        new SeriesTable(shape, cardinalityLimit, this.#memory, this.#attributes.overflow(pointAttributes(kind)));
      metrics = {
        key,
        attributes: onlyAttributes(chunk, partStart, partEnd),
        lastSeenMs: nowMs,
        calls: table(calls, metricField.sum),
        durations: histogram.disable ? undefined : table(this.#shape, this.#histogramKind),
        events: events.enabled ? table(calls, metricField.sum) : undefined,
      };
      this.resources.set(key, metrics);
    }
    metrics.lastSeenMs = nowMs;
    return metrics;
  }

  #resourceKey(chunk: Uint8Array, start: number, end: number): string {
    const identity = this.#identity;
    identity.clear();
    if (this.#keyAttributes.length === 0) identity.attributes(chunk, start, end, resourceField.attributes);
    else
      for (const name of this.#keyAttributes) {
        const attributes = this.#attributeCursor.reset(chunk, start, end, resourceField.attributes);
        const isThere = attributes.find(name);
        identity.writer.byte(isThere ? 1 : 0);
        if (isThere) identity.value(chunk, attributes.valueStart, attributes.valueEnd);
      }
    return identity.writer.bytes.toString("latin1", 0, identity.writer.length);
  }

  #readScope(chunk: Uint8Array, cursor: ItemCursor): void {
    cursor.scope();
    const span = this.#span;
    span.scopeName = span.scopeVersion = "";
    const fields = this.#fields.reset(chunk, cursor.partStart, cursor.partEnd);
    while (fields.next()) {
      const text = () => Buffer.from(chunk.subarray(fields.start, fields.stop)).toString("utf8");
      if (fields.field === scopeField.name) span.scopeName = text();
      else if (fields.field === scopeField.version) span.scopeVersion = text();
    }
  }

  #readSpan(bytes: Uint8Array, start: number, end: number): void {
    const span = this.#span;
    span.nameStart = span.nameEnd = span.stateStart = span.stateEnd = 0;
    span.kind = span.status = 0;
    span.traceId = span.spanId = -1;
    let startLow = 0;
    let startHigh = 0;
    let endLow = 0;
    let endHigh = 0;
    const fields = this.#fields.reset(bytes, start, end);
    while (fields.next())
      switch (fields.field) {
        case spanField.traceId:
          if (isSet(bytes, fields.start, fields.stop)) span.traceId = fields.start;
          break;
        case spanField.spanId:
          if (fields.stop - fields.start === 8) span.spanId = fields.start;
          break;
        case spanField.traceState:
          span.stateStart = fields.start;
          span.stateEnd = fields.stop;
          break;
        case spanField.name:
          span.nameStart = fields.start;
          span.nameEnd = fields.stop;
          break;
        case spanField.kind:
          span.kind = fields.low;
          break;
        case spanField.startTime:
          startLow = fields.low >>> 0;
          startHigh = fields.high >>> 0;
          break;
        case spanField.endTime:
          endLow = fields.low >>> 0;
          endHigh = fields.high >>> 0;
          break;
        case spanField.status: {
          const status = this.#parts.reset(bytes, fields.start, fields.stop);
          while (status.next()) if (status.field === statusCode) span.status = status.low;
          break;
        }
      }
    // Clocks that go back make no negative durations.
    span.durationNs = Math.max((endHigh - startHigh) * 4294967296 + (endLow - startLow), 0);
  }
}

function run(writer: ProtobufWriter, bytes: Uint8Array, start: number, end: number): void {
  writer.varint(end - start);
  writer.raw(bytes, start, end);
}

function isSet(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return true;
  return false;
}

function onlyAttributes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const writer = new ProtobufWriter(end - start);
  const fields = new ProtobufReader().reset(bytes, start, end);
  while (fields.next()) if (fields.field === resourceField.attributes) writer.raw(bytes, fields.tagStart, fields.stop);
  return writer.toBytes();
}
