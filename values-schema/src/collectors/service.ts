import { Type } from "@sinclair/typebox";
import { choice, flag, integer, kubernetes, kubernetesList, labels, section, text, texts } from "../words.ts";

const port = (description: string, byDefault: number) => integer(description, byDefault, { minimum: 1, maximum: 65535 });

export const service = section("Its Service.", {
  enabled: flag("Whether there is one.", true),
  type: choice("Its kind.", ["ClusterIP", "NodePort", "LoadBalancer"], "ClusterIP"),
  nodePort: port("The port on the nodes of the UI's port, where the kind is NodePort.", 31128),
  clusterIP: text("Its address, or `None`."),
  ipFamilyPolicy: text("SingleStack, PreferDualStack or RequireDualStack. Empty: the cluster's default."),
  ipFamilies: texts("IPv4, IPv6 or both, in order of preference."),
  internalTrafficPolicy: choice("Where traffic from inside of the cluster goes.", ["Cluster", "Local"], "Cluster"),
  externalTrafficPolicy: choice("Where traffic from outside goes.", ["Cluster", "Local"], "Cluster"),
  annotations: labels("Annotations of it."),
});

export const serviceMonitor = section("A ServiceMonitor for it.", {
  enabled: flag("Whether there is one."),
  additionalLabels: labels("More labels of it."),
  interval: text("How often it is scraped. Empty: as Prometheus does by default."),
  metricRelabelings: kubernetesList("Relabelling of the samples; passed through `tpl`."),
  relabelings: kubernetesList("Relabelling of the targets; passed through `tpl`."),
  tlsConfig: kubernetes("How Prometheus connects."),
});

export const ingress = section("An Ingress for it.", {
  enabled: flag("Whether there is one."),
  ingressClassName: text("Its class."),
  annotations: labels("Annotations of it; passed through `tpl`."),
  labels: labels("Labels of it."),
  path: text("The path.", "/"),
  pathType: choice("How the path is compared.", ["Exact", "Prefix", "ImplementationSpecific"], "Prefix"),
  faroPort: port("The Service's port that it leads to.", 12347),
  hosts: texts("The hosts; passed through `tpl`.", ["chart-example.local"]),
  extraPaths: kubernetesList("More paths of every host, before its own."),
  tls: kubernetesList("Its TLS; passed through `tpl`."),
});

export const networkPolicy = section("A NetworkPolicy for its pods.", {
  enabled: flag("Whether there is one."),
  flavor: choice("Whose it is.", ["kubernetes"], "kubernetes"),
  policyTypes: Type.Array(Type.String(), { description: "What it rules.", default: ["Ingress", "Egress"] }),
  ingress: kubernetesList("Its rules of ingress. Empty: nothing may come in.", [{}]),
  egress: kubernetesList("Its rules of egress. Empty: nothing may go out.", [{}]),
});
