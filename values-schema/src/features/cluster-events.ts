import { choice, flag, labels, text, texts } from "../words.ts";
import { feature } from "./feature.ts";

export const clusterEvents = feature("The events that Kubernetes tells of, as log lines.", {
  namespaces: texts("Only events of these namespaces. Empty: all."),
  excludeNamespaces: texts("No events of these namespaces: names or RE2 patterns."),
  logFormat: choice("How an event is written.", ["logfmt", "json"], "logfmt"),
  clustering: flag("Share the namespaces between the replicas of a clustered collector. Without it one replica gathers all."),
  includeReasons: texts("Only events with these reasons: names or RE2 patterns. Empty: all."),
  excludeReasons: texts("No events with these reasons: names or RE2 patterns."),
  includeLevels: texts("Only events of these types, such as `Normal` or `Warning`. Empty: all."),
  excludeLevels: texts("No events of these types."),
  jobLabel: text("The label `job`.", "integrations/kubernetes/eventhandler"),
  labels: labels("Labels: `<label>: <extracted value>`, one of component, kind, name, node, reason.", { reason: "reason" }),
  structuredMetadata: labels("Structured metadata: `<key>: <extracted value>`.", { name: "name", node: "node" }),
  extraLogProcessingStages: text("More stages for the loki.process component; passed through `tpl`."),
});
