import { type TSchema, Type } from "@sinclair/typebox";
import { flag, integer, kubernetes, kubernetesList, labels, section, table, texts } from "../words.ts";

const metadata = section("Metadata of the policies.", {
  labels: labels("Labels."),
  annotations: labels("Annotations."),
});

const selectors = {
  podSelector: Type.Unsafe<Record<string, unknown>>(
    Type.Object({}, { description: "Which pods, in place of those of the name.", additionalProperties: true }),
  ),
  namespaceSelector: Type.Unsafe<Record<string, unknown>>(
    Type.Object({}, { description: "Which namespaces, in place of the one of that name.", additionalProperties: true }),
  ),
};

/** Rules by their shorthand: true, false, or what is to be different. */
const rules = (description: string, more: Record<string, TSchema> = {}) =>
  table(
    description,
    Type.Union([
      Type.Boolean(),
      Type.Object({ enabled: flag("Whether it holds.", true), metadata, ...more }, { additionalProperties: false }),
    ]),
  );

const remotes = (verb: string) => ({
  k8s: rules(`Pods: \`[tcp|udp://][identity@]namespace[/pod][:ports]\`, ${verb}; \`*\` is any.`, selectors),
  cidr: rules(`Networks: \`[tcp|udp://]network/bits[:ports]\`, ${verb}.`),
  definition: rules(`Definitions by name, ${verb}.`),
  literal: rules("Rules as Kubernetes has them, under a name.", { spec: kubernetesList("The rules.") }),
});

const own = (description: string, key: "from" | "to", verb: string) =>
  Type.Object(
    {
      metadata,
      podSelector: selectors.podSelector,
      // Big Bang's umbrella writes one pod directly here.
      [key]: Type.Object(remotes(verb), {
        description,
        additionalProperties: Type.Union([Type.Boolean(), Type.Object({}, { additionalProperties: true })]),
      }),
    },
    { additionalProperties: false },
  );

const oneDefault = (description: string) => section(description, { enabled: flag("Whether it is there.", true) });

const ingressDefaults = section("Policies that hold for all pods of the namespace.", {
  enabled: flag("Whether there are any.", true),
  denyAll: oneDefault("Nothing comes in that no policy allows."),
  allowInNamespace: oneDefault("Pods of the namespace reach each other."),
  allowPrometheusToIstioSidecar: oneDefault("Prometheus reaches the proxies' metrics."),
});

const egressDefaults = section("Policies that hold for all pods of the namespace.", {
  enabled: flag("Whether there are any.", true),
  denyAll: oneDefault("Nothing goes out that no policy allows."),
  allowInNamespace: oneDefault("Pods of the namespace reach each other."),
  allowKubeDns: oneDefault("Names are resolved."),
  allowIstiod: oneDefault("Proxies reach Istio."),
});

const scrapedBy = (...scrapers: string[]) => ({ from: { k8s: Object.fromEntries(scrapers.map((scraper) => [scraper, true])) } });
const metricsCollector = "alloy-alloy-metrics@alloy/alloy-metrics";
const prometheus = "monitoring-monitoring-kube-prometheus@monitoring/prometheus";
const anybody = { from: { k8s: { "*/*": true } } };
const logsOnly = { to: { definition: { kubeAPI: true }, k8s: { "logging/logging-loki:3100": true } } };

export const networkPolicies = section("NetworkPolicies, from a shorthand.", {
  enabled: flag("Whether there are any."),
  prependReleaseName: flag("Begin their names with the release's."),
  hbonePortInjection: section("Istio's ambient mesh.", { enabled: flag("Open its port, 15008, wherever ports between pods are listed.") }),
  defaultsAsHooks: section("Have the policies that hold for all pods as hooks too.", {
    enabled: flag("Whether they are."),
    hooks: texts("When.", ["pre-install", "pre-upgrade", "post-delete"]),
    weight: integer("In which order among hooks.", -5),
    deletePolicies: texts("When the hooks are deleted.", ["hook-succeeded", "before-hook-creation"]),
  }),
  ingress: section("What comes in.", {
    defaults: ingressDefaults,
    definitions: kubernetes("Peers by name: `from`, and `ports` perhaps. There are `gateway` and `monitoring`."),
    to: table(
      "For each pod and its ports, `[tcp|udp://]name[:ports]`: who may come. Ports are one, a list `[1,2]` or a range `1-9`. Passed through `tpl`.",
      own("Who may come.", "from", "who may come"),
      {
        "alloy-receiver:12345": scrapedBy(metricsCollector, prometheus),
        "alloy-logs:12345": scrapedBy(metricsCollector, prometheus),
        "alloy-singleton:12345": scrapedBy(metricsCollector, prometheus),
        "alloy-metrics:12345": scrapedBy(prometheus),
        "alloy-receiver:4317": anybody,
        "alloy-receiver:9411": anybody,
      },
    ),
  }),
  egress: section("What goes out.", {
    defaults: egressDefaults,
    excludeCIDRs: texts("Networks that no `cidr` rule of egress may reach as part of a larger one.", ["169.254.169.254/32"]),
    definitions: kubernetes("Peers by name: `to`, and `ports` perhaps. There is `kubeAPI`."),
    from: table("For each pod, by name, or `*`: where it may go. Passed through `tpl`.", own("Where it may go.", "to", "where it may go"), {
      "alloy-logs": logsOnly,
      "alloy-singleton": logsOnly,
      "alloy-metrics": { to: { definition: { kubeAPI: true } } },
      "alloy-receiver": { to: { definition: { kubeAPI: true }, k8s: { "tempo/tempo:4317": true } } },
    }),
  }),
  additionalPolicies: Type.Union([Type.Array(Type.Any()), Type.Object({}, { additionalProperties: true })], {
    description: "More policies as Kubernetes has them: name, labels, annotations, spec. A list, or a map by name.",
    default: [],
  }),
  additional: kubernetesList("As `additionalPolicies`, by its former name."),
});
