import type { MetricDoc } from "../../../component/definition.ts";
import type { Counter, Gauge, Histogram, MetricScope } from "../../../component/metrics.ts";

/** What a record holds, as metrics name it. */
export type RecordKind = "samples" | "histograms" | "exemplars" | "metadata";

const kinds: readonly RecordKind[] = ["samples", "histograms", "exemplars", "metadata"];
const nouns: Readonly<Record<RecordKind, string>> = {
  samples: "samples",
  histograms: "histograms",
  exemplars: "exemplars",
  metadata: "metadata entries",
};

interface KindMetrics {
  readonly in: Counter;
  readonly sent: Counter;
  readonly failed: Counter;
  readonly retried: Counter;
  readonly pending: Gauge;
  dropped(reason: string): Counter;
}

/** The metrics of one endpoint, by Prometheus' names. */
export interface EndpointMetrics {
  readonly byKind: Readonly<Record<RecordKind, KindMetrics>>;
  readonly bytes: Counter;
  readonly metadataBytes: Counter;
  readonly duration: Histogram;
  readonly enqueueRetries: Counter;
  readonly highestSent: Gauge;
  readonly maxSamplesPerSend: Gauge;
  readonly shardCapacity: Gauge;
  readonly shards: Gauge;
  readonly shardsDesired: Gauge;
  readonly shardsMax: Gauge;
  readonly shardsMin: Gauge;
  /** Takes them away with the endpoint. */
  remove(): void;
}

const prefix = "prometheus_remote_storage_";
const labels = ["remote_name", "url"];

export const remoteWriteMetricDocs: readonly MetricDoc[] = [
  ...kinds.flatMap((kind): MetricDoc[] => [
    { name: `${prefix}${kind}_total`, kind: "counter", doc: `Total number of ${nouns[kind]} sent to remote storage.` },
    { name: `${prefix}${kind}_in_total`, kind: "counter", doc: `Total number of ${nouns[kind]} taken in for remote storage.` },
    { name: `${prefix}${kind}_failed_total`, kind: "counter", doc: `Total number of ${nouns[kind]} that remote storage refused for good.` },
    { name: `${prefix}${kind}_retried_total`, kind: "counter", doc: `Total number of ${nouns[kind]} whose request was repeated.` },
    {
      name: `${prefix}${kind}_dropped_total`,
      kind: "counter",
      doc: `Total number of ${nouns[kind]} dropped before they were sent, by reason.`,
    },
    { name: `${prefix}${kind}_pending`, kind: "gauge", doc: `Number of ${nouns[kind]} that wait in the queue.` },
  ]),
  { name: `${prefix}bytes_total`, kind: "counter", doc: "Total number of bytes of data sent by queues after compression." },
  { name: `${prefix}metadata_bytes_total`, kind: "counter", doc: "Total number of bytes of metadata sent by queues after compression." },
  { name: `${prefix}sent_batch_duration_seconds`, kind: "histogram", doc: "Duration of send calls to remote storage." },
  { name: `${prefix}enqueue_retries_total`, kind: "counter", doc: "Times that the queue refused samples since it was full." },
  { name: `${prefix}queue_highest_sent_timestamp_seconds`, kind: "gauge", doc: "Unix timestamp of the latest sample sent by the queue." },
  { name: `${prefix}max_samples_per_send`, kind: "gauge", doc: "The maximum number of samples in a request." },
  { name: `${prefix}shard_capacity`, kind: "gauge", doc: "The capacity of shards where the queue is in memory." },
  { name: `${prefix}shards`, kind: "gauge", doc: "The number of requests that may be under way at a time." },
  { name: `${prefix}shards_desired`, kind: "gauge", doc: "The number of shards that would keep up with what comes in." },
  { name: `${prefix}shards_max`, kind: "gauge", doc: "The maximum number of shards." },
  { name: `${prefix}shards_min`, kind: "gauge", doc: "The minimum number of shards." },
  { name: "prometheus_remote_write_wal_samples_appended_total", kind: "counter", doc: "Total number of samples appended to queues." },
  { name: "prometheus_remote_write_wal_exemplars_appended_total", kind: "counter", doc: "Total number of exemplars appended to queues." },
  { name: "prometheus_remote_write_wal_metadata_updates_total", kind: "counter", doc: "Total number of metadata updates taken in." },
  {
    name: "prometheus_remote_write_wal_storage_active_series",
    kind: "gauge",
    doc: "Number of series that had samples in the last minutes.",
  },
  { name: "prometheus_remote_write_wal_storage_created_series_total", kind: "counter", doc: "Total number of series that became active." },
  {
    name: "prometheus_remote_write_wal_storage_removed_series_total",
    kind: "counter",
    doc: "Total number of series that are no longer active.",
  },
];

