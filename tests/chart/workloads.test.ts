import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterSettings } from "../../apps/collector/src/commands/cluster.ts";
import { parseFlags } from "../../apps/collector/src/commands/flags.ts";
import { runFlags } from "../../apps/collector/src/commands/run-flags.ts";
import { ProcessLog } from "../../apps/collector/src/services/log/logger.ts";
import { type Rendering, render } from "./rendering.ts";

// Each collector becomes one plain workload, which nothing but its settings shapes.

/** What stands at a path in the one object of a kind, such as `Deployment spec.replicas`; `[name]` finds the element of a list by its name. */
function at({ objects, errors }: Rendering, address: string): unknown {
  assert.deepEqual(errors, []);
  const [kind = "", path = ""] = address.split(" ");
  const found = objects.filter((object) => object.kind === kind);
  assert.ok(found.length <= 1, `${found.length} objects are a ${kind}`);
  return path
    .split(/\.(?![^[]*\])/)
    .filter((part) => part !== "")
    .reduce<unknown>((value, part) => step(value, part), found[0]);
}

function step(value: unknown, part: string): unknown {
  const [, key = "", name] = /^([^[]*)(?:\[(.*)\])?$/.exec(part) ?? [];
  const inner = key === "" ? value : (value as Record<string, unknown> | undefined)?.[key];
  return name === undefined ? inner : (inner as { name: string }[] | undefined)?.find((one) => one.name === name);
}

/** A collector with nothing to do but what it is given. */
const collector = (settings: string, more = "") => render(`collectors: {one: {extraConfig: 'logging {}', ${settings}}}\n${more}`);

const container = "spec.template.spec.containers[alloy]";

const cases: readonly (readonly [settings: string, address: string, expected: unknown])[] = [
  ["presets: [deployment]", "Deployment metadata.name", "invar-one"],
  ["presets: [deployment]", "Deployment spec.replicas", 1],
  ["presets: [daemonset]", "DaemonSet spec.replicas", undefined],
  ["presets: [statefulset], controller: {replicas: 3}", "StatefulSet spec.replicas", 3],
  ["presets: [statefulset]", "StatefulSet spec.serviceName", "invar-one"],
  ["presets: [statefulset, clustered]", "StatefulSet spec.serviceName", "invar-one-cluster"],
  ["presets: [singleton, statefulset]", "Deployment spec.replicas", 1],
  ["presets: [singleton], fullnameOverride: events", "Deployment metadata.name", "events"],
  ["presets: [deployment]", `Deployment ${container}.image`, "docker.io/invar/collector:0.1.0"],
  ["presets: [deployment], image: {digest: abc}", `Deployment ${container}.image`, "docker.io/invar/collector@sha256:abc"],
  ["presets: [deployment], image: {registry: a.example, tag: v2}", `Deployment ${container}.image`, "a.example/invar/collector:v2"],
  ["presets: [deployment], global: {image: {registry: b.example}}", `Deployment ${container}.image`, "b.example/invar/collector:0.1.0"],
  ["presets: [small]", `DaemonSet ${container}.resources.limits.memory`, "512Mi"],
  ["presets: [large, small]", `DaemonSet ${container}.resources.limits.memory`, "2Gi"],
  ["presets: [deployment]", `Deployment ${container}.securityContext.runAsUser`, 65532],
  ["presets: [filesystem-log-reader]", `DaemonSet ${container}.securityContext.runAsGroup`, 0],
  ["presets: [filesystem-log-reader]", `DaemonSet ${container}.securityContext.runAsNonRoot`, true],
  ["presets: [host-storage]", `DaemonSet ${container}.securityContext.runAsUser`, 0],
  ["presets: [host-storage]", `DaemonSet ${container}.securityContext.capabilities`, { drop: ["ALL"] }],
  ["presets: [host-storage]", "DaemonSet spec.template.spec.volumes[storage].hostPath.path", "/var/lib/alloy"],
  ["presets: [root]", `DaemonSet ${container}.securityContext.privileged`, true],
  ["presets: [root]", `DaemonSet ${container}.securityContext.runAsNonRoot`, false],
  ["presets: [linux-host-monitor]", `DaemonSet ${container}.securityContext.privileged`, undefined],
  ["presets: [linux-host-monitor, host-cgroup]", "DaemonSet spec.template.spec.volumes[cgroup].hostPath.path", "/sys/fs/cgroup"],
  ["presets: [linux-host-monitor, host-cgroup]", "DaemonSet spec.template.spec.volumes[host-proc].hostPath.path", "/proc"],
  ["presets: [deployment]", "Deployment spec.template.spec.volumes[storage]", { name: "storage", emptyDir: {} }],
  ["presets: [deployment], storage: {sizeLimit: 2Gi}", "Deployment spec.template.spec.volumes[storage].emptyDir.sizeLimit", "2Gi"],
  ["presets: [deployment], storage: {kind: claim}", "PersistentVolumeClaim metadata.name", "invar-one-storage"],
  ["presets: [deployment], storage: {kind: claim}", "Deployment spec.strategy", { type: "Recreate" }],
  ["presets: [statefulset], storage: {kind: claim}", "StatefulSet spec.template.spec.volumes[storage]", undefined],
  [
    "presets: [deployment], controller: {terminationGracePeriodSeconds: 100}",
    "Deployment spec.template.spec.terminationGracePeriodSeconds",
    100,
  ],
  ["presets: [deployment]", `Deployment ${container}.readinessProbe.httpGet.path`, "/-/ready"],
  ["presets: [deployment]", `Deployment ${container}.livenessProbe.httpGet.path`, "/-/live"],
  [
    "presets: [deployment], alloy: {livenessProbe: {tcpSocket: {port: 1}}}",
    `Deployment ${container}.livenessProbe`,
    { tcpSocket: { port: 1 } },
  ],
  ["presets: [deployment], alloy: {enableHttpServerPort: false}", `Deployment ${container}.startupProbe`, undefined],
  ["presets: [deployment], alloy: {extraEnv: [{name: HOSTNAME, value: h}]}", `Deployment ${container}.env[HOSTNAME].value`, "h"],
  ["presets: [deployment], alloy: {extraAnnotations: {a: b}}", "Deployment spec.template.metadata.annotations.a", "b"],
  ["presets: [deployment]", "Deployment spec.template.spec.automountServiceAccountToken", false],
  ["presets: [deployment, clustered]", "Deployment spec.template.spec.automountServiceAccountToken", true],
  [
    "presets: [deployment], serviceAccount: {automountServiceAccountToken: true}",
    "Deployment spec.template.spec.automountServiceAccountToken",
    true,
  ],
  ["presets: [deployment], serviceAccount: {create: false}", "Deployment spec.template.spec.serviceAccountName", "default"],
  ["presets: [deployment], serviceAccount: {name: sa}", "ServiceAccount metadata.name", "sa"],
  ["presets: [deployment]", "Service spec.type", "ClusterIP"],
  ["presets: [deployment], service: {type: NodePort}", "Service spec.ports[http-metrics].nodePort", 31128],
  ["presets: [deployment], service: {ipFamilyPolicy: PreferDualStack}", "Service spec.ipFamilyPolicy", "PreferDualStack"],
  ["presets: [otel-receiver]", "Service spec.ports[otlp-grpc].appProtocol", "grpc"],
  ["presets: [otel-receiver]", `DaemonSet ${container}.ports[otlp-http].containerPort`, 4318],
  ["service: {enabled: false}", "Service metadata.name", undefined],
  ["service: {enabled: false}, extraService: {enabled: true}", "Service metadata.name", "invar-alloy"],
  ["service: {enabled: false}, extraService: {enabled: true, fullname: otel}", "Service metadata.name", "otel"],
  [
    "presets: [deployment], controller: {podDisruptionBudget: {enabled: true, maxUnavailable: 1}}",
    "PodDisruptionBudget spec.maxUnavailable",
    1,
  ],
  [
    "presets: [deployment, small], controller: {autoscaling: {enabled: true, maxReplicas: 9}}",
    "HorizontalPodAutoscaler spec.maxReplicas",
    9,
  ],
  ["presets: [deployment, small], controller: {autoscaling: {horizontal: {enabled: true}}}", "Deployment spec.replicas", undefined],
  ["presets: [deployment], controller: {autoscaling: {horizontal: {externalHPA: true}}}", "Deployment spec.replicas", undefined],
  [
    "presets: [deployment], controller: {autoscaling: {horizontal: {externalHPA: true}}}",
    "HorizontalPodAutoscaler metadata.name",
    undefined,
  ],
  [
    'extraObjects: [{apiVersion: v1, kind: LimitRange, metadata: {name: "{{ .Release.Name }}-limits"}}]',
    "LimitRange metadata.name",
    "invar-limits",
  ],
  ["serviceMonitor: {enabled: true, interval: 30s}", "ServiceMonitor metadata.name", "invar-one"],
  [
    "ingress: {enabled: true, hosts: [faro.example]}",
    "Ingress spec.rules",
    [
      {
        host: "faro.example",
        http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "invar-one", port: { number: 12347 } } } }] },
      },
    ],
  ],
  ["networkPolicy: {enabled: true, egress: null}", "NetworkPolicy spec.policyTypes", ["Ingress", "Egress"]],
];

