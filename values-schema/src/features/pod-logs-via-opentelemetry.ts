import { Type } from "@sinclair/typebox";
import { choice, flag, labels, section, table, text, texts } from "../words.ts";
import { feature } from "./feature.ts";

/** What is read of an object's labels or annotations. */
const copied = (what: string, byDefault: Record<string, string> = {}) =>
  labels(`Attributes from ${what}: \`<attribute>: <its name>\`.`, byDefault);

/** Names, each with a value that drops a line, or with null where any value does. */
const dropping = (what: string) => table(`By a pod's ${what}: \`<name>: <value>\`; null: whatever the value.`, Type.String());

export const podLogsViaOpenTelemetry = feature("The logs of pods, read from the files of each node as records of OpenTelemetry.", {
  namespaces: texts("Only pods in these namespaces. Empty: all."),
  excludeNamespaces: texts("No pods in these namespaces."),
  discoveryMethod: choice("`all`: every pod that is not excluded; `annotation`: only pods that ask for it.", ["all", "annotation"], "all"),
  annotationSelector: text(
    "The annotation by which a pod asks for it, or refuses it with `false`, `no` or `skip`.",
    "logs.grafana.com/pods.enabled",
  ),
  labels: copied("the pod's labels", { app_kubernetes_io_name: "app.kubernetes.io/name" }),
  nodeLabels: copied("the node's labels"),
  namespaceLabels: copied("the namespace's labels"),
  annotations: copied("the pod's annotations"),
  nodeAnnotations: copied("the node's annotations"),
  namespaceAnnotations: copied("the namespace's annotations"),
  staticAttributes: labels("Attributes with a fixed value."),
  staticAttributesFrom: labels("Attributes whose value is an expression in OTTL."),
  otelAnnotations: flag("Take attributes from annotations that begin with `resource.opentelemetry.io/`."),
  filters: section("Pods whose lines are dropped.", { annotations: dropping("annotations"), labels: dropping("labels") }),
  onlyGatherNewLogLines: flag("Begin at the end of files that are met for the first time.", true),
  alignServiceNameWithOTelSemConv: flag("Name services in the order of OpenTelemetry's conventions for Kubernetes."),
});