export function endpointMetrics(scope: MetricScope, name: string, url: string): EndpointMetrics {
  const removals: (() => void)[] = [];
  const help = (metric: string) => remoteWriteMetricDocs.find((doc) => doc.name === metric)?.doc ?? metric;
  const counter = (metric: string): Counter => {
    const family = scope.counter(prefix + metric, { help: help(prefix + metric), labels });
    removals.push(() => family.remove(name, url));
    return family.of(name, url);
  };
  const gauge = (metric: string): Gauge => {
    const family = scope.gauge(prefix + metric, { help: help(prefix + metric), labels });
    removals.push(() => family.remove(name, url));
    return family.of(name, url);
  };
  const kindMetrics = (kind: RecordKind): KindMetrics => {
    const metric = `${prefix}${kind}_dropped_total`;
    const dropped = scope.counter(metric, { help: help(metric), labels: [...labels, "reason"] });
    const reasons = new Set<string>();
    removals.push(() => {
      for (const reason of reasons) dropped.remove(name, url, reason);
    });
    return {
      in: counter(`${kind}_in_total`),
      sent: counter(`${kind}_total`),
      failed: counter(`${kind}_failed_total`),
      retried: counter(`${kind}_retried_total`),
      pending: gauge(`${kind}_pending`),
      dropped: (reason) => {
        reasons.add(reason);
        return dropped.of(name, url, reason);
      },
    };
  };
  const duration = scope.histogram(`${prefix}sent_batch_duration_seconds`, {
    help: help(`${prefix}sent_batch_duration_seconds`),
    labels,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300],
  });
  removals.push(() => duration.remove(name, url));
  return {
    byKind: {
      samples: kindMetrics("samples"),
      histograms: kindMetrics("histograms"),
      exemplars: kindMetrics("exemplars"),
      metadata: kindMetrics("metadata"),
    },
    bytes: counter("bytes_total"),
    metadataBytes: counter("metadata_bytes_total"),
    duration: duration.of(name, url),
    enqueueRetries: counter("enqueue_retries_total"),
    highestSent: gauge("queue_highest_sent_timestamp_seconds"),
    maxSamplesPerSend: gauge("max_samples_per_send"),
    shardCapacity: gauge("shard_capacity"),
    shards: gauge("shards"),
    shardsDesired: gauge("shards_desired"),
    shardsMax: gauge("shards_max"),
    shardsMin: gauge("shards_min"),
    remove: () => {
      for (const remove of removals) remove();
    },
  };
}

/** What the component counts of all endpoints together. */
export interface IntakeMetrics {
  readonly samples: Counter;
  readonly exemplars: Counter;
  readonly metadata: Counter;
  readonly activeSeries: Gauge;
  readonly createdSeries: Counter;
  readonly removedSeries: Counter;
}

export function intakeMetrics(scope: MetricScope): IntakeMetrics {
  const docOf = (name: string) => ({ help: remoteWriteMetricDocs.find((doc) => doc.name === name)?.doc ?? name });
  const counter = (name: string) => scope.counter(name, docOf(name)).of();
  return {
    samples: counter("prometheus_remote_write_wal_samples_appended_total"),
    exemplars: counter("prometheus_remote_write_wal_exemplars_appended_total"),
    metadata: counter("prometheus_remote_write_wal_metadata_updates_total"),
    activeSeries: scope
      .gauge("prometheus_remote_write_wal_storage_active_series", docOf("prometheus_remote_write_wal_storage_active_series"))
      .of(),
    createdSeries: counter("prometheus_remote_write_wal_storage_created_series_total"),
    removedSeries: counter("prometheus_remote_write_wal_storage_removed_series_total"),
  };
}
