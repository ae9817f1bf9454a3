import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { FakeClock } from "../component/clock.ts";
import { DeliveryError } from "../signals/delivery-error.ts";
import { Receipt } from "../signals/receipt.ts";
import { imbalance, type RigOptions, rest, rig, testFolder, until } from "./destination-rig.ts";

const folder = await testFolder(after);
let count = 0;

for (const kind of ["memory", "disk"] as const) {
  const storage = () => (kind === "disk" ? { storagePath: `${folder}/${count++}` } : {});
  const make = (options: RigOptions = {}) => rig({ ...storage(), ...options });

  describe(`a destination with its queue ${kind === "disk" ? "on disk" : "in memory"}`, () => {
    test("delivers what was appended, merged, and in order within a shard", async () => {
      const { add, delivered, destination } = await make({ request: { maxWaitMs: 100, maxItems: 4 } });
      await add("a1 a2 b1 a3");
      await until(() => delivered.length === 1);
      assert.deepEqual(delivered, ["a1+a2+b1+a3"]);
      assert.equal(destination.stats().isOnDisk, kind === "disk");
      assert.equal(imbalance(destination), 0);
    });

    test("waits for more until the oldest record has waited long enough", async () => {
      const { add, delivered, requests, pass } = await make({ request: { maxWaitMs: 100 } });
      await add("a1");
      await pass(60);
      await add("a2");
      await rest();
      assert.deepEqual(requests, []);
      await pass(40);
      await until(() => delivered.length === 1);
      assert.deepEqual(delivered, ["a1+a2"]);
    });

    test("never joins records of two groups", async () => {
      const { add, delivered, pass } = await make({ request: { maxWaitMs: 10 } });
      await add("x/a1 y/b1 x/a2 a3");
      await pass(10);
      await until(() => delivered.length === 3);
      assert.deepEqual([...delivered].sort(), ["a3", "x/a1+a2", "y/b1"]);
    });

    test("copies the payload before the append resolves", async () => {
      const { destination, delivered, pass } = await make({ request: { maxWaitMs: 10 } });
      const payload = Buffer.from("a1");
      await destination.append({ payload: [payload], items: 1, shard: 0 });
      payload.fill("x");
      await pass(10);
      await until(() => delivered.length === 1);
      assert.deepEqual(delivered, ["a1"]);
    });

    test("tries again after delays that grow, and in the end delivers", async () => {
      const { add, delivered, times, pass, destination } = await make({ answers: "503 503 throws ok" });
      await add("a1");
      await until(() => times.length === 1);
      await pass(7000, 1000);
      await until(() => delivered.length === 1);
      assert.deepEqual(times, [0, 1000, 3000, 7000]);
      assert.equal(destination.stats().retries, 3);
      assert.equal(imbalance(destination), 0);
    });

    test("waits as long as the destination asks", async () => {
      const { add, times, pass } = await make({ answers: "429:5000 ok" });
      await add("a1");
      await until(() => times.length === 1);
      await pass(4999);
      assert.equal(times.length, 1);
      await pass(1);
      await until(() => times.length === 2);
    });

    test("drops and counts what the destination refuses for good, and goes on", async () => {
      const { add, delivered, drops, destination, context } = await make({ answers: "400 ok" });
      await add("a1");
      await until(() => drops.length === 1);
      await add("a2");
      await until(() => delivered.length === 1);
      assert.deepEqual([drops, delivered], [["bad_request:1"], ["a2"]]);
      assert.equal(context.metric("invar_destination_dropped_items_total", { reason: "bad_request" }), 1);
      assert.equal(imbalance(destination), 0);
    });

    test("counts what a destination rejects of a request that it takes", async () => {
      const { add, drops, destination } = await make({ answers: "rejects:2" });
      await add("a1", { items: 5 });
      await until(() => drops.length === 1);
      assert.deepEqual([drops, destination.stats().deliveredItems], [["rejected:2"], 3]);
      assert.equal(imbalance(destination), 0);
    });

    for (const [what, error, expected] of [
      ["a delivery error that is not retryable refuses", new DeliveryError("no", { retryable: false, reason: "too_big" }), "too_big:1"],
      [
        "a retryable delivery error is tried again",
        new DeliveryError("later", { retryable: true, reason: "busy", retryAfterMs: 1 }),
        undefined,
      ],
      ["any other exception is tried again", new TypeError("fetch failed"), undefined],
    ] as const)
      test(what, async () => {
        let attempts = 0;
        const send = async () => {
          if (attempts++ === 0) throw error;
          return { kind: "delivered" } as const;
        };
        const { add, drops, destination, pass } = await make({ send });
        await add("a1");
        await until(() => attempts === 1);
        await rest();
        await pass(1000);
        await until(() => destination.stats().bufferedItems === 0);
        assert.deepEqual([drops, attempts], expected === undefined ? [[], 2] : [[expected], 1]);
      });

    test("gives up after the attempts that are allowed", async () => {
      const { add, drops, destination, pass } = await make({ answers: "503", retry: { maxAttempts: 3 } });
      await add("a1");
      await pass(4000, 1000);
      await until(() => drops.length === 1);
      assert.deepEqual(drops, ["retries_exhausted:1"]);
      assert.equal(imbalance(destination), 0);
    });

    test("gives up after the time that is allowed", async () => {
      const { add, drops, times, pass } = await make({ answers: "503", retry: { maxElapsedMs: 2500 } });
      await add("a1");
      await pass(4000, 500);
      await until(() => drops.length === 1);
      assert.deepEqual([drops, times], [["retries_exhausted:1"], [0, 1000, 3000]]);
    });

    for (const hang of ["hang", "deaf"])
      test(`aborts a request without an answer and tries again (${hang})`, async () => {
        const { add, delivered, requests, context, pass } = await make({ answers: `${hang} ok`, timeoutMs: 30_000 });
        await add("a1");
        await until(() => requests.length === 1);
        await pass(30_000);
        await pass(1000);
        await pass(1000);
        await until(() => delivered.length === 1);
        assert.equal(context.metric("invar_destination_retries_total"), 1);
      });

    test("a dead destination does not hold up another", async () => {
      const dead = await make({ answers: "deaf", endpoint: "http://dead/" });
      const alive = await make({ endpoint: "http://alive/" });
      for (let i = 0; i < 50; i++) await Promise.all([dead.add(`a${i}`), alive.add(`a${i}`)]);
      await until(() => alive.destination.stats().deliveredItems === 50);
      assert.equal(dead.destination.stats().bufferedItems, 50);
    });

    test("a shard that is held up does not hold up the others", async () => {
      const send: Parameters<typeof make>[0] = {
        shards: 64,
        async send({ payload }) {
          const text = Buffer.concat([...payload]).toString();
          if (text.includes("a")) return { kind: "retry", message: "poison" };
          return { kind: "delivered" };
        },
      };
      const { add, destination } = await make(send);
      await add("a1 b1 c1 d1 a2 b2");
      await until(() => destination.stats().deliveredItems === 4);
      assert.equal(destination.stats().bufferedItems, 2);
    });

    test("drops its oldest when its records become too many", async () => {
      const { add, destination, drops, answers, delivered, pass } = await make({
        answers: "503",
        limits: { maxRecords: 3 },
        request: { maxItems: 1 },
      });
      await add("a1");
      await until(() => destination.stats().retries === 1);
      for (const record of ["a2", "a3", "a4", "a5"]) await add(record);
      assert.deepEqual([drops, destination.stats().bufferedRecords], [["queue_full:1", "queue_full:1"], 3]);
      answers("ok");
      await pass(1000);
      await until(() => delivered.length === 3);
      assert.deepEqual(delivered, ["a1", "a4", "a5"]);
      assert.equal(imbalance(destination), 0);
    });

    test("drops its oldest when its items become too many, and lets a record pass that is too many alone", async () => {
      const { add, destination, drops, pass } = await make({ answers: "503", limits: { maxItems: 10 }, request: { maxWaitMs: 1000 } });
      await add("a1", { items: 6 });
      await add("a2", { items: 4 });
      await add("a3", { items: 1 });
      assert.deepEqual([drops, destination.stats().bufferedItems], [["queue_full:6"], 5]);
      await add("a4", { items: 50 });
      assert.equal(destination.stats().bufferedItems, 50);
      await pass(0);
      assert.equal(imbalance(destination), 0);
    });

    test("drops its oldest when its bytes become too many, never what is in flight", async () => {
      const limits = { maxBytes: 200_000 };
      const { add, destination, answers, delivered, pass } = await make({ answers: "hang", limits, request: { maxItems: 1 } });
      for (let i = 0; i < 40; i++) {
        await add(`a${i}`, { bytes: 10_000 });
        if (i === 0) await until(() => destination.stats().requestsInFlight === 1);
      }
      const { bufferedBytes, droppedItems } = destination.stats();
      assert.ok(bufferedBytes <= 200_000 && bufferedBytes > 150_000, `${bufferedBytes} bytes`);
      assert.equal(imbalance(destination), 0);
      const dropped = droppedItems.queue_full ?? 0;
      answers("ok");
      await pass(5 * 60_000);
      await pass(2000);
      await until(() => destination.stats().bufferedItems === 0);
      const kept = Array.from({ length: 39 - dropped }, (_, i) => `a${i + dropped + 1}`);
      assert.deepEqual(delivered, ["a0", ...kept]);
    });

    test("refuses, retryably, where it is to refuse when full", async () => {
      const { add, destination, answers, pass } = await make({ answers: "503", whenFull: "refuse", limits: { maxRecords: 2 } });
      await add("a1");
      await until(() => destination.stats().retries === 1);
      assert.equal(destination.pressure(), undefined);
      await add("a2");
      assert.equal(destination.pressure()?.reason, "queue_full");
      await assert.rejects(add("a3"), { name: "DeliveryError", retryable: true, reason: "queue_full" });
      assert.deepEqual(destination.stats().refusedItems, { queue_full: 1 });
      assert.equal(imbalance(destination), 0);
      answers("ok");
      await pass(1000);
      await until(() => destination.stats().bufferedItems === 0);
      assert.equal(destination.pressure(), undefined);
      await add("a4");
    });

    test("refuses a record for good that is larger than the queue", async () => {
      const { add } = await make({ limits: { maxBytes: 20_000 } });
      await assert.rejects(add("a1", { bytes: 30_000 }), { retryable: false, reason: "record_too_large" });
    });

    test("refuses by bytes until the destination has taken some", async () => {
      const { add, destination, answers, pass } = await make({ answers: "503", whenFull: "refuse", limits: { maxBytes: 100_000 } });
      let taken = 0;
      await assert.rejects(
        async () => {
          for (; ; taken++) await add(`a${taken}`, { bytes: 10_000 });
        },
        { reason: "queue_full" },
      );
      assert.ok(taken >= 9, `${taken} were taken`);
      answers("ok");
      await pass(1000);
      await until(() => destination.stats().bufferedItems === 0);
      assert.equal(destination.pressure(), undefined);
      await add("b1", { bytes: 10_000 });
    });

    test("drops what is too old, waiting or between attempts", async () => {
      const { add, destination, drops, pass } = await make({ answers: "503", limits: { maxAgeMs: 60_000 }, request: { maxItems: 1 } });
      await add("a1 a2");
      await until(() => destination.stats().retries === 1);
      await pass(100000, 1000);
      assert.deepEqual(drops.sort(), ["too_old:1", "too_old:1"]);
      assert.deepEqual([destination.stats().bufferedItems, destination.stats().oldestAgeMs, imbalance(destination)], [0, 0, 0]);
    });

    test("a jump of the wall clock makes nothing too old", async () => {
      class JumpingClock extends FakeClock {
        jumpMs = 0;
        override now() {
          return super.now() + this.jumpMs;
        }
      }
      const clock = new JumpingClock();
      const { add, destination, drops, pass } = await make({ answers: "503", limits: { maxAgeMs: 60_000 }, clock });
      await add("a1");
      clock.jumpMs = 10 * 3600_000;
      await pass(2000);
      assert.deepEqual([drops, destination.stats().bufferedItems, destination.stats().oldestAgeMs], [[], 1, 2000]);
    });

    test("becomes unhealthy after a minute of failures, says since when and why, and healthy again by a success", async () => {
      const { add, context, answers, destination, pass } = await make({ answers: "503" });
      await add("a1");
      await until(() => destination.stats().retries === 1);
      await pass(59000, 1000);
      assert.equal(context.healthReports.length, 0);
      await pass(2000, 1000);
      assert.equal(context.healthReports.length, 1);
      const report = JSON.stringify(context.healthReports[0]);
      assert.match(report, /"unhealthy".*since 2023-11-14T22:13:20.000Z: answered 503/);
      answers("ok");
      await pass(60_000);
      await until(() => context.healthReports.length === 2);
      assert.equal(context.healthReports[1]?.state, "healthy");
      assert.equal(destination.stats().failingSinceMs, undefined);
    });

    test("an outage of an hour loses nothing and keeps the order", async () => {
      const { add, delivered, answers, destination, pass } = await make({ answers: "503", request: { maxItems: 50 } });
      const sent: string[] = [];
      for (let minute = 0; minute < 60; minute++) {
        await add(`a${minute} b${minute}`);
        sent.push(`a${minute}`, `b${minute}`);
        await pass(60_000);
      }
      assert.equal(destination.stats().oldestAgeMs, 3600_000);
      answers("ok");
      await pass(60_000);
      await until(() => destination.stats().bufferedItems === 0);
      const arrived = delivered.join("+").split("+");
      assert.deepEqual(
        arrived.filter((record) => record.startsWith("a")),
        sent.filter((record) => record.startsWith("a")),
      );
      assert.equal(arrived.length, 120);
      assert.equal(imbalance(destination), 0);
    });

    test("more senders, and fewer, keep the order within a shard", async () => {
      const { add, destination, delivered, options } = await make({ shards: 3, request: { maxItems: 2 } });
      let expected = 0;
      for (const shards of [3, 1, 16, 2, 256, 4]) {
        await destination.update(options({ shards, request: { maxItems: 2 } }));
        for (let i = 0; i < 10; i++) {
          await add(`a${expected} b${expected} c${expected}`);
          expected++;
        }
      }
      await until(() => destination.stats().bufferedItems === 0);
      for (const letter of "abc") {
        const numbers = delivered
          .join("+")
          .split("+")
          .filter((record) => record.startsWith(letter));
        assert.deepEqual(
          numbers,
          Array.from({ length: expected }, (_, i) => `${letter}${i}`),
        );
      }
    });

    test("a changed number of senders waits for requests in flight, lane by lane", async () => {
      const { add, destination, requests, delivered, options, answers, pass } = await make({ answers: "hang ok", timeoutMs: 1000 });
      await add("a1");
      await until(() => requests.length === 1);
      await destination.update(options({ shards: 200, timeoutMs: 1000 }));
      await add("a2 b1");
      await until(() => delivered.length === 1);
      assert.deepEqual(delivered, ["b1"]);
      answers("ok");
      await pass(1000);
      await pass(1000);
      await until(() => delivered.length === 3);
      assert.deepEqual(delivered, ["b1", "a1", "a2"]);
    });

    test("new limits hold at once", async () => {
      const { add, destination, options, drops } = await make({ answers: "503", request: { maxWaitMs: 10_000 } });
      await add("a1 a2 a3 a4");
      await destination.update(options({ limits: { maxRecords: 1 } }));
      assert.deepEqual([destination.stats().bufferedRecords, drops.length], [1, 3]);
      assert.equal(imbalance(destination), 0);
    });

    test("can't be moved by an update", async () => {
      const { destination, options } = await make();
      await assert.rejects(destination.update(options({ endpoint: "http://other/" })), /can't move/);
    });

    test("sends what it holds before it closes, without waiting for more", async () => {
      const { add, delivered, close, destination } = await make({ request: { maxWaitMs: 10_000 }, shards: 4 });
      await add("a1 b1 c1 a2");
      await close().closing;
      assert.equal(delivered.join("+").split("+").length, 4);
      assert.equal(destination.pressure()?.reason, "stopping");
      await assert.rejects(add("a3"), { retryable: true, reason: "stopping" });
    });

    test("ends a request that hangs when the deadline comes", async () => {
      const { add, requests, close, destination } = await make({ answers: "hang" });
      await add("a1");
      await until(() => requests.length === 1);
      const { closing, deadline } = close();
      await rest();
      deadline();
      await closing;
      const { bufferedItems, droppedItems } = destination.stats();
      assert.deepEqual([bufferedItems, droppedItems], kind === "disk" ? [1, {}] : [0, { shutdown: 1 }]);
      assert.equal(imbalance(destination), 0);
    });

    test("closes though sending never ends", async () => {
      const { add, requests, close, pass } = await make({ answers: "deaf" });
      await add("a1");
      await until(() => requests.length === 1);
      const { closing, deadline } = close();
      deadline();
      await rest();
      await pass(1000);
      await closing;
    });

    test("is closed before and after the deadline without an error, and twice", async () => {
      const { destination } = await make();
      await destination.close(AbortSignal.abort());
      await destination.close(AbortSignal.abort());
    });

    test("settles a receipt once the data is safe or gone", async () => {
      const events: string[] = [];
      const { add, requests, answers, pass } = await make({ answers: "503" });
      const receipt = new Receipt(() => events.push("settled"));
      await add("a1", { receipt });
      receipt.settle();
      await until(() => requests.length === 1);
      await rest();
      assert.deepEqual(events, kind === "disk" ? ["settled"] : []);
      answers("ok");
      await pass(1000);
      await until(() => events.length === 1);
    });

    test("shows its numbers as metrics, and takes them away when it closes", async () => {
      const { add, context, destination } = await make({ answers: "503", endpoint: "http://user:secret@host/push" });
      await add("a1 a2", { items: 10 });
      await until(() => destination.stats().retries === 1);
      const labels = { endpoint: "http://host/push" };
      assert.equal(context.metric("invar_destination_accepted_items_total", labels), 20);
      assert.equal(context.metric("invar_destination_buffered_items", labels), 20);
      assert.equal(context.metric("invar_destination_buffered_records", labels), 2);
      assert.equal(context.metric("invar_destination_requests_in_flight", labels), 1);
      assert.equal(context.metric("invar_destination_queue_on_disk", labels), kind === "disk" ? 1 : 0);
      await destination.close(AbortSignal.abort());
      assert.equal(context.metric("invar_destination_accepted_items_total"), undefined);
    });

    test("gives back all of the memory budget", async () => {
      const { add, context, destination, close } = await make({ answers: "503", shards: 3 });
      await add("a1 b1 c1 d1", { bytes: 5000 });
      assert.ok(context.budget.usedBytes >= 20_000);
      const { closing, deadline } = close();
      deadline();
      await closing;
      assert.equal(context.budget.usedBytes, 0);
      assert.equal(imbalance(destination), 0);
    });
  });
}

test("a queue in memory drops its oldest where the budget is exhausted, and refuses where it has nothing to drop", async () => {
  const { add, destination, context, drops } = await rig({ answers: "503", budgetBytes: 20_000, request: { maxItems: 1 } });
  await add("a1", { bytes: 6000 });
  await until(() => destination.stats().retries === 1);
  await add("a2", { bytes: 6000 });
  await add("a3", { bytes: 6000 });
  await add("a4", { bytes: 6000 });
  assert.deepEqual(drops, ["memory_budget:1"]);
  context.budget.take(20_000);
  await assert.rejects(add("a5", { bytes: 6000 }), { retryable: true, reason: "memory_budget" });
  assert.equal(destination.stats().bufferedRecords, 1);
  assert.equal(destination.pressure()?.reason, "memory_budget");
  assert.equal(imbalance(destination), 0);
});
