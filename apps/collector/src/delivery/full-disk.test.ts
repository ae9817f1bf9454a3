import assert from "node:assert/strict";
import { cp, readdir } from "node:fs/promises";
import { after, test } from "node:test";
import { imbalance, type RigOptions, rest, rig, testFolder, until } from "./destination-rig.ts";
import { failingFiles } from "./failing-files.ts";

const folder = await testFolder(after);
let count = 0;
const newStorage = () => `${folder}/${count++}`;

/** A destination whose disk can be made to fail, with its storage path. */
async function rigOnFailingDisk(options: RigOptions = {}) {
  const files = failingFiles();
  const storagePath = newStorage();
  return { files, storagePath, ...(await rig({ storagePath, files, request: { maxItems: 1 }, ...options })) };
}

/** What a process would find that starts now, as after a kill. */
async function foundAfterKill(storagePath: string): Promise<string[]> {
  const killed = newStorage();
  await cp(storagePath, killed, { recursive: true });
  const { destination, delivered, close } = await rig({ storagePath: killed, request: { maxItems: 1 } });
  await rest();
  await until(() => destination.stats().bufferedItems === 0);
  await close().closing;
  return delivered;
}

/** Follows an append: `waiting`, `taken`, or the reason of the refusal. */
function follow(append: Promise<void>): { state: string } {
  const followed = { state: "waiting" };
  append.then(
    () => {
      followed.state = "taken";
    },
    (error: { reason: string }) => {
      followed.state = error.reason;
    },
  );
  return followed;
}

