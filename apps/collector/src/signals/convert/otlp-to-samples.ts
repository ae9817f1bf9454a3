import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { textOf } from "../../bytes/utf8.ts";
import type { Budget } from "../../delivery/budget.ts";
import { AnyValueReader } from "../otlp/any-value.ts";
import { AttributeCursor } from "../otlp/attribute-cursor.ts";
import type { OtlpBatch } from "../otlp/batch.ts";
import { metricField, pointAttributes, resourceField, scopeField } from "../otlp/fields.ts";
import { CUMULATIVE, type MetricKind } from "../otlp/write/metric.ts";
import { type Metadata, type MetricType, type SampleBatch, SampleBatchBuilder } from "../prometheus/sample-batch.ts";
import type { SeriesTable } from "../prometheus/series-table.ts";
import { ByteKeys, NO_KEY } from "./byte-keys.ts";
import { ExemplarReader } from "./exemplar-reader.ts";
import { KnownSamples, NO_PLACE } from "./known-samples.ts";
import { prometheusLabel, prometheusName } from "./metric-names.ts";
import { MetricsWalk } from "./metrics-walk.ts";
import { PointReader } from "./point-reader.ts";
import { PointSamples } from "./point-samples.ts";

export interface SampleOptions {
  readonly includeTargetInfo: boolean;
  readonly includeScopeInfo: boolean;
  readonly includeScopeLabels: boolean;
  readonly addMetricSuffixes: boolean;
  readonly resourceToTelemetryConversion: boolean;
  readonly honorMetadata: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  readonly keepIdentifyingResourceAttributes: boolean;
  readonly startTimestampZeroIngestion: boolean;
}

type Attribute = readonly [key: string, value: string];

interface KnownResource {
  readonly job: string;
  readonly instance: string;
  readonly attributes: readonly Attribute[];
  readonly info: number;
  seenMs: number;
}

interface KnownScope {
  readonly name: string;
  readonly version: string;
  readonly info: number;
  seenMs: number;
}

interface KnownMetric {
  readonly name: string;
  readonly metadata: Metadata;
  seenMs: number;
}

const identifying: ReadonlySet<string> = new Set(["service.name", "service.namespace", "service.instance.id"]);
const targetInfo: Metadata = { family: "target_info", type: "gauge", help: "Target metadata", unit: "" };
const scopeInfo: Metadata = { family: "otel_scope_info", type: "gauge", help: "", unit: "" };
/** Data points that did not come for so long are forgotten. */
const KEPT_MS = 5 * 60_000;

/**
 * Turns metrics in OTLP into samples. A data point finds its series by the raw bytes of its attributes, below the resource, scope and metric
 * that it came in; labels are made once a series.
 */
export class OtlpToSamples {
  readonly #table: SeriesTable;
  readonly #budget: Budget;
  #options: SampleOptions;
  readonly #walk = new MetricsWalk();
  readonly #point = new PointReader();
  readonly #exemplars = new ExemplarReader();
  readonly #key = new ProtobufWriter(256);
  readonly #attributes = new AttributeCursor();
  readonly #value = new AnyValueReader();
  readonly #labels = new Map<string, string>();

  // Each kind of key below the ones above it.
  readonly #resourceKeys = new ByteKeys();
  readonly #scopeKeys = new ByteKeys();
  readonly #metricKeys = new ByteKeys();
  readonly #pointKeys = new ByteKeys();
  readonly #resources: (KnownResource | undefined)[] = [];
  readonly #scopes: (KnownScope | undefined)[] = [];
  readonly #metrics: (KnownMetric | undefined)[] = [];
  readonly #known: KnownSamples;
  readonly #samples: PointSamples;
  #chargedBytes = 0;

  #resource = NO_KEY;
  #scope = NO_KEY;
  #nowMs = 0;
  /** Data points of the last batch that were left out, by reason. */
  readonly dropped = new Map<string, number>();

