import { Type } from "@sinclair/typebox";
import { flag, section } from "../words.ts";

/** Another program. What else may be set of it belongs to its own chart. */
const service = (what: string) =>
  Type.Object({ deploy: flag("Whether it is installed: not there yet, true fails.") }, { description: what, additionalProperties: true });

export const telemetryServices = section("Other programs that give telemetry.", {
  "kube-state-metrics": service("Metrics of the cluster's objects."),
  "node-exporter": service("Metrics of Linux nodes."),
  "windows-exporter": service("Metrics of Windows nodes."),
  kepler: service("Metrics of energy."),
  opencost: service("Metrics of costs."),
  "k8s-manifest-tail": service("Manifests of the cluster's objects."),
  beyla: service("Instrumentation by eBPF."),
  sdkInjector: service("Instrumentation by SDKs."),
});
