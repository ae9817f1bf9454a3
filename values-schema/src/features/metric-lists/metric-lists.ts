import { cadvisor } from "./cadvisor.ts";
import { kubeStateMetrics } from "./kube-state-metrics.ts";
import { kubelet } from "./kubelet.ts";
import { kubeletProbes } from "./kubelet-probes.ts";
import { kubeletResource } from "./kubelet-resource.ts";
import { nodeExporter } from "./node-exporter.ts";
import { nodeExporterIntegration } from "./node-exporter-integration.ts";

/** The metrics that dashboards and alerts need, by the key of what gives them. */
export const metricLists = {
  cadvisor,
  "kube-state-metrics": kubeStateMetrics,
  kubelet,
  kubeletProbes,
  kubeletResource,
  nodeExporter,
  nodeExporterIntegration,
};
