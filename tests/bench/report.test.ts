import assert from "node:assert/strict";
import { test } from "node:test";
import { type Case, casesOf } from "./cases.ts";
import type { Result } from "./measure.ts";
import { cpuSeconds, residentMiB } from "./process-cost.ts";
import { median, render, summarize } from "./report.ts";

const item: Case = {
  name: "c",
  title: "a case",
  config: () => "",
  load: { kind: "idle", seconds: 1 },
  goal: { cpuPerMillion: 3, peakMiB: 100 },
  limitSeconds: 1,
};

// "2.5/90" is a run of 2.5 CPU seconds a million at a peak of 90 MiB.
function runs(program: string, text: string): Result[] {
  return text.split(" ").map((run) => {
    const [cpuPerMillion = 0, peakMiB = 0] = run.split("/").map(Number);
    const nothing = { readyMs: 1, items: 1, seconds: 1, cpuSeconds: 1, startMiB: 1, endMiB: 1, refused: 0, duplicates: 0, missing: 0 };
    return { case: "c", program, cpuPerMillion, peakMiB, ...nothing };
  });
}

test("the median of an even number of runs lies between the two in the middle", () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([5]), median([])], [2, 2.5, 5, undefined]);
});

test("a goal is missed when the median is over it, not when one run is", () => {
  assert.deepEqual(summarize(item, runs("invar", "2.5/90 9/400 2.9/95")).missed, []);
  assert.deepEqual(summarize(item, runs("invar", "3.5/90 9/90 2.9/95")).missed, ["CPU 3.50 > 3 s/M"]);
});

test("where senders must be held up, a run that was done at once misses the goal", () => {
  const [run] = runs("invar", "1/1");
  assert.ok(run);
  const holding = { ...item, goal: { heldSeconds: 15 } };
  assert.deepEqual(summarize(holding, [{ ...run, seconds: 3 }]).missed, ["senders were done after 3.0 s: nobody was held up"]);
  assert.deepEqual(summarize(holding, [{ ...run, seconds: 20 }]).missed, []);
});

test("missing items always miss the goal", () => {
  const [run] = runs("invar", "1/1");
  assert.ok(run);
  assert.deepEqual(summarize(item, [{ ...run, missing: 5 }]).missed, ["missing 5.00 > 0 items"]);
});

test("a peer is shown with its ratio to ours", () => {
  const text = render(item, [summarize(item, runs("invar", "2/50")), summarize(item, runs("alloy", "5/400"))]);
  assert.match(text, /invar {4}2\.00 CPU-s\/M; 50 MiB peak;.* {2}ok\n/);
  assert.match(text, /alloy {4}5\.00 CPU-s\/M.*\(CPU x2\.5, memory x8\.0 of ours\)/);
});

test("CPU time and memory of a process are read from the kernel", () => {
  const before = cpuSeconds(process.pid);
  const end = performance.now() + 100;
  while (performance.now() < end) Math.sqrt(end);
  assert.ok(cpuSeconds(process.pid) > before);
  const { now, peak } = residentMiB(process.pid);
  assert.ok(now > 10 && peak >= now - 1, `${now} ${peak}`);
});

test("the names of the cases differ, and none asks for work that is no whole number of requests", () => {
  const cases = casesOf("");
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  for (const { load } of cases) if (load.kind === "otlp") assert.equal(load.items % load.batch, 0);
});
