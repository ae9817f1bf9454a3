import { version } from "../../../../version.ts";
import type { MetricPage } from "./metric-page.ts";

/** Answers of the page so far. */
export interface Answers {
  inFlight: number;
  readonly byCode: Map<string, number>;
}

export function noAnswers(): Answers {
  return { inFlight: 0, byCode: new Map(["200", "500", "503"].map((code) => [code, 0])) };
}

/** Architectures as they are called in metrics of this kind. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** The exporter as part of the page: dashboards find hosts by the first, the others say how the page itself fares. */
export function exposeExporter(page: MetricPage, answers: Answers | undefined): void {
  page
    .gauge("node_exporter_build_info", "Which exporter this is.", "goarch", "goos", "version")
    .sample(1, architectures[process.arch] ?? process.arch, process.platform, version);
  const errors = page.counter("promhttp_metric_handler_errors_total", "Pages that could not be made.", "cause");
  for (const cause of ["encoding", "gathering"]) errors.sample(0, cause);
  if (answers === undefined) return;
  page.gauge("promhttp_metric_handler_requests_in_flight", "Requests for the page that are being answered.").sample(answers.inFlight);
  const requests = page.counter("promhttp_metric_handler_requests_total", "Requests for the page by status.", "code");
  for (const [code, count] of answers.byCode) requests.sample(count, code);
}
