import type { MetricDoc } from "../component/definition.ts";
import type { Counter, Family, Gauge, Histogram, MetricScope } from "../component/metrics.ts";

/** What a scraping component counts; the names are those of Prometheus. */
export interface ScrapeMetrics {
  readonly targets: Gauge;
  readonly movedTargets: Counter;
  readonly poolTargets: Family<Gauge>;
  readonly poolTargetLimit: Family<Gauge>;
  readonly poolSyncs: Family<Counter>;
  readonly syncFailures: Family<Counter>;
  readonly reloads: Counter;
  readonly exceededTargetLimit: Counter;
  readonly exceededBodySize: Counter;
  readonly exceededSampleLimit: Counter;
  readonly exceededBucketLimit: Counter;
  readonly exceededLabelLimits: Counter;
  readonly duplicates: Counter;
  readonly outOfBounds: Counter;
  readonly cacheFlushes: Counter;
  readonly interval: Family<Histogram>;
  readonly duration: () => Histogram;
  /** Scrapes that were not made, by reason. */
  readonly skipped: Family<Counter>;
  /** Samples that were scraped and that nobody took, by reason. */
  readonly dropped: Family<Counter>;
}

const docs = {
  targets: ["prometheus_scrape_targets_gauge", "gauge", "Number of targets this component is configured to scrape"],
  movedTargets: [
    "prometheus_scrape_targets_moved_total",
    "counter",
    "Number of targets that have moved from this cluster node to another one",
  ],
  poolTargets: ["prometheus_target_scrape_pool_targets", "gauge", "Current number of targets in this scrape pool."],
  poolTargetLimit: ["prometheus_target_scrape_pool_target_limit", "gauge", "Maximum number of targets allowed in this scrape pool."],
  poolSyncs: ["prometheus_target_scrape_pool_sync_total", "counter", "Total number of syncs that were executed on a scrape pool."],
  syncFailures: ["prometheus_target_sync_failed_total", "counter", "Total number of target sync failures."],
  reloads: ["prometheus_target_scrape_pool_reloads_total", "counter", "Total number of scrape pool reloads."],
  exceededTargetLimit: [
    "prometheus_target_scrape_pool_exceeded_target_limit_total",
    "counter",
    "Total number of times scrape pools hit the target limit, during sync or config reload.",
  ],
  exceededBodySize: [
    "prometheus_target_scrapes_exceeded_body_size_limit_total",
    "counter",
    "Total number of scrapes that hit the body size limit",
  ],
  exceededSampleLimit: [
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "counter",
    "Total number of scrapes that hit the sample limit and were rejected.",
  ],
  exceededBucketLimit: [
    "prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total",
    "counter",
    "Total number of scrapes that hit the native histogram bucket limit and were rejected.",
  ],
  exceededLabelLimits: [
    "prometheus_target_scrape_pool_exceeded_label_limits_total",
    "counter",
    "Total number of times scrape pools hit the label limits, during sync or config reload.",
  ],
  duplicates: [
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "counter",
    "Total number of samples rejected due to duplicate timestamps but different values.",
  ],
  outOfBounds: [
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "counter",
    "Total number of samples rejected due to timestamp falling outside of the time bounds.",
  ],
  cacheFlushes: [
    "prometheus_target_scrapes_cache_flush_forced_total",
    "counter",
    "How many times a scrape cache was flushed due to getting big while scrapes are failing.",
  ],
  interval: ["prometheus_target_interval_length_histogram_seconds", "histogram", "Actual intervals between scrapes, as a histogram."],
  duration: [
    "prometheus_target_scrape_duration_seconds",
    "histogram",
    "Scrapes from the request to the commit, where extra_metrics is set.",
  ],
  skipped: [
    "invar_scrapes_skipped_total",
    "counter",
    "Scrapes that were not made, since their samples could not have been kept, by reason.",
  ],
  dropped: ["invar_scrape_samples_dropped_total", "counter", "Samples that were scraped and that no receiver took, by reason."],
} as const satisfies Record<keyof ScrapeMetrics, readonly [string, MetricDoc["kind"], string]>;

export const scrapeMetricDocs: readonly MetricDoc[] = Object.values(docs).map(([name, kind, doc]) => ({ name, kind, doc }));

export function scrapeMetrics(scope: MetricScope): ScrapeMetrics {
  const counter = ([name, , help]: readonly [string, string, string], ...labels: string[]) => scope.counter(name, { help, labels });
  const gauge = ([name, , help]: readonly [string, string, string], ...labels: string[]) => scope.gauge(name, { help, labels });
  return {
    targets: gauge(docs.targets).of(),
    movedTargets: counter(docs.movedTargets).of(),
    poolTargets: gauge(docs.poolTargets, "scrape_job"),
    poolTargetLimit: gauge(docs.poolTargetLimit, "scrape_job"),
    poolSyncs: counter(docs.poolSyncs, "scrape_job"),
    syncFailures: counter(docs.syncFailures, "scrape_job"),
    reloads: counter(docs.reloads).of(),
    exceededTargetLimit: counter(docs.exceededTargetLimit).of(),
    exceededBodySize: counter(docs.exceededBodySize).of(),
    exceededSampleLimit: counter(docs.exceededSampleLimit).of(),
    exceededBucketLimit: counter(docs.exceededBucketLimit).of(),
    exceededLabelLimits: counter(docs.exceededLabelLimits).of(),
    duplicates: counter(docs.duplicates).of(),
    outOfBounds: counter(docs.outOfBounds).of(),
    cacheFlushes: counter(docs.cacheFlushes).of(),
    interval: scope.histogram(docs.interval[0], {
      help: docs.interval[2],
      labels: ["interval"],
      buckets: [0.01, 0.1, 1, 10, 15, 30, 60, 120, 300, 600],
    }),
    duration: () =>
      scope
        .histogram(docs.duration[0], { help: docs.duration[2], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] })
        .of(),
    skipped: counter(docs.skipped, "reason"),
    dropped: counter(docs.dropped, "reason"),
  };
}
