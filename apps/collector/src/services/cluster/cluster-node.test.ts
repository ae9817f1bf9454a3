import assert from "node:assert/strict";
import { test } from "node:test";
import { Simulation } from "./simulation.ts";

const five = ["a", "b", "c", "d", "e"];

async function cluster(names: readonly string[] = five, targets = 500, seed = 1): Promise<Simulation> {
  const simulation = new Simulation({ seed, targets });
  for (const name of names) simulation.start(name);
  await simulation.run(40_000);
  assertShared(simulation, names);
  return simulation;
}

/** Each target is done by exactly one of these, and each of them does some. */
function assertShared(simulation: Simulation, names: readonly string[]): void {
  const doers = new Set<string>();
  for (const [target, owners] of simulation.owners()) {
    assert.equal(owners.length, 1, `${target} is done by ${owners.join(" and ") || "nobody"}`);
    for (const owner of owners) doers.add(owner);
  }
  assert.deepEqual([...doers].sort(), [...names].sort());
}

function node(simulation: Simulation, name: string) {
  const replica = simulation.replicas.get(name);
  assert.ok(replica);
  return replica.node;
}

test("planned moves miss no turn and double none: members come, go and are replaced", async () => {
  const simulation = await cluster();
  const from = simulation.clock.now();
  simulation.start("f");
  await simulation.run(20_000);
  await simulation.stop("b");
  await simulation.run(20_000);
  simulation.start("b");
  await simulation.run(5_000);
  await simulation.stop("a");
  await simulation.stop("c");
  await simulation.run(20_000);
  assertShared(simulation, ["b", "d", "e", "f"]);
  assert.deepEqual(simulation.faults(from, simulation.clock.now() - 1000), { doubled: [], missed: [] });
});

test("planned moves double nothing and miss nothing where answers get lost", async () => {
  const simulation = await cluster();
  simulation.lossOfAnswers = 0.1;
  const from = simulation.clock.now();
  simulation.start("f");
  await simulation.run(30_000);
  await simulation.stop("b");
  await simulation.run(30_000);
  simulation.lossOfAnswers = 0;
  await simulation.run(5_000);
  assertShared(simulation, ["a", "c", "d", "e", "f"]);
  assert.deepEqual(simulation.faults(from, simulation.clock.now() - 10_000).doubled, []);
});

test("a kill moves the dead one's work only, after five seconds, and costs each target one turn at most", async () => {
  const simulation = await cluster();
  const from = simulation.clock.now();
  const before = simulation.owners();
  simulation.kill("c");
  await simulation.run(4_000);
  assert.ok([...simulation.owners().values()].some((owners) => owners.length === 0));
  await simulation.run(3_000);
  assertShared(simulation, ["a", "b", "d", "e"]);
  for (const [target, [owner]] of simulation.owners())
    if (!before.get(target)?.includes("c")) assert.deepEqual(before.get(target), [owner]);
  await simulation.run(60_000);
  const { doubled, missed } = simulation.faults(from, simulation.clock.now() - 1000);
  assert.deepEqual(doubled, []);
  assert.equal(new Set(missed.map((text) => text.split(" ")[0])).size, missed.length);
});

test("the smaller side of a partition stops before the larger takes over, and comes back by itself", async () => {
  const simulation = await cluster();
  const from = simulation.clock.now();
  simulation.partition(["a", "b", "c"], ["d", "e"]);
  await simulation.run(60_000);
  assertShared(simulation, ["a", "b", "c"]);
  for (const name of ["d", "e"]) {
    assert.match(
      node(simulation, name).problem() ?? "",
      /^on the smaller side of a partition: expected 5, see 2; without contact: a, b, c$/,
    );
    assert.equal(node(simulation, name).isReadyForTraffic, false);
  }
  assert.equal(node(simulation, "a").problem(), undefined);
  simulation.heal();
  await simulation.run(10_000);
  assertShared(simulation, five);
  const { doubled, missed } = simulation.faults(from, simulation.clock.now() - 1000);
  assert.deepEqual(doubled, []);
  assert.equal(new Set(missed.map((text) => text.split(" ")[0])).size, missed.length);
});