  constructor(table: SeriesTable, budget: Budget, options: SampleOptions) {
    this.#table = table;
    this.#budget = budget;
    this.#options = options;
    this.#known = new KnownSamples(table, budget);
    this.#samples = new PointSamples(this.#known, this.#point, this.#exemplars, options, (extra, value) => this.#placeOf(extra, value));
  }

  /** Series that are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Takes other options; everything is made anew. */
  configure(options: SampleOptions): void {
    this.clear();
    this.#options = options;
    this.#samples.options = options;
  }

  /** The samples of a batch of metrics; `nowMs` is the time of info metrics. The result is the caller's to release. */
  convert(batch: OtlpBatch, nowMs: number): SampleBatch {
    const builder = new SampleBatchBuilder(this.#table, batch.items + 16);
    this.#nowMs = nowMs;
    this.dropped.clear();
    this.#samples.begin(builder);
    try {
      for (const chunk of batch.chunks) this.#walk.walk(chunk, this.#visitor);
    } catch (error) {
      builder.discard();
      throw error;
    }
    this.#charge();
    return builder.build(batch.receipt);
  }

  /** Forgets what did not come for five minutes. */
  collect(nowMs: number): void {
    const beforeMs = nowMs - KEPT_MS;
    for (let key = 1; key <= this.#pointKeys.last; key++) {
      if (!this.#pointKeys.isLive(key) || this.#samples.seenMs(key) >= beforeMs) continue;
      this.#samples.forget(key);
      this.#pointKeys.remove(key);
    }
    forgetOld(this.#metricKeys, this.#metrics, beforeMs, () => {});
    forgetOld(this.#scopeKeys, this.#scopes, beforeMs, ({ info }) => this.#release(info));
    forgetOld(this.#resourceKeys, this.#resources, beforeMs, ({ info }) => this.#release(info));
    this.#charge();
  }

  /** Forgets everything. */
  clear(): void {
    this.collect(Number.POSITIVE_INFINITY);
  }

  readonly #visitor = {
    resource: () => this.#enterResource(),
    scope: () => this.#enterScope(),
    metric: () => this.#convertMetric(),
  };

  #enterResource(): void {
    const { bytes, resourceRange } = this.#walk;
    let key = this.#resourceKeys.find(0, 0, bytes, resourceRange.start, resourceRange.end);
    if (key === NO_KEY) {
      key = this.#resourceKeys.add(0, 0, bytes, resourceRange.start, resourceRange.end);
      this.#resources[key] = this.#newResource();
    }
    const resource = this.#resources[key] as KnownResource;
    resource.seenMs = this.#nowMs;
    this.#resource = key;
    if (resource.info !== NO_PLACE) this.#samples.addInfo(resource.info, this.#nowMs, targetInfo);
  }

  #newResource(): KnownResource {
    const { bytes, resourceRange } = this.#walk;
    const attributes = this.#attributesOf(bytes, resourceRange.start, resourceRange.end, resourceField.attributes);
    const first = (key: string) => attributes.find(([name]) => name === key)?.[1];
    const name = first("service.name");
    const namespace = first("service.namespace");
    const job = name === undefined ? "" : namespace === undefined ? name : `${namespace}/${name}`;
    const instance = first("service.instance.id") ?? "";
    const { includeTargetInfo, resourceToTelemetryConversion, keepIdentifyingResourceAttributes } = this.#options;
    let info = NO_PLACE;
    if (includeTargetInfo) {
      this.#beginLabels("target_info", job, instance);
      for (const [key, value] of attributes)
        if (keepIdentifyingResourceAttributes || !identifying.has(key)) this.#setLabel(prometheusLabel(key), value);
      info = this.#known.hold(this.#labels);
    }
    return { job, instance, attributes: resourceToTelemetryConversion ? attributes : [], info, seenMs: 0 };
  }

  #enterScope(): void {
    const { bytes, scopeRange } = this.#walk;
    let key = this.#scopeKeys.find(this.#resource, 0, bytes, scopeRange.start, scopeRange.end);
    if (key === NO_KEY) {
      key = this.#scopeKeys.add(this.#resource, 0, bytes, scopeRange.start, scopeRange.end);
      this.#scopes[key] = this.#newScope();
    }
    const scope = this.#scopes[key] as KnownScope;
    scope.seenMs = this.#nowMs;
    this.#scope = key;
    if (scope.info !== NO_PLACE) this.#samples.addInfo(scope.info, this.#nowMs, scopeInfo);
  }

  #newScope(): KnownScope {
    const { bytes, scopeRange } = this.#walk;
    const fields = new ProtobufReader().reset(bytes, scopeRange.start, scopeRange.end);
    let name = "";
    let version = "";
    while (fields.next())
      if (fields.field === scopeField.name) name = fields.text();
      else if (fields.field === scopeField.version) version = fields.text();
    let info = NO_PLACE;
    if (this.#options.includeScopeInfo) {
      const { job, instance } = this.#resources[this.#resource] as KnownResource;
      this.#beginLabels("otel_scope_info", job, instance);
      this.#setLabel("otel_scope_name", name);
      this.#setLabel("otel_scope_version", version);
      for (const [key, value] of this.#attributesOf(bytes, scopeRange.start, scopeRange.end, scopeField.attributes))
        this.#setLabel(prometheusLabel(key), value);
      info = this.#known.hold(this.#labels);
    }
    return { name, version, info, seenMs: 0 };
  }

  #convertMetric(): void {
    const walk = this.#walk;
    const type = typeOf(walk);
    if (type === undefined) {
      if (walk.points > 0) this.#drop("unsupported_temporality", walk.points);
      return;
    }
    const metricKey = this.#metricKey(type);
    const metric = this.#metrics[metricKey] as KnownMetric;
    metric.seenMs = this.#nowMs;
    this.#samples.metadata = metric.metadata;
    while (walk.nextPoint()) {
      const point = this.#point;
      point.read(walk.kind, walk.bytes, walk.pointStart, walk.pointEnd);
      let key = this.#pointKeys.find(this.#scope, metricKey, point.attributes, point.attributesStart, point.attributesEnd);
      if (key === NO_KEY) key = this.#pointKeys.add(this.#scope, metricKey, point.attributes, point.attributesStart, point.attributesEnd);
      this.#metric = metric;
      if (point.hasExemplars) this.#exemplars.read(walk.kind, walk.bytes, walk.pointStart, walk.pointEnd);
      const finding = this.#samples.add(key, walk.kind, type, this.#nowMs);
      if (finding !== undefined) this.#drop(finding, 1);
    }
  }

