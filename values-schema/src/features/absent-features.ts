import { absentFeature } from "./feature.ts";

/** What k8s-monitoring gathers and this chart does not yet: whoever switches one on is told so. */
export const absentFeatures = {
  autoInstrumentation: absentFeature("Instrumentation of applications by eBPF."),
  costMetrics: absentFeature("Costs, from OpenCost."),
  integrations: absentFeature("Ready-made gathering for well-known services."),
  kubernetesManifests: absentFeature("The manifests of the cluster's objects."),
  podLogsObjects: absentFeature("Logs of pods, as PodLogs objects choose them."),
  profilesReceiver: absentFeature("Profiles that applications send."),
  profiling: absentFeature("Profiles taken of applications."),
  windowsEventLogs: absentFeature("The event log of Windows nodes."),
};
