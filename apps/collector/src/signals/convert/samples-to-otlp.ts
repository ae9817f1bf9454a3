import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Budget } from "../../delivery/budget.ts";
import type { OtlpBatch } from "../otlp/batch.ts";
import { metricField, resourceField } from "../otlp/fields.ts";
import { writeTextAttribute } from "../otlp/write/attributes.ts";
import {
  MetricWriter,
  NO_RECORDED_VALUE,
  writeDoubleValue,
  writeExponentialValue,
  writeHistogramValue,
  writePointFlags,
  writePointTimes,
  writeQuantile,
  writeSummaryValue,
} from "../otlp/write/metric.ts";
import { RequestWriter } from "../otlp/write/request.ts";
import { CUSTOM_BUCKETS_SCHEMA, type NativeHistogram, readHistogram } from "../prometheus/native-histogram.ts";
import { type HistogramColumns, type Metadata, type SampleBatch, STALE_HIGH, STALE_LOW } from "../prometheus/sample-batch.ts";
import type { SeriesTable } from "../prometheus/series-table.ts";
import { BatchPoints, HAS_COUNT, HAS_SUM, HAS_VALUE, IS_STALE, NO_POINT } from "./batch-points.ts";
import { NO_KEY } from "./byte-keys.ts";
import { writeExemplarRow } from "./exemplar-to-otlp.ts";
import { describe, type FamilyResource, type FamilyScope, type MetricFamily } from "./metric-families.ts";
import { ucumUnit } from "./metric-names.ts";
import { explicitOfNative, exponentialOfNative, whole } from "./native-to-otlp.ts";
import { COUNT, CREATED, dropReasons, isOutside, NO_JOB, PART, SCOPE_INFO, SeriesPlans, SUM, TARGET_INFO } from "./series-plans.ts";
import { targetResource } from "./target-resource.ts";

/** The scope of metrics that name none; backends know it as the mark of Prometheus's metrics. */
const DEFAULT_SCOPE = "otelcol/prometheusreceiver";
/** More families than this are not remembered from pushed metadata. */
const MAX_PUSHED_FAMILIES = 100_000;

/** Turns samples into metrics in OTLP: the series of a histogram or summary become one point, info metrics what describes the target. */
export class SamplesToOtlp {
  readonly #plans: SeriesPlans;
  readonly #points = new BatchPoints();
  readonly #request = new RequestWriter("metrics", 1 << 16);
  readonly #metric = new MetricWriter(this.#request);
  readonly #attributes = new ProtobufWriter(512);
  readonly #version: string;
  readonly #budget: Budget;
  #chargedBytes = 0;
  /** Metadata that came with samples, by family. */
  readonly #pushed = new Map<string, Metadata>();
  readonly #native: NativeHistogram[] = [];
  readonly #infoRows: number[] = [];
  readonly #partOrder: number[] = [];
  #batchNumber = 0;
  #active: FamilyResource[] = [];
  #batch: SampleBatch | undefined;
  /** Samples of the last batch that were left out, by reason. */
  readonly dropped = new Map<string, number>();

  /** `version` is that of this program, which scopes are marked with. */
  constructor(table: SeriesTable, budget: Budget, version: string) {
    this.#plans = new SeriesPlans(table);
    this.#budget = budget;
    this.#version = version;
  }

  /** Metrics that are known. */
  get families(): number {
    return this.#plans.families;
  }

