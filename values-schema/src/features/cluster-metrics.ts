import { type TProperties, Type } from "@sinclair/typebox";
import { choice, flag, integer, labels, list, section, text, texts } from "../words.ts";
import { feature } from "./feature.ts";
import { listedMetricsTuning, metricsTuning, scraping } from "./scraping.ts";

const jobLabel = (byDefault: string) => text("The label `job`.", byDefault);

/** Something of each node's kubelet. */
const ofKubelet = (what: string, isEnabled: boolean, job: string, tuning: TProperties = {}) =>
  section(`${what}, from the kubelet of each node.`, {
    enabled: flag("Whether they are gathered.", isEnabled),
    nodeAddressFormat: choice("`direct`: at the node's address; `proxy`: by way of the API server.", ["direct", "proxy"], "direct"),
    jobLabel: jobLabel(job),
    ...scraping,
    metricsTuning: listedMetricsTuning(tuning),
  });

/** Something of the control plane, which one switch turns on as a whole. */
const ofControlPlane = (what: string, job: string, more: TProperties = {}) =>
  section(`Metrics of ${what}.`, {
    enabled: Type.Boolean({ description: "Whether they are gathered. Not set: as `controlPlane.enabled`." }),
    jobLabel: jobLabel(job),
    ...more,
    ...scraping,
    metricsTuning: metricsTuning(),
  });

const pods = (selector: string, port: number) => ({
  selectorLabel: text("The label of its pods, `<name>=<value>`.", selector),
  port: integer("The port of its metrics.", port, { minimum: 1, maximum: 65_535 }),
});

const discoveryMode = {
  discoveryMode: choice("`pod`: at its pods; `eks-proxy`: by way of the API server of Amazon's service.", ["pod", "eks-proxy"], "pod"),
};

/** Kinds of metrics by label and metric. */
const normalized = section("Labels of a metric.", { metric: text("The metric: a name or RE2 pattern."), labels: texts("Its labels.") });

export const clusterMetrics = feature("Metrics of the cluster: nodes, containers, objects, control plane.", {
  controlPlane: section("The control plane as a whole.", {
    enabled: flag("Whether metrics of API server, controller manager, scheduler, proxy and DNS are gathered."),
  }),
  kubelet: ofKubelet("The kubelet's own metrics", true, "integrations/kubernetes/kubelet"),
  kubeletResource: ofKubelet("Metrics of resources", true, "integrations/kubernetes/resources"),
  kubeletProbes: ofKubelet("Metrics of probes", false, "integrations/kubernetes/probes"),
  cadvisor: ofKubelet("Metrics of containers", true, "integrations/kubernetes/cadvisor", {
    dropEmptyContainerLabels: flag("Drop sums over a pod's containers.", true),
    dropEmptyImageLabels: flag("Drop what belongs to no image.", true),
    normalizeUnnecessaryLabels: list("Labels that get one value for all, as nobody asks for them.", normalized, [
      { metric: "machine_memory_bytes", labels: ["boot_id", "system_uuid"] },
    ]),
    keepPhysicalFilesystemDevices: texts("Of metrics of filesystems only these devices: RE2 patterns. Empty: all.", [
      "mmcblk.p.+",
      "nvme.+",
      "rbd.+",
      "sd.+",
      "vd.+",
      "xvd.+",
      "dasd.+",
    ]),
    keepPhysicalNetworkDevices: texts("Of metrics of networks only these interfaces: RE2 patterns. Empty: all.", [
      "en[ospx][0-9].*",
      "wlan[0-9].*",
      "eth[0-9].*",
    ]),
    includeNamespaces: texts("Only metrics of these namespaces, and of none. Empty: all."),
    excludeNamespaces: texts("No metrics of these namespaces."),
  }),
  apiServer: ofControlPlane("the API server", "integrations/kubernetes/kube-apiserver"),
  kubeControllerManager: ofControlPlane("the controller manager", "kube-controller-manager", {
    ...discoveryMode,
    ...pods("component=kube-controller-manager", 10_257),
  }),
  kubeDNS: ofControlPlane("the cluster's DNS", "integrations/kubernetes/kube-dns"),
  kubeProxy: ofControlPlane("kube-proxy", "integrations/kubernetes/kube-proxy", pods("k8s-app=kube-proxy", 10_249)),
  kubeScheduler: ofControlPlane("the scheduler", "kube-scheduler", { ...discoveryMode, ...pods("component=kube-scheduler", 10_259) }),
  "kube-state-metrics": section("Metrics of the cluster's objects, from a kube-state-metrics that is there.", {
    enabled: flag("Whether they are gathered.", true),
    discoveryType: choice(
      "How it is found. `service`: one of its replicas tells all; the others: each replica tells its part.",
      ["endpoints", "endpointslice", "pod", "service"],
      "endpoints",
    ),
    namespace: text("Where it runs. Empty: anywhere."),
    labelMatchers: labels("The labels by which it is found."),
    checkForPotentialServiceMonitorConflicts: flag("Has nothing left to do: this chart installs no ServiceMonitor for it.", true),
    namespaces: texts("Belongs to its own chart: any entry fails."),
    namespacesDenylist: texts("Belongs to its own chart: any entry fails."),
    jobLabel: jobLabel("integrations/kubernetes/kube-state-metrics"),
    service: section("How it is spoken to.", { scheme: choice("The scheme.", ["http", "https"], "http") }),
    bearerTokenFile: text("The file of the token to send."),
    ...scraping,
    metricsTuning: listedMetricsTuning(),
  }),
});