  #metric: KnownMetric | undefined;

  /** Name, unit and description make the key: the walk's other fields follow from the kind and whether it is a counter. */
  #metricKey(type: MetricType): number {
    const { bytes, name, unit, description, kind, isMonotonic } = this.#walk;
    const key = this.#key;
    key.clear();
    key.byte(kind * 2 + (isMonotonic ? 1 : 0));
    key.copy(1, bytes, name.start, name.end);
    key.copy(1, bytes, unit.start, unit.end);
    if (this.#options.honorMetadata) key.copy(1, bytes, description.start, description.end);
    const found = this.#metricKeys.find(0, 0, key.bytes, 0, key.length);
    if (found !== NO_KEY) return found;
    const added = this.#metricKeys.add(0, 0, key.bytes, 0, key.length);
    const unitText = textOf(bytes, unit.start, unit.end);
    const named = {
      name: textOf(bytes, name.start, name.end),
      unit: unitText,
      isGauge: kind === metricField.gauge,
      isMonotonicSum: kind === metricField.sum && isMonotonic,
    };
    const family = prometheusName(named, this.#options.addMetricSuffixes);
    const help = this.#options.honorMetadata ? textOf(bytes, description.start, description.end) : "";
    this.#metrics[added] = { name: family, metadata: { family, type, help, unit: unitText }, seenMs: 0 };
    return added;
  }

  /** The place of a series of the current point: name with a suffix, perhaps with `le` or `quantile`. */
  #placeOf(suffix: string, extra: Attribute | undefined): number {
    const { job, instance, attributes } = this.#resources[this.#resource] as KnownResource;
    this.#beginLabels(`${(this.#metric as KnownMetric).name}${suffix}`, job, instance);
    if (extra !== undefined) this.#setLabel(extra[0], extra[1]);
    if (this.#options.includeScopeLabels) {
      const { name, version } = this.#scopes[this.#scope] as KnownScope;
      this.#setLabel("otel_scope_name", name);
      this.#setLabel("otel_scope_version", version);
    }
    const point = this.#point;
    const own = this.#attributesOf(point.attributes, point.attributesStart, point.attributesEnd, pointAttributes(this.#walk.kind));
    // A resource's attribute takes the place of the point's attribute of the same key; the others follow.
    const fromResource = new Map(attributes);
    for (const [key, value] of own) this.#setLabel(prometheusLabel(key), fromResource.get(key) ?? value);
    const ownKeys = new Set(own.map(([key]) => key));
    for (const [key, value] of fromResource) if (!ownKeys.has(key)) this.#setLabel(prometheusLabel(key), value);
    return this.#known.hold(this.#labels);
  }

