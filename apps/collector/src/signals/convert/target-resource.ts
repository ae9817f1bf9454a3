import { isIP } from "node:net";
import type { SampleOrigin } from "../prometheus/sample-batch.ts";

/** Labels by which Kubernetes discovery tells of a target, and the resource attributes that they become. */
const kubernetesAttributes: readonly (readonly [label: string, attribute: string])[] = [
  ["__meta_kubernetes_pod_name", "k8s.pod.name"],
  ["__meta_kubernetes_pod_uid", "k8s.pod.uid"],
  ["__meta_kubernetes_pod_container_name", "k8s.container.name"],
  ["__meta_kubernetes_namespace", "k8s.namespace.name"],
  // A target has one of these three.
  ["__meta_kubernetes_pod_node_name", "k8s.node.name"],
  ["__meta_kubernetes_node_name", "k8s.node.name"],
  ["__meta_kubernetes_endpoint_node_name", "k8s.node.name"],
];

const controllerAttributes: Readonly<Record<string, string>> = {
  ReplicaSet: "k8s.replicaset.name",
  DaemonSet: "k8s.daemonset.name",
  StatefulSet: "k8s.statefulset.name",
  Job: "k8s.job.name",
  CronJob: "k8s.cronjob.name",
};

/** What describes a target as an OpenTelemetry resource, under today's names and those of old. */
export function targetResource(job: string, instance: string, origin: SampleOrigin | undefined): Map<string, string> {
  const [host, port] = hostAndPort(instance);
  const scheme = origin?.discovered("__scheme__") ?? "";
  const attributes = new Map([["service.name", job]]);
  if (tellsHost(host)) {
    attributes.set("net.host.name", host);
    attributes.set("server.address", host);
  }
  attributes.set("service.instance.id", instance);
  attributes.set("net.host.port", port);
  attributes.set("http.scheme", scheme);
  attributes.set("server.port", port);
  attributes.set("url.scheme", scheme);
  if (origin !== undefined) addKubernetes(attributes, origin);
  return attributes;
}

function addKubernetes(attributes: Map<string, string>, origin: SampleOrigin): void {
  for (const [label, attribute] of kubernetesAttributes) {
    const value = origin.discovered(label);
    if (value !== "") attributes.set(attribute, value);
  }
  const attribute = controllerAttributes[origin.discovered("__meta_kubernetes_pod_controller_kind")];
  const name = origin.discovered("__meta_kubernetes_pod_controller_name");
  if (attribute !== undefined && name !== "") attributes.set(attribute, name);
}

/** `host:port` or `[host]:port` taken apart; all of it is the host where it is neither. */
function hostAndPort(instance: string): [host: string, port: string] {
  const found = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(instance);
  return found === null ? [instance, ""] : [found[1] ?? found[2] ?? "", found[3] ?? ""];
}

/** Whether the host is the same for everybody: neither this machine's own address nor that of none. */
function tellsHost(host: string): boolean {
  switch (isIP(host)) {
    case 4:
      return !host.startsWith("127.") && host !== "0.0.0.0";
    case 6: {
      if (host.includes("%")) return true;
      const plain = new URL(`http://[${host}]`).hostname;
      return plain !== "[::1]" && plain !== "[::]" && !plain.startsWith("[::ffff:7f") && plain !== "[::ffff:0:0]";
    }
    default:
      return host !== "localhost";
  }
}
