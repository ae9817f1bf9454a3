import { absentFeatures } from "./absent-features.ts";
import { applicationObservability } from "./application-observability.ts";
import { clusterEvents } from "./cluster-events.ts";
import { podLogsViaLoki } from "./pod-logs-via-loki.ts";

/** What there is to gather, by key. */
export const features = {
  applicationObservability,
  clusterEvents,
  podLogsViaLoki,
  ...absentFeatures,
};
