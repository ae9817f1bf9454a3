import { choice, flag, labels, list, section, text, texts } from "../words.ts";
import { feature } from "./feature.ts";
import { metricsTuning, scraping } from "./scraping.ts";

const objects = (kind: string, isEnabled: boolean, note = "") =>
  section(`Objects of the kind ${kind}${note}.`, {
    enabled: flag("Whether they are followed.", isEnabled),
    namespaces: texts("Only in these namespaces. Empty: all."),
    excludeNamespaces: texts("Not in these namespaces: names or RE2 patterns."),
    labelSelectors: labels("Only those with these labels."),
    labelExpressions: list(
      "Only those whose labels meet these conditions.",
      section("A condition.", {
        key: text("The label."),
        operator: choice("What is asked of it.", ["In", "NotIn", "Exists", "DoesNotExist"], "In"),
        values: texts("Its values, for In and NotIn."),
      }),
    ),
    ...scraping,
    metricsTuning: metricsTuning(),
  });

export const prometheusOperatorObjects = feature("Metrics of what the objects of Prometheus' operator choose.", {
  podMonitors: objects("PodMonitor", true),
  probes: objects("Probe", true),
  serviceMonitors: objects("ServiceMonitor", true),
  scrapeConfigs: objects("ScrapeConfig", false, ": not there yet, `enabled: true` fails"),
  crds: section("The definitions of these kinds come with Prometheus' operator.", {
    enabled: flag("Whether they are installed: never, true fails."),
  }),
});
