import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readYamlMap } from "../../apps/chart-renderer/src/index.ts";
import { chartFolder, type KubernetesObject, plain, type RenderRequest, render } from "./rendering.ts";

// The keys of Big Bang's package, and what the umbrella's other packages address.

const request: RenderRequest = {
  release: "alloy",
  namespace: "alloy",
  apiVersions: ["monitoring.coreos.com/v1", "networking.istio.io/v1", "security.istio.io/v1"],
};

function objectsOf(values: string): readonly KubernetesObject[] {
  const { objects, errors } = render(values, request);
  assert.deepEqual(errors, []);
  return objects;
}

const names = (objects: readonly KubernetesObject[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

function specOf<Spec>(object: KubernetesObject | undefined): Spec {
  assert.ok(object !== undefined, "the object is not there");
  return object.spec as Spec;
}

/** The policies without those that hold for all pods and those of the package's defaults. */
function rules(values: string, kind = "NetworkPolicy"): KubernetesObject[] {
  const known = new Set(objectsOf("networkPolicies: {enabled: true}").map(({ metadata }) => metadata.name));
  return objectsOf(values).filter((object) => object.kind === kind && !known.has(object.metadata.name));
}

const egress = (type: string, remote: string, value = "true") =>
  `networkPolicies: {enabled: true, egress: {from: {app: {to: {${type}: {"${remote}": ${value}}}}}}}`;
const ingress = (local: string, type: string, remote: string, value = "true") =>
  `networkPolicies: {enabled: true, ingress: {to: {"${local}": {from: {${type}: {"${remote}": ${value}}}}}}}`;

const shorthand: readonly (readonly [values: string, name: string, rule: unknown])[] = [
  [
    egress("k8s", "backend/api:8080"),
    "allow-egress-from-app-to-ns-backend-pod-api-tcp-port-8080",
    { to: [pods("backend", "api")], ports: [{ port: 8080, protocol: "TCP" }] },
  ],
  [
    egress("k8s", "udp://backend/api:[1,2]"),
    "allow-egress-from-app-to-ns-backend-pod-api-udp-ports-1-2",
    {
      to: [pods("backend", "api")],
      ports: [
        { port: 1, protocol: "UDP" },
        { port: 2, protocol: "UDP" },
      ],
    },
  ],
  [
    egress("k8s", "backend/*:1-9"),
    "allow-egress-from-app-to-ns-backend-any-pod-tcp-ports-1-thru-9",
    { to: [pods("backend")], ports: [{ port: 1, endPort: 9, protocol: "TCP" }] },
  ],
  [egress("k8s", "*/*"), "allow-egress-from-app-to-any-ns-any-pod-any-port", { to: [{ namespaceSelector: {}, podSelector: {} }] }],
  [
    egress("k8s", "backend/api", "{podSelector: {matchLabels: {a: b}}}"),
    "allow-egress-from-app-to-ns-backend-pod-api-any-port",
    { to: [{ ...pods("backend"), podSelector: { matchLabels: { a: "b" } } }] },
  ],
  [
    egress("cidr", "0.0.0.0/0:443"),
    "allow-egress-from-app-to-anywhere-tcp-port-443",
    { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }], ports: [{ port: 443, protocol: "TCP" }] },
  ],
  [egress("cidr", "10.0.0.0/8"), "allow-egress-from-app-to-cidr-10-0-0-0-8-any-port", { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }],
  [egress("literal", "db", "{spec: [{ports: [{port: 1}]}]}"), "allow-egress-from-app-to-db", { ports: [{ port: 1 }] }],
  [
    "networkPolicies: {enabled: true, egress: {from: {alloy: {to: {tempo/tempo:4317: true}}}}}",
    "allow-egress-from-alloy-to-ns-tempo-pod-tempo-tcp-port-4317",
    { to: [pods("tempo", "tempo")], ports: [{ port: 4317, protocol: "TCP" }] },
  ],
  [
    "networkPolicies: {enabled: true, egress: {definitions: {d: {to: [{ipBlock: {cidr: 1.2.3.4/32}}]}}, from: {'*': {to: {definition: {d: true}}}}}}",
    "allow-egress-from-any-pod-to-d",
    { to: [{ ipBlock: { cidr: "1.2.3.4/32" } }] },
  ],
  [
    ingress("app:[1,2]", "k8s", "sa@web/front"),
    "allow-ingress-to-app-tcp-ports-1-2-from-ns-web-pod-front",
    {
      from: [pods("web", "front")],
      ports: [
        { port: 1, protocol: "TCP" },
        { port: 2, protocol: "TCP" },
      ],
    },
  ],
  [
    ingress("app:1", "definition", "monitoring"),
    "allow-ingress-to-app-port-1-from-monitoring",
    { from: [pods("monitoring", "prometheus")], ports: [{ port: 1, protocol: "TCP" }] },
  ],
  [
    ingress("app", "cidr", "10.0.0.0/8"),
    "allow-ingress-to-app-any-port-from-cidr-10-0-0-0-8",
    { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] },
  ],
];

