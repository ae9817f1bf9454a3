import { flag, labels, section, text, texts } from "../words.ts";
import { feature } from "./feature.ts";
import { nodeLabels } from "./node-labels.ts";
import { metricsTuning, scraping } from "./scraping.ts";
import { selector } from "./selector.ts";

const found = (what: string) =>
  section(`${what} that ask for it.`, {
    enabled: flag("Whether they are looked for.", true),
    labelSelectors: selector(`Only ${what} with these labels.`),
    labels: labels(`Labels from the labels of ${what}: \`<label of the metrics>: <label of the object>\`.`),
    staticLabels: labels("Labels with a fixed value."),
    staticLabelsFrom: labels("Labels whose value is an expression of the configuration language."),
  });

export const annotationAutodiscovery = feature("Metrics of pods and services that ask for it by annotations.", {
  annotations: section("The annotations that are read.", {
    scrape: text("`true` asks for it.", "k8s.grafana.com/scrape"),
    job: text("The label `job`.", "k8s.grafana.com/job"),
    instance: text("The label `instance`.", "k8s.grafana.com/instance"),
    metricsContainer: text("The container.", "k8s.grafana.com/metrics.container"),
    metricsPath: text("The path; without it /metrics.", "k8s.grafana.com/metrics.path"),
    metricsPortName: text("The name of the port.", "k8s.grafana.com/metrics.portName"),
    metricsPortNumber: text("Its number.", "k8s.grafana.com/metrics.portNumber"),
    metricsScheme: text("http or https.", "k8s.grafana.com/metrics.scheme"),
    metricsParam: text("What the names of parameters begin with: `<this>_<parameter>`.", "k8s.grafana.com/metrics.param"),
    metricsScrapeInterval: text("How often.", "k8s.grafana.com/metrics.scrapeInterval"),
    metricsScrapeTimeout: text("How long a scrape may take.", "k8s.grafana.com/metrics.scrapeTimeout"),
  }),
  namespaces: texts("Only in these namespaces: names, or RE2 patterns that match a whole name. Empty: all."),
  excludeNamespaces: texts("Not in these namespaces: names or RE2 patterns."),
  labelSelectors: selector("Only pods and services with these labels."),
  attachNamespaceMetadata: flag("Give the rules the labels of the namespace."),
  nodeLabels: nodeLabels(),
  pods: found("pods"),
  services: found("services"),
  ...scraping,
  metricsTuning: metricsTuning(),
  bearerToken: section("How the collector shows who it is.", {
    enabled: flag("Whether it sends a token.", true),
    token: text("The file that holds it.", "/var/run/secrets/kubernetes.io/serviceaccount/token"),
  }),
});
