import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { ApiServerRig } from "../../../../kubernetes/api-server-rig.ts";
import { apiServerBlock } from "../../../../kubernetes/client-arguments.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { protobufFromJson } from "../../../../signals/otlp/json-to-protobuf.ts";
import { jsonFromProtobuf } from "../../../../signals/otlp/protobuf-to-json.ts";
import { requests } from "../../../../signals/otlp/schema.ts";
import { component } from "./component.ts";
import { parseImage, repoDigestOf, versionOfImage } from "./image-reference.ts";
import { K8sAttributes } from "./processor.ts";

let rig: ApiServerRig;
let clock: FakeClock;
const stops: (() => unknown)[] = [];
const shop = "/api/v1/namespaces/shop/pods";

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rig.stop();
});

const web = {
  metadata: {
    name: "web-5c9-x",
    uid: "u1",
    creationTimestamp: "2026-01-02T03:04:05Z",
    labels: { app: "web", "pod-template-hash": "5c9", "app.kubernetes.io/version": "3" },
    annotations: { "resource.opentelemetry.io/team": "blue", note: "n" },
    ownerReferences: [{ kind: "ReplicaSet", name: "web-5c9", uid: "r1", controller: true }],
  },
  spec: { nodeName: "n1", hostname: "web", containers: [{ name: "app", image: "reg:5000/team/web:1.2" }] },
  status: {
    podIP: "10.0.0.1",
    startTime: "2026-01-02T03:04:06Z",
    containerStatuses: [
      {
        name: "app",
        containerID: "containerd://c1",
        imageID: "reg:5000/team/web@sha256:0123456789abcdef0123456789abcdef",
        restartCount: 2,
        state: { running: {} },
      },
    ],
  },
};

async function run(text: string) {
  const context = testContext({ clock });
  const seen: string[] = [];
  const sink: OtelConsumer = {
    async consume(batch) {
      seen.push(jsonFromProtobuf(requests[batch.signal], batch.chunks));
    },
    pressure: () => undefined,
  };
  const args = (more: string) =>
    decodeText(component, `${more}\noutput { traces = [sink] }`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const running = new K8sAttributes(context, args(text), () => decodeText(apiServerBlock, `api_server = "${rig.url}"`));
  const started = running.start();
  stops.push(() => running.stop());
  /** The attributes of a resource after it has passed, sorted: `a=b`. */
  const passed = async (attributes: Record<string, string | number>, address = "192.0.2.1") => {
    const list = Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === "number" ? { intValue: value } : { stringValue: value },
    }));
    const json = { resourceSpans: [{ resource: { attributes: list }, scopeSpans: [{ spans: [{ name: "s" }] }] }] };
    const chunk = protobufFromJson(requests.traces, Buffer.from(JSON.stringify(json)));
    const batch = new OtlpBatch({
      signal: "traces",
      chunks: [chunk],
      items: 1,
      client: { address, metadata: { get: () => undefined } } as never,
    });
    await running.consume(batch);
    const out = JSON.parse(seen.pop() ?? "{}") as {
      resourceSpans: { resource: { attributes?: { key: string; value: Record<string, unknown> }[] } }[];
    };
    return out.resourceSpans[0]?.resource.attributes?.map(({ key, value }) => `${key}=${plain(value)}`).sort() ?? [];
  };
  return { context, running, started, passed, update: (more: string) => running.update(args(more)) };
}

function plain(value: Record<string, unknown>): string {
  const [inner] = Object.values(value);
  if (typeof inner === "object" && inner !== null)
    return JSON.stringify((inner as { values: Record<string, unknown>[] }).values.map(plain));
  return String(inner);
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isDone()) && tries < 400; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(50);
  }
  assert.ok(await isDone());
}

const synced = (running: K8sAttributes) => until(() => (running.debugInfo() as { synced: boolean }).synced);