function pods(namespace: string, name?: string) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: name === undefined ? {} : { matchLabels: { "app.kubernetes.io/name": name } },
  };
}

for (const [values, name, rule] of shorthand)
  test(`${name} is made of its shorthand`, () => {
    const policies = rules(values);
    assert.deepEqual(
      policies.map(({ metadata }) => metadata.name),
      [name],
    );
    const { egress: out, ingress: into } = specOf<{ egress?: unknown[]; ingress?: unknown[] }>(policies[0]);
    assert.deepEqual(out ?? into, [rule]);
  });

test("a rule that is false, or not enabled, is none", () => {
  assert.deepEqual(rules(egress("k8s", "backend/api", "false")), []);
  assert.deepEqual(rules(egress("k8s", "backend/api", "{enabled: false}")), []);
  const switchedOff = objectsOf(ingress("alloy-receiver:9411", "k8s", "*/*", "false"));
  assert.ok(!names(switchedOff, "NetworkPolicy").includes("allow-ingress-to-alloy-receiver-tcp-port-9411-from-any-ns-any-pod"));
});

test("rules of one name that say different things are told apart", () => {
  const values = `networkPolicies:
  enabled: true
  egress: {from: {app: {to: {k8s: {"a/b:1": {podSelector: {}}, "tcp://a/b:1": true}}}}}`;
  assert.deepEqual(
    rules(values).map(({ metadata }) => metadata.name),
    ["allow-egress-from-app-to-ns-a-pod-b-tcp-port-1-deduped-0", "allow-egress-from-app-to-ns-a-pod-b-tcp-port-1-deduped-1"],
  );
});

test("the ambient mesh's port is opened wherever ports between pods are listed", () => {
  const [policy] = rules(egress("k8s", "a/b:1").replace("enabled: true", "enabled: true, hbonePortInjection: {enabled: true}")).filter(
    ({ metadata }) => metadata.name.includes("from-app"),
  );
  assert.deepEqual(
    specOf<{ egress: { ports: { port: number }[] }[] }>(policy).egress[0]?.ports.map(({ port }) => port),
    [1, 15008],
  );
});

test("policies for all pods can be switched off one by one, and come as hooks too", () => {
  const all = names(objectsOf("networkPolicies: {enabled: true}"), "NetworkPolicy").filter((name) => name.startsWith("default-"));
  assert.deepEqual(all.sort(), [
    "default-egress-allow-all-in-ns",
    "default-egress-allow-istiod",
    "default-egress-allow-kube-dns",
    "default-egress-deny-all",
    "default-ingress-allow-all-in-ns",
    "default-ingress-allow-prometheus-to-istio-sidecar",
    "default-ingress-deny-all",
  ]);
  const some = objectsOf(
    "networkPolicies: {enabled: true, egress: {defaults: {denyAll: {enabled: false}}}, ingress: {defaults: {enabled: false}}}",
  );
  assert.equal(names(some, "NetworkPolicy").filter((name) => name.startsWith("default-")).length, 3);
  const hooks = objectsOf("networkPolicies: {enabled: true, defaultsAsHooks: {enabled: true}}");
  assert.equal(names(hooks, "NetworkPolicy").filter((name) => name.endsWith("-as-hook")).length, 7);
});

test("what the network allows, the mesh allows by identity or namespace", () => {
  const istio = "istio: {enabled: true, authorizationPolicies: {enabled: true, generateFromNetpol: true}}";
  const [byIdentity] = rules(`${istio}\n${ingress("app:1", "k8s", "sa@web/front")}`, "AuthorizationPolicy").filter(({ metadata }) =>
    metadata.name.includes("to-app"),
  );
  assert.equal(byIdentity?.metadata.name, "allow-ingress-to-app-tcp-port-1-from-ns-web-with-identity-sa");
  assert.deepEqual(byIdentity?.spec, {
    action: "ALLOW",
    selector: { matchLabels: { "app.kubernetes.io/name": "app" } },
    rules: [{ from: [{ source: { principals: ["cluster.local/ns/web/sa/sa"] } }], to: [{ operation: { ports: ["1"] } }] }],
  });
  const [byNamespace] = rules(`${istio}\n${ingress("app:1-3", "k8s", "web")}`, "AuthorizationPolicy").filter(({ metadata }) =>
    metadata.name.includes("to-app"),
  );
  assert.deepEqual(specOf<{ rules: unknown }>(byNamespace).rules, [
    { from: [{ source: { namespaces: ["web"] } }], to: [{ operation: { ports: ["1", "2", "3"] } }] },
  ]);
});

