import type { Counter, Family, Histogram, MetricScope } from "../../../component/metrics.ts";

/** What the endpoints of one component count, in the incumbent's names. */
export interface WriteMetrics {
  readonly sentBytes: Family<Counter>;
  readonly sentEntries: Family<Counter>;
  readonly droppedBytes: Family<Counter>;
  readonly droppedEntries: Family<Counter>;
  readonly retries: Family<Counter>;
  readonly requestSize: Family<Histogram>;
  readonly requestDuration: Family<Histogram>;
  readonly latency: Family<Histogram>;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export function writeMetrics(scope: MetricScope): WriteMetrics {
  const labels = ["host", "tenant"];
  const reasons = [...labels, "reason"];
  return {
    sentBytes: scope.counter("loki_write_sent_bytes_total", { help: "Number of bytes sent.", labels }),
    sentEntries: scope.counter("loki_write_sent_entries_total", { help: "Number of log entries sent to the ingester.", labels }),
    droppedBytes: scope.counter("loki_write_dropped_bytes_total", {
      help: "Number of bytes dropped because failed to be sent to the ingester after all retries.",
      labels: reasons,
    }),
    droppedEntries: scope.counter("loki_write_dropped_entries_total", {
      help: "Number of log entries dropped because they failed to be sent to the ingester after all retries.",
      labels: reasons,
    }),
    retries: scope.counter("loki_write_batch_retries_total", { help: "Number of times batches has had to be retried.", labels }),
    requestSize: scope.histogram("loki_write_request_size_bytes", {
      help: "Number of bytes for requests.",
      labels,
      buckets: [KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 512 * KIB, MIB, 2 * MIB, 4 * MIB, 8 * MIB, 16 * MIB, 20 * MIB],
    }),
    requestDuration: scope.histogram("loki_write_request_duration_seconds", {
      help: "Duration of send requests.",
      labels: ["status_code", ...labels],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    latency: scope.histogram("loki_write_entry_propagation_latency_seconds", {
      help: "Write latency for entries",
      labels,
      buckets: [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600],
    }),
  };
}