test("of two halves that with the first name goes on; in pieces nobody does", async () => {
  const simulation = await cluster(["a", "b", "c", "d"]);
  simulation.partition(["a", "d"], ["b", "c"]);
  await simulation.run(10_000);
  assertShared(simulation, ["a", "d"]);
  simulation.heal();
  await simulation.run(10_000);
  assertShared(simulation, ["a", "b", "c", "d"]);
  simulation.partition(["a"], ["b"], ["c"], ["d"]);
  await simulation.run(10_000);
  assert.ok([...simulation.owners().values()].every((owners) => owners.length === 0));
  simulation.heal();
  await simulation.run(10_000);
  assertShared(simulation, ["a", "b", "c", "d"]);
});

test("a cluster shrinks to the last one, by stops and by kills", async () => {
  const simulation = await cluster();
  await simulation.stop("a");
  await simulation.run(2_000);
  for (const name of ["b", "c", "d"]) {
    simulation.kill(name);
    await simulation.run(8_000);
  }
  assertShared(simulation, ["e"]);
});

test("two that can't speak with each other work on together while a third speaks with both", async () => {
  const simulation = await cluster(["a", "b", "c"]);
  const from = simulation.clock.now();
  simulation.cut("a", "b");
  await simulation.run(60_000);
  assertShared(simulation, ["a", "b", "c"]);
  assert.deepEqual(simulation.faults(from, simulation.clock.now() - 1000), { doubled: [], missed: [] });
});

test("waits for the size that is asked for, says so, and waits again when it is lost", async () => {
  const simulation = new Simulation({ seed: 3, targets: 50 });
  for (const name of ["a", "b"]) simulation.start(name, { minimumSize: 3 });
  await simulation.run(20_000);
  assert.equal(node(simulation, "a").problem(), "waiting for the cluster to grow: expected 3, see 2");
  assert.ok([...simulation.owners().values()].every((owners) => owners.length === 0));
  simulation.start("c", { minimumSize: 3 });
  await simulation.run(5_000);
  assertShared(simulation, ["a", "b", "c"]);
  simulation.kill("c");
  await simulation.run(10_000);
  assert.equal(node(simulation, "a").isReadyForTraffic, false);
});

test("works with what is there once it has waited long enough for more", async () => {
  const simulation = new Simulation({ seed: 3, targets: 50 });
  for (const name of ["a", "b"]) simulation.start(name, { minimumSize: 3, minimumSizeTimeoutMs: 30_000 });
  await simulation.run(28_000);
  assert.equal(node(simulation, "a").isReadyForTraffic, false);
  await simulation.run(4_000);
  assertShared(simulation, ["a", "b"]);
});

