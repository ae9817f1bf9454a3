import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { type TestContext, testContext } from "../../../component/testing.ts";
import { ApiServerRig } from "../../../kubernetes/api-server-rig.ts";
import { component } from "./component.ts";

let rig: ApiServerRig;
let clock: FakeClock;
const stops: (() => unknown)[] = [];
const never = new AbortController().signal;

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await rig.stop();
});

async function discover(text: string, context: TestContext = testContext({ clock })) {
  const args = (more: string) => decodeText(component, `api_server = "${rig.url}"\n${more}`);
  const running = await component.create(context, args(text));
  await running.start();
  stops.push(() => running.stop(never));
  const addresses = () => (context.exports.targets as { __address__: string }[]).map((target) => target.__address__).sort();
  const comes = async (...expected: string[]) => {
    for (let tries = 0; addresses().join() !== expected.join() && tries < 400; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(50);
    }
    assert.deepEqual(addresses(), expected);
  };
  return { context, running, comes, update: (more: string) => running.update(args(more)) };
}

const pod = (name: string, ip: string, more: object = {}) => ({
  metadata: { name },
  spec: { nodeName: "n1", containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }] }] },
  status: { podIP: ip },
  ...more,
});
const shop = "/api/v1/namespaces/shop/pods";

test("finds what is there at once, and follows what comes, changes and goes", async () => {
  rig.put(shop, pod("a", "10.0.0.1"));
  const { comes, context } = await discover('role = "pod"');
  await comes("10.0.0.1:80");
  rig.put(shop, pod("b", "10.0.0.2"));
  await comes("10.0.0.1:80", "10.0.0.2:80");
  rig.put(shop, pod("a", "10.0.0.3"));
  rig.remove(shop, "b");
  await comes("10.0.0.3:80");
  assert.equal(context.metric("prometheus_sd_kubernetes_events_total", { role: "pod", event: "add" }), 2);
  assert.equal(context.metric("prometheus_sd_kubernetes_events_total", { role: "pod", event: "delete" }), 1);
});

test("a change of a service or a pod shows in the endpoints made with it", async () => {
  rig.put("/api/v1/namespaces/shop/endpoints", {
    metadata: { name: "web" },
    subsets: [{ ports: [{ port: 80 }], addresses: [{ ip: "10.0.0.1", targetRef: { kind: "Pod", namespace: "shop", name: "a" } }] }],
  });
  const { comes, context } = await discover('role = "endpoints"');
  await comes("10.0.0.1:80");
  const label = (name: string) => (context.exports.targets as Record<string, string>[])[0]?.[`__meta_kubernetes_${name}`];
  const shows = async (name: string, value: string | undefined) => {
    for (let tries = 0; label(name) !== value && tries < 400; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(50);
    }
    assert.equal(label(name), value);
  };
  rig.put("/api/v1/namespaces/shop/services", { metadata: { name: "web", labels: { tier: "front" } }, spec: {} });
  await shows("service_label_tier", "front");
  rig.put(shop, pod("a", "10.0.0.1", { status: { podIP: "10.0.0.1", phase: "Running" } }));
  await shows("pod_phase", "Running");
  rig.remove(shop, "a");
  await shows("pod_phase", undefined);
});