test("Istio's own objects follow its switches", () => {
  const kinds = (values: string) =>
    objectsOf(values)
      .filter(({ apiVersion }) => apiVersion.includes("istio.io"))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      .sort();
  assert.deepEqual(kinds("istio: {enabled: false, sidecar: {enabled: true}}"), []);
  assert.deepEqual(kinds("istio: {enabled: true}"), ["PeerAuthentication default-peer-auth"]);
  assert.deepEqual(kinds("istio: {enabled: true, sidecar: {enabled: true}, prependReleaseName: true}"), [
    "PeerAuthentication alloy-default-peer-auth",
    "Sidecar alloy-sidecar",
  ]);
  assert.deepEqual(kinds("istio: {enabled: true, authorizationPolicies: {enabled: true}}"), [
    "AuthorizationPolicy default-authz-allow-all-in-ns",
    "AuthorizationPolicy default-authz-allow-nothing",
    "PeerAuthentication default-peer-auth",
  ]);
  assert.deepEqual(kinds("istio: {enabled: true, serviceEntries: {custom: [{name: x, spec: {hosts: [x.example]}}]}}"), [
    "PeerAuthentication default-peer-auth",
    "ServiceEntry x",
  ]);
  assert.deepEqual(kinds("routes: {outbound: {x: {enabled: true, hosts: [x.example]}, off: {enabled: false, hosts: [y.example]}}}"), [
    "ServiceEntry x-external",
  ]);
});

test("a way in through a gateway opens the gateway, the network and the mesh", () => {
  const route =
    "routes: {inbound: {faro: {enabled: true, gateways: [istio-gateway/public-ingressgateway], hosts: ['faro.{{ .Values.domain }}'], service: alloy-alloy-receiver, port: 12347}}}";
  const objects = objectsOf(
    `domain: dev.bigbang.mil\n${route}\nnetworkPolicies: {enabled: true}\nistio: {enabled: true, authorizationPolicies: {enabled: true}}`,
  );
  assert.deepEqual(names(objects, "VirtualService"), ["faro"]);
  assert.deepEqual(specOf<{ hosts: unknown }>(objects.find(({ kind }) => kind === "VirtualService")).hosts, ["faro.dev.bigbang.mil"]);
  assert.deepEqual(names(objects, "ServiceEntry"), ["faro-internal"]);
  assert.ok(names(objects, "AuthorizationPolicy").includes("faro-public-ingressgateway-authz-policy"));
  assert.ok(names(objects, "NetworkPolicy").includes("allow-ingress-to-faro-12347-from-ns-istio-gateway-pod-public-ingressgateway"));
});

const installed = `
upstream:
  destinations: {loki: {type: loki, url: "http://logging-loki.logging.svc:3100/loki/api/v1/push"}}
  podLogsViaLoki: {enabled: true}
  clusterEvents: {enabled: true}
  collectors:
    alloy-logs: {presets: [daemonset, filesystem-log-reader]}
    alloy-singleton: {presets: [singleton]}
monitoring: {enabled: true}
bbtests: {enabled: true}
serviceMonitors: [{name: alloy-alloy-logs, selectorLabels: {app.kubernetes.io/name: alloy-logs}}]
`;

test("objects have the names that other packages address", () => {
  const objects = objectsOf(installed);
  assert.deepEqual(names(objects, "DaemonSet"), ["alloy-alloy-logs"]);
  assert.deepEqual(names(objects, "Deployment"), ["alloy-alloy-singleton"]);
  assert.deepEqual(names(objects, "ServiceAccount"), ["alloy-alloy-logs", "alloy-alloy-singleton"]);
  assert.deepEqual(names(objects, "ServiceMonitor"), ["alloy-alloy-logs"]);
  const { template, selector } = specOf<{
    template: { metadata: { labels: Record<string, string> } };
    selector: { matchLabels: Record<string, string> };
  }>(objects.find(({ kind }) => kind === "DaemonSet"));
  assert.deepEqual(selector.matchLabels, { "app.kubernetes.io/name": "alloy-logs", "app.kubernetes.io/instance": "alloy-alloy-logs" });
  assert.equal(template.metadata.labels["app.kubernetes.io/name"], "alloy-logs");
});

