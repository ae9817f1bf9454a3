import assert from "node:assert/strict";
import { test } from "node:test";
import { Backlog, type RequestLimits } from "./backlog.ts";
import type { Entry } from "./entry.ts";

/**
 * Entries are written `2a`: lane 2, group a; `2a*5` has 5 items of a byte each. They get positions in the order of writing, and are appended at time 0.
 */
function backlogOf(entries: string, senders = 1, limits: Partial<RequestLimits> = {}): Backlog {
  const backlog = new Backlog(senders, { maxBytes: 0, maxItems: 0, maxWaitMs: 0, ...limits });
  for (const entry of entriesOf(entries)) backlog.add(entry);
  return backlog;
}

let position = 0;
function entriesOf(text: string): Entry[] {
  return text.split(" ").map((entry) => {
    const [, lane = "", group = "", items = "1"] = /^(\d+)(\w)(?:\*(\d+))?$/.exec(entry) ?? [];
    return { position: position++, bytes: Number(items), items: Number(items), timeMs: 0, lane: Number(lane), group, state: "waiting" };
  });
}

const shown = (taken: Entry[] | number) =>
  typeof taken === "number"
    ? `wait ${taken}`
    : taken.map(({ lane, group, items }) => `${lane}${group}${items === 1 ? "" : `*${items}`}`).join(" ");

/** The requests of one sender until it has to wait, each ended before the next. */
function requestsOf(backlog: Backlog, { sender = 0, nowMs = 0, hurry = false } = {}): string[] {
  const requests: string[] = [];
  for (;;) {
    const taken = backlog.take(sender, nowMs, hurry);
    if (typeof taken === "number") return [...requests, shown(taken)];
    requests.push(shown(taken));
    backlog.release(taken);
  }
}

for (const [what, entries, limits, expected] of [
  ["joins the records of a group", "1a 2a 1a", {}, ["1a 2a 1a", "wait Infinity"]],
  ["never joins two groups", "1a 2b 3a 4b", {}, ["1a 3a", "2b 4b", "wait Infinity"]],
  ["does not pass a record of the same lane to join more", "1a 1b 1a 2a", {}, ["1a 2a", "1b", "1a", "wait Infinity"]],
  ["closes a request before the items become too many", "1a*2 1a*2 1a*2", { maxItems: 5 }, ["1a*2 1a*2", "1a*2", "wait Infinity"]],
  ["closes a request before the bytes become too many", "1a*2 1a*2 1a*2", { maxBytes: 4 }, ["1a*2 1a*2", "1a*2", "wait Infinity"]],
  ["sends a record alone that is too large by itself", "1a*9 1a*2", { maxItems: 5 }, ["1a*9", "1a*2", "wait Infinity"]],
  ["waits for more until the time has passed", "1a 2a", { maxWaitMs: 100 }, ["wait 100"]],
  ["does not wait with a full request", "1a*3 2a*3 3a", { maxWaitMs: 100, maxItems: 6 }, ["1a*3 2a*3", "wait 100"]],
  [
    "sends a full request of another group while the first waits",
    "1b 2a*3 3a*3",
    { maxWaitMs: 100, maxItems: 6 },
    ["2a*3 3a*3", "wait 100"],
  ],
] as const)
  test(what, () => assert.deepEqual(requestsOf(backlogOf(entries, 1, limits)), expected));

test("an entry that has waited long enough is due, and takes younger ones along", () => {
  const backlog = backlogOf("1a 2a", 1, { maxWaitMs: 100 });
  assert.equal(shown(backlog.take(0, 99, false)), "wait 1");
  assert.equal(shown(backlog.take(0, 100, false)), "1a 2a");
});

test("nothing waits in a hurry", () => {
  assert.deepEqual(requestsOf(backlogOf("1a 2b", 1, { maxWaitMs: 100 }), { hurry: true }), ["1a", "2b", "wait Infinity"]);
});

test("each lane belongs to one sender", () => {
  const backlog = backlogOf("0a 1a 2a 3a 4a", 2);
  assert.equal(shown(backlog.take(0, 0, false)), "0a 2a 4a");
  assert.equal(shown(backlog.take(1, 0, false)), "1a 3a");
});

test("after a change of the number of senders a lane in flight is taken by nobody until its request has ended", () => {
  const backlog = backlogOf("0a 1a 2a 3a", 1, { maxItems: 2 });
  const inFlight = backlog.take(0, 0, false);
  assert.equal(shown(inFlight), "0a 1a");
  for (const entry of entriesOf("0a 1a")) backlog.add(entry);
  backlog.resize(2);
  assert.equal(shown(backlog.take(0, 0, false)), "2a");
  assert.equal(shown(backlog.take(1, 0, false)), "3a");
  assert.equal(shown(backlog.take(0, 0, false)), "wait Infinity");
  const woken: number[] = [];
  backlog.onReady = (sender) => woken.push(sender);
  backlog.release(inFlight as Entry[]);
  assert.deepEqual(woken, [0, 1]);
  assert.equal(shown(backlog.take(0, 0, false)), "0a");
  assert.equal(shown(backlog.take(1, 0, false)), "1a");
});

test("a removed entry is in no request and no count", () => {
  const backlog = backlogOf("1a 2a*4 3a");
  const oldest = backlog.oldest();
  assert.ok(oldest);
  backlog.remove(oldest);
  assert.deepEqual([backlog.waiting, backlog.waitingBytes], [2, 5]);
  assert.equal(shown(backlog.take(0, 0, false)), "2a*4 3a");
  assert.throws(() => backlog.remove(oldest), /settled, not waiting/);
});

test("a sender is woken by the first entry and by a full request, not by each entry", () => {
  const backlog = new Backlog(1, { maxBytes: 0, maxItems: 3, maxWaitMs: 100 });
  let wakes = 0;
  backlog.onReady = () => wakes++;
  const counts = entriesOf("1a 1a 1a 1b").map((entry) => {
    backlog.add(entry);
    return wakes;
  });
  assert.deepEqual(counts, [1, 1, 2, 2]);
});

test("a long line of many groups is emptied without looking at it all for each request", () => {
  const entries = Array.from({ length: 20_000 }, (_, i) => `${i % 256}${String.fromCharCode(97 + (i % 7))}`).join(" ");
  const startedMs = performance.now();
  const requests = requestsOf(backlogOf(entries, 1, { maxItems: 100 }));
  assert.equal(
    requests.slice(0, -1).reduce((sum, request) => sum + request.split(" ").length, 0),
    20_000,
  );
  assert.ok(performance.now() - startedMs < 5000);
});
