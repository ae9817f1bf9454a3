import type { MetricDoc } from "../../../component/definition.ts";
import type { Counter, MetricScope } from "../../../component/metrics.ts";

const INVALID = "prometheus_api_remote_write_invalid_labels_samples_total";
const EXEMPLARS = "prometheus_receive_http_exemplars_dropped_total";

const docs = {
  [INVALID]: "The total number of received remote write samples and histogram samples which were rejected due to invalid labels.",
  [EXEMPLARS]: "Exemplars that were left out of requests because they are not valid.",
};

export const intakeMetricDocs: readonly MetricDoc[] = Object.entries(docs).map(([name, doc]) => ({ name, kind: "counter", doc }));

export interface IntakeMetrics {
  readonly invalidLabels: Counter;
  readonly exemplarsDropped: Counter;
}

export function intakeMetrics(scope: MetricScope): IntakeMetrics {
  return {
    invalidLabels: scope.counter(INVALID, { help: docs[INVALID] }).of(),
    exemplarsDropped: scope.counter(EXEMPLARS, { help: docs[EXEMPLARS] }).of(),
  };
}
