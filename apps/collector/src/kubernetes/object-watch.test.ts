import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import { createHttpClient } from "../transport/http/client.ts";
import { ApiServer } from "./api-server.ts";
import { ApiServerRig } from "./api-server-rig.ts";
import { pods } from "./kinds/pod.ts";
import { ObjectWatch } from "./object-watch.ts";

const collection = "/api/v1/namespaces/shop/pods";
let rig: ApiServerRig;
let server: ApiServer;
let watch: ObjectWatch<ReturnType<typeof pods.keep>>;
let clock: FakeClock;
/** What the listener heard: `+name`, `~name`, `-name`, `synced`, `trouble: …`, `well`. */
let heard: string[];

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
  const http = createHttpClient({
    tls: undefined,
    followRedirects: true,
    http2: false,
    idleTimeoutMs: 10_000,
    clock,
    log: testContext().log,
    environment: {},
  });
  server = new ApiServer(rig.url, http, undefined);
  heard = [];
});

afterEach(async () => {
  await watch.close();
  await server.close();
  await rig.stop();
});

function begin(selection = { namespace: "shop", labels: "", fields: "" }): void {
  watch = new ObjectWatch({ server, kind: pods, selection, clock, random: () => 0.5 });
  watch.listen({
    changed: (_, now, before) => heard.push(`${now === undefined ? "-" : before === undefined ? "+" : "~"}${(now ?? before)?.name}`),
    synced: () => heard.push("synced"),
    trouble: (error) => heard.push(error === undefined ? "well" : `trouble: ${error.message}`),
  });
}

const pod = (name: string, ip = "10.0.0.1") => ({ metadata: { name }, spec: { nodeName: "n1" }, status: { podIP: ip } });

async function hears(...expected: string[]): Promise<void> {
  for (let tries = 0; heard.length < expected.length && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(20);
  }
  assert.deepEqual(heard, expected);
  heard = [];
}

async function untilWatching(): Promise<void> {
  for (let tries = 0; rig.watches === 0; tries++) {
    assert.ok(tries < 500, "no watch begins");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(20);
  }
}

test("lists what there is, page by page, and then hears of every change", async () => {
  rig.pageSize = 2;
  for (const name of ["a", "b", "c"]) rig.put(collection, pod(name));
  begin();
  await hears("+a", "+b", "+c", "synced");
  await untilWatching();
  rig.put(collection, pod("d"));
  rig.put(collection, pod("a", "10.0.0.2"));
  rig.remove(collection, "b");
  await hears("+d", "~a", "-b");
  assert.deepEqual([...watch.objects.keys()], ["shop/a", "shop/c", "shop/d"]);
  assert.equal(watch.objects.get("shop/a")?.podIp, "10.0.0.2");
});

test("goes on from where it was after the watch ended or broke: nothing is lost and nothing told twice", async () => {
  rig.put(collection, pod("a"));
  begin();
  await hears("+a", "synced");
  await untilWatching();
  rig.endWatches();
  rig.put(collection, pod("b"));
  await hears("+b");
  await untilWatching();
  rig.breakWatches();
  rig.put(collection, pod("c"));
  for (let tries = 0; !watch.objects.has("shop/c") && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(100);
  }
  assert.deepEqual(heard.slice(1), ["+c", "well"]);
  assert.match(heard[0] ?? "", /^trouble: /);
  assert.deepEqual([...watch.objects.keys()], ["shop/a", "shop/b", "shop/c"]);
  assert.equal(rig.requests.filter((request) => !request.includes("watch=1")).length, 1, "it was listed once");
});

test("lists again where the server has forgotten its state, and tells only the difference", async () => {
  for (const name of ["a", "b", "c"]) rig.put(collection, pod(name));
  begin();
  await hears("+a", "+b", "+c", "synced");
  await untilWatching();
  await rig.crash();
  rig.put(collection, pod("b", "10.0.0.9"));
  rig.remove(collection, "c");
  rig.put(collection, pod("d"));
  rig.compact();
  await rig.start();
  for (let tries = 0; !watch.objects.has("shop/d") && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(100);
  }
  assert.deepEqual(
    heard.filter((line) => !line.startsWith("trouble")),
    ["~b", "+d", "-c", "well"],
  );
  assert.equal(watch.trouble, undefined);
});

test("a bookmark moves on what it goes on from", async () => {
  rig.put(collection, pod("a"));
  begin();
  await hears("+a", "synced");
  await untilWatching();
  rig.put("/api/v1/namespaces/other/pods", pod("x"));
  rig.bookmark();
  await new Promise((resolve) => setTimeout(resolve, 30));
  rig.compact();
  rig.endWatches();
  rig.put(collection, pod("b"));
  await hears("+b");
  assert.equal(rig.requests.filter((request) => !request.includes("watch=1")).length, 1);
});

test("says which permission is missing, keeps asking, and is well again when it is given", async () => {
  rig.forbidden.add("list pods");
  begin();
  await hears('trouble: a permission is missing: list on pods in namespace shop (pods is forbidden: User "rig" cannot list)');
  rig.forbidden.clear();
  await clock.advance(4000);
  for (let tries = 0; !heard.includes("well") && tries < 500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(100);
  }
  assert.deepEqual(heard.slice(-2), ["synced", "well"]);
});

test("asks the server to select by label and field", async () => {
  rig.put(collection, { metadata: { name: "mine", labels: { app: "x" } }, spec: { nodeName: "n1" } });
  rig.put(collection, { metadata: { name: "elsewhere", labels: { app: "x" } }, spec: { nodeName: "n2" } });
  rig.put(collection, pod("plain"));
  begin({ namespace: "", labels: "app=x", fields: "spec.nodeName=n1" });
  await hears("+mine", "synced");
});