test("says the usual things of the pod that a connection comes from, and leaves what is said already", async () => {
  rig.put(shop, web);
  const { running, passed, context } = await run("");
  await synced(running);
  assert.deepEqual(await passed({ "k8s.pod.name": "mine", "k8s.node.name": "" }, "::ffff:10.0.0.1"), [
    "container.image.name=reg:5000/team/web",
    "container.image.tag=1.2",
    "k8s.deployment.name=web",
    "k8s.namespace.name=shop",
    "k8s.node.name=n1",
    "k8s.pod.name=mine",
    "k8s.pod.start_time=2026-01-02T03:04:05Z",
    "k8s.pod.uid=u1",
  ]);
  assert.deepEqual(await passed({ a: "b" }, "10.9.9.9"), ["a=b"]);
  assert.equal(context.metric("otelcol_otelcol_k8s_pod_association_total", { status: "success" }), 1);
  assert.equal(context.metric("otelcol_otelsvc_k8s_ip_lookup_miss_total"), 1);
  assert.equal(context.metric("otelcol_otelsvc_k8s_pod_added_total"), 1);
});

test("watches nothing but pods for the usual things", async () => {
  const { running } = await run("");
  await synced(running);
  assert.deepEqual(
    rig.requests.filter((request) => !request.includes("watch=")),
    ["GET /api/v1/pods?limit=500"],
  );
});

test("says everything that can be asked for", async () => {
  rig.put("/api/v1/namespaces", { metadata: { name: "kube-system", uid: "cluster" } });
  rig.put("/api/v1/nodes", { metadata: { name: "n1", uid: "node-uid" } });
  rig.put("/apis/apps/v1/namespaces/shop/replicasets", {
    metadata: { name: "web-5c9", uid: "r1", ownerReferences: [{ kind: "Deployment", name: "the-web", uid: "d1", controller: true }] },
  });
  rig.put(shop, web);
  const fields = [
    "container.id",
    "container.image.repo_digests",
    "k8s.cluster.uid",
    "k8s.container.name",
    "k8s.deployment.name",
    "k8s.deployment.uid",
    "k8s.node.uid",
    "k8s.pod.hostname",
    "k8s.pod.ip",
    "k8s.replicaset.name",
    "k8s.replicaset.uid",
    "service.instance.id",
    "service.name",
    "service.namespace",
    "service.version",
  ];
  const { running, passed } = await run(`extract {\n\tmetadata = ${JSON.stringify(fields)}\n\totel_annotations = true\n}`);
  await synced(running);
  assert.deepEqual(await passed({}, "10.0.0.1"), [
    "container.id=c1",
    'container.image.repo_digests=["reg:5000/team/web@sha256:0123456789abcdef0123456789abcdef"]',
    "k8s.cluster.uid=cluster",
    "k8s.container.name=app",
    "k8s.deployment.name=the-web",
    "k8s.deployment.uid=d1",
    "k8s.node.uid=node-uid",
    "k8s.pod.hostname=web",
    "k8s.pod.ip=10.0.0.1",
    "k8s.replicaset.name=web-5c9",
    "k8s.replicaset.uid=r1",
    "service.instance.id=shop.web-5c9-x.app",
    "service.name=the-web",
    "service.namespace=shop",
    "service.version=3",
    "team=blue",
  ]);
});

test("makes attributes of labels and annotations, of the pod and of what is around it", async () => {
  rig.put("/api/v1/namespaces", { metadata: { name: "shop", labels: { tier: "gold" } } });
  rig.put("/apis/apps/v1/namespaces/shop/statefulsets", { metadata: { name: "db", uid: "s1", annotations: { owner: "red" } } });
  rig.put(shop, {
    ...web,
    metadata: { ...web.metadata, ownerReferences: [{ kind: "StatefulSet", name: "db", uid: "s1", controller: true }] },
  });
  const { running, passed } = await run(`extract {
    metadata = ["k8s.pod.uid"]
    label { key = "app" }
    label {
      key_regex = "app.kubernetes.io/(.*)"
      tag_name = "own.$1"
    }
    label {
      from = "namespace"
      key = "tier"
    }
    annotation {
      key = "note"
      tag_name = "note"
    }
    annotation {
      from = "statefulset"
      key_regex = ".*"
    }
  }`);
  await synced(running);
  assert.deepEqual(await passed({}, "10.0.0.1"), [
    "k8s.namespace.labels.tier=gold",
    "k8s.pod.labels.app=web",
    "k8s.pod.uid=u1",
    "k8s.statefulset.annotation.owner=red",
    "note=n",
    "own.version=3",
  ]);
  // A resource that names its namespace has what is known of that, whoever sent it.
  assert.deepEqual(await passed({ "k8s.namespace.name": "shop" }), ["k8s.namespace.labels.tier=gold", "k8s.namespace.name=shop"]);
});

