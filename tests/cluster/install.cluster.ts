import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Application, startApplication } from "./application.ts";
import { type Backends, backendUrls, startBackends } from "./backends.ts";
import { eventually } from "./eventually.ts";
import { leftIn, releaseOf } from "./helm.ts";
import { namesOf, operatorDefinitions } from "./operator-resources.ts";
import { theCluster } from "./with-cluster.ts";

const cluster = theCluster();
const namespace = "telemetry";
const release = releaseOf(cluster, "telemetry", namespace);
let backends: Backends;
let application: Application;
const explained = { explain: () => release.logs() };

const values = {
  cluster: { name: "here" },
  destinations: {
    prometheus: { type: "prometheus", url: backendUrls.remoteWrite },
    loki: { type: "loki", url: backendUrls.lokiPush },
    traces: { type: "otlp", url: backendUrls.traces, tls: { insecure: true }, metrics: { enabled: false }, logs: { enabled: false } },
  },
  podLogsViaLoki: { enabled: true, collector: "logs", onlyGatherNewLogLines: false },
  clusterEvents: { enabled: true, collector: "singleton" },
  applicationObservability: {
    enabled: true,
    collector: "receiver",
    receivers: { otlp: { grpc: { enabled: true }, http: { enabled: true } } },
  },
  prometheusOperatorObjects: { enabled: true, collector: "metrics", serviceMonitors: { scrapeInterval: "5s", scrapeTimeout: "5s" } },
  collectors: {
    logs: { presets: ["filesystem-log-reader", "daemonset"] },
    singleton: { presets: ["singleton"] },
    receiver: { presets: ["deployment"] },
    metrics: { presets: ["statefulset"] },
  },
};

before(async () => {
  backends = await startBackends(cluster);
  await cluster.apply(...operatorDefinitions, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  for (const name of namesOf(operatorDefinitions)) await cluster.wait("condition=Established", name);
});
after(async () => {
  await cluster.kubectl(["delete", "namespace", "shop", "backends", "--ignore-not-found", "--timeout=120s"]);
  await backends[Symbol.asyncDispose]();
});

async function linesInLoki(): Promise<Set<number>> {
  const streams = await backends.loki.query('{namespace="shop"}');
  return numbersIn(streams.flatMap((stream) => stream.entries.map((entry) => entry.line)));
}

async function spansInJaeger(): Promise<Set<number>> {
  return numbersIn((await backends.traces.spans("shop", {}, 20_000)).map((span) => String(span.tags.seq)));
}

function numbersIn(texts: readonly string[]): Set<number> {
  return new Set(texts.flatMap((text) => /seq=(\d+)/.exec(text)?.[1] ?? []).map(Number));
}

test("helm install brings every collector to Ready", async () => {
  const begun = performance.now();
  assert.match(await release.install(values), /STATUS: deployed/);
  console.log(`installed after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const restarts = await cluster.kubectl([
    "get",
    "pods",
    "-n",
    namespace,
    "-o",
    "jsonpath={.items[*].status.containerStatuses[*].restartCount}",
  ]);
  assert.match(restarts, /^0( 0)*$/);
  application = await startApplication(
    cluster,
    "shop",
    "shop",
    `http://${release.name}-receiver.${namespace}.svc.cluster.local:4318/v1/traces`,
  );
  await cluster.apply({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: "shop", namespace: "shop" },
    spec: { selector: { matchLabels: { app: "shop" } }, endpoints: [{ port: "http" }] },
  });
});

test("an application's lines, metrics and spans and the cluster's events arrive with the labels that dashboards ask for", async () => {
  const [stream] = await eventually(
    "lines",
    () => backends.loki.query('{cluster="here", namespace="shop", container="main"} |= "order placed"'),
    (streams) => streams.length > 0,
    explained,
  );
  assert.equal(stream?.labels.pod, "shop");
  assert.equal(stream?.labels.job, "shop/main");
  const [sample] = await eventually(
    "metrics",
    () => backends.prometheus.query('shop_orders_total{cluster="here", namespace="shop", pod="shop"}'),
    (samples) => samples.length > 0,
    explained,
  );
  assert.equal(sample?.labels.job, "shop");
  assert.equal(sample?.labels.kind, "book");
  const spans = await eventually(
    "spans",
    () => backends.traces.spans("shop", { "http.request.method": "GET" }),
    // The first may come before the API server has told of a pod as young as its first span.
    (found) => found.some(({ resource }) => resource["k8s.pod.name"] === "shop"),
    explained,
  );
  const span = spans.find(({ resource }) => resource["k8s.pod.name"] === "shop");
  assert.equal(span?.name, "GET", "named as the semantic conventions want it");
  assert.equal(span?.resource["k8s.namespace.name"], "shop");
  const events = await eventually(
    "events",
    () => backends.loki.query('{cluster="here", job="integrations/kubernetes/eventhandler"} |= "shop"'),
    (streams) => streams.length > 0,
    explained,
  );
  assert.equal(events[0]?.labels.namespace, "shop");
});

test("every line and span arrives though each collector's pod is deleted and destinations are away", async () => {
  const pods = (await cluster.kubectl(["get", "pods", "-n", namespace, "-o", "name"])).trim().split("\n");
  for (const pod of pods) await cluster.kubectl(["delete", "-n", namespace, pod, "--wait=false"]);
  await sleep(5000);
  for (const kind of ["daemonset/telemetry-logs", "deployment/telemetry-receiver", "deployment/telemetry-singleton"])
    await cluster.kubectl(["rollout", "status", kind, "-n", namespace, "--timeout=120s"]);
  const rule = (action: "-I" | "-D") =>
    Promise.all(
      [backends.loki.port, backends.traces.otlpGrpcPort].map((port) =>
        cluster.run(
          "network",
          "iptables",
          "-w",
          action,
          "INPUT",
          "-p",
          "tcp",
          "--dport",
          String(port),
          "-j",
          "REJECT",
          "--reject-with",
          "tcp-reset",
        ),
      ),
    );
  await rule("-I");
  await sleep(20_000);
  await rule("-D");
  const written = await application.finish();
  const all = (found: Set<number>) => found.size >= written;
  await eventually(`all of ${written} lines`, linesInLoki, all, { ...explained, withinMs: 120_000 });
  await eventually(`all of ${written} spans`, spansInJaeger, all, { ...explained, withinMs: 120_000 });
  console.log(`${written} lines and spans, none lost`);
});

test("helm upgrade takes a feature away and leaves the others running", async () => {
  assert.match(await release.upgrade({ ...values, clusterEvents: { enabled: false } }), /STATUS: deployed/);
  const daemonSet = await cluster.kubectl(["get", "daemonset", "-n", namespace, "-o", "jsonpath={.items[*].status.numberReady}"]);
  assert.equal(daemonSet, "1");
});

test("helm uninstall leaves nothing", async () => {
  await release.uninstall();
  assert.deepEqual(await leftIn(cluster, namespace), []);
  const roles = await cluster.kubectl(["get", "clusterroles,clusterrolebindings", "-o", "name"]);
  assert.doesNotMatch(roles, /telemetry/);
  await cluster.kubectl(["delete", "namespace", namespace, "--timeout=120s"]);
});