test("collectors of another cluster name are no members", async () => {
  const simulation = new Simulation({ seed: 4, targets: 50 });
  simulation.start("a", { name: "one" });
  simulation.start("b", { name: "one" });
  const stranger = simulation.start("c", { name: "two" });
  await simulation.run(20_000);
  assert.deepEqual(
    node(simulation, "a")
      .peers()
      .map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal(stranger.node.peers().length, 1);
  assert.ok(stranger.warnings.includes("failed to join memberlist"));
});

test("one whose name is taken is not admitted, and works for itself after a while", async () => {
  const simulation = await cluster(["a", "b"], 50);
  const twin = simulation.start("a2", { node: "a" });
  await simulation.run(5_000);
  assert.match(
    twin.node.problem() ?? "",
    /not admitted to the cluster: the name a belongs to the collector at a: give each its own --cluster.node-name/,
  );
  assert.equal(twin.held.size, 0);
  await simulation.run(10_000);
  assert.equal(twin.held.size, 50);
  assert.deepEqual(
    node(simulation, "b")
      .peers()
      .map(({ name, addr }) => `${name}@${addr}`),
    ["a@a", "b@b"],
  );
});

test("one that finds the others late joins them late, without a restart", async () => {
  const simulation = await cluster(["a", "b"], 100);
  let tell = (_addresses: string[]) => {};
  simulation.start("c", {
    source: {
      description: "late",
      isAuthoritative: true,
      start(listener) {
        listener.failed("no such host");
        tell = (addresses) => listener.found(addresses);
        return () => {};
      },
    },
  });
  // Found by nobody either, since it is cut off.
  simulation.partition(["a", "b"], ["c"]);
  await simulation.run(5_000);
  assert.match(node(simulation, "c").problem() ?? "", /other collectors can't be found: no such host/);
  await simulation.run(10_000);
  assert.equal(simulation.replicas.get("c")?.held.size, 100);
  simulation.heal();
  tell(["a", "b", "c"]);
  await simulation.run(10_000);
  assertShared(simulation, ["a", "b", "c"]);
});

test("a seed that is told of nobody is found by those that are told of it, and they find each other by it", async () => {
  const simulation = new Simulation({ seed: 5, targets: 100 });
  const told = (...addresses: string[]) => ({
    source: {
      description: addresses.join(","),
      isAuthoritative: false,
      start: (listener: { found(addresses: string[]): void }) => {
        listener.found(addresses);
        return () => {};
      },
    },
  });
  simulation.start("seed", { source: undefined });
  simulation.start("x", told("seed"));
  simulation.start("y", told("seed"));
  await simulation.run(20_000);
  assertShared(simulation, ["seed", "x", "y"]);
});

test("keeps its promises for fifty replicas under churn, delays, kills and a partition", async () => {
  const names = Array.from({ length: 50 }, (_, i) => `r${String(i).padStart(2, "0")}`);
  const simulation = new Simulation({ seed: 7, targets: 600, delayMs: [1, 120] });
  for (const name of names) simulation.start(name);
  await simulation.run(6_000);
  assertShared(simulation, names);
  const from = simulation.clock.now();
  simulation.start("r50");
  await simulation.run(2_000);
  await simulation.stop("r10");
  simulation.kill("r20");
  simulation.kill("r21");
  await simulation.run(7_000);
  const left = [...names, "r50"].filter((name) => !["r10", "r20", "r21"].includes(name));
  assertShared(simulation, left);
  simulation.partition(left.slice(0, 30), left.slice(30));
  await simulation.run(7_000);
  assertShared(simulation, left.slice(0, 30));
  simulation.heal();
  await simulation.run(4_000);
  assertShared(simulation, left);
  assert.deepEqual(simulation.faults(from, simulation.clock.now() - 1000).doubled, []);
});

for (const seed of [11, 12, 13, 14, 15])
  test(`doubles nothing, and loses nothing for long, whatever happens in which order (${seed})`, async () => {
    const simulation = await cluster(five, 100, seed);
    const from = simulation.clock.now();
    let fresh = 0;
    for (let step = 0; step < 12; step++) {
      const names = [...simulation.replicas.keys()];
      const some = names[Math.floor(simulation.random() * names.length)] ?? "";
      const what = simulation.random();
      if (what < 0.3 || names.length < 4) {
        // One that starts cut off from all others has nothing to go by.
        simulation.heal();
        simulation.start(`n${fresh++}`);
      } else if (what < 0.5) await simulation.stop(some);
      else if (what < 0.7) simulation.kill(some);
      else if (what < 0.85) simulation.partition(names.slice(0, names.length >> 1), names.slice(names.length >> 1));
      else simulation.heal();
      await simulation.run(simulation.random() * 12_000);
    }
    simulation.heal();
    simulation.lossOfAnswers = 0;
    await simulation.run(30_000);
    assertShared(simulation, [...simulation.replicas.keys()]);
    assert.deepEqual(simulation.faults(from, simulation.clock.now() - 1000).doubled, []);
  });