test("finds pods by what rules name, all sources of a rule together", async () => {
  rig.put(shop, web);
  const { running, passed } = await run(`extract { metadata = ["k8s.pod.name"] }
  pod_association {
    source {
      from = "resource_attribute"
      name = "k8s.pod.uid"
    }
  }
  pod_association {
    source {
      from = "resource_attribute"
      name = "container.id"
    }
    source { from = "connection" }
  }`);
  await synced(running);
  const found = async (attributes: Record<string, string>, address?: string) =>
    (await passed(attributes, address)).includes("k8s.pod.name=web-5c9-x");
  assert.equal(await found({ "k8s.pod.uid": "u1" }), true);
  assert.equal(await found({ "container.id": "c1" }, "10.0.0.1"), false, "container ids are not asked for");
  assert.equal(await found({}, "10.0.0.1"), false);
  assert.equal(await found({ "k8s.pod.uid": "u2" }, "10.0.0.1"), false);
});

test("finds a pod by the id of its container", async () => {
  rig.put(shop, web);
  const { running, passed } = await run(`extract { metadata = ["k8s.pod.name", "container.id"] }
  pod_association {
    source {
      from = "resource_attribute"
      name = "container.id"
    }
  }`);
  await synced(running);
  assert.deepEqual(await passed({ "container.id": "c1" }), ["container.id=c1", "k8s.pod.name=web-5c9-x"]);
});

test("knows a pod for a while after it has gone, and gives its address to the next at once", async () => {
  rig.put(shop, web);
  const { running, passed } = await run('pod_delete_grace_period = "60s"\nextract { metadata = ["k8s.pod.name"] }');
  await synced(running);
  rig.remove(shop, "web-5c9-x");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await passed({}, "10.0.0.1"), ["k8s.pod.name=web-5c9-x"]);
  rig.put(shop, { ...web, metadata: { name: "other", uid: "u2" }, status: { podIP: "10.0.0.1", startTime: "2026-01-03T00:00:00Z" } });
  await until(async () => (await passed({}, "10.0.0.1")).join() === "k8s.pod.name=other");
  await clock.advance(120_000);
  assert.deepEqual(await passed({}, "10.0.0.1"), ["k8s.pod.name=other"]);
  rig.remove(shop, "other");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await clock.advance(61_000);
  assert.deepEqual(await passed({}, "10.0.0.1"), []);
});

test("says nothing of pods that are excluded, by name or by themselves", async () => {
  rig.put(shop, web);
  rig.put(shop, {
    ...web,
    metadata: { name: "b", uid: "u2", annotations: { "opentelemetry.io/k8s-processor/ignore": " True " } },
    status: { podIP: "10.0.0.2" },
  });
  const { running, passed } = await run('exclude {\n\tpod { name = "^web-" }\n}');
  await synced(running);
  assert.deepEqual([await passed({}, "10.0.0.1"), await passed({}, "10.0.0.2")], [[], []]);
});

test("asks for the pods of a filter only", async () => {
  const { running } = await run(`filter {
    node = "n1"
    namespace = "shop"
    field {
      key = "status.phase"
      value = "Running"
    }
    label {
      key = "app"
      value = "web"
    }
    label {
      key = "old"
      value = ""
      op = "does-not-exist"
    }
  }`);
  await until(() => rig.requests.length > 0);
  const url = new URL(rig.requests[0]?.split(" ")[1] ?? "", "http://rig");
  assert.deepEqual(
    [url.pathname, url.searchParams.get("labelSelector"), url.searchParams.get("fieldSelector")],
    ["/api/v1/namespaces/shop/pods", "app=web,!old", "status.phase=Running,spec.nodeName=n1"],
  );
  await running.stop();
});

