import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runPart } from "../backends/run-part.ts";
import { type Backends, outsideService, startBackends } from "./backends.ts";
import { imageNames } from "./collector-image.ts";
import { eventually } from "./eventually.ts";
import { leftIn, releaseOf } from "./helm.ts";
import { startLogWriter } from "./log-writer.ts";
import { istioDefinitions, namesOf, operatorDefinitions } from "./operator-resources.ts";
import { theCluster } from "./with-cluster.ts";

const cluster = theCluster();
const values = join(import.meta.dirname, "../../../shared/corpus/umbrella/default.yaml");
const skip = existsSync(values) ? undefined : "../shared is absent";
const release = releaseOf(cluster, "alloy", "alloy");
const neighbours = ["logging", "tempo", "storefront"];
let backends: Backends;

before(async () => {
  if (skip !== undefined) return;
  backends = await startBackends(cluster);
  await cluster.apply(
    ...[...operatorDefinitions, ...istioDefinitions],
    ...neighbours.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    // The packages beside it, under the names that the umbrella gives them.
    ...outsideService("logging-loki", "logging", { http: [3100, backends.loki.port] }),
    ...outsideService("tempo-tempo", "tempo", { grpc: [4317, backends.traces.otlpGrpcPort] }),
  );
  for (const name of namesOf([...operatorDefinitions, ...istioDefinitions])) await cluster.wait("condition=Established", name);
  // As mirrored into the registry that the umbrella names.
  const mirrored = imageNames.collector.replace("docker.io/", "registry1.dso.mil/");
  await cluster.run(
    "node",
    "ctr",
    "-a",
    "/run/containerd/containerd.sock",
    "-n",
    "k8s.io",
    "images",
    "tag",
    "--force",
    imageNames.collector,
    mirrored,
  );
});
after(async () => {
  if (skip !== undefined) return;
  await cluster.kubectl(["delete", "namespace", ...neighbours, "backends", "--ignore-not-found", "--timeout=120s"]);
  await backends[Symbol.asyncDispose]();
});

test("the umbrella's default values install with nothing changed, and telemetry arrives at the packages beside it", { skip }, async () => {
  const explained = { explain: () => release.logs() };
  assert.match(await release.install(values), /STATUS: deployed/);
  const workloads = await cluster.kubectl(["get", "daemonsets,deployments", "-n", "alloy", "-o", "name"]);
  assert.deepEqual(workloads.trim().split("\n").sort(), [
    "daemonset.apps/alloy-alloy-logs",
    "deployment.apps/alloy-alloy-receiver",
    "deployment.apps/alloy-alloy-singleton",
  ]);
  const writer = await startLogWriter(cluster, "till", "storefront");
  const streams = await eventually(
    "lines",
    async () => {
      // By default a file that is met for the first time is read from its end: lines that come while nobody has met it yet are not gathered.
      await writer.write(50, 100);
      return backends.loki.query('{cluster="bigbang", namespace="storefront", container="main"} |= "seq="');
    },
    (found) => found.flatMap(({ entries }) => entries).length >= 100,
    explained,
  );
  assert.deepEqual([streams[0]?.labels.pod, streams[0]?.labels.job], ["till", "storefront/main"]);
  await eventually(
    "events",
    () => backends.loki.query('{cluster="bigbang", job="integrations/kubernetes/eventhandler", namespace="storefront"}'),
    (found) => found.length > 0,
    explained,
  );
  const receiver = await cluster.kubectl(["get", "service", "alloy-alloy-receiver", "-n", "alloy", "-o", "jsonpath={.spec.clusterIP}"]);
  const sent = await runPart("telemetrygen", [
    "traces",
    "--otlp-endpoint",
    `${receiver}:4317`,
    "--otlp-insecure",
    "--traces",
    "5",
    "--service",
    "till",
  ]);
  assert.equal(sent.code, 0, sent.output);
  const spans = await eventually(
    "spans",
    () => backends.traces.spans("till"),
    (found) => found.length >= 10,
    explained,
  );
  assert.equal(spans[0]?.resource["k8s.cluster.name"], "bigbang");
  await release.uninstall();
  assert.deepEqual(await leftIn(cluster, "alloy"), []);
  await cluster.kubectl(["delete", "namespace", "alloy", "--timeout=120s"]);
});
