import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import type { SharedWork } from "../../../../component/cluster.ts";
import { decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { ApiServer } from "../../../../kubernetes/api-server.ts";
import { ApiServerRig } from "../../../../kubernetes/api-server-rig.ts";
import { apiServerArguments, apiServerBlocks } from "../../../../kubernetes/client-arguments.ts";
import { httpClient } from "../../../../transport/http-client.ts";
import { turnsOf, type Watches } from "./turns.ts";

let rig: ApiServerRig;
let clock: FakeClock;
beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
});
afterEach(() => rig.stop());

/** One collector of a cluster, whose watches only write down what happens. */
function collector(node: string, ownNamespace: string | undefined, told: string[]) {
  const context = testContext({ clock, id: "loki.source.kubernetes_events.e" });
  const works: SharedWork[] = [];
  const offered: string[] = [];
  const cluster = {
    name: "",
    node,
    share(work: SharedWork) {
      works.push(work);
      return { offer: (keys: Iterable<string>) => void offered.push(...keys), owns: () => true, close() {} };
    },
  };
  const positions = new Map<string, number>();
  let isUnderWay = false;
  const watches: Watches = {
    keys: ["events"],
    open(key, seen) {
      told.push(`${node} opens ${key} from ${seen}`);
      positions.set(key, Math.max(seen ?? 0, positions.get(key) ?? 0));
    },
    close: async (key) => void told.push(`${node} closes ${key}`),
    position: (key) => positions.get(key),
    isUnderWay: () => isUnderWay,
  };
  const args = decodeText({ arguments: apiServerArguments, blocks: apiServerBlocks }, `api_server = "${rig.url}"`);
  const server = new ApiServer(rig.url, httpClient(args, context), ownNamespace);
  const turns = turnsOf({ ...context, peers: { ...context.peers, cluster } }, server, watches);
  assert.ok(turns);
  turns.start();
  return {
    turns,
    positions,
    works,
    offered,
    hold(is: boolean) {
      isUnderWay = is;
    },
    stop: () => turns.stop().then(() => server.close()),
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 600; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await clock.advance(50);
  }
  assert.ok(isSo());
}

test("one collector watches by a Lease; the next goes on where it ended", async () => {
  const told: string[] = [];
  const one = collector("a", "shop", told);
  await until(() => told.length === 1);
  const other = collector("b", "shop", told);
  await clock.advance(5_000);
  one.positions.set("events", 70);
  await one.stop();
  await until(() => told.length === 3);
  assert.deepEqual(told, ["a opens events from undefined", "a closes events", "b opens events from 70"]);
  await other.stop();
});

test("the members of the cluster decide where Leases are forbidden", async () => {
  rig.forbidden.add("get leases");
  const told: string[] = [];
  const one = collector("a", "shop", told);
  await until(() => one.offered.length === 1);
  assert.deepEqual(one.offered, ["events"]);
  await one.stop();
});

test("a watch moves with its position, once what it took up is safe", async () => {
  const told: string[] = [];
  const one = collector("a", undefined, told);
  const [work] = one.works;
  assert.ok(work);
  work.take("events", Buffer.from("41"));
  one.positions.set("events", 55);
  assert.equal(String(work.copy?.("events")), "55");
  one.hold(true);
  assert.equal(work.pause("events"), undefined);
  await clock.advance(100);
  assert.equal(work.pause("events"), undefined);
  one.hold(false);
  assert.equal(String(work.pause("events")), "55");
  work.resume("events");
  assert.equal(work.pause("events"), undefined);
  await clock.advance(0);
  assert.equal(String(work.pause("events")), "55");
  work.leave("events");
  assert.deepEqual(told, ["a opens events from 41", "a closes events", "a opens events from undefined", "a closes events"]);
  await one.stop();
});