test("Chart.yaml lists the images that are rendered, from the registry of Big Bang, and only tests are hooks", () => {
  const { objects } = render(installed, request);
  const images = new Set(JSON.stringify(objects).match(/(?<="image":")[^"]+/g));
  const { annotations } = plain(readYamlMap(readFileSync(join(chartFolder, "Chart.yaml"), "utf8"))) as {
    annotations: Record<string, string>;
  };
  const listed = [...(annotations["helm.sh/images"] ?? "").matchAll(/image: (.*)/g)].map(([, image]) => image);
  assert.deepEqual([...images], listed);
  const hooks = objects.flatMap(
    ({ metadata }) => (metadata as { annotations?: Record<string, string> }).annotations?.["helm.sh/hook"] ?? [],
  );
  assert.deepEqual([...new Set(hooks)], ["test"]);
});

test("without any package that takes telemetry it installs, and gathers nothing", () => {
  const { configurations, errors } = render(
    "upstream: {destinations: null, podLogsViaLoki: {enabled: true}, collectors: {alloy-logs: {presets: [daemonset]}}}",
    request,
  );
  assert.deepEqual(errors, []);
  assert.doesNotMatch(configurations.get("alloy-alloy-logs") ?? "", /loki/);
});

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext: {
      readonly privileged?: boolean;
      readonly allowPrivilegeEscalation?: boolean;
      readonly readOnlyRootFilesystem?: boolean;
      readonly runAsUser?: number;
      readonly runAsGroup?: number;
      readonly runAsNonRoot?: boolean;
      readonly seLinuxOptions?: unknown;
      readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
    };
    readonly volumeMounts: readonly { readonly name: string; readonly readOnly?: boolean }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly hostPath?: unknown }[];
}

/** Big Bang's policies for pods, by their names, and what breaks each. */
const policies: Readonly<Record<string, (pod: PodSpec, labels: Readonly<Record<string, string>>) => boolean>> = {
  "disallow-host-namespaces": ({ hostNetwork, hostPID }) => hostNetwork === true || hostPID === true,
  "disallow-image-tags": ({ containers }) => containers.some(({ image }) => !/:[^/]+$/.test(image) || image.endsWith(":latest")),
  "disallow-privileged-containers": ({ containers }) => containers.some(({ securityContext }) => securityContext.privileged === true),
  "disallow-privilege-escalation": ({ containers }) => containers.some((one) => one.securityContext.allowPrivilegeEscalation !== false),
  "require-drop-all-capabilities": ({ containers }) => containers.some((one) => !one.securityContext.capabilities?.drop?.includes("ALL")),
  "require-labels": (_, labels) => !("app.kubernetes.io/name" in labels && "app.kubernetes.io/version" in labels),
  "require-non-root-group": ({ containers, securityContext }) =>
    containers.some((one) => (one.securityContext.runAsGroup ?? securityContext?.runAsGroup ?? 0) < 1000),
  "require-non-root-user": ({ containers, securityContext }) =>
    containers.some((one) => (one.securityContext.runAsUser ?? securityContext?.runAsUser ?? 0) < 1000),
  "require-ro-rootfs": ({ containers }) => containers.some(({ securityContext }) => securityContext.readOnlyRootFilesystem !== true),
  "restrict-capabilities": ({ containers }) => containers.some((one) => (one.securityContext.capabilities?.add ?? []).length > 0),
  "restrict-host-path-mount": ({ volumes }) => volumes.some(({ hostPath }) => hostPath !== undefined),
  "restrict-host-path-write": ({ volumes, containers }) =>
    volumes.some(
      ({ name, hostPath }) =>
        hostPath !== undefined && containers.some((one) => one.volumeMounts.some((mount) => mount.name === name && !mount.readOnly)),
    ),
  "restrict-image-registries": ({ containers }) => containers.some(({ image }) => !image.startsWith("registry1.dso.mil/")),
  "restrict-selinux-type": ({ containers }) => containers.some(({ securityContext }) => securityContext.seLinuxOptions !== undefined),
};

test("only who reads logs needs exceptions from Big Bang's policies, and two in place of the incumbent's six", () => {
  const needed = objectsOf(installed).flatMap((object) => {
    const spec = object.spec as { template?: { spec: PodSpec; metadata: { labels: Record<string, string> } } } | undefined;
    const pod = object.kind === "Pod" ? (object.spec as PodSpec) : spec?.template?.spec;
    const labels = (object.kind === "Pod" ? object.metadata.labels : spec?.template?.metadata.labels) ?? {};
    if (pod === undefined) return [];
    return Object.entries(policies).flatMap(([name, breaks]) => (breaks(pod, labels) ? [`${object.metadata.name} ${name}`] : []));
  });
  assert.deepEqual(needed, ["alloy-alloy-logs require-non-root-group", "alloy-alloy-logs restrict-host-path-mount"]);
});
