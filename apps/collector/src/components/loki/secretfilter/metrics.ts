import type { MetricDoc } from "../../../component/definition.ts";
import type { Counter, Family, Histogram, MetricScope } from "../../../component/metrics.ts";

const docs = {
  bypassed: ["loki_secretfilter_entries_bypassed_total", "Total number of entries forwarded without processing due to sampling."],
  dropped: ["loki_secretfilter_lines_dropped_total", "Total number of log lines dropped due to processing timeout."],
  timedOut: ["loki_secretfilter_lines_timed_out_total", "Total number of log lines that exceeded the processing timeout."],
  redacted: ["loki_secretfilter_secrets_redacted_total", "Total number of secrets that have been redacted."],
} as const;
const byCategory = ["loki_secretfilter_secrets_redacted_by_category_total", "Number of secrets redacted, by rule and origin."] as const;
const duration = ["loki_secretfilter_processing_duration_seconds", "How long lines took."] as const;

export const secretFilterMetricDocs: readonly MetricDoc[] = [
  ...[...Object.values(docs), byCategory].map(([name, doc]): MetricDoc => ({ name, kind: "counter", doc })),
  // The incumbent's is a summary: sum and count are the same.
  { name: duration[0], kind: "histogram", doc: duration[1] },
];

/** Origins beyond so many are counted as one. */
const MAX_ORIGINS = 1000;

export class SecretFilterMetrics {
  readonly bypassed: Counter;
  readonly dropped: Counter;
  readonly timedOut: Counter;
  readonly duration: Histogram;
  readonly #redacted: Counter;
  readonly #byCategory: Family<Counter>;
  readonly #origins = new Set<string>();

  constructor(scope: MetricScope) {
    const counter = ([name, help]: readonly [string, string]) => scope.counter(name, { help }).of();
    this.bypassed = counter(docs.bypassed);
    this.dropped = counter(docs.dropped);
    this.timedOut = counter(docs.timedOut);
    this.#redacted = counter(docs.redacted);
    this.#byCategory = scope.counter(byCategory[0], { help: byCategory[1], labels: ["rule", "origin"] });
    const buckets = [1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 5e-4, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
    this.duration = scope.histogram(duration[0], { help: duration[1], buckets }).of();
  }

  redacted(rule: string, origin: string): void {
    this.#redacted.add(1);
    if (this.#origins.size < MAX_ORIGINS) this.#origins.add(origin);
    this.#byCategory.of(rule, this.#origins.has(origin) ? origin : "other").add(1);
  }
}