  #beginLabels(name: string, job: string, instance: string): void {
    this.#labels.clear();
    this.#setLabel("__name__", name);
    this.#setLabel("job", job);
    this.#setLabel("instance", instance);
  }

  /** What is set later wins; a label without a value is none. A label without a name is refused by every backend. */
  #setLabel(name: string, value: string): void {
    if (value === "") this.#labels.delete(name);
    else if (name !== "") this.#labels.set(name, value);
  }

  #attributesOf(bytes: Uint8Array, start: number, end: number, field: number): Attribute[] {
    const list: Attribute[] = [];
    const cursor = this.#attributes.reset(bytes, start, end, field);
    while (cursor.next()) list.push([cursor.keyText(), this.#value.reset(bytes, cursor.valueStart, cursor.valueEnd).text()]);
    return list;
  }

  #drop(reason: string, points: number): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + points);
  }

  #release(place: number): void {
    if (place !== NO_PLACE) this.#known.release(place);
  }

  #charge(): void {
    const cost = this.#resourceKeys.cost + this.#scopeKeys.cost + this.#metricKeys.cost + this.#pointKeys.cost;
    if (cost > this.#chargedBytes) this.#budget.take(cost - this.#chargedBytes);
    else this.#budget.release(this.#chargedBytes - cost);
    this.#chargedBytes = cost;
  }
}

/** What a metric becomes; undefined where Prometheus has nothing like it. */
function typeOf({
  kind,
  temporality,
  isMonotonic,
}: {
  kind: MetricKind;
  temporality: number;
  isMonotonic: boolean;
}): MetricType | undefined {
  switch (kind) {
    case metricField.gauge:
      return "gauge";
    case metricField.summary:
      return "summary";
    case metricField.sum:
      if (temporality !== CUMULATIVE) return undefined;
      return isMonotonic ? "counter" : "gauge";
    default:
      return temporality === CUMULATIVE ? "histogram" : undefined;
  }
}

function forgetOld<Known extends { readonly seenMs: number }>(
  keys: ByteKeys,
  known: (Known | undefined)[],
  beforeMs: number,
  onForgotten: (known: Known) => void,
): void {
  for (let key = 1; key <= keys.last; key++) {
    const each = known[key];
    if (!keys.isLive(key) || each === undefined || each.seenMs >= beforeMs) continue;
    onForgotten(each);
    known[key] = undefined;
    keys.remove(key);
  }
}
