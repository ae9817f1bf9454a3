import type { Counter, MetricScope } from "../../../../component/metrics.ts";
import { type RequestMetrics, requestMetricDocs, requestMetrics } from "../../../../transport/request-metrics.ts";

/** What the component counts, in the incumbent's names. */
export interface ApiMetrics extends RequestMetrics {
  readonly entriesWritten: Counter;
  readonly streamsDropped: Counter;
}

const PREFIX = "loki_source_api";

export const apiMetricDocs = requestMetricDocs(PREFIX);

export function apiMetrics(scope: MetricScope): ApiMetrics {
  return {
    ...requestMetrics(scope, PREFIX),
    entriesWritten: scope.counter("loki_source_api_entries_written", { help: "Total number of entries written." }).of(),
    streamsDropped: scope.counter("loki_source_api_streams_dropped_total", { help: "Streams of requests that relabelling dropped." }).of(),
  };
}
