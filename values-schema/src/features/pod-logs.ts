import { choice, flag, integer, labels, section, text, texts } from "../words.ts";
import { nodeLabels } from "./node-labels.ts";
import { selector } from "./selector.ts";

/** Which pods' logs are gathered and what becomes of them, however they are read. */
export const podLogs = {
  namespaces: texts("Only pods in these namespaces: names, or RE2 patterns that match a whole name. Empty: all."),
  excludeNamespaces: texts("No pods in these namespaces: names or RE2 patterns."),
  nodeSelectors: selector("Only pods on nodes with these labels."),
  labelSelectors: selector("Only pods with these labels."),
  discoveryMethod: choice("`all`: every pod that is not excluded; `annotation`: only pods that ask for it.", ["all", "annotation"], "all"),
  annotationSelector: text(
    "The annotation by which a pod asks for it, or refuses it with `false`, `no` or `skip`.",
    "logs.grafana.com/pods.enabled",
  ),
  extraDiscoveryRules: text("More `rule` blocks for the discovery.relabel component."),
  attachNamespaceMetadata: flag("Give the rules the labels of the pod's namespace."),
  nodeLabels: nodeLabels(),
  labels: labels("Labels from the pod's labels: `<label of the log>: <label of the pod>`.", {
    app_kubernetes_io_name: "app.kubernetes.io/name",
  }),
  staticLabels: labels("Labels with a fixed value."),
  staticLabelsFrom: labels("Labels whose value is an expression of the configuration language."),
  annotations: labels("Labels from the pod's annotations: `<label of the log>: <annotation>`.", { job: "k8s.grafana.com/logs.job" }),
  defaultLogFormat: choice("The format of a file when the container runtime is unknown.", ["cri", "docker", "null"], "cri"),
  cri: section("How lines in CRI format are read.", {
    maxPartialLines: integer("How many unfinished lines are kept until their rest arrives.", 100, { minimum: 0 }),
  }),
  structuredMetadata: labels("Structured metadata: `<key>: <extracted value>`. An empty value removes the key.", {
    "k8s.pod.name": "k8s.pod.name",
    pod: "pod",
    "service.instance.id": "service.instance.id",
  }),
  secretFilter: section("Masks what looks like a secret.", {
    enabled: flag("Whether lines are searched for secrets."),
    inclusionSelector: text("Only lines that this stream selector matches. Empty: all."),
    redactWith: text("What stands for a secret, with `$SECRET_NAME` and `$SECRET_HASH`."),
    redactPercent: integer("How much of a secret is masked where `redactWith` is empty, in percent.", 80, { minimum: 1, maximum: 100 }),
    allowlist: texts("RE2 patterns of what is no secret."),
    gitleaksConfigPath: text("The path of rules in gitleaks' format, in the container."),
    gitleaksConfigPathFrom: text("The same as an expression of the configuration language."),
  }),
  extraLogProcessingStages: text("More stages for the loki.process component; passed through `tpl`."),
};