test("says the connection's address alone in passthrough, and asks nobody", async () => {
  const { passed } = await run("passthrough = true");
  assert.deepEqual(await passed({ a: "b" }, "10.0.0.7"), ["a=b", "k8s.pod.ip=10.0.0.7"]);
  assert.deepEqual(rig.requests, []);
});

test("waits for metadata where it is told to, and says when that takes too long", async () => {
  rig.put(shop, web);
  const quick = await run("wait_for_metadata = true");
  await quick.started;
  assert.equal((await quick.passed({}, "10.0.0.1")).length, 8);
  rig.forbidden.add("list pods");
  const late = await run('wait_for_metadata = true\nwait_for_metadata_timeout = "3s"\nfilter { namespace = "other" }');
  const outcome = assert.rejects(late.started, /metadata was not there within wait_for_metadata_timeout \(3000 ms\)/);
  await clock.advance(4000);
  await outcome;
  await until(() =>
    late.context.healthReports.some(({ message }) => /a permission is missing: list on pods in namespace other/.test(message)),
  );
});

test("an update takes other rules in place of the old ones", async () => {
  rig.put(shop, web);
  const { running, passed, update } = await run('extract { metadata = ["k8s.pod.name"] }');
  await synced(running);
  await update('extract { metadata = ["k8s.pod.uid"] }');
  assert.deepEqual(await passed({}, "10.0.0.1"), ["k8s.pod.uid=u1"]);
});

for (const [image, repository, tag, version] of [
  ["web", "web", "latest", undefined],
  ["web:1", "web", "1", "1"],
  ["reg.example/a/web:1.2-x", "reg.example/a/web", "1.2-x", "1.2-x"],
  ["reg:5000/web", "reg:5000/web", "latest", undefined],
  ["web@sha256:0123456789abcdef0123456789abcdef", "web", "", "sha256:0123456789abcdef0123456789abcdef"],
  ["web:1@sha256:0123456789abcdef0123456789abcdef", "web", "1", "1@sha256:0123456789abcdef0123456789abcdef"],
] as const)
  test(`takes the image ${image} apart`, () => {
    const parsed = parseImage(image);
    assert.deepEqual([parsed?.repository, parsed?.tag, versionOfImage(image)], [repository, tag, version]);
  });

test("has a digest of an image only where there is one", () => {
  assert.equal(
    repoDigestOf("docker-pullable://web@sha256:0123456789abcdef0123456789abcdef"),
    "web@sha256:0123456789abcdef0123456789abcdef",
  );
  assert.equal(repoDigestOf("sha256:0123456789abcdef0123456789abcdef"), undefined);
  assert.equal(repoDigestOf(""), undefined);
});

for (const [text, message] of [
  ['extract { metadata = ["k8s.pod.nam"] }', /k8s.pod.nam/],
  ['extract {\n label {\n key = "a"\n key_regex = "b"\n}\n}', /Out of Key or KeyRegex only one option/],
  ['extract {\n label { key_regex = "(" }\n}', /missing closing \)/],
  ['extract {\n label {\n key = "a"\n from = "planet"\n}\n}', /planet is not a valid choice for From/],
  ['filter {\n field {\n key = "a"\n value = "b"\n op = "exists"\n}\n}', /'exists' is not a valid label filter operation/],
  ['watch_sync_period = "-1s"', /watch_sync_period must be greater than or equal to 0/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\noutput { }`);
    assert.match(diagnostics.map((each) => each.message).join("; "), message);
  });

test("exports an input", async () => {
  const context = testContext({ clock });
  const running = await component.create(context, decodeText(component, "passthrough = true\noutput { }"));
  assert.equal((context.exports.input as Capsule).type, "otelcol.Consumer");
  await running.stop(new AbortController().signal);
});
