import { metricField } from "../otlp/fields.ts";
import type { MetricKind } from "../otlp/write/metric.ts";
import type { Metadata, MetricType } from "../prometheus/sample-batch.ts";

/** A metric of OTLP that series stand for. */
export interface MetricFamily {
  readonly id: number;
  readonly scope: FamilyScope;
  readonly key: string;
  readonly name: string;
  readonly kind: MetricKind;
  readonly isMonotonic: boolean;
  readonly type: MetricType;
  /** The name of a series of it, by which its metadata are looked up. */
  readonly seriesName: string;
  /** As last found; another object may say the same. */
  metadata: Metadata | undefined;
  help: string;
  unit: string;
  /** Points that series have made known. */
  groups: number;
  /** Its type has changed: its series are to be planned anew. */
  isObsolete: boolean;
  // Of the batch that is being converted.
  batch: number;
  firstPoint: number;
  lastPoint: number;
}

export interface FamilyScope {
  readonly resource: FamilyResource;
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly families: Map<string, MetricFamily>;
  batch: number;
  active: MetricFamily[];
  /** What `otel_scope_info` told in this batch. */
  info: ReadonlyMap<string, string> | undefined;
}

export interface FamilyResource {
  readonly key: string;
  readonly job: string;
  readonly instance: string;
  readonly scopes: Map<string, FamilyScope>;
  batch: number;
  active: FamilyScope[];
  /** What `target_info` told in this batch. */
  info: Map<string, string> | undefined;
}

/** Metadata of a family, and which name its series have in OTLP. */
export interface Described {
  readonly metadata: Metadata | undefined;
  readonly name: string;
}

/** What is known of a series by its metric's name; where that says nothing, by the name without a suffix. */
export function describe(metricName: string, find: (family: string) => Metadata | undefined): Described {
  const own = scrapeMetrics.get(metricName) ?? find(metricName);
  if (own !== undefined) return { metadata: own, name: metricName };
  const trimmed = withoutSuffix(metricName);
  const family = find(trimmed);
  if (family === undefined) return { metadata: undefined, name: metricName };
  return { metadata: family, name: family.type === "counter" ? metricName : trimmed };
}

export function kindOf(type: MetricType, isExponential: boolean): MetricKind {
  switch (type) {
    case "counter":
    case "info":
    case "stateset":
      return metricField.sum;
    case "histogram":
      return isExponential ? metricField.exponentialHistogram : metricField.histogram;
    case "summary":
      return metricField.summary;
    case "gauge":
    case "unknown":
    case "gaugehistogram":
      return metricField.gauge;
    default:
      return type satisfies never;
  }
}

const suffixes = ["_bucket", "_count", "_sum", "_total", "_info", "_created"];

function withoutSuffix(name: string): string {
  const suffix = suffixes.find((each) => name.endsWith(each) && name !== each);
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}

function gauge(family: string, help: string, unit = ""): [string, Metadata] {
  return [family, { family, type: "gauge", help, unit }];
}

/** What scrapes tell of themselves. */
const scrapeMetrics: ReadonlyMap<string, Metadata> = new Map([
  gauge("up", "The scraping was successful"),
  gauge("scrape_duration_seconds", "Duration of the scrape", "seconds"),
  gauge("scrape_samples_scraped", "The number of samples the target exposed"),
  gauge("scrape_series_added", "The approximate number of new series in this scrape"),
  gauge("scrape_samples_post_metric_relabeling", "The number of samples remaining after metric relabeling was applied"),
]);
