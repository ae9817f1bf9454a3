import { Type } from "@sinclair/typebox";
import { choice, flag, integer, kubernetes, kubernetesList, labels, list, section, text, textOrNumber, texts } from "../words.ts";

const port = Type.Object(
  {
    name: Type.String({ description: "Its name, of at most 15 letters, digits and hyphens." }),
    port: Type.Integer({ description: "The port of the Service.", minimum: 1, maximum: 65535 }),
    targetPort: Type.Integer({ description: "The port of the container.", minimum: 1, maximum: 65535 }),
    protocol: Type.String({ description: "TCP, UDP or SCTP. Absent: TCP." }),
    appProtocol: Type.String({ description: "What is spoken: grpc, http, …" }),
    nodePort: Type.Integer({ description: "The port on the nodes, where the Service is a NodePort.", minimum: 1, maximum: 65535 }),
    hostPort: Type.Integer({ description: "The port on the pod's node.", minimum: 1, maximum: 65535 }),
  },
  { additionalProperties: false },
);

/** The container of a collector's pods. */
export const container = section("The container.", {
  mounts: section("What the container sees of the node and of the pod's volumes.", {
    varlog: flag("/var/log of the node, read-only."),
    dockercontainers: flag("/var/lib/docker/containers of the node, read-only."),
    extra: kubernetesList("More mounts of volumes in `controller.volumes.extra`."),
  }),
  clustering: section("Sharing work among the replicas.", {
    enabled: flag("Whether they share it."),
    name: text("The cluster's name, by which replicas know their own. Empty: the collector's."),
    portName: text("The name of the port in the Service by which replicas find each other.", "http"),
  }),
  configMap: kubernetes("Nothing is left to do here: the configuration comes from the features and from `extraConfig`."),
  stabilityLevel: choice(
    "The least stable components that may be used.",
    ["generally-available", "public-preview", "experimental"],
    "generally-available",
  ),
  storagePath: text("Where in the container queues and positions are kept.", "/var/lib/invar"),
  enableHttpServerPort: flag("Whether the container names the port of its HTTP server, and is probed there.", true),
  listenAddr: text("The address that the HTTP server listens on; `::` for IPv6.", "0.0.0.0"),
  listenPort: integer("The port of the HTTP server.", 12345, { minimum: 1, maximum: 65535 }),
  listenScheme: choice("What the probes speak: HTTPS where the configuration has TLS in its `http` block.", ["HTTP", "HTTPS"], "HTTP"),
  initialDelaySeconds: integer("How long the first readiness probe waits.", 0, { minimum: 0 }),
  timeoutSeconds: integer("How long a probe may take.", 5, { minimum: 1 }),
  uiPathPrefix: text("Where the UI is served.", "/"),
  enableReporting: flag("Nothing is left to do here: this program reports to nobody.", true),
  memoryBudget: textOrNumber("Memory for data in flight, such as 256MiB. Empty: a share of the container's limit.", ""),
  extraEnv: kubernetesList("More environment variables; a name of ours is taken over."),
  envFrom: kubernetesList("ConfigMaps and Secrets whose keys become environment variables."),
  command: texts("Stands in for the image's entrypoint."),
  extraArgs: texts("More arguments of `invar run`."),
  extraPorts: list("More ports of the container and of the Service.", port),
  extraAnnotations: labels("Annotations of the pods, as Big Bang's umbrella writes them here."),
  hostAliases: kubernetesList("More entries of /etc/hosts."),
  securityContext: kubernetes("The security context of the container, laid over the default."),
  resources: kubernetes("What the container requests, and its limits."),
  lifecycle: kubernetes("Hooks of the container's life."),
  livenessProbe: kubernetes("Stands in for the liveness probe."),
  readinessProbe: kubernetes("Stands in for the readiness probe."),
  startupProbe: kubernetes("Stands in for the startup probe."),
});