for (const code of ["ENOSPC", "EIO"])
  test(`while the disk takes nothing (${code}), data passes through memory and is acknowledged when delivered`, async () => {
    const { add, files, delivered, destination, context, answers, pass } = await rigOnFailingDisk();
    await add("a1");
    files.failWith(code);
    await add("a2");
    await add("a3 b1");
    assert.deepEqual([...delivered].sort(), ["a1", "a2", "a3", "b1"]);
    assert.equal(context.healthReports.at(-1)?.state, "unhealthy");
    assert.match(context.healthReports.at(-1)?.message ?? "", code === "ENOSPC" ? /disk is full.*free space/ : /can't be written.*EIO/);
    answers("hang");
    const append = follow(add("a4"));
    await rest();
    assert.equal(append.state, "waiting");
    answers("ok");
    await pass(5 * 60_000);
    await pass(1000);
    await until(() => append.state !== "waiting");
    assert.equal(destination.stats().bufferedItems, 0);
    assert.equal(imbalance(destination), 0);
  });

test("when there is room again the queue is on disk again, without a restart", async () => {
  const { add, files, storagePath, delivered, context, answers, pass, destination } = await rigOnFailingDisk();
  files.failWith("ENOSPC");
  await add("a1");
  await add("a2");
  answers("503");
  const waiting = follow(add("a3"));
  await rest();
  assert.equal(waiting.state, "waiting");
  files.failWith(undefined);
  await pass(1000);
  await until(() => waiting.state === "taken");
  assert.equal(context.healthReports.at(-1)?.state, "healthy");
  await add("a4");
  assert.deepEqual(await foundAfterKill(storagePath), ["a3", "a4"]);
  answers("ok");
  await pass(60_000);
  await until(() => delivered.length === 4);
  assert.deepEqual(delivered, ["a1", "a2", "a3", "a4"]);
  assert.equal(imbalance(destination), 0);
});

test("what was acknowledged before the disk was full stays on disk, and nothing is dropped to make room", async () => {
  const { add, files, storagePath, destination, answers, pass, delivered } = await rigOnFailingDisk({ answers: "503" });
  for (let i = 0; i < 5; i++) await add(`a${i}`);
  files.failWith("ENOSPC");
  // Behind a backlog nothing can be passed through.
  const append = follow(add("a5"));
  await rest();
  await pass(6000, 1000);
  assert.equal(append.state, "disk_full");
  assert.equal(destination.pressure()?.reason, "disk_full");
  assert.deepEqual(await foundAfterKill(storagePath), ["a0", "a1", "a2", "a3", "a4"]);
  answers("ok");
  await pass(60_000, 10_000);
  await until(() => delivered.length === 5);
  assert.equal(imbalance(destination), 0);
});

test("a sender that would wait long is told, and its record is not delivered later", async () => {
  const { add, files, destination, answers, pass, delivered, drops } = await rigOnFailingDisk({ answers: "503" });
  files.failWith("ENOSPC");
  const first = follow(add("a1"));
  const second = follow(add("b1"));
  await pass(4000, 1000);
  assert.deepEqual([first.state, second.state], ["waiting", "waiting"]);
  await pass(3000, 1000);
  assert.deepEqual([first.state, second.state], ["disk_full", "disk_full"]);
  assert.deepEqual(drops, ["disk_full:1"]);
  assert.equal(follow(add("a2")).state, "waiting");
  await assert.rejects(add("a3"), { reason: "disk_full", retryable: true });
  files.failWith(undefined);
  answers("ok");
  await pass(60_000, 5000);
  await until(() => destination.stats().bufferedItems === 0);
  // The first was in flight, and could not be called back.
  assert.deepEqual(delivered, ["a1"]);
  assert.equal(imbalance(destination), 0);
});

test("what waits in memory for the disk is bounded", async () => {
  const { add, files, context, destination } = await rigOnFailingDisk({ answers: "deaf", budgetBytes: 4_000_000 });
  files.failWith("ENOSPC");
  const appends = Array.from({ length: 100 }, (_, i) => follow(add(`a${i}`, { bytes: 100_000 })));
  await rest();
  const later = Array.from({ length: 100 }, (_, i) => follow(add(`b${i}`, { bytes: 100_000 })));
  await rest();
  assert.ok(context.budget.usedBytes < 20_000_000, `${context.budget.usedBytes} bytes`);
  assert.equal([...appends, ...later].filter(({ state }) => state === "waiting").length, destination.stats().bufferedRecords);
  assert.ok(later.every(({ state }) => state === "disk_full"));
});

test("a healthy destination goes on for long with a full disk, without growing", async () => {
  const { add, files, context, delivered, destination, pass, storagePath } = await rigOnFailingDisk({ shards: 4 });
  await add("a0");
  files.failWith("ENOSPC");
  for (let i = 1; i < 500; i++) {
    await add(`a${i}`, { bytes: 100_000 });
    if (i % 10 === 0) await pass(i % 100 === 0 ? 1000 : 0);
  }
  assert.ok(context.budget.usedBytes < 4_000_000, `${context.budget.usedBytes} bytes`);
  files.failWith(undefined);
  await pass(2000, 1000);
  await add("a500");
  await until(() => destination.stats().bufferedItems === 0);
  assert.deepEqual(
    delivered,
    Array.from({ length: 501 }, (_, i) => `a${i}`),
  );
  assert.equal(imbalance(destination), 0);
  assert.deepEqual(await foundAfterKill(storagePath), []);
});

test("a write that arrives in part is completed, and its torn state is harmless until then", async () => {
  for (const partly of [1, 20, 31, 32, 40, 60, 90]) {
    const { add, files, storagePath, answers, pass, destination } = await rigOnFailingDisk({ answers: "503" });
    await add("a1");
    files.failWith("ENOSPC", { partly });
    const append = follow(add("b1 c1 d1"));
    await rest();
    const found = await foundAfterKill(storagePath);
    assert.ok(found.includes("a1"), `${found} after ${partly} bytes`);
    files.failWith(undefined);
    await pass(1000);
    await until(() => append.state === "taken");
    assert.deepEqual((await foundAfterKill(storagePath)).sort(), ["a1", "b1", "c1", "d1"]);
    answers("ok");
    await pass(60_000);
    await until(() => destination.stats().bufferedItems === 0);
    assert.equal(imbalance(destination), 0);
  }
});

test("records that were delivered while the disk was full are not written when others still must be", async () => {
  const deaf: RigOptions = {
    shards: 64,
    async send({ payload }) {
      const text = Buffer.from(payload[0] ?? []).toString();
      return text.startsWith("a") ? { kind: "retry", message: "not now" } : { kind: "delivered" };
    },
  };
  const { add, files, storagePath, pass, destination } = await rigOnFailingDisk(deaf);
  files.failWith("ENOSPC");
  const held = follow(add("a1", { bytes: 1000 }));
  for (let i = 0; i < 300; i++) await add(`b${i}`, { bytes: 10_000 });
  files.failWith(undefined);
  await pass(1000);
  await until(() => held.state === "taken");
  assert.deepEqual(await foundAfterKill(storagePath), ["a1".padEnd(2)]);
  assert.equal(destination.stats().bufferedItems, 1);
  assert.equal(imbalance(destination), 0);
});

test("closing with a full disk hands back what was not written", async () => {
  const { add, files, close, destination } = await rigOnFailingDisk({ answers: "503" });
  files.failWith("ENOSPC");
  const append = follow(add("a1"));
  await rest();
  const { closing, deadline } = close();
  deadline();
  await closing;
  assert.notEqual(append.state, "taken");
  assert.equal(imbalance(destination), 0);
});

test("a destination that took nothing while the disk was full takes data again when there is room, though nothing waited to be written", async () => {
  const { add, files, pass, destination, context } = await rigOnFailingDisk({ answers: "503", retry: { maxAttempts: 1 } });
  files.failWith("ENOSPC");
  const appends = [follow(add("a1")), follow(add("a2"))];
  await pass(8000, 1000);
  assert.deepEqual(appends.map(({ state }) => state).includes("waiting"), false);
  assert.equal(destination.stats().bufferedItems, 0);
  files.failWith(undefined);
  await pass(2000, 1000);
  await until(() => context.healthReports.at(-1)?.state === "healthy");
  await add("a3");
});

test("a disk that hangs keeps nobody waiting for long, and loses nothing", async () => {
  const { add, files, pass, destination, context, delivered } = await rigOnFailingDisk();
  await add("a1");
  const goOn = files.hangWrites();
  const append = follow(add("a2"));
  await pass(4000, 1000);
  assert.equal(append.state, "waiting");
  await pass(2000, 1000);
  assert.equal(append.state, "disk_error");
  assert.equal(destination.pressure()?.reason, "disk_error");
  assert.match(context.healthReports.at(-1)?.message ?? "", /takes longer than 5 s to write/);
  await assert.rejects(add("a3"), { retryable: true, reason: "disk_error" });
  goOn();
  await until(() => delivered.includes("a2"));
  assert.equal(context.healthReports.at(-1)?.state, "healthy");
  await add("a4");
  await until(() => destination.stats().bufferedItems === 0);
  assert.equal(imbalance(destination), 0);
});

test("reading that fails for a while is tried again, and nothing is lost", async () => {
  const { add, files, answers, pass, delivered, destination, context } = await rigOnFailingDisk({ answers: "503" });
  for (let i = 0; i < 150; i++) await add(`a${i}`, { bytes: 100_000 });
  files.failReadsWith("EIO");
  answers("ok");
  await pass(1000);
  await pass(1000);
  files.failReadsWith(undefined);
  await pass(30_000, 500);
  await until(() => destination.stats().bufferedItems === 0);
  assert.equal(delivered.length, 150);
  assert.equal(context.healthReports.at(-1)?.state, "healthy");
});

test("a queue that could not be made on a full disk is made when there is room", async () => {
  const files = failingFiles();
  files.failWith("ENOSPC");
  const storagePath = newStorage();
  const { add, pass, delivered, context, destination } = await rig({ storagePath, files });
  await assert.rejects(add("a1"), { reason: "queue_unavailable", retryable: true });
  assert.match(context.healthReports.at(-1)?.message ?? "", /can't be opened: ENOSPC/);
  files.failWith(undefined);
  await pass(5000);
  await until(() => context.healthReports.at(-1)?.state === "healthy");
  await add("a2");
  await until(() => delivered.length === 1);
  assert.equal(destination.stats().isOnDisk, true);
  assert.equal((await readdir(storagePath)).length, 1);
});
