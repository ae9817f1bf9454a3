import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../component/clock.ts";
import { decodeText } from "../component/from-text.ts";
import { testContext } from "../component/testing.ts";
import { ApiServerRig } from "./api-server-rig.ts";
import { apiServerArguments, apiServerBlocks } from "./client-arguments.ts";
import { connect } from "./connect.ts";
import { LeaseElection } from "./lease.ts";

const leases = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";
let rig: ApiServerRig;
let clock: FakeClock;

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  clock = new FakeClock();
});
afterEach(() => rig.stop());

function candidate(identity: string, told: string[]) {
  const context = testContext({ clock });
  const server = connect(decodeText({ arguments: apiServerArguments, blocks: apiServerBlocks }, `api_server = "${rig.url}"`), context);
  const election = new LeaseElection({
    server,
    namespace: "shop",
    name: "one",
    identity,
    clock,
    random: () => 1,
    note: () => `note of ${identity}`,
    held: (note) => told.push(`${identity} holds: ${note}`),
    lost: async () => void told.push(`${identity} lost`),
    trouble: (error) => error !== undefined && told.push(`${identity}: ${error.message}`),
  });
  election.start();
  return {
    stop: async () => {
      await election.stop();
      await server.close();
    },
  };
}

async function until(isSo: () => boolean, patienceMs = 60_000): Promise<void> {
  for (let waited = 0; !isSo() && waited < patienceMs; waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await clock.advance(100);
  }
  assert.ok(isSo());
}

test("one holds it, the other gets it at once when the first stops, with the note that it left", async () => {
  const told: string[] = [];
  const one = candidate("a", told);
  await until(() => told.length === 1);
  const other = candidate("b", told);
  await clock.advance(20_000);
  await until(() => true);
  assert.deepEqual(told, ["a holds: undefined"]);
  await one.stop();
  await until(() => told.length === 3, 5_000);
  assert.deepEqual(told, ["a holds: undefined", "a lost", "b holds: note of a"]);
  await other.stop();
});

test("goes to another only after the holder has not renewed it for its whole time", async () => {
  const told: string[] = [];
  rig.put(leases, { metadata: { name: "one" }, spec: { holderIdentity: "dead", leaseDurationSeconds: 10 } });
  const one = candidate("a", told);
  await until(() => rig.requests.length > 0);
  const from = clock.monotonic();
  await until(() => told.length > 0);
  assert.deepEqual(told, ["a holds: undefined"]);
  assert.ok(clock.monotonic() - from >= 9_500, `${clock.monotonic() - from}`);
  await one.stop();
});

test("is given up by a holder that can't renew it, before another may take it, and taken up again", async () => {
  const told: string[] = [];
  const one = candidate("a", told);
  await until(() => told.length === 1);
  const from = clock.monotonic();
  await rig.crash();
  await until(() => told.includes("a lost"));
  assert.ok(clock.monotonic() - from < 10_000, `${clock.monotonic() - from}`);
  await rig.start();
  await until(() => told.filter((text) => text.startsWith("a holds")).length === 2);
  await one.stop();
});

test("says which permission is missing", async () => {
  const told: string[] = [];
  rig.forbidden.add("get leases");
  const one = candidate("a", told);
  await until(() => told.length > 0);
  assert.match(told[0] ?? "", /a permission is missing: get on leases.coordination.k8s.io in namespace shop/);
  await one.stop();
});
