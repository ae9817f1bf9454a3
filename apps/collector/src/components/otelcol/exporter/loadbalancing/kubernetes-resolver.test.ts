import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { ApiServerRig } from "../../../../kubernetes/api-server-rig.ts";
import { apiServerBlock } from "../../../../kubernetes/client-arguments.ts";
import { kubernetesResolver } from "./kubernetes-resolver.ts";

const slices = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
const slice = (name: string, ...endpoints: object[]) => ({
  metadata: { name, labels: { "kubernetes.io/service-name": "tempo" } },
  addressType: "IPv4",
  endpoints,
});

async function resolve(rig: ApiServerRig, more: object = {}) {
  const clock = new FakeClock();
  const context = testContext({ clock });
  const seen: string[] = [];
  const outcomes: string[] = [];
  const metrics = {
    resolved: (resolver: string, success: boolean) => outcomes.push(`${resolver} ${success}`),
    backends: () => {},
  } as unknown as Parameters<typeof kubernetesResolver>[2];
  const args = { service: "tempo.shop", ports: [4317], return_hostnames: false, timeout: 60_000, ...more };
  const api = decodeText(apiServerBlock, `api_server = "${rig.url}"`);
  const resolver = kubernetesResolver(args, context, metrics, async (endpoints) => void seen.push(endpoints.join(" ")), api);
  await resolver.start();
  const comes = async (expected: string) => {
    for (let tries = 0; seen.at(-1) !== expected && tries < 400; tries++) {
      await new Promise((done) => setTimeout(done, 5));
      await clock.advance(20);
    }
    assert.equal(seen.at(-1), expected);
  };
  return { resolver, seen, outcomes, comes };
}

test("has the ready pods of a service when it has started, and follows them", async () => {
  const rig = await new ApiServerRig().start();
  rig.put(slices, slice("a", { addresses: ["10.0.0.2"] }, { addresses: ["10.0.0.1"], conditions: { ready: true } }));
  rig.put(slices, slice("b", { addresses: ["fd00::1"] }, { addresses: ["10.0.0.9"], conditions: { ready: false } }));
  const { resolver, seen, comes } = await resolve(rig, { ports: [1, 2] });
  assert.deepEqual(seen, ["10.0.0.1:1 10.0.0.1:2 10.0.0.2:1 10.0.0.2:2 [fd00::1]:1 [fd00::1]:2"]);
  rig.remove(slices, "b");
  rig.put(slices, slice("a", { addresses: ["10.0.0.3"] }));
  await comes("10.0.0.3:1 10.0.0.3:2");
  resolver.stop();
  await rig.stop();
});

test("names pods where it is told to", async () => {
  const rig = await new ApiServerRig().start();
  rig.put(slices, slice("a", { addresses: ["10.0.0.1"], hostname: "tempo-0" }, { addresses: ["10.0.0.2"] }));
  const { resolver, seen } = await resolve(rig, { return_hostnames: true });
  assert.deepEqual(seen, ["tempo-0.tempo.shop:4317"]);
  resolver.stop();
  await rig.stop();
});

test("starts without pods where it may not ask for them, and counts", async () => {
  const rig = await new ApiServerRig().start();
  rig.forbidden.add("list endpointslices");
  const { resolver, seen, outcomes } = await resolve(rig);
  assert.deepEqual([seen, outcomes], [[], ["k8s false"]]);
  resolver.stop();
  await rig.stop();
});
