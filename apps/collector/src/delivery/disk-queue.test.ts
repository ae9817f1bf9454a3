import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { imbalance, type Rig, type RigOptions, rest, rig, testFolder, until } from "./destination-rig.ts";
import { failingFiles } from "./failing-files.ts";
import { newSegment } from "./segment.ts";
import { readRecordHeader, segmentHeaderBytes } from "./segment-format.ts";

const folder = await testFolder(after);
let count = 0;
const newStorage = () => `${folder}/${count++}`;

/** The queue's folder under a storage path. */
async function queueIn(storagePath: string): Promise<string> {
  const [name = ""] = await readdir(storagePath);
  return join(storagePath, name);
}
const segmentsIn = async (queue: string) => (await readdir(queue)).filter((name) => name.endsWith(".log"));

/** Closes at once; what is queued stays on disk. */
async function stop({ close }: Rig): Promise<void> {
  const { closing, deadline } = close();
  deadline();
  await closing;
}

/** A storage path where these records wait, as a process left them that was not killed while it wrote. */
async function storageWith(records: string, options: RigOptions = {}): Promise<string> {
  const storagePath = newStorage();
  const before = await rig({ storagePath, answers: "503", ...options });
  for (const record of records.split(" ")) await before.add(record);
  await stop(before);
  return storagePath;
}

/** What a queue delivers when it is opened again. */
async function deliveredFrom(storagePath: string, options: RigOptions = {}): Promise<{ records: string[]; drops: string[]; rig: Rig }> {
  const reopened = await rig({ storagePath, ...options });
  await until(() => reopened.destination.stats().bufferedItems === 0 && reopened.destination.stats().requestsInFlight === 0);
  await rest();
  await reopened.close().closing;
  assert.equal(imbalance(reopened.destination), 0);
  return { records: reopened.delivered.join("+").split("+").filter(Boolean), drops: reopened.drops, rig: reopened };
}

