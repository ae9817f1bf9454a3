import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { metricField, pointAttributes } from "../otlp/fields.ts";
import { writeTextAttribute } from "../otlp/write/attributes.ts";
import type { Metadata, SampleOrigin } from "../prometheus/sample-batch.ts";
import type { SeriesTable } from "../prometheus/series-table.ts";
import { ByteKeys, NO_KEY } from "./byte-keys.ts";
import { describe, type FamilyResource, type FamilyScope, kindOf, type MetricFamily } from "./metric-families.ts";

// What a series is in its point.
export const UNPLANNED = 0;
export const VALUE = 1;
export const SUM = 2;
export const COUNT = 3;
/** One bucket or quantile. */
export const PART = 4;
export const CREATED = 5;
/** Tells of the target or of a scope, not of a metric. */
export const TARGET_INFO = 6;
export const SCOPE_INFO = 7;
/** Can't be told in OTLP; from here on why. */
export const NO_NAME = 8;
export const NO_JOB = 9;
export const NO_BOUND = 10;

export const dropReasons: Readonly<Record<number, string>> = {
  [NO_NAME]: "no_metric_name",
  [NO_JOB]: "no_job_or_instance",
  [NO_BOUND]: "no_bucket_bound",
};

const SCOPE_NAME = "otel_scope_name";
const SCOPE_VERSION = "otel_scope_version";
const SCOPE_SCHEMA = "otel_scope_schema_url";
const outside: ReadonlySet<string> = new Set([
  "__name__",
  "instance",
  "__scheme__",
  "__metrics_path__",
  "job",
  SCOPE_NAME,
  SCOPE_VERSION,
  SCOPE_SCHEMA,
]);

/**
 * Knows for each series to which point of which metric it belongs, as what. A point is a key: the metric's number and the encoded attributes. What
 * is known of a series is forgotten with it.
 */
export class SeriesPlans {
  readonly #table: SeriesTable;
  readonly #resources = new Map<string, FamilyResource>();
  readonly #families: (MetricFamily | undefined)[] = [undefined];
  readonly #freeFamilies: number[] = [];
  /** Points of metrics: `first` is the family, the bytes are the attributes as they go into the point. */
  readonly points = new ByteKeys();
  #uses = new Uint32Array(64);
  readonly #writer = new ProtobufWriter(512);
  readonly #unwatch: () => void;

  /** By series: as plain samples and as native histograms. */
  roles = new Uint8Array(1024);
  #pointOf = new Uint32Array(1024);
  #bounds = new Float64Array(1024);
  #nativePointOf = new Uint32Array(1024);

  constructor(table: SeriesTable) {
    this.#table = table;
    this.#unwatch = table.watch((series) => this.forget(series));
  }

  /** Metrics that are known. */
  get families(): number {
    return this.#families.length - 1 - this.#freeFamilies.length;
  }

  pointOf(series: number): number {
    return this.#pointOf[series] as number;
  }

  boundOf(series: number): number {
    return this.#bounds[series] as number;
  }

  familyOf(point: number): MetricFamily {
    return this.#families[this.points.first[point] as number] as MetricFamily;
  }

  /** What the series is as a plain sample. */
  plan(series: number, origin: SampleOrigin | undefined, find: (family: string) => Metadata | undefined): number {
    if (series < this.roles.length) {
      const role = this.roles[series] as number;
      if (role !== UNPLANNED && (role > CREATED || !this.familyOf(this.pointOf(series)).isObsolete)) return role;
    } else this.#grow(series);
    const labels = this.#labelsOf(series);
    const name = labels.get("__name__") ?? "";
    if (name === "") return NO_NAME;
    const resource = this.#resourceOf(labels, origin);
    if (resource === undefined) return NO_JOB;
    if (name === "target_info" || name === "otel_scope_info")
      return this.#settle(series, name === "target_info" ? TARGET_INFO : SCOPE_INFO);
    const { metadata, name: familyName } = describe(name, find);
    const family = this.#family(this.#scopeOf(resource, labels), familyName, name, metadata, "plain");
    const role = roleIn(family, name);
    if (role === PART) {
      const bound = numberIn(labels.get(family.kind === metricField.histogram ? "le" : "quantile") ?? "");
      if (bound === undefined) {
        if (family.groups === 0) this.#removeFamily(family);
        return NO_BOUND;
      }
      this.#bounds[series] = bound;
    }
    // The new one first: a batch may have begun with the old one, which may be the same.
    const before = this.#pointOf[series] as number;
    this.#pointOf[series] = this.#holdPoint(family, labels);
    this.#releasePoint(before);
    // A series that the target alone tells apart may come from another one next time.
    return labels.has("job") && labels.has("instance") ? this.#settle(series, role) : role;
  }