  /** The batch as metrics, the caller's to release; undefined where it has none. */
  convert(batch: SampleBatch): OtlpBatch | undefined {
    this.#batch = batch;
    this.#batchNumber++;
    this.#active = [];
    this.dropped.clear();
    this.#points.begin();
    this.#native.length = this.#infoRows.length = 0;
    this.#takeMetadata(batch);
    for (let row = 0; row < batch.count; row++) this.#addSample(batch, row);
    if (batch.histograms !== undefined) for (let row = 0; row < batch.histograms.count; row++) this.#addNative(batch.histograms, row);
    for (const row of this.#infoRows) this.#addInfo(batch, row);
    this.#addExemplars(batch);
    for (const resource of this.#active) this.#writeResource(resource);
    this.#batch = undefined;
    this.#charge(this.#plans.points.cost);
    if (!this.#request.isEmpty) return this.#request.batch(batch.receipt);
    this.#request.take();
    return undefined;
  }

  close(): void {
    this.#plans.close();
    this.#charge(0);
  }

  #charge(bytes: number): void {
    if (bytes > this.#chargedBytes) this.#budget.take(bytes - this.#chargedBytes);
    else this.#budget.release(this.#chargedBytes - bytes);
    this.#chargedBytes = bytes;
  }

  readonly #find = (family: string): Metadata | undefined => this.#batch?.origin?.metadata(family) ?? this.#pushed.get(family);

  #takeMetadata({ metadata }: SampleBatch): void {
    for (const each of metadata?.metadata ?? [])
      if (this.#pushed.size < MAX_PUSHED_FAMILIES || this.#pushed.has(each.family)) this.#pushed.set(each.family, each);
  }

  #addSample(batch: SampleBatch, row: number): void {
    const series = batch.series[row] as number;
    const bits = batch.valueBits;
    const isStale = bits[row * 2 + 1] === STALE_HIGH && bits[row * 2] === STALE_LOW;
    if (isStale && this.#plans.isNative(series, this.#find)) {
      this.#addNativeEnd(series, batch.timestamps[row] as number);
      return;
    }
    let role = this.#plans.plan(series, batch.origin, this.#find);
    if (role <= CREATED && this.#refresh(this.#plans.familyOf(this.#plans.pointOf(series))))
      role = this.#plans.plan(series, batch.origin, this.#find);
    if (role > CREATED) {
      if (role === TARGET_INFO || role === SCOPE_INFO) this.#infoRows.push(row);
      else this.#drop(dropReasons[role] ?? "", 1);
      return;
    }
    const timeMs = batch.timestamps[row] as number;
    const startMs = batch.startTimestamps?.[row] ?? 0;
    // The zero that marks where a counter began: the next sample tells of it by its start.
    if (startMs !== 0 && startMs === timeMs && batch.values[row] === 0) return;
    const point = this.#pointAt(this.#plans.pointOf(series), timeMs);
    const points = this.#points;
    if (startMs !== 0) points.startMs[point] = startMs;
    const value = batch.values[row] as number;
    const stale = isStale ? IS_STALE : 0;
    switch (role) {
      case SUM:
        points.sum[point] = value;
        points.has[point] = (points.has[point] as number) | HAS_SUM | stale;
        break;
      case COUNT:
        points.value[point] = value;
        points.has[point] = (points.has[point] as number) | HAS_COUNT | stale;
        break;
      case PART:
        points.addPart(point, this.#plans.boundOf(series), value);
        break;
      case CREATED:
        points.startMs[point] = value * 1000;
        break;
      default:
        points.value[point] = value;
        points.has[point] = (points.has[point] as number) | HAS_VALUE | stale;
    }
  }

  #addNative(columns: HistogramColumns, row: number): void {
    const series = columns.series[row] as number;
    const start = row === 0 ? 0 : (columns.ends[row - 1] as number);
    const histogram = readOrUndefined(columns.bytes, start, columns.ends[row] as number);
    if (histogram === undefined) {
      this.#drop("invalid_histogram", 1);
      return;
    }
    const key = this.#nativeKey(series, histogram.schema === CUSTOM_BUCKETS_SCHEMA);
    if (key === NO_KEY) return;
    const point = this.#pointAt(key, columns.timestamps[row] as number);
    this.#points.native[point] = this.#native.push(histogram);
    this.#points.has[point] = HAS_COUNT | (isStaleValue(histogram.sum) ? IS_STALE : 0);
  }

  #addNativeEnd(series: number, timeMs: number): void {
    const key = this.#nativeKey(series, false);
    if (key !== NO_KEY) this.#points.has[this.#pointAt(key, timeMs)] = HAS_COUNT | IS_STALE;
  }

  #nativeKey(series: number, isCustom: boolean): number {
    const plans = this.#plans;
    let key = plans.planNative(series, isCustom, this.#batch?.origin, this.#find);
    if (key !== NO_KEY && this.#refresh(plans.familyOf(key))) key = plans.planNative(series, isCustom, this.#batch?.origin, this.#find);
    if (key === NO_KEY) this.#drop(dropReasons[NO_JOB] ?? "", 1);
    return key;
  }

  /** A family's first sample in a batch brings it up to date; true where its series must be planned anew. */
  #refresh(family: MetricFamily): boolean {
    if (family.batch === this.#batchNumber) return false;
    const { metadata, name } = describe(family.seriesName, this.#find);
    // A batch without metadata says nothing new.
    if (metadata !== undefined && metadata !== family.metadata) {
      const isPlain = family.key.startsWith("plain ");
      if (name !== family.name || (isPlain && metadata.type !== family.type)) {
        family.isObsolete = true;
        return true;
      }
      family.metadata = metadata;
      family.help = metadata.help;
      family.unit = metadata.unit;
    }
    this.#activate(family);
    return false;
  }

  #activate(family: MetricFamily): void {
    family.batch = this.#batchNumber;
    family.firstPoint = family.lastPoint = NO_POINT;
    const { scope } = family;
    if (scope.batch !== this.#batchNumber) {
      scope.batch = this.#batchNumber;
      scope.active = [];
      scope.info = undefined;
      const { resource } = scope;
      if (resource.batch !== this.#batchNumber) {
        resource.batch = this.#batchNumber;
        resource.active = [];
        resource.info = undefined;
        this.#active.push(resource);
      }
      resource.active.push(scope);
    }
    scope.active.push(family);
  }

  #pointAt(key: number, timeMs: number): number {
    const points = this.#points;
    const point = points.at(key, timeMs);
    if (!points.added) return point;
    const family = this.#plans.familyOf(key);
    if (family.batch !== this.#batchNumber) this.#activate(family);
    if (family.firstPoint === NO_POINT) family.firstPoint = point;
    else points.next[family.lastPoint] = point;
    family.lastPoint = point;
    return point;
  }

  #addInfo(batch: SampleBatch, row: number): void {
    const { resource, labels } = this.#plans.info(batch.series[row] as number, batch.origin);
    if (resource?.batch !== this.#batchNumber) return;
    const own = [...labels].filter(([name]) => name !== "__name__" && name !== "job" && name !== "instance");
    if (labels.get("__name__") === "target_info") {
      resource.info = new Map([...(resource.info ?? []), ...own]);
      return;
    }
    const scope = this.#plans.scopeIn(resource, labels);
    if (scope !== undefined) scope.info = new Map(own.filter(([name]) => !isOutside(name)));
  }

  #addExemplars(batch: SampleBatch): void {
    const { exemplars } = batch;
    for (let row = 0; row < (exemplars?.count ?? 0); row++) {
      const series = exemplars?.series[row] as number;
      const key = this.#plans.exemplarPointOf(series);
      const point = key === NO_KEY ? NO_POINT : this.#points.newest(key);
      if (point !== NO_POINT) this.#points.addExemplar(point, row);
    }
  }

  #writeResource(resource: FamilyResource): void {
    const attributes = targetResource(resource.job, resource.instance, this.#batch?.origin);
    for (const [name, value] of resource.info ?? []) attributes.set(name, value);
    this.#attributes.clear();
    for (const [name, value] of attributes) writeTextAttribute(this.#attributes, resourceField.attributes, name, value);
    this.#request.beginResource(this.#attributes.bytes.subarray(0, this.#attributes.length));
    for (const scope of resource.active) {
      this.#request.beginScope(this.#scopeHead(scope));
      for (const family of scope.active) this.#writeFamily(family);
    }
    resource.active = [];
    resource.info = undefined;
  }

  #scopeHead({ name, version, schemaUrl, info }: FamilyScope) {
    if (name === "" && version === "" && schemaUrl === "") return { name: DEFAULT_SCOPE, version: this.#version };
    return { name, version, schemaUrl, attributes: Object.fromEntries(info ?? []) };
  }

  #writeFamily(family: MetricFamily): void {
    const writer = this.#metric.writer;
    const { length } = writer;
    this.#metric.begin({
      name: family.name,
      description: family.help,
      unit: ucumUnit(family.unit),
      kind: family.kind,
      isMonotonic: family.isMonotonic,
      metadata: { "prometheus.type": family.type },
    });
    for (let point = family.firstPoint; point !== NO_POINT; point = this.#points.next[point] as number) this.#writePoint(family, point);
    if (this.#metric.points > 0) this.#metric.end();
    else writer.truncate(length);
  }

  #writePoint(family: MetricFamily, point: number): void {
    const points = this.#points;
    const has = points.has[point] as number;
    switch (family.kind) {
      case metricField.histogram:
        if ((has & HAS_COUNT) === 0) this.#dropUnfinished(point);
        else if ((points.native[point] as number) > 0) this.#writeCustom(family, point);
        else this.#writeHistogram(family, point);
        return;
      case metricField.exponentialHistogram:
        if ((has & HAS_COUNT) !== 0) this.#writeExponential(family, point);
        return;
      case metricField.summary:
        if ((has & HAS_COUNT) === 0) this.#dropUnfinished(point);
        else this.#writeSummary(family, point);
        return;
      default:
        this.#writeNumber(family, point);
    }
  }

  #writeNumber(family: MetricFamily, point: number): void {
    const { writer } = this.#metric;
    const points = this.#points;
    const mark = this.#metric.beginPoint(160);
    writePointTimes(writer, family.kind === metricField.sum ? (points.startMs[point] as number) : 0, points.timeMs[point] as number);
    if (((points.has[point] as number) & IS_STALE) !== 0) writePointFlags(writer, family.kind, NO_RECORDED_VALUE);
    else writeDoubleValue(writer, points.value[point] as number);
    this.#finishPoint(family, point, mark);
  }