for (const [settings, address, expected] of cases)
  test(`${settings}: ${address} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(at(collector(settings), address), expected);
  });

test("arguments say where the configuration is, how long to drain and, of a cluster, where the others are", () => {
  const rendering = collector(
    "presets: [statefulset, clustered], controller: {terminationGracePeriodSeconds: 100}, alloy: {listenAddr: '::', extraArgs: [--x]}",
  );
  assert.deepEqual(
    at(
      rendering.objects.length > 0 ? { ...rendering, objects: rendering.objects.filter(({ kind }) => kind === "StatefulSet") } : rendering,
      `StatefulSet ${container}.args`,
    ),
    [
      "run",
      "/etc/alloy",
      "--server.http.listen-addr=[::]:12345",
      "--storage.path=/var/lib/invar",
      "--config.watch",
      "--shutdown.drain-timeout=90s",
      "--cluster.enabled",
      "--cluster.join-addresses=invar-one-cluster.monitoring.svc",
      "--cluster.name=one",
      "--cluster.node-name=$(POD_NAME)",
      "--cluster.advertise-address=$(POD_IP)",
      "--x",
    ],
  );
});

test("the program knows every argument, and an address of either family where the pod's is put in", () => {
  const { objects } = collector(
    "presets: [statefulset, clustered], alloy: {listenAddr: '::', uiPathPrefix: /ui, stabilityLevel: experimental, memoryBudget: 256MiB}",
  );
  const args = at(
    { objects: objects.filter(({ kind }) => kind === "StatefulSet"), configurations: new Map(), errors: [] },
    `StatefulSet ${container}.args`,
  );
  for (const address of ["10.0.0.1", "fd00::1"]) {
    const [command, ...argv] = (args as string[]).map((text) => text.replace("$(POD_IP)", address).replace("$(POD_NAME)", "one-0"));
    assert.equal(command, "run");
    const { flags, notes } = parseFlags(runFlags, argv);
    assert.deepEqual(notes, []);
    const { advertiseAddress } = clusterSettings(flags, flags["server.http.listen-addr"], new ProcessLog().with({}));
    assert.equal(advertiseAddress, address.includes(":") ? `[${address}]:12345` : `${address}:12345`);
  }
});

test("pull secrets are names or objects, of the collector or of all", () => {
  const of = (rendering: Rendering) => at(rendering, "DaemonSet spec.template.spec.imagePullSecrets");
  assert.deepEqual(of(collector("enabled: true", "global: {imagePullSecrets: [one, {name: two}]}")), [{ name: "one" }, { name: "two" }]);
  assert.deepEqual(of(collector("image: {pullSecrets: [own]}", "global: {image: {pullSecrets: [all]}}")), [{ name: "own" }]);
});

test("on OpenShift the cluster chooses the user and the group, but for who reads logs", () => {
  const context = (settings: string) =>
    at(collector(settings, "global: {platform: openshift}"), `DaemonSet ${container}.securityContext`) as Record<string, unknown>;
  assert.equal("runAsUser" in context("enabled: true"), false);
  assert.equal(context("presets: [filesystem-log-reader]").runAsGroup, 0);
});

test("credentials are mounted from a Secret by their keys, and with embed the configuration is one itself", () => {
  const values = (secret: string) => `
destinations: {loki: {type: loki, url: "http://loki/push", auth: {type: basic, username: u, password: p}, secret: ${secret}}}
collectors: {one: {presets: [deployment], includeDestinations: [loki]}}
`;
  const created = render(values("{}"));
  assert.deepEqual(at(created, "Secret data"), { password: "cA==", username: "dQ==" });
  assert.deepEqual(at(created, "Deployment spec.template.spec.volumes[secret-loki-invar].secret"), { secretName: "loki-invar" });
  const embedded = render(values("{embed: true}"));
  assert.equal(at(embedded, "Secret metadata.name"), "invar-one");
  assert.equal(at(embedded, "ConfigMap metadata.name"), undefined);
  assert.deepEqual(at(embedded, "Deployment spec.template.spec.volumes[config].secret"), { secretName: "invar-one" });
  const external = render(values("{create: false, name: mine}"));
  assert.equal(at(external, "Secret metadata.name"), undefined);
  assert.deepEqual(at(external, "Deployment spec.template.spec.volumes[secret-mine].secret"), { secretName: "mine" });
});

test("a server's configuration is asked for with the collector's attributes, its password from a Secret", () => {
  const rendering = render(`
cluster: {name: c}
collectors: {one: {presets: [deployment], remoteConfig: {enabled: true, url: "https://fleet.example", auth: {username: u, password: p}}}}
`);
  const text = rendering.configurations.get("invar-one") ?? "";
  assert.match(text, /url += "https:\/\/fleet.example"/);
  assert.match(text, /"workloadType" += "deployment"/);
  assert.match(text, /password += local.file.one_remote_cfg_password.content/);
  assert.equal(at(rendering, "Secret metadata.name"), "one-remote-cfg-invar");
  assert.deepEqual((at(rendering, `Deployment ${container}.env[GCLOUD_RW_API_KEY]`) as { valueFrom: unknown }).valueFrom, {
    secretKeyRef: { name: "one-remote-cfg-invar", key: "password" },
  });
});

test("numbers that are credentials stay as they were written", () => {
  const rendering = render(`
destinations: {loki: {type: loki, url: "http://loki/push", tenantId: 12345678}}
collectors: {one: {presets: [deployment], includeDestinations: [loki]}}
`);
  assert.deepEqual(at(rendering, "Secret data"), { tenantId: btoa("12345678") });
});