const numbered = (letter: string, from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${letter}${from + i}`);

test("what was not delivered is delivered after a restart, before what is new", async () => {
  const storagePath = await storageWith("a1 a2 b1");
  const { add, delivered, destination } = await rig({ storagePath });
  await add("a3");
  await until(() => destination.stats().deliveredItems === 4);
  assert.deepEqual(delivered.join("+").split("+"), ["a1", "a2", "b1", "a3"]);
  assert.deepEqual([destination.stats().recoveredItems, destination.stats().acceptedItems], [3, 1]);
});

test("items, groups and ages survive a restart", async () => {
  const storagePath = newStorage();
  const before = await rig({ storagePath, answers: "503" });
  await before.add("tenant/a1", { items: 7 });
  await stop(before);
  const { destination, delivered, clock, requests } = await rig({ storagePath, answers: "503 ok" });
  await until(() => requests.length === 1);
  await clock.advance(500);
  assert.deepEqual([destination.stats().bufferedItems, destination.stats().oldestAgeMs], [7, 500]);
  await clock.advance(500);
  await until(() => delivered.length === 1);
  assert.deepEqual(delivered, ["tenant/a1"]);
});

test("another number of senders after a restart keeps the order within a shard", async () => {
  const storagePath = await storageWith("a1 b1 a2 c1 b2 a3", { shards: 50 });
  const { records } = await deliveredFrom(storagePath, { shards: 7, request: { maxItems: 1 } });
  assert.deepEqual([...records].sort(), ["a1", "a2", "a3", "b1", "b2", "c1"]);
  assert.deepEqual(
    records.filter((record) => record.startsWith("a")),
    ["a1", "a2", "a3"],
  );
});

test("nothing is sent again that was delivered before a kill", async () => {
  const storagePath = newStorage();
  const before = await rig({ storagePath, request: { maxItems: 1 } });
  await before.add("a1 b1 a2");
  await until(() => before.delivered.length === 3);
  before.answers("deaf");
  await before.add("a3");
  await until(() => before.hanging === 1);
  // The folder as a kill would leave it now.
  const killed = newStorage();
  await cp(storagePath, killed, { recursive: true });
  assert.deepEqual((await deliveredFrom(killed)).records, ["a3"]);
});

test("files of segments go when their records are delivered", async () => {
  const storagePath = newStorage();
  const { add, destination, close } = await rig({ storagePath, limits: { maxBytes: 1_000_000 } });
  for (let i = 0; i < 100; i++) await add(`a${i}`, { bytes: 20_000 });
  await until(() => destination.stats().bufferedItems === 0);
  const queue = await queueIn(storagePath);
  await until(() => readdirSync(queue).filter((name) => name.endsWith(".log")).length <= 1, "one segment is left");
  await close().closing;
  assert.deepEqual((await readdir(await queueIn(storagePath))).sort(), ["cursor", "lock", "queue.json"]);
});

test("a queue that was emptied goes on at its position after a restart", async () => {
  const storagePath = newStorage();
  for (let run = 0; run < 3; run++) {
    const { add, delivered, close } = await rig({ storagePath });
    await add(`a${run}`);
    await until(() => delivered.length === 1);
    await close().closing;
    assert.deepEqual(delivered, [`a${run}`]);
  }
});

test("a last record torn at any byte is left out, and all before it delivered", async () => {
  const storagePath = await storageWith("a1 group/b2");
  const queue = await queueIn(storagePath);
  const [name = ""] = await segmentsIn(queue);
  const bytes = await readFile(join(queue, name));
  const first = readRecordHeader(bytes, segmentHeaderBytes, Number(name.slice(0, 16)) + segmentHeaderBytes);
  assert.ok(first);
  const lastRecord = segmentHeaderBytes + first.length;
  for (let size = lastRecord; size < bytes.length; size++) {
    const torn = newStorage();
    await cp(storagePath, torn, { recursive: true });
    await truncate(join(await queueIn(torn), name), size);
    // As after a kill in the middle of a write: the cursor never heard of it.
    await rm(join(await queueIn(torn), "cursor"));
    const { records, drops, rig: reopened } = await deliveredFrom(torn);
    assert.deepEqual([records, drops], [["a1"], []], `torn at ${size}`);
    assert.equal(reopened.destination.stats().recoveredItems, 1);
  }
});

test("a torn record that was acknowledged, as by a power cut, is counted", async () => {
  const storagePath = await storageWith("a1 b2");
  const queue = await queueIn(storagePath);
  const [name = ""] = await segmentsIn(queue);
  await truncate(join(queue, name), (await stat(join(queue, name))).size - 1);
  const { records, drops, rig: reopened } = await deliveredFrom(storagePath);
  assert.deepEqual([records, drops], [["a1"], ["corrupted:1"]]);
  assert.ok(reopened.context.logged.some(({ level, message }) => level === "error" && message.includes("damaged")));
});

test("a damaged byte anywhere costs its record alone, never more, and is counted where the record still can be told", async () => {
  const storagePath = await storageWith("a1 a22 a333");
  const queue = await queueIn(storagePath);
  const [name = ""] = await segmentsIn(queue);
  const bytes = await readFile(join(queue, name));
  for (let at = segmentHeaderBytes; at < bytes.length; at += 3) {
    const damaged = newStorage();
    await cp(storagePath, damaged, { recursive: true });
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    await writeFile(join(await queueIn(damaged), name), changed);
    const { records, rig: reopened } = await deliveredFrom(damaged);
    assert.equal(records.length, 2, `damaged at ${at}: ${records}`);
    assert.ok(records.every((record) => ["a1", "a22", "a333"].includes(record)));
    assert.ok("corrupted" in reopened.destination.stats().droppedItems, `damaged at ${at}`);
  }
});

test("a payload damaged while the process runs is dropped and counted when it is read back", async () => {
  const storagePath = newStorage();
  const { add, destination, answers, pass, delivered, drops } = await rig({ storagePath, answers: "503", request: { maxItems: 1 } });
  // More than what is kept in memory.
  for (let i = 0; i < 150; i++) await add(`a${i}`, { bytes: 100_000 });
  const queue = await queueIn(storagePath);
  const [, second = ""] = await segmentsIn(queue);
  const bytes = await readFile(join(queue, second));
  bytes.fill(0x58, 250_000, 250_010);
  await writeFile(join(queue, second), bytes);
  answers("ok");
  await pass(30_000);
  await until(() => destination.stats().bufferedItems === 0);
  assert.deepEqual([delivered.length, drops], [149, ["corrupted:1"]]);
  assert.equal(imbalance(destination), 0);
});

test("a segment that disappears is counted as lost", async () => {
  const storagePath = newStorage();
  const before = await rig({ storagePath, answers: "503" });
  for (let i = 0; i < 400; i++) await before.add(`a${i}`, { bytes: 100_000 });
  await stop(before);
  const { destination, answers, pass, delivered } = await rig({ storagePath, answers: "503", request: { maxItems: 1 } });
  await until(() => destination.stats().recoveredItems === 400);
  const queue = await queueIn(storagePath);
  const names = await segmentsIn(queue);
  await rm(join(queue, names[5] ?? ""));
  answers("ok");
  await pass(30_000);
  await until(() => destination.stats().bufferedItems === 0);
  const lost = destination.stats().droppedItems.corrupted ?? 0;
  assert.ok(lost > 30 && lost < 50, `${lost} lost`);
  assert.equal(delivered.length, 400 - lost);
  assert.equal(imbalance(destination), 0);
});

test("a queue much longer than its memory is delivered in order, within its memory", async () => {
  const storagePath = newStorage();
  const { add, destination, context, answers, pass, delivered } = await rig({
    storagePath,
    answers: "503",
    shards: 4,
    request: { maxItems: 20 },
  });
  for (let i = 0; i < 300; i++) {
    await Promise.all([add(`a${i}`, { bytes: 50_000 }), add(`b${i}`, { bytes: 50_000 })]);
    assert.ok(context.budget.usedBytes < 16_000_000, `${context.budget.usedBytes} bytes in memory`);
  }
  assert.equal(destination.stats().bufferedItems, 600);
  answers("ok");
  await pass(30_000);
  await until(() => destination.stats().bufferedItems === 0);
  for (const letter of "ab")
    assert.deepEqual(
      delivered
        .join("+")
        .split("+")
        .filter((record) => record.startsWith(letter)),
      numbered(letter, 0, 300),
    );
  assert.equal(imbalance(destination), 0);
});

test("more small records than are kept in memory are delivered in order, also with new ones coming in", async () => {
  const { add, destination, answers, pass, delivered } = await rig({
    storagePath: newStorage(),
    answers: "503",
    request: { maxItems: 1000 },
  });
  const total = 20_000;
  for (let i = 0; i < total; i += 500) await add(numbered("a", i, i + 500).join(" "));
  answers("ok");
  await pass(1000);
  for (let i = total; i < total + 2000; i += 100) await add(numbered("a", i, i + 100).join(" "));
  await until(() => destination.stats().bufferedItems === 0);
  assert.deepEqual(delivered.join("+").split("+"), numbered("a", 0, total + 2000));
  assert.equal(imbalance(destination), 0);
});

test("a shard that is held up does not hold up the others of a long queue", async () => {
  const arrived: string[] = [];
  const { add, destination } = await rig({
    storagePath: newStorage(),
    shards: 64,
    async send({ payload }) {
      const texts = payload.map((part) => Buffer.from(part).toString().trimEnd());
      if (texts.some((text) => text.startsWith("a"))) return { kind: "retry", message: "poison" };
      arrived.push(...texts);
      return { kind: "delivered" };
    },
  });
  for (let i = 0; i < 200; i++) await Promise.all([add(`a${i}`, { bytes: 50_000 }), add(`b${i}`, { bytes: 50_000 })]);
  await until(() => destination.stats().bufferedItems === 200);
  assert.deepEqual(arrived, numbered("b", 0, 200));
});

test("the cursor's older slot counts where the newer is torn; where both are, all is sent again", async () => {
  const storagePath = newStorage();
  const before = await rig({ storagePath, request: { maxItems: 1 }, answers: "ok ok 503" });
  await before.add("a1 a2 a3");
  await until(() => before.destination.stats().retries === 1);
  const queue = await queueIn(storagePath);
  const cursor = await readFile(join(queue, "cursor"));
  const newer = cursor.readUIntLE(8, 6) > cursor.readUIntLE(4096 + 8, 6) ? 0 : 4096;
  const deliveredWith = async (change: (cursor: Buffer) => void) => {
    const copy = newStorage();
    await cp(storagePath, copy, { recursive: true });
    const changed = Buffer.from(cursor);
    change(changed);
    await writeFile(join(await queueIn(copy), "cursor"), changed);
    return (await deliveredFrom(copy)).records;
  };
  assert.deepEqual(await deliveredWith(() => {}), ["a3"]);
  assert.deepEqual(await deliveredWith((changed) => changed.fill(1, newer + 100, newer + 200)), ["a2", "a3"]);
  assert.deepEqual(await deliveredWith((changed) => changed.fill(0)), ["a1", "a2", "a3"]);
});

test("records are never taken for delivered because a power cut took the end of the log but not the cursor", async () => {
  const storagePath = newStorage();
  const before = await rig({ storagePath });
  await before.add("a1 a2 a3");
  await until(() => before.delivered.length > 0);
  before.answers("503");
  await before.add("a4");
  await stop(before);
  const queue = await queueIn(storagePath);
  for (const name of await segmentsIn(queue)) await truncate(join(queue, name), segmentHeaderBytes);
  const { add, delivered } = await rig({ storagePath });
  await add("a5");
  await until(() => delivered.length === 1);
  assert.deepEqual(delivered, ["a5"]);
});

for (const where of ["queue.json", "a segment"])
  test(`a queue of a newer version is refused and left untouched (${where}), until it is gone`, async () => {
    const storagePath = await storageWith("a1");
    const queue = await queueIn(storagePath);
    const [name = ""] = await segmentsIn(queue);
    if (where === "a segment") {
      const bytes = await readFile(join(queue, name));
      bytes.writeUInt32LE(2, 8);
      await writeFile(join(queue, name), bytes);
    } else await writeFile(join(queue, "queue.json"), '{"format":2}');
    const contents = async () =>
      Promise.all((await readdir(queue)).sort().map(async (file) => [file, await readFile(join(queue, file), "latin1")]));
    const before = await contents();
    const { destination, context, add, pass, delivered } = await rig({ storagePath });
    assert.match(context.healthReports[0]?.message ?? "", /newer version/);
    assert.equal(destination.pressure()?.reason, "queue_unavailable");
    await assert.rejects(add("a2"), { retryable: true, reason: "queue_unavailable" });
    assert.deepEqual(destination.stats().refusedItems, { queue_unavailable: 1 });
    assert.deepEqual(await contents(), before);
    await rm(queue, { recursive: true });
    await pass(5000);
    await until(() => context.healthReports.length === 2);
    assert.equal(context.healthReports[1]?.state, "healthy");
    await add("a2");
    await until(() => delivered.length === 1);
  });

test("a folder that another destination has open is refused, and taken when it is free", async () => {
  const storagePath = newStorage();
  const first = await rig({ storagePath, answers: "503" });
  await first.add("a1");
  const second = await rig({ storagePath });
  assert.match(second.context.healthReports[0]?.message ?? "", /in use by another process/);
  await assert.rejects(second.add("a2"), { reason: "queue_unavailable" });
  await stop(first);
  await second.pass(5000);
  await until(() => second.delivered.length === 1);
  assert.deepEqual(second.delivered, ["a1"]);
});

test("a destination that could not be opened closes", async () => {
  const storagePath = newStorage();
  const first = await rig({ storagePath });
  const second = await rig({ storagePath });
  await second.close().closing;
  await first.close().closing;
});

test("where the storage path can't be written the queue is in memory, and says so", async () => {
  const storagePath = newStorage();
  await writeFile(storagePath, "a file, not a folder");
  const { destination, add, delivered, context } = await rig({ storagePath });
  await add("a1");
  await until(() => delivered.length === 1);
  assert.equal(destination.stats().isOnDisk, false);
  assert.ok(context.logged.some(({ level, message }) => level === "warn" && message.includes("in memory")));
});

test("two endpoints of a component have queues of their own, as have two components with the same endpoint", async () => {
  const storagePath = newStorage();
  await rig({ storagePath, endpoint: "http://a/" });
  await rig({ storagePath, endpoint: "http://b/" });
  await rig({ storagePath, component: "mod/../../x.y", endpoint: "http://a/" });
  const names = await readdir(storagePath);
  assert.equal(names.length, 3);
  assert.ok(names.some((name) => /^mod_.._.._x.y-[0-9a-f]{12}$/.test(name)));
});

test("no password of an endpoint is written to the folder", async () => {
  const storagePath = newStorage();
  await rig({ storagePath, endpoint: "http://user:hunter2@host/" });
  const queue = await queueIn(storagePath);
  assert.equal(await readFile(join(queue, "queue.json"), "utf8"), '{"format":1,"component":"test.exporter.a","endpoint":"http://host/"}\n');
});

test("what waits is synced each interval, what is delivered is not", async () => {
  const files = failingFiles();
  const { add, answers, pass, delivered } = await rig({ storagePath: newStorage(), files, answers: "503", fsyncIntervalMs: 1000 });
  const segmentSyncs = () => files.synced.filter((name) => name.endsWith(".log")).length;
  await add("a1");
  await pass(1000);
  await until(() => segmentSyncs() === 1);
  await pass(3000, 1000);
  assert.equal(segmentSyncs(), 1, "nothing was appended since");
  answers("ok");
  await pass(10_000, 1000);
  await until(() => delivered.length === 1);
  await add("a2");
  await until(() => delivered.length === 2);
  await pass(3000, 1000);
  assert.equal(segmentSyncs(), 1, "what was appended since is delivered");
});

test("with an interval of 0 a record is synced before it is acknowledged", async () => {
  const files = failingFiles();
  const { add } = await rig({ storagePath: newStorage(), files, answers: "503", fsyncIntervalMs: 0 });
  await add("a1");
  assert.ok(files.synced.some((name) => name.endsWith(".log")));
});

test("many appends of one turn are one write", async () => {
  const files = failingFiles();
  const { add } = await rig({ storagePath: newStorage(), files, answers: "503" });
  const before = files.writes;
  await add(numbered("a", 0, 500).join(" "));
  assert.equal(files.writes - before, 1);
});

test("a queue that is not used takes no memory", async () => {
  const { add, delivered, context, pass } = await rig({ storagePath: newStorage() });
  await add("a1");
  await until(() => delivered.length === 1);
  assert.ok(context.budget.usedBytes > 0);
  await pass(3000, 1000);
  assert.equal(context.budget.usedBytes, 0);
  await add("a2");
  await until(() => delivered.length === 2);
});

test("files of others in the folder are left alone", async () => {
  const storagePath = await storageWith("a1");
  const queue = await queueIn(storagePath);
  await writeFile(join(queue, "notes.txt"), "x");
  await mkdir(join(queue, "0000000000000000.log.d"));
  assert.deepEqual((await deliveredFrom(storagePath)).records, ["a1"]);
  assert.equal(await readFile(join(queue, "notes.txt"), "utf8"), "x");
});

test("an empty or header-less segment, as a kill may leave, is no obstacle", async () => {
  const storagePath = await storageWith("a1");
  const queue = await queueIn(storagePath);
  const { path } = newSegment(join(queue, "0000000000900000.log"), 900_000);
  await writeFile(path, "");
  await writeFile(join(queue, "0000000001000000.log"), "INVAR");
  const { records, drops } = await deliveredFrom(storagePath);
  assert.deepEqual([records, drops], [["a1"], []]);
  assert.deepEqual(await segmentsIn(queue), []);
});

test("what was in flight at a kill is sent again, though records behind it were dropped meanwhile", async () => {
  const storagePath = newStorage();
  const before = await rig({ storagePath, answers: "deaf", limits: { maxRecords: 2 }, request: { maxItems: 1 } });
  await before.add("a1");
  await until(() => before.hanging === 1);
  for (const record of ["a2", "a3", "a4"]) await before.add(record);
  assert.deepEqual(before.drops, ["queue_full:1", "queue_full:1"]);
  const killed = newStorage();
  await cp(storagePath, killed, { recursive: true });
  const { records } = await deliveredFrom(killed);
  assert.ok(records.includes("a1") && records.includes("a4"), `${records}`);
});
