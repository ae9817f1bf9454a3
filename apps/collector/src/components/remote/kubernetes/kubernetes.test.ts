import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Secret } from "@invar/alloy-syntax";
import { FakeClock } from "../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { ApiServerRig } from "../../../kubernetes/api-server-rig.ts";
import { component as configmap } from "./configmap/component.ts";
import { component as secret } from "./secret/component.ts";

let rig: ApiServerRig;
let clock: FakeClock;
const never = new AbortController().signal;

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
});
afterEach(() => rig.stop());

const text = (name: string, more = "") => `name = "${name}"\nnamespace = "shop"\n${more}client { api_server = "${rig.url}" }`;
const base64 = (plain: string) => Buffer.from(plain).toString("base64");
const secrets = "/api/v1/namespaces/shop/secrets";

test("has a Secret's data before anything else is evaluated, follows it, and shows it to nobody", async () => {
  rig.put(secrets, { metadata: { name: "s" }, data: { password: base64("grün") } });
  const context = testContext({ clock });
  const running = await secret.create(context, decodeText(secret, text("s")));
  const data = () => context.exports.data as Record<string, Secret>;
  assert.equal(data().password?.reveal(), "grün");
  assert.doesNotMatch(JSON.stringify(context.exports), /grün/);
  await running.start();
  rig.put(secrets, { metadata: { name: "s" }, data: { password: base64("red") } });
  for (let tries = 0; data().password?.reveal() !== "red" && tries < 200; tries++) {
    await clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(data().password?.reveal(), "red");
  assert.equal(context.healthReports.at(-1)?.message, "got secret");
  await running.stop(never);
});

test("exports again only what has changed", async () => {
  rig.put("/api/v1/namespaces/shop/configmaps", { metadata: { name: "c" }, data: { url: "http://x" } });
  const context = testContext({ clock });
  const running = await configmap.create(context, decodeText(configmap, text("c", 'poll_frequency = "10s"\n')));
  const before = context.exports.data;
  assert.deepEqual({ ...(before as object) }, { url: "http://x" });
  await running.start();
  const asked = rig.requests.length;
  for (let tries = 0; rig.requests.length < asked + 3 && tries < 200; tries++) {
    await clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(context.exports.data, before);
  await running.stop(never);
});

test("does not come to be where the object is absent, forbidden or late, and says why", async () => {
  const context = testContext({ clock });
  await assert.rejects(
    async () => configmap.create(context, decodeText(configmap, text("none"))),
    /configmaps "none" not found in namespace shop/,
  );
  rig.forbidden.add("get secrets");
  await assert.rejects(
    async () => secret.create(context, decodeText(secret, text("s"))),
    /a permission is missing: get on secrets in namespace shop/,
  );
  rig.pages.set("/api/v1/namespaces/shop/configmaps/late", () => {});
  const late = Promise.resolve(configmap.create(context, decodeText(configmap, text("late", 'poll_timeout = "2s"\n'))));
  const outcome = assert.rejects(late, /did not answer within poll_timeout \(2000 ms\)/);
  while (rig.requests.at(-1)?.endsWith("late") !== true) await new Promise((resolve) => setTimeout(resolve, 5));
  await clock.advance(2000);
  await outcome;
});

test("keeps what it has when reading fails later, and is unhealthy until it works", async () => {
  rig.put("/api/v1/namespaces/shop/configmaps", { metadata: { name: "c" }, data: { url: "http://x" } });
  const context = testContext({ clock });
  const running = await configmap.create(context, decodeText(configmap, text("c")));
  await running.start();
  rig.remove("/api/v1/namespaces/shop/configmaps", "c");
  const turns = async (state: string) => {
    for (let tries = 0; context.healthReports.at(-1)?.state !== state && tries < 200; tries++) {
      await clock.advance(60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(context.healthReports.at(-1)?.state, state);
  };
  await turns("unhealthy");
  assert.equal((context.exports.data as { url: string }).url, "http://x");
  rig.put("/api/v1/namespaces/shop/configmaps", { metadata: { name: "c" }, data: { url: "http://y" } });
  await turns("healthy");
  assert.equal((context.exports.data as { url: string }).url, "http://y");
  await running.stop(never);
});

test("refuses times that are none", () => {
  const { diagnostics } = tryDecodeText(secret, 'name = "a"\nnamespace = "b"\npoll_frequency = "0s"\npoll_timeout = "-1s"');
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    ["poll_frequency must be greater than 0", "poll_timeout must be greater than 0"],
  );
});