  /** The point of a native histogram's series; 0 where it can't be told in OTLP. */
  planNative(series: number, isCustom: boolean, origin: SampleOrigin | undefined, find: (family: string) => Metadata | undefined): number {
    if (series >= this.roles.length) this.#grow(series);
    const known = this.#nativePointOf[series] as number;
    const kind = isCustom ? metricField.histogram : metricField.exponentialHistogram;
    if (known !== NO_KEY && this.familyOf(known).kind === kind && !this.familyOf(known).isObsolete) return known;
    const labels = this.#labelsOf(series);
    const name = labels.get("__name__") ?? "";
    const resource = this.#resourceOf(labels, origin);
    if (name === "" || resource === undefined) return NO_KEY;
    const { metadata, name: familyName } = describe(name, find);
    const family = this.#family(this.#scopeOf(resource, labels), familyName, name, metadata, isCustom ? "custom" : "native");
    const point = this.#holdPoint(family, labels);
    this.#releasePoint(known);
    // As above: forgotten at once where it must be looked at again.
    this.#nativePointOf[series] = point;
    return point;
  }

  /** Whether the end of this series is that of a native histogram: classic ones have no series under their own name. */
  isNative(series: number, find: (family: string) => Metadata | undefined): boolean {
    const name = this.#table.valueOf(series, "__name__");
    return find(name)?.type === "histogram";
  }

  /** The labels of an info metric, and the resource that it tells of, where metrics of that are known. */
  info(series: number, origin: SampleOrigin | undefined): { resource: FamilyResource | undefined; labels: Map<string, string> } {
    const labels = this.#labelsOf(series);
    return { resource: this.#resources.get(resourceKey(labels, origin)), labels };
  }

  /** The scope that the labels name, where metrics of it are known. */
  scopeIn(resource: FamilyResource, labels: ReadonlyMap<string, string>): FamilyScope | undefined {
    return resource.scopes.get(scopeKey(labels));
  }

  /** The point that an exemplar of the series belongs to, or `NO_KEY`. */
  exemplarPointOf(series: number): number {
    if (series >= this.roles.length) return NO_KEY;
    const plain = this.#pointOf[series] as number;
    return plain !== NO_KEY ? plain : (this.#nativePointOf[series] as number);
  }

  forget(series: number): void {
    if (series >= this.roles.length) return;
    this.#releasePoint(this.#pointOf[series] as number);
    this.#releasePoint(this.#nativePointOf[series] as number);
    this.#pointOf[series] = this.#nativePointOf[series] = NO_KEY;
    this.roles[series] = UNPLANNED;
  }

  close(): void {
    this.#unwatch();
  }

  #settle(series: number, role: number): number {
    this.roles[series] = role;
    return role;
  }

  #labelsOf(series: number): Map<string, string> {
    const { names, values } = this.#table.labelsOf(series);
    return new Map(names.map((name, i) => [name, values[i] ?? ""]));
  }

