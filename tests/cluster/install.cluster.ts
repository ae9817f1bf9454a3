import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { requirePart } from "../backends/real-part.ts";
import { type Application, startApplication } from "./application.ts";
import { type Backends, backendUrls, startBackends } from "./backends.ts";
import { operatorDefinitions } from "./operator-resources.ts";
import { theCluster } from "./with-cluster.ts";

const cluster = theCluster();
const chart = join(import.meta.dirname, "../../chart");
const release = "telemetry";
const namespace = "telemetry";
let backends: Backends;
let application: Application;

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
  for (const definition of operatorDefinitions) {
    const { metadata } = definition as { metadata: { name: string } };
    await cluster.wait("condition=Established", `customresourcedefinition/${metadata.name}`);
  }
});
after(async () => {
  await cluster.kubectl(["delete", "namespace", "shop", "backends", "--ignore-not-found", "--timeout=120s"]);
  await backends[Symbol.asyncDispose]();
});

/** Runs Helm in the cluster with values; where it fails, what the pods say goes with it. */
async function helm(command: string, changed: object = {}): Promise<string> {
  const file = join(cluster.folder, "values.json");
  writeFileSync(file, JSON.stringify({ ...values, ...changed }));
  const flags = ["--namespace", namespace, "--kubeconfig", cluster.kubeconfig, "--wait", "--timeout", "180s"];
  const rest = command === "uninstall" ? [] : [chart, "--create-namespace", "--values", file];
  try {
    return await cluster.run("network", requirePart("helm"), command, release, ...rest, ...flags);
  } catch (error) {
    const pods = (await cluster.kubectl(["get", "pods", "-n", namespace, "-o", "name"])).split("\n").filter((name) => name !== "");
    const logs = await Promise.all(
      pods.map((pod) => cluster.kubectl(["logs", "-n", namespace, pod, "--prefix", "--tail=8"]).catch(String)),
    );
    throw new Error(`${error}\n${await cluster.kubectl(["get", "pods", "-n", namespace])}\n${logs.join("\n")}`);
  }
}

async function until<T>(what: string, ask: () => Promise<T>, isEnough: (answer: T) => boolean, withinMs = 60_000): Promise<T> {
  for (const end = performance.now() + withinMs; ; await sleep(500)) {
    const answer = await ask();
    if (isEnough(answer)) return answer;
    if (performance.now() > end) {
      const logs = await cluster
        .kubectl(["logs", "-n", namespace, "-l", "app.kubernetes.io/part-of=alloy", "--prefix", "--tail=10"])
        .catch(String);
      throw new Error(`${what}: not within ${withinMs / 1000} s; last: ${inspect(answer).slice(0, 2000)}\n${logs}`);
    }
  }
}

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
  assert.match(await helm("install"), /STATUS: deployed/);
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
  application = await startApplication(cluster, "shop", "shop", `http://${release}-receiver.${namespace}.svc.cluster.local:4318/v1/traces`);
  await cluster.apply({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: "shop", namespace: "shop" },
    spec: { selector: { matchLabels: { app: "shop" } }, endpoints: [{ port: "http" }] },
  });
});

test("an application's lines, metrics and spans and the cluster's events arrive with the labels that dashboards ask for", async () => {
  const [stream] = await until(
    "lines",
    () => backends.loki.query('{cluster="here", namespace="shop", container="main"} |= "order placed"'),
    (streams) => streams.length > 0,
  );
  assert.equal(stream?.labels.pod, "shop");
  assert.equal(stream?.labels.job, "shop/main");
  const [sample] = await until(
    "metrics",
    () => backends.prometheus.query('shop_orders_total{cluster="here", namespace="shop", pod="shop"}'),
    (samples) => samples.length > 0,
  );
  assert.equal(sample?.labels.job, "shop");
  assert.equal(sample?.labels.kind, "book");
  const spans = await until(
    "spans",
    () => backends.traces.spans("shop", { "http.request.method": "GET" }),
    (found) => found.length > 0,
  );
  assert.equal(spans[0]?.name, "GET", "named as the semantic conventions want it");
  assert.equal(spans[0]?.resource["k8s.pod.name"], "shop");
  assert.equal(spans[0]?.resource["k8s.namespace.name"], "shop");
  const events = await until(
    "events",
    () => backends.loki.query('{cluster="here", job="integrations/kubernetes/eventhandler"} |= "shop"'),
    (streams) => streams.length > 0,
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
  await until(`all of ${written} lines`, linesInLoki, all, 120_000);
  await until(`all of ${written} spans`, spansInJaeger, all, 120_000);
  console.log(`${written} lines and spans, none lost`);
});

test("helm upgrade takes a feature away and leaves the others running", async () => {
  const { clusterEvents: _, ...rest } = values;
  assert.match(await helm("upgrade", { ...rest, clusterEvents: { enabled: false } }), /STATUS: deployed/);
  const daemonSet = await cluster.kubectl(["get", "daemonset", "-n", namespace, "-o", "jsonpath={.items[*].status.numberReady}"]);
  assert.equal(daemonSet, "1");
});

test("helm uninstall leaves nothing", async () => {
  await helm("uninstall");
  const kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,persistentvolumeclaims";
  const left = (await cluster.kubectl(["get", kinds, "-n", namespace, "-o", "name"])).trim().split("\n");
  const always = ["configmap/kube-root-ca.crt", "serviceaccount/default"];
  const gone = (name: string) => name === "" || always.includes(name) || name.startsWith("pod/");
  assert.deepEqual(
    left.filter((name) => !gone(name)),
    [],
  );
  const roles = await cluster.kubectl(["get", "clusterroles,clusterrolebindings", "-o", "name"]);
  assert.doesNotMatch(roles, /telemetry/);
  await cluster.kubectl(["delete", "namespace", namespace, "--timeout=120s"]);
});
