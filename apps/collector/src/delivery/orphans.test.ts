import assert from "node:assert/strict";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import { type RigOptions, rig, testFolder, until } from "./destination-rig.ts";
import { watchOrphans } from "./orphans.ts";

const folder = await testFolder(after);
let count = 0;
const hourMs = 3600_000;

/** A storage path with a queue that holds these records and is closed, and a watch over it. */
async function storageWithOrphan(records: string, options: RigOptions = {}) {
  const storagePath = `${folder}/${count++}`;
  const clock = new FakeClock();
  const queue = await rig({ storagePath, clock, answers: "503", endpoint: "http://gone/", ...options });
  if (records !== "") await queue.add(records, { items: 5 });
  const { closing, deadline } = queue.close();
  deadline();
  await closing;
  const context = testContext({ clock });
  const watch = watchOrphans({ storagePath, maxAgeMs: 8 * hourMs, clock, log: context.log, metrics: context.metrics });
  return { storagePath, clock, context, watch };
}

test("data of a queue that nobody opens waits, visibly, until it is too old, and is then dropped and counted", async () => {
  const { storagePath, clock, context, watch } = await storageWithOrphan("a1 b1");
  await watch.sweep();
  assert.equal(context.metric("invar_orphaned_queues"), 1);
  assert.equal(context.metric("invar_orphaned_items"), 10);
  await clock.advance(7 * hourMs);
  await watch.sweep();
  assert.equal((await readdir(storagePath)).length, 1);
  await clock.advance(1.1 * hourMs);
  await watch.sweep();
  assert.deepEqual(await readdir(storagePath), []);
  assert.equal(context.metric("invar_orphaned_items"), 0);
  assert.equal(context.metric("invar_destination_dropped_items_total", { reason: "orphaned", endpoint: "http://gone/" }), 10);
  assert.ok(context.logged.some(({ level, message }) => level === "warn" && message.includes("component is gone")));
  await watch.close();
});

test("a component that returns finds its data", async () => {
  const { storagePath, clock, watch } = await storageWithOrphan("a1");
  await clock.advance(hourMs);
  await watch.sweep();
  const { delivered } = await rig({ storagePath, clock, endpoint: "http://gone/" });
  await until(() => delivered.length === 1);
  await watch.close();
});

test("a queue that is open is no orphan, however old its data", async () => {
  const { storagePath, clock, context, watch } = await storageWithOrphan("a1");
  const { destination } = await rig({ storagePath, clock, endpoint: "http://gone/", answers: "503", limits: { maxAgeMs: 0 } });
  // Of another clock: the destination's own has not moved.
  const later = watchOrphans({
    storagePath,
    maxAgeMs: 8 * hourMs,
    clock: new FakeClock(clock.now() + 100 * hourMs),
    log: context.log,
    metrics: context.metrics,
  });
  await later.sweep();
  await later.close();
  assert.equal(context.metric("invar_orphaned_queues"), 0);
  assert.equal((await readdir(storagePath)).length, 1);
  assert.equal(destination.stats().bufferedItems, 5);
  await watch.close();
});

test("an empty queue without a component is removed at once, other folders never", async () => {
  const { storagePath, watch } = await storageWithOrphan("");
  await mkdir(join(storagePath, "positions"));
  await writeFile(join(storagePath, "note.txt"), "x");
  await watch.sweep();
  assert.deepEqual((await readdir(storagePath)).sort(), ["note.txt", "positions"]);
  await watch.close();
});

test("a queue of a newer version is left alone", async () => {
  const { storagePath, clock, watch } = await storageWithOrphan("a1");
  const [queue = ""] = await readdir(storagePath);
  await writeFile(join(storagePath, queue, "queue.json"), '{"format":99,"component":"x","endpoint":"y"}');
  await clock.advance(100 * hourMs);
  await watch.sweep();
  assert.deepEqual(await readdir(storagePath), [queue]);
  await watch.close();
});

test("what was delivered before does not count", async () => {
  const { clock, context, watch } = await storageWithOrphan("a1 a2 a3", { answers: "ok 503", request: { maxItems: 5 } });
  await watch.sweep();
  assert.equal(context.metric("invar_orphaned_items"), 10);
  await clock.advance(0);
  await watch.close();
});

test("the watch looks by itself every few minutes, and a storage path that is not there is no fault", async () => {
  const { clock, context, watch } = await storageWithOrphan("a1");
  await clock.advance(5 * 60_000);
  await until(() => context.metric("invar_orphaned_queues") === 1);
  await watch.close();
  const nowhere = watchOrphans({ storagePath: `${folder}/nowhere`, maxAgeMs: 1, clock, log: context.log, metrics: context.metrics });
  await nowhere.sweep();
  await nowhere.close();
});

test("queues are found in folders of components, and in folders elsewhere that are named", async () => {
  const { storagePath, clock, context, watch } = await storageWithOrphan("a1");
  await watch.close();
  const parent = `${folder}/${count++}`;
  await mkdir(parent);
  await rename(storagePath, `${parent}/otelcol.exporter.otlphttp.gone`);
  const elsewhere = await storageWithOrphan("a1 b1");
  await elsewhere.watch.close();
  const again = watchOrphans({
    storagePath: parent,
    otherFolders: () => [elsewhere.storagePath],
    maxAgeMs: 8 * hourMs,
    clock,
    log: context.log,
    metrics: context.metrics,
  });
  await again.sweep();
  assert.equal(context.metric("invar_orphaned_queues"), 2);
  assert.equal(context.metric("invar_orphaned_items"), 15);
  await again.close();
});