  #resourceOf(labels: ReadonlyMap<string, string>, origin: SampleOrigin | undefined): FamilyResource | undefined {
    const [job, instance] = jobAndInstance(labels, origin);
    if (job === "" || instance === "") return undefined;
    const key = resourceKey(labels, origin);
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      resource = { key, job, instance, scopes: new Map(), batch: 0, active: [], info: undefined };
      this.#resources.set(key, resource);
    }
    return resource;
  }

  #scopeOf(resource: FamilyResource, labels: ReadonlyMap<string, string>): FamilyScope {
    const key = scopeKey(labels);
    let scope = resource.scopes.get(key);
    if (scope === undefined) {
      const [name = "", version = "", schemaUrl = ""] = [labels.get(SCOPE_NAME), labels.get(SCOPE_VERSION), labels.get(SCOPE_SCHEMA)];
      scope = { resource, key, name, version, schemaUrl, families: new Map(), batch: 0, active: [], info: undefined };
      resource.scopes.set(key, scope);
    }
    return scope;
  }

  #family(
    scope: FamilyScope,
    name: string,
    seriesName: string,
    metadata: Metadata | undefined,
    form: "plain" | "native" | "custom",
  ): MetricFamily {
    const key = `${form} ${name}`;
    const known = scope.families.get(key);
    if (known !== undefined && !known.isObsolete) return known;
    const type = form === "plain" ? (metadata?.type ?? "unknown") : "histogram";
    const id = this.#freeFamilies.pop() ?? this.#families.length;
    const family: MetricFamily = {
      id,
      scope,
      key,
      name,
      kind: kindOf(type, form === "native"),
      isMonotonic: type === "counter",
      type,
      seriesName,
      metadata,
      help: metadata?.help ?? "",
      unit: metadata?.unit ?? "",
      groups: 0,
      isObsolete: false,
      batch: 0,
      firstPoint: 0,
      lastPoint: 0,
    };
    this.#families[id] = family;
    scope.families.set(key, family);
    return family;
  }

  /** The point with the series' labels, less those that tell the part, and those that went to the resource and scope. */
  #holdPoint(family: MetricFamily, labels: ReadonlyMap<string, string>): number {
    const writer = this.#writer;
    writer.clear();
    const field = pointAttributes(family.kind);
    const part = partLabel(family);
    for (const [name, value] of labels) if (!outside.has(name) && name !== part) writeTextAttribute(writer, field, name, value);
    let point = this.points.find(family.id, 0, writer.bytes, 0, writer.length);
    if (point === NO_KEY) {
      point = this.points.add(family.id, 0, writer.bytes, 0, writer.length);
      if (point >= this.#uses.length) {
        const larger = new Uint32Array(point * 2);
        larger.set(this.#uses);
        this.#uses = larger;
      }
      this.#uses[point] = 0;
      family.groups++;
    }
    this.#uses[point] = (this.#uses[point] as number) + 1;
    return point;
  }

  #releasePoint(point: number): void {
    if (point === NO_KEY) return;
    const left = (this.#uses[point] as number) - 1;
    this.#uses[point] = left;
    if (left > 0) return;
    const family = this.familyOf(point);
    this.points.remove(point);
    if (--family.groups === 0) this.#removeFamily(family);
  }

  #removeFamily(family: MetricFamily): void {
    const { scope, key, id } = family;
    this.#families[id] = undefined;
    this.#freeFamilies.push(id);
    if (scope.families.get(key) === family) scope.families.delete(key);
    if (scope.families.size > 0) return;
    scope.resource.scopes.delete(scope.key);
    if (scope.resource.scopes.size === 0) this.#resources.delete(scope.resource.key);
  }

  #grow(series: number): void {
    const capacity = Math.max(this.roles.length * 2, series + 1);
    const roles = new Uint8Array(capacity);
    roles.set(this.roles);
    this.roles = roles;
    const grown = <Column extends Uint32Array | Float64Array>(old: Column, larger: Column): Column => {
      larger.set(old);
      return larger;
    };
    this.#pointOf = grown(this.#pointOf, new Uint32Array(capacity));
    this.#bounds = grown(this.#bounds, new Float64Array(capacity));
    this.#nativePointOf = grown(this.#nativePointOf, new Uint32Array(capacity));
  }
}

/** Labels that tell of the target or scope, not of the point. */
export function isOutside(name: string): boolean {
  return outside.has(name);
}

function jobAndInstance(labels: ReadonlyMap<string, string>, origin: SampleOrigin | undefined): [job: string, instance: string] {
  return [labels.get("job") ?? origin?.label("job") ?? "", labels.get("instance") ?? origin?.label("instance") ?? ""];
}

// Lengths keep the parts apart whatever they hold.
function resourceKey(labels: ReadonlyMap<string, string>, origin: SampleOrigin | undefined): string {
  const [job, instance] = jobAndInstance(labels, origin);
  return `${job.length}:${job}${instance}`;
}

function scopeKey(labels: ReadonlyMap<string, string>): string {
  const [name = "", version = "", schemaUrl = ""] = [labels.get(SCOPE_NAME), labels.get(SCOPE_VERSION), labels.get(SCOPE_SCHEMA)];
  return `${name.length}:${version.length}:${name}${version}${schemaUrl}`;
}

function partLabel({ kind }: MetricFamily): string {
  if (kind === metricField.histogram || kind === metricField.exponentialHistogram) return "le";
  return kind === metricField.summary ? "quantile" : "";
}

function roleIn({ kind, metadata }: MetricFamily, seriesName: string): number {
  const isCreated = metadata !== undefined && seriesName === `${metadata.family}_created`;
  switch (kind) {
    case metricField.histogram:
    case metricField.summary:
      if (seriesName.endsWith("_sum")) return SUM;
      if (seriesName.endsWith("_count")) return COUNT;
      return isCreated ? CREATED : PART;
    case metricField.sum:
      return isCreated ? CREATED : VALUE;
    default:
      return VALUE;
  }
}

/** A bound as Go reads numbers. */
function numberIn(text: string): number | undefined {
  const trimmed = text.replace(/^\+?[Ii]nf(inity)?$/, "Infinity").replace(/^-[Ii]nf(inity)?$/, "-Infinity");
  if (trimmed === "" || trimmed.trim() !== trimmed) return undefined;
  const value = Number(trimmed);
  return Number.isNaN(value) && !/^nan$/i.test(text) ? undefined : value;
}
