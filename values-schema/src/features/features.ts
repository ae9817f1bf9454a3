import { absentFeatures } from "./absent-features.ts";
import { annotationAutodiscovery } from "./annotation-autodiscovery.ts";
import { applicationObservability } from "./application-observability.ts";
import { clusterEvents } from "./cluster-events.ts";
import { clusterMetrics } from "./cluster-metrics.ts";
import { hostMetrics } from "./host-metrics.ts";
import { nodeLogs } from "./node-logs.ts";
import { podLogsViaKubernetesApi } from "./pod-logs-via-kubernetes-api.ts";
import { podLogsViaLoki } from "./pod-logs-via-loki.ts";
import { podLogsViaOpenTelemetry } from "./pod-logs-via-opentelemetry.ts";
import { prometheusOperatorObjects } from "./prometheus-operator-objects.ts";
import { renamedFeatures } from "./renamed-features.ts";
import { selfReporting } from "./self-reporting.ts";

/** What there is to gather, by key. */
export const features = {
  annotationAutodiscovery,
  applicationObservability,
  clusterEvents,
  clusterMetrics,
  hostMetrics,
  nodeLogs,
  podLogsViaKubernetesApi,
  podLogsViaLoki,
  podLogsViaOpenTelemetry,
  prometheusOperatorObjects,
  selfReporting,
  ...absentFeatures,
  ...renamedFeatures,
};