  #writeHistogram(family: MetricFamily, point: number): void {
    const points = this.#points;
    const parts = this.#sortedParts(point);
    if (parts.length > 0 && points.bound[parts.at(-1) as number] === Number.POSITIVE_INFINITY) parts.pop();
    const isStale = ((points.has[point] as number) & IS_STALE) !== 0;
    const total = points.value[point] as number;
    const bounds = parts.map((part) => points.bound[part] as number);
    const upTo = [...parts.map((part) => points.partValue[part] as number), total];
    const bucketCounts = upTo.map((count, i) => (isStale ? 0 : whole(i === 0 ? count : count - (upTo[i - 1] as number))));
    const hasSum = ((points.has[point] as number) & HAS_SUM) !== 0;
    const mark = this.#beginPoint(point);
    writeHistogramValue(this.#metric.writer, {
      count: isStale ? 0 : whole(total),
      sum: isStale || !hasSum ? undefined : points.sum[point],
      bucketCounts,
      bounds,
    });
    if (isStale) writePointFlags(this.#metric.writer, family.kind, NO_RECORDED_VALUE);
    this.#finishPoint(family, point, mark);
  }

  #writeCustom(family: MetricFamily, point: number): void {
    const value = explicitOfNative(this.#native[(this.#points.native[point] as number) - 1] as NativeHistogram);
    if (value === undefined) {
      this.#drop("no_bucket_bound", 1);
      return;
    }
    const isStale = ((this.#points.has[point] as number) & IS_STALE) !== 0;
    const mark = this.#beginPoint(point);
    writeHistogramValue(this.#metric.writer, isStale ? { ...value, count: 0, sum: undefined } : value);
    if (isStale) writePointFlags(this.#metric.writer, family.kind, NO_RECORDED_VALUE);
    this.#finishPoint(family, point, mark);
  }

  #writeExponential(family: MetricFamily, point: number): void {
    const isStale = ((this.#points.has[point] as number) & IS_STALE) !== 0;
    const native = this.#native[(this.#points.native[point] as number) - 1];
    const value = isStale || native === undefined ? undefined : exponentialOfNative(native);
    if (!isStale && value === undefined) {
      this.#drop("too_many_buckets", 1);
      return;
    }
    const mark = this.#beginPoint(point);
    if (value === undefined) writePointFlags(this.#metric.writer, family.kind, NO_RECORDED_VALUE);
    else writeExponentialValue(this.#metric.writer, value);
    this.#finishPoint(family, point, mark);
  }

  #writeSummary(family: MetricFamily, point: number): void {
    const points = this.#points;
    const isStale = ((points.has[point] as number) & IS_STALE) !== 0;
    const mark = this.#beginPoint(point);
    const { writer } = this.#metric;
    if (isStale) writePointFlags(writer, family.kind, NO_RECORDED_VALUE);
    else writeSummaryValue(writer, whole(points.value[point] as number), points.sum[point] as number);
    for (const part of this.#sortedParts(point))
      writeQuantile(writer, points.bound[part] as number, isStale ? 0 : (points.partValue[part] as number));
    this.#finishPoint(family, point, mark);
  }

  #beginPoint(point: number): number {
    const mark = this.#metric.beginPoint(300);
    writePointTimes(this.#metric.writer, this.#points.startMs[point] as number, this.#points.timeMs[point] as number);
    return mark;
  }

  #finishPoint(family: MetricFamily, point: number, mark: number): void {
    const points = this.#points;
    const { bytes, start, end } = this.#plans.points;
    const key = points.key[point] as number;
    this.#metric.writer.raw(bytes, start[key], end[key]);
    const exemplars = this.#batch?.exemplars;
    if (exemplars !== undefined && family.kind !== metricField.summary)
      for (let each = points.firstExemplar[point] as number; each !== 0; each = points.nextExemplar[each] as number)
        writeExemplarRow(this.#metric.writer, family.kind, exemplars, points.exemplarRow[each] as number);
    this.#metric.endPoint(mark);
  }

  /** Buckets or quantiles in order of their bounds; valid until the next call. */
  #sortedParts(point: number): number[] {
    const points = this.#points;
    const order = this.#partOrder;
    order.length = 0;
    let isSorted = true;
    let before = Number.NEGATIVE_INFINITY;
    for (let part = points.firstPart[point] as number; part !== 0; part = points.nextPart[part] as number) {
      const bound = points.bound[part] as number;
      if (bound < before) isSorted = false;
      before = bound;
      order.push(part);
    }
    if (!isSorted) order.sort((a, b) => (points.bound[a] as number) - (points.bound[b] as number));
    return order;
  }

  /** A histogram or summary without its count can't be told; what it has is lost. */
  #dropUnfinished(point: number): void {
    let samples = ((this.#points.has[point] as number) & HAS_SUM) !== 0 ? 1 : 0;
    for (let part = this.#points.firstPart[point] as number; part !== 0; part = this.#points.nextPart[part] as number) samples++;
    if (samples > 0) this.#drop("no_count", samples);
  }

  #drop(reason: string, samples: number): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + samples);
  }
}

/** Undefined where it is none: who pushes samples may push anything. */
function readOrUndefined(bytes: Uint8Array, start: number, end: number): NativeHistogram | undefined {
  try {
    return readHistogram(bytes, start, end);
  } catch (error) {
    if (error instanceof MalformedInput) return undefined;
    throw error;
  }
}

function isStaleValue(value: number): boolean {
  double[0] = value;
  return bits[0] === STALE_LOW && bits[1] === STALE_HIGH;
}

const double = new Float64Array(1);
const bits = new Uint32Array(double.buffer);
