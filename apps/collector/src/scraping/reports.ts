import type { Metadata, SampleBatchBuilder } from "../signals/prometheus/sample-batch.ts";
import type { SeriesTable } from "../signals/prometheus/series-table.ts";
import type { SampleLabels } from "./sample-labels.ts";

/** How a scrape went, in the order of the series below. */
export interface ScrapeReport {
  readonly isUp: boolean;
  readonly durationSeconds: number;
  readonly scraped: number;
  readonly kept: number;
  readonly seriesAdded: number;
  readonly timeoutSeconds: number;
  readonly sampleLimit: number;
  /** -1: beyond the limit. */
  readonly bodyBytes: number;
}

function gauge(family: string, unit: string, help: string): Metadata {
  return { family, type: "gauge", help, unit };
}

const reports = [
  gauge("up", "targets", "Health of the scrape target. 1 means the target is healthy, 0 if the scrape failed."),
  gauge("scrape_duration_seconds", "seconds", "Duration of the last scrape in seconds."),
  gauge("scrape_samples_scraped", "samples", "Number of samples last scraped."),
  gauge("scrape_samples_post_metric_relabeling", "samples", "Number of samples remaining after metric relabeling was applied."),
  gauge("scrape_series_added", "series", "Number of series in the last scrape."),
];

const extraReports = [
  gauge("scrape_timeout_seconds", "seconds", "The configured scrape timeout for a target."),
  gauge("scrape_sample_limit", "samples", "The configured sample limit for a target. Returns zero if there is no limit configured."),
  gauge(
    "scrape_body_size_bytes",
    "bytes",
    "The uncompressed size of the last scrape response, if successful; -1 where body_size_limit is exceeded.",
  ),
];

/** The series that tell of a target's scrapes: `up` and its like. */
export class ReportSeries {
  readonly #table: SeriesTable;
  readonly #metadata: readonly Metadata[];
  readonly #series: readonly number[];
  #metadataSent = false;

  constructor(table: SeriesTable, labels: SampleLabels, hasExtra: boolean) {
    this.#table = table;
    this.#metadata = hasExtra ? [...reports, ...extraReports] : reports;
    this.#series = this.#metadata.map(({ family }) => {
      labels.ofReport(family);
      const series = labels.series();
      table.retain(series);
      return series;
    });
  }

  add(report: ScrapeReport, timeMs: number, withMetadata: boolean, batch: SampleBatchBuilder): void {
    const values = [
      report.isUp ? 1 : 0,
      report.durationSeconds,
      report.scraped,
      report.kept,
      report.seriesAdded,
      report.timeoutSeconds,
      report.sampleLimit,
      report.bodyBytes,
    ];
    for (const [i, series] of this.#series.entries()) {
      batch.add(series, timeMs, values[i] ?? 0);
      const metadata = this.#metadata[i];
      if (withMetadata && !this.#metadataSent && metadata !== undefined) batch.addMetadata(series, metadata);
    }
    this.#metadataSent ||= withMetadata;
  }

  addStale(timeMs: number, batch: SampleBatchBuilder): void {
    for (const series of this.#series) batch.addStale(series, timeMs);
  }

  release(): void {
    for (const series of this.#series) this.#table.release(series);
  }
}
