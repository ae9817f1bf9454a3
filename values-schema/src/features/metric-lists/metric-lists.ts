import { cadvisor } from "./cadvisor.ts";
import { kepler } from "./kepler.ts";
import { kubeStateMetrics } from "./kube-state-metrics.ts";
import { kubelet } from "./kubelet.ts";
import { kubeletProbes } from "./kubelet-probes.ts";
import { kubeletResource } from "./kubelet-resource.ts";
import { nodeExporter } from "./node-exporter.ts";
import { nodeExporterIntegration } from "./node-exporter-integration.ts";
import { windowsExporter } from "./windows-exporter.ts";

/** The metrics that dashboards and alerts need, by the key of what gives them. */
export const metricLists = {
  cadvisor,
  kepler,
  "kube-state-metrics": kubeStateMetrics,
  kubelet,
  kubeletProbes,
  kubeletResource,
  nodeExporter,
  nodeExporterIntegration,
  windowsExporter,
};
