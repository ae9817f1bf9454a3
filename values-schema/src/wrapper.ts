import { Type } from "@sinclair/typebox";
import { flag, kubernetes, kubernetesList, labels, list, section, text } from "./words.ts";
import { istio } from "./wrapper/istio.ts";
import { networkPolicies } from "./wrapper/network-policies.ts";
import { routes } from "./wrapper/routes.ts";
import { bbtests } from "./wrapper/tests.ts";

const serviceMonitor = Type.Object(
  {
    name: Type.String({ description: "Its name." }),
    additionalLabels: labels("Labels."),
    selectorLabels: labels("The labels of the Services that are scraped."),
    scheme: text("http or https."),
    tlsConfig: kubernetes("How Prometheus connects."),
    interval: text("How often."),
    relabelings: kubernetesList("Relabelling of the targets; passed through `tpl`."),
    metricRelabelings: kubernetesList("Relabelling of the samples; passed through `tpl`."),
  },
  { additionalProperties: false },
);

/** The keys of Big Bang's package. */
export const wrapper = section("What Big Bang's package adds.", {
  monitoring: section("Prometheus' operator.", { enabled: flag("Whether the cluster has it: tests ask it for the collectors' targets.") }),
  serviceMonitors: list("ServiceMonitors of the collectors' Services.", serviceMonitor),
  networkPolicies,
  istio,
  routes,
  bbtests,
  autoRollingUpgrade: kubernetes(
    "Nothing is left to do here: it cleaned up after versions of the incumbent that were installed elsewhere.",
  ),
});

/** Keys at the root that belong to others: what the umbrella passes to every package. */
export const foreign = ["global", "sso", "domain", "openshift", "waitJob", "hostname", "helmRelease", "flux"] as const;

/** What k8s-monitoring's values are by default inside of Big Bang's package. */
export const wrapped = {
  cluster: { name: "bigbang" },
  global: {
    image: { registry: "registry1.dso.mil", pullSecrets: [{ name: "private-registry" }] },
  },
  applicationObservability: { connectors: { grafanaCloudMetrics: { enabled: false } } },
  clusterEvents: { collector: "alloy-singleton" },
  podLogsViaLoki: { collector: "alloy-logs" },
};