test("a node that only reports itself again makes nothing anew", async () => {
  const node = (heard: string) => ({
    metadata: { name: "n1", labels: { zone: "a" } },
    status: { conditions: [{ type: heard, status: "True" }] },
  });
  rig.put("/api/v1/nodes", node("one"));
  rig.put(shop, pod("a", "10.0.0.1"));
  const { comes, context } = await discover('role = "pod"\nattach_metadata { node = true }');
  await comes("10.0.0.1:80");
  const before = context.exports.targets;
  rig.put("/api/v1/nodes", node("two"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await clock.advance(5000);
  assert.equal(context.exports.targets, before);
});

test("looks in the namespaces that are named and asks the server to select", async () => {
  rig.put(shop, pod("a", "10.0.0.1", { metadata: { name: "a", labels: { app: "web" } } }));
  rig.put("/api/v1/namespaces/other/pods", pod("b", "10.0.0.2"));
  const { comes } = await discover(
    'role = "pod"\nnamespaces { names = ["shop", "more"] }\nselectors {\n role = "pod"\n label = "app=web"\n field = "spec.nodeName=n1"\n}',
  );
  await comes("10.0.0.1:80");
  assert.deepEqual(
    rig.requests.filter((request) => !request.includes("watch=")).sort(),
    ["more", "shop"].map(
      (name) => `GET /api/v1/namespaces/${name}/pods?limit=500&labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Dn1`,
    ),
  );
});

test("of several selectors for a role the last counts, and it is said", async () => {
  const { context } = await discover(
    'role = "pod"\nselectors {\n role = "pod"\n label = "a=b"\n}\nselectors {\n role = "pod"\n field = "spec.nodeName=n1"\n}',
  );
  for (let tries = 0; rig.requests.length === 0 && tries < 400; tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(rig.requests[0], "GET /api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dn1");
  assert.match(JSON.stringify(context.logged), /of several selectors for a role the last counts/);
});

test("components of a process that watch the same share one watch, and it ends with the last of them", async () => {
  rig.put(shop, pod("a", "10.0.0.1"));
  const context = testContext({ clock });
  const other = { ...testContext({ clock }), peers: context.peers };
  const first = await discover('role = "pod"', context);
  await first.comes("10.0.0.1:80");
  const second = await discover('role = "pod"', other);
  await second.comes("10.0.0.1:80");
  assert.equal(rig.requests.length, 2, "one list and one watch");
  await stops.pop()?.();
  assert.equal(rig.watches, 1);
  await stops.pop()?.();
  for (let tries = 0; rig.watches > 0 && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(rig.watches, 0);
});

test("an update to another role leaves nothing of the old one", async () => {
  rig.put(shop, pod("a", "10.0.0.1"));
  rig.put("/api/v1/namespaces/shop/services", { metadata: { name: "web" }, spec: { ports: [{ port: 8080 }] } });
  const { comes, update } = await discover('role = "pod"');
  await comes("10.0.0.1:80");
  await update('role = "service"');
  await comes("web.shop.svc:8080");
  rig.put(shop, pod("b", "10.0.0.2"));
  await comes("web.shop.svc:8080");
});

test("names the permission that is missing, keeps what was found, and counts", async () => {
  rig.forbidden.add("list pods");
  const { context } = await discover('role = "pod"');
  for (let tries = 0; context.healthReports.length === 0 && tries < 400; tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(context.healthReports[0]?.message ?? "", /a permission is missing: list on pods in the whole cluster/);
  assert.ok((context.metric("prometheus_sd_kubernetes_failures_total") ?? 0) >= 1);
});

for (const [text, message] of [
  ['role = "pods"', /"pods"/],
  ['role = "node"\nselectors {\n role = "pod"\n}', /node role supports only node selectors/],
  ['role = "pod"\nselectors {\n role = "pod"\n label = "a=b=c"\n}', /unable to parse requirement: "a=b=c"/],
  ['role = "pod"\nselectors {\n role = "pod"\n field = "status"\n}', /can't understand 'status'/],
  ['role = "pod"\napi_server = "http://x"\nkubeconfig_file = "y"', /only one of api_server and kubeconfig_file can be set/],
  ['role = "pod"\nbearer_token = "x"', /api_server must be set when custom HTTP client configuration is provided/],
  [
    'role = "pod"\napi_server = "http://x"\nnamespaces { own_namespace = true }',
    /cannot use 'api_server' and 'namespaces.own_namespace' simultaneously/,
  ],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    assert.match(
      tryDecodeText(component, text)
        .diagnostics.map((each) => each.message)
        .join("; "),
      message,
    );
  });
